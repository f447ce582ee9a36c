"""Folders of masks: every file measured, brought together by image, and compared with the images they belong to."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from datacheck.measure.joins import copies_where, mixed
from datacheck.measure.labels import measure_images, measure_mask_files
from datacheck.run import spool
from datacheck.run.assemble import Parts
from datacheck.run.files import only_pngs, run_groups
from datacheck.run.image_files import name_files, take_columns, unread_image
from datacheck.run.mask_counts import folder_columns
from datacheck.run.mask_kinds import mark_copies, mark_readable
from datacheck.run.mask_partners import mark_images_without_masks
from datacheck.run.mask_records import join_records
from datacheck.run.mask_sets import gather_sets

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray

    from datacheck.expect import Expectations
    from datacheck.folders.find import MaskFolder

    Ints = NDArray[np.int64]
    Bools = NDArray[np.bool_]

GROUP = 128
"""Files that are measured together, by one process."""
Advance = Callable[[Sequence[str]], None]


@dataclass
class MasksRead:
    """What folders of masks gave. `columns`: of `sources`, a value for each folder; `segments`: one row a segment, with
    `file`, the row of its file."""

    parts: dict[str, Parts]
    columns: dict[str, list[Any]] = field(default_factory=dict)
    segments: pa.Table | None = None
    unread: int = 0
    """Mask files that were not read, since the scan was interrupted."""


def read_masks(
    folders: Sequence[MaskFolder], first: int, kernels: Collection[str], expectations: Expectations, spooled: Path,
    jobs: int, advance: Advance, *, measure: bool = True,
) -> MasksRead:  # fmt: skip
    """Measure the files of all folders; they are the sources from `first` on. Without `measure` no file is opened."""
    parts = {name: Parts(name) for name in ("mask_sets", "mask_files", "image_files")}
    if not folders:
        return MasksRead(parts)
    run = partial(run_groups, jobs=jobs, group=GROUP, advance=advance)
    sources = np.arange(first, first + len(folders), dtype=np.int32)
    files, images = parts["mask_files"], parts["image_files"]
    paths = [path for folder in folders for path in folder.files]
    mapped, unread = (
        _measured(run, paths, spooled, frozenset(kernels)) if measure else ([_nothing(None, len(paths))], 0)
    )
    take_columns(files, [own for own, _ in mapped])
    files.source = np.repeat(sources, [len(f.files) for f in folders])
    name_files(files, paths, [n for f in folders for n in f.names], [s for f in folders for s in f.stems])
    files.columns["object"] = pa.chunked_array([pa.array([o for f in folders for o in f.objects], pa.string())])
    pictures = [path for folder in folders for path in folder.images]
    take_columns(images, [_headers(run, pictures) if measure and not unread else _nothing(None, len(pictures))[0]])
    images.source = np.repeat(sources, [len(f.images) for f in folders])
    name_files(
        images, pictures, [n for f in folders for n in f.image_names], [s for f in folders for s in f.image_stems]
    )
    mark_readable(files)
    _copies(files)
    gather_sets(parts, folders, sources)
    mark_copies(files)
    mark_images_without_masks(parts)
    join_records(parts, folders, run)
    columns = folder_columns(parts, folders, first, expectations)
    return MasksRead(parts, columns, _segments(mapped), unread)


def _measured(
    run: Callable[..., Iterator[tuple[str, str]]], paths: Sequence[str], spooled: Path, kernels: frozenset[str]
) -> tuple[list[tuple[pa.Table, pa.Table]], int]:
    """((files, segments) of each group, how many files were left out since the scan was interrupted)."""
    work = partial(_measure, spooled, kernels)
    found: list[tuple[str, str]] = []
    try:
        found += run(work, paths, partial(_dead, spooled), harmless=only_pngs)
    except KeyboardInterrupt:
        if not found:
            raise
    tables = [(spool.mapped(one), spool.mapped(other)) for one, other in found or [work([])]]
    left = len(paths) - sum(len(files) for files, _ in tables)
    return (tables, 0) if not left else ([*tables, _nothing("interrupted", left)], left)


def _nothing(state: str | None, count: int) -> tuple[pa.Table, pa.Table]:
    """(files, segments) of files that nobody opened."""
    return pa.table({"state": pa.array([state] * count, pa.string())}), pa.table({"file": pa.array([], pa.int64())})


def _headers(run: Callable[..., Iterator[pa.Table]], pictures: Sequence[str]) -> pa.Table:
    """The headers of image files, each read once. Several folders of masks may have the same images, which are judged
    with the first of them."""
    number = {path: at for at, path in enumerate(dict.fromkeys(pictures))}
    tables = list(run(measure_images, list(number), unread_image)) or [measure_images([])]
    whole = pa.concat_tables(tables, promote_options="permissive")
    if len(number) == len(pictures):
        return whole
    at = np.array([number[path] for path in pictures])
    again = np.ones(len(at), bool)
    again[np.unique(at, return_index=True)[1]] = False
    whole = whole.take(pa.array(at))
    state = pc.if_else(pa.array(again), "repeated", whole.column("state").cast(pa.string()))
    return whole.set_column(whole.schema.get_field_index("state"), "state", state)


def _measure(folder: Path, kernels: frozenset[str], paths: Sequence[str]) -> tuple[str, str]:
    files, segments = measure_mask_files(paths, kernels)
    return spool.write(folder, files), spool.write(folder, segments)


def _dead(folder: Path, _path: str) -> tuple[str, str]:
    files, segments = _nothing("worker-died", 1)
    files = files.append_column("detail", pa.array(["the process that read this file died, or never ended"]))
    return spool.write(folder, files), spool.write(folder, segments)


def _segments(measured: Sequence[tuple[pa.Table, pa.Table]]) -> pa.Table | None:
    """The segments of all groups, with `file` counted over all of them; groups without segments are left out."""
    tables, before = [], 0
    for files, segments in measured:
        if len(segments):
            own = pc.add(segments.column("file"), before)
            tables.append(segments.set_column(segments.schema.get_field_index("file"), "file", own))
        before += len(files)
    return pa.concat_tables(tables) if tables else None


def _copies(files: Parts) -> None:
    """Which masks are the same, pixel by pixel, as another of their source."""
    n = len(files)
    usable = (
        files.valid("content_key") & (np.asarray(files.numpy("area"), np.int64) > 0)
        if "content_key" in files.columns
        else np.zeros(n, bool)
    )
    if not usable.any():
        return
    keys = mixed(np.asarray(files.numpy("content_key"), np.int64), files.source.astype(np.int64))
    count, first = copies_where(keys, usable)
    read = files.valid("content_key")
    count, first = np.where(usable, count, 1), np.where(usable, first, np.arange(n))
    files.put("copy_count", count, ~read)
    files.put("copy_first", first, ~read)
    names = files.columns["name"].combine_chunks().take(pa.array(first))
    files.columns["copy_name"] = pa.chunked_array([pc.if_else(pa.array(read), names, None)])
