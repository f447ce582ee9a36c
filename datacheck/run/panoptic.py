"""Panoptic PNGs: found, measured in worker processes, and joined with the segments that the JSON lists."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa

from datacheck.folders.png_folders import Folders, Found, leaves, png_folder
from datacheck.measure.joins import copies_where, mixed
from datacheck.paths import as_text
from datacheck.run.files import only_pngs
from datacheck.tables import TABLES

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from datacheck.measure.labels import Ids
    from datacheck.run.assemble import Parts

    Ints = NDArray[np.int64]
    Bools = NDArray[np.bool_]

GROUP = 16
"""PNGs that a worker takes at once: about a tenth of a second."""
SHOWN = 8
"""Unlisted ids that are named."""
AREAS = ("png_area", "png_x", "png_y", "png_w", "png_h")


Progress = tuple[Callable[[Sequence[str]], None], Callable[[Sequence[str]], None]]
"""Called with the paths that will be read, and with those that are done."""


@dataclass(frozen=True)
class Item:
    """One PNG to measure: its path, and the ids that each of the annotations that name it lists."""

    path: str
    listed: Sequence[Ints]


@dataclass
class Measured:
    """What one PNG showed. `segments` [5, K]: area, x, y, w and h of each listed id, an area of 0 where no pixel has
    it; None where the PNG could not be read. Shares are of the frame."""

    state: str
    detail: str | None = None
    width: int | None = None
    height: int | None = None
    segments: Ints | None = None
    segment_count: int | None = None
    void_share: float | None = None
    unlisted: Ints = field(default_factory=lambda: np.empty(0, np.int64))
    """The first of the ids that are not listed, 0 left out."""
    unlisted_count: int | None = None
    unlisted_share: float | None = None


@dataclass
class PngsRead:
    """`columns`: of `sources`. `count`: PNGs that are there; `unread`: those of them that were not read, since the scan
    was interrupted."""

    columns: dict[str, list[Any]]
    count: int = 0
    unread: int = 0


def measure_panoptic(
    parts: dict[str, Parts],
    paths: Sequence[str],
    formats: Sequence[str | None],
    folders: Sequence[str],
    run: Callable[..., Iterator[list[Measured]]],
    *,
    interrupted: bool = False,
    progress: Progress | None = None,
) -> PngsRead:
    """Fill `png_*` and `void_share` of annotations, `in_png`, `png_*`, `category_copies` and `category_first` of
    segments.

    paths, formats: of the sources; folders: those that may be read from, and all below them; run: `run_groups` without
    its first arguments; interrupted: no PNG is to be read any more; progress: told which PNGs will be read, and then
    which of them were. One PNG a process is in memory.
    """
    n = len(paths)
    columns: dict[str, list[Any]] = {
        "png_folder": [None] * n,
        "png_missing_count": [0] * n,
        "png_foreign_count": [0] * n,
    }
    annotations, segments = parts["annotations"], parts["segments"]
    _copies(segments)
    reachable = Folders(folders)
    rows: list[int] = []
    pngs: list[Found] = []
    for source in (i for i, f in enumerate(formats) if f == "coco-panoptic"):
        low, high = np.searchsorted(annotations.source, (source, source + 1)).tolist()
        named = _names(annotations, low, high)
        folder = png_folder(paths[source], list(named.values()), reachable, folders) if named else None
        if folder is None:
            # No folder is known, but a name that leads out of every folder is wrong all the same.
            found = {number: Found(None, "outside", wrong) for number, name in named.items() if (wrong := leaves(name))}
            columns["png_missing_count"][source] = len(named) - len(found)
        else:
            columns["png_folder"][source] = as_text(folder)
            found = {number: reachable.find(folder, name) for number, name in named.items()}
            columns["png_missing_count"][source] = sum(one.state == "missing" for one in found.values())
            found = {number: one for number, one in found.items() if one.state != "linked"}
        rows += [low + number for number in found]
        pngs += found.values()
    read = PngsRead(columns)
    if rows:
        foreign = _measure(annotations, segments, np.array(rows), pngs, None if interrupted else run, read, progress)
        columns["png_foreign_count"] = annotations.counted(foreign, n).tolist()
    return read


def _names(annotations: Parts, low: int, high: int) -> dict[int, str]:
    """file_name of each annotation from `low` on that has one, by its number."""
    if "file_name" not in annotations.columns:
        return {}
    texts = annotations.columns["file_name"].slice(low, high - low).to_pylist()
    return {number: text for number, text in enumerate(texts) if text is not None and text.strip()}


def _copies(segments: Parts) -> None:
    """How many segments of an annotation have the category of each."""
    if len(segments) and "category_id_key" in segments.columns:
        keys = np.asarray(segments.numpy("category_id_key"), np.int64)
        parents = np.asarray(segments.numpy("annotation_row"), np.int64)
        valid = segments.valid("category_id_key")
        count, first = copies_where(mixed(keys, parents), valid)
        segments.put("category_copies", count, ~valid)
        segments.put("category_first", np.asarray(segments.numpy("number"), np.int64)[first], ~valid)


def _measure(
    annotations: Parts,
    segments: Parts,
    rows: Ints,
    pngs: Sequence[Found],
    run: Callable[..., Iterator[list[Measured]]] | None,
    read_so: PngsRead,
    progress: Progress | None,
) -> Bools:
    """Measure the PNGs of some annotations and fill their columns, and the counts of `read_so`. Returns which
    annotations have a PNG without a single one of the ids that they list."""
    there: dict[str, list[int]] = {}
    for k, png in enumerate(pngs):
        if png.path is not None:
            there.setdefault(png.path, []).append(k)
    listed = _Listed(annotations, segments, rows)
    items = [Item(os.path.abspath(path), [listed.ids(k) for k in numbers]) for path, numbers in there.items()]
    own = _Columns(len(annotations))
    own_segments = np.zeros((len(AREAS), len(segments)), np.int64)
    read = np.zeros(len(segments), bool)
    foreign = np.zeros(len(annotations), bool)
    for k, png in enumerate(pngs):
        if png.path is None:
            own.put(rows[k], png_state=png.state, png_detail=png.detail)
    numbers = (k for numbers in there.values() for k in numbers)
    for one in _all_read(run, items, read_so, progress):
        k = next(numbers)
        row = int(rows[k])
        own.put(
            row, png_path=as_text(pngs[k].path or ""), png_state=one.state, png_detail=one.detail, png_width=one.width,
            png_height=one.height, png_segment_count=one.segment_count, void_share=one.void_share,
        )  # fmt: skip
        if one.segments is None:
            continue
        place = listed.rows(k)
        own_segments[:, place] = one.segments
        read[place] = listed.usable[place]
        if listed.complete[k]:
            shown = ", ".join(map(str, one.unlisted.tolist())) or None
            own.put(
                row, png_unlisted=shown, png_unlisted_count=one.unlisted_count, png_unlisted_share=one.unlisted_share
            )  # fmt: skip
            foreign[row] = one.segment_count == one.unlisted_count != 0 and bool(len(place))
    own.fill(annotations)
    there_too = own_segments[0] > 0
    segments.put("in_png", there_too, ~read)
    for name, values in zip(AREAS, own_segments, strict=True):
        segments.put(name, values, ~(read & there_too))
    return foreign


def _all_read(
    run: Callable[..., Iterator[list[Measured]]] | None,
    items: Sequence[Item],
    read: PngsRead,
    progress: Progress | None,
) -> list[Measured]:
    """What each item showed to each annotation that names it, in order; after Ctrl-C, the rest as not read."""
    found: list[Measured] = []
    more: dict[str, Any] = {}
    if progress is not None:
        begin, advance = progress
        begin([item.path for item in items])
        more["advance"] = lambda own: advance([item.path for item in own])
    try:
        for part in run(_look, items, _dead, group=GROUP, harmless=_harmless, **more) if run is not None else ():
            found += part
    except KeyboardInterrupt:
        pass
    ends = np.cumsum([len(item.listed) for item in items], dtype=np.int64)
    read.count, read.unread = len(items), int((ends > len(found)).sum())
    return found + [Measured("interrupted")] * (int(ends[-1] if len(ends) else 0) - len(found))


class _Listed:
    """The ids that annotations list. `usable` [S]: a colour can have the id of a segment. `complete` [R]: so it is with
    all ids of an annotation, so that what else its PNG holds is not listed."""

    def __init__(self, annotations: Parts, segments: Parts, rows: Ints) -> None:
        n = len(segments)
        parents = np.asarray(segments.numpy("annotation_row"), np.int64) if n else np.empty(0, np.int64)
        self._starts, self._ends = np.searchsorted(parents, rows), np.searchsorted(parents, rows, "right")
        self._ids = np.asarray(segments.numpy("id", -1), np.int64) if "id" in segments.columns else np.full(n, -1)
        self.usable = (self._ids >= 1) & (self._ids < 1 << 24)
        unusable = np.append(0, np.cumsum(~self.usable))
        count = np.full(len(rows), -1, np.int64)
        if "segment_count" in annotations.columns:
            count = np.asarray(annotations.numpy("segment_count", -1), np.int64)[rows]
        self.complete = (count == self._ends - self._starts) & (unusable[self._ends] == unusable[self._starts])

    def rows(self, number: int) -> Ints:
        """Rows of the segments of an annotation."""
        return np.arange(self._starts[number], self._ends[number])

    def ids(self, number: int) -> Ints:
        """Their ids; -1 for one that is no integer."""
        return self._ids[self._starts[number] : self._ends[number]]


class _Columns:
    """Values of columns of `annotations`, given row by row; NULL elsewhere."""

    def __init__(self, n: int) -> None:
        self._n = n
        self._given: dict[str, tuple[list[int], list[Any]]] = {}

    def put(self, row: int, **values: Any) -> None:
        for name, value in values.items():
            if value is not None:
                rows, own = self._given.setdefault(name, ([], []))
                rows.append(int(row))
                own.append(value)

    def fill(self, annotations: Parts) -> None:
        for name, (rows, values) in self._given.items():
            type_ = TABLES["annotations"].by_name[name].arrow
            at = np.full(self._n, -1, np.int64)
            at[rows] = np.arange(len(rows))
            given = pa.array(values)
            given = given.dictionary_encode() if pa.types.is_dictionary(type_) else given
            annotations.columns[name] = pa.chunked_array([given.take(pa.array(at, mask=at < 0)).cast(type_)])


def _look(items: Sequence[Item]) -> list[Measured]:
    """Measure some PNGs; in a worker process."""
    from datacheck.measure.labels import picture_ids

    found = []
    for item in items:
        ids = picture_ids(item.path)
        if ids.state == "ok":
            found += [_compared(ids, listed) for listed in item.listed]
        else:
            found += [Measured(ids.state, ids.detail, ids.width, ids.height) for _ in item.listed]
    return found


def _compared(ids: Ids, listed: Ints) -> Measured:
    """What a PNG shows to an annotation that lists these ids."""
    measures = np.zeros((len(AREAS), len(listed)), np.int64)
    if len(ids.ids):
        at = np.minimum(np.searchsorted(ids.ids, listed), len(ids.ids) - 1)
        own = np.stack([ids.area, ids.x, ids.y, ids.w, ids.h])
        measures = np.where(ids.ids[at] == listed, own[:, at], 0)
    some = ids.ids != 0
    unlisted = some & ~np.isin(ids.ids, listed)
    pixels = max(int(ids.area.sum()), 1)
    return Measured(
        ids.state, ids.detail, ids.width, ids.height, measures,
        segment_count=int(some.sum()), void_share=int(ids.area[~some].sum()) / pixels,
        unlisted=ids.ids[unlisted][:SHOWN], unlisted_count=int(unlisted.sum()),
        unlisted_share=int(ids.area[unlisted].sum()) / pixels,
    )  # fmt: skip


def _harmless(items: Sequence[Item]) -> bool:
    return only_pngs([item.path for item in items])


def _dead(item: Item) -> list[Measured]:
    return [Measured("worker-died", "the process that read it died twice") for _ in item.listed]
