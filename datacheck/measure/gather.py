"""Maps and stacks of many files, measured together: their columns, and the segments that are rows of their own."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

import numpy as np
import xxhash

from datacheck.measure.components import components_of_runs
from datacheck.measure.contents import Maps, Values, greyed, summarise
from datacheck.measure.runs import (
    MAX_VALUES,
    Finder,
    Ints,
    Joined,
    MapRuns,
    Segments,
    join_segments,
    merge_segments,
    reduce_runs,
    settled,
    strips,
)

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from datacheck.files.mask_files import MaskFile
    from datacheck.measure.stacks import Stack

MAX_SEGMENTS = 4096
"""Segments of a file past which none of them is a row of its own, and connected segments are not counted."""
MAX_RUNS = 1 << 16
"""Runs of a map past which it is measured alone, strip by strip, and connected segments are not counted."""
NOISE_RUNS, NOISE_RUN = 1 << 22, 2
"""Past so many changes within rows that lie so close on average, a map is noise, and its values are not told apart any
more."""
_HELD_RUNS = 1 << 13
"""Runs that are measured together: with more, fresh memory costs more than measuring many at once saves."""
_HELD_SEGMENTS = 1 << 19

Found = dict[str, Values]


@dataclass(slots=True)
class _Map:
    """What is known of a map beside its segments."""

    file: int
    width: int
    height: int
    colours: bool
    capped: bool = False
    low: float = np.inf
    high: float = -np.inf
    fractions: int = 0
    nonfinite: int = 0


@dataclass
class Rows:
    """Segments that are rows of their own, [K] each."""

    file: Ints
    id: Ints
    area: Ints
    box: tuple[Ints, Ints, Ints, Ints]


@dataclass
class Gatherer:
    """Takes masks one by one; columns and rows are there when all are in."""

    components: bool
    columns: list[tuple[Ints, Found]] = field(default_factory=list)
    """(positions of files, their columns)."""
    rows: list[Rows] = field(default_factory=list)
    _finder: Finder = field(default_factory=Finder)
    _held: list[MapRuns] = field(default_factory=list)
    _held_runs: int = 0
    _segments: list[Segments] = field(default_factory=list)
    _held_segments: int = 0
    _maps: list[_Map] = field(default_factory=list)
    _keys: list[int] = field(default_factory=list)

    def add_map(self, file: int, mask: MaskFile, pixels: NDArray[np.generic]) -> None:
        """Take the map of a file; its pixels are not needed any more afterwards."""
        height, width = pixels.shape
        about = _Map(file, width, height, mask.colours)
        key = xxhash.xxh3_64(b"%d %d" % (width, height))
        parts: list[MapRuns] = []
        count, segments, noise = 0, None, False
        for begin, flat in strips(pixels):
            changes = count - begin // width
            if segments is not None and (noise or (changes > NOISE_RUNS and begin < NOISE_RUN * changes)):
                noise = True
                segments = _noise(segments, begin, flat, width, about)
                key.update(settled(flat).data)
                mask.release()
                continue
            start, raw = self._finder.find(begin, flat, width)
            value = settled(raw)
            key.update(start.data)
            key.update(value.data)
            parts.append(MapRuns(file, width, begin + len(flat), start, value))
            count += len(start)
            if count > MAX_RUNS:
                for part in parts:
                    segments = _folded(segments, part, about)
                parts.clear()
            mask.release()
        if segments is not None:
            self._reduce()
        self._maps.append(about)
        self._keys.append(key.intdigest() - (1 << 63))
        if segments is not None:
            self._keep(segments)
        elif len(parts) == 1:
            self._hold(parts[0])
        else:
            start = np.concatenate([part.start for part in parts])
            self._hold(MapRuns(file, width, height * width, start, np.concatenate([part.value for part in parts])))

    def add_stack(self, file: int, stack: Stack) -> None:
        """Take a stack that was measured."""
        own: Found = {name: (np.array([value]), None) for name, value in stack.columns.items() if value is not None}
        self.columns.append((np.array([file]), own))
        if len(stack.id) <= MAX_SEGMENTS:
            self.rows.append(Rows(np.full(len(stack.id), file), stack.id, stack.area, stack.box))

    def finish(self) -> None:
        """Measure what is still held."""
        self._reduce()
        self._summarise()

    def _hold(self, runs: MapRuns) -> None:
        self._held.append(runs)
        self._held_runs += len(runs.start)
        if self._held_runs > _HELD_RUNS:
            self._reduce()

    def _reduce(self) -> None:
        if self._held:
            segments, joined = reduce_runs(self._held)
            self._keep(segments)
            if self.components:
                self._connect(self._held, segments, joined)
        self._held, self._held_runs = [], 0
        if self._held_segments > _HELD_SEGMENTS:
            self._summarise()

    def _keep(self, segments: Segments) -> None:
        self._segments.append(segments)
        self._held_segments += len(segments)

    def _connect(self, maps: Sequence[MapRuns], segments: Segments, joined: Joined) -> None:
        """Count the connected segments of maps that are not empty and hold few enough values."""
        files = np.array([m.file for m in maps])
        values = np.bincount(np.searchsorted(files, segments.file), minlength=len(maps))
        owner = np.repeat(np.arange(len(maps)), joined.counts)
        covered = np.bincount(owner[joined.nonzero], minlength=len(maps))
        wanted = (values <= MAX_SEGMENTS) & (covered > 0)
        rows = joined.nonzero & wanted[owner]
        period = np.array([m.width for m in maps])[wanted]
        count, largest = components_of_runs(joined.start[rows], joined.stop[rows], period, covered[wanted])
        self.columns.append((files[wanted], {"component_count": (count, None), "largest_component": (largest, None)}))

    def _summarise(self) -> None:
        if not self._maps:
            return
        segments, about = join_segments(self._segments), self._maps
        maps = Maps(
            np.array([m.file for m in about]), np.array([m.width for m in about]),
            np.array([m.height for m in about]),
            np.array([m.colours for m in about]), np.array([m.capped for m in about]),
            np.array([m.low for m in about]), np.array([m.high for m in about]),
            np.array([m.fractions for m in about]), np.array([m.nonfinite for m in about]),
        )  # fmt: skip
        greyed(segments, maps)
        summary = summarise(segments, maps)
        self.columns.append((maps.file, summary.columns | {"content_key": (np.array(self._keys), None)}))
        few = np.zeros(int(maps.file[-1]) + 1, np.bool_)
        few[maps.file] = summary.columns["segment_count"][0] <= MAX_SEGMENTS
        rows = segments.take(summary.rows & few[segments.file])
        box = (rows.x0, rows.y0, rows.x1 - rows.x0 + 1, rows.y1 - rows.y0 + 1)
        self.rows.append(Rows(rows.file, rows.id, rows.area, box))
        self._segments, self._maps, self._keys, self._held_segments = [], [], [], 0


def cover(pixels: NDArray[np.generic]) -> Segments | None:
    """What the values of one map cover; None if they are more than `MAX_VALUES`."""
    finder, about, segments = Finder(), _Map(0, pixels.shape[1], pixels.shape[0], False), None
    for begin, flat in strips(pixels):
        start, raw = finder.find(begin, flat, pixels.shape[1])
        segments = _folded(segments, MapRuns(0, pixels.shape[1], begin + len(flat), start, settled(raw)), about)
    return None if about.capped else segments


def _folded(segments: Segments | None, part: MapRuns, about: _Map) -> Segments:
    """What a map with very many runs covers, with one more part of it; `about` learns what too many values are."""
    length = np.diff(part.start, append=part.end)
    _note(part.value, length, about)
    if not about.capped:
        more, _ = reduce_runs([part])
        merged = more if segments is None else merge_segments(segments, more)
        return merged if len(merged) <= MAX_VALUES else _collapsed(merged, about)
    more, _ = reduce_runs([replace(part, value=(part.value != 0).astype(np.int64))])
    return more if segments is None else merge_segments(segments, more)


def _collapsed(segments: Segments, about: _Map) -> Segments:
    """Zero and all that is not zero, as 1; the map's values are not told apart any more."""
    about.capped = True
    segments.value = (segments.value != 0).astype(np.float64)
    segments.id = segments.value.astype(np.int64)
    return merge_segments(segments, segments.take(np.empty(0, np.int64)))


def _noise(segments: Segments, begin: int, flat: NDArray[np.generic], width: int, about: _Map) -> Segments:
    """What a map of noise covers, with one more strip of it, whose runs are not looked for."""
    if not about.capped:
        segments = _collapsed(segments, about)
    _note(flat, None, about)
    top, left = divmod(begin, width)
    found = []
    for number, there in enumerate((flat == 0, flat != 0)):
        frame = there.reshape(-1, min(width, len(flat)))
        down, across = np.flatnonzero(frame.any(axis=1)), np.flatnonzero(frame.any(axis=0))
        if len(down):
            area = np.count_nonzero(frame)
            box = (left + across[0], top + down[0], left + across[-1], top + down[-1])
            found.append((segments.file[0], number, number, area, area, *box))
    columns = [np.array(column) for column in zip(*found, strict=True)]
    return merge_segments(segments, Segments(columns[0], columns[1].astype(np.float64), *columns[2:]))


def _note(value: NDArray[Any], length: Ints | None, about: _Map) -> None:
    """Note the ends of the values, and how many pixels are no whole or no finite number. length: 1 where not given."""
    if value.dtype.kind == "f":
        length = np.ones(len(value), np.int64) if length is None else length
        finite = np.isfinite(value)
        about.nonfinite += int(length[~finite].sum())
        value, length = value[finite], length[finite]
        about.fractions += int(length[value != np.rint(value)].sum())
    if len(value):
        about.low, about.high = min(about.low, float(value.min())), max(about.high, float(value.max()))
