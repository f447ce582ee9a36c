"""From paths to tables: find the files, read them, merge what was read. Judging comes after, and elsewhere."""

from __future__ import annotations

import os
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING, Any

from datacheck.expect import Expectations
from datacheck.folders.find import MaskFolder, MaskOptions, find_mask_folders
from datacheck.folders.tree import Walked
from datacheck.measure.registry import plan
from datacheck.read.detect import Seen, find_files
from datacheck.read.places import Places
from datacheck.read.source import Source
from datacheck.run.files import run_groups
from datacheck.run.image_files import images_beside
from datacheck.run.masks import GROUP, read_masks
from datacheck.run.merge import merge
from datacheck.run.overlaps import measure_overlaps
from datacheck.run.panoptic import measure_panoptic
from datacheck.run.pool import read_sources
from datacheck.run.spool import Spool
from datacheck.run.warm import default_jobs
from datacheck.run.work import BatchFile, Plan
from datacheck.tables import FILE_TABLES, FOLDER_COLUMNS

if TYPE_CHECKING:
    import pyarrow as pa

    from datacheck.run.assemble import Parts

Progress = Callable[[int, int], None]
"""Called with the bytes read so far and in all."""


@dataclass(frozen=True)
class ScanOptions:
    """What to read, and how. `needed` names the (table, column) pairs that will be asked for; None: all."""

    paths: Sequence[str]
    jobs: int | None = None
    skip_unrecognised: bool = False
    expectations: Expectations = field(default_factory=Expectations)
    needed: Collection[tuple[str, str]] | None = None
    masks: MaskOptions = field(default_factory=MaskOptions)
    depth: str = "files"


@dataclass
class Scanned:
    """Every table of `tables.TABLES`, and the place of each record. The tables outlive `close`; places do not."""

    tables: dict[str, pa.Table]
    formats: list[str | None]
    places: Places
    spool: Spool
    files: int = 0
    unread: int = 0
    """Of all files those that were not read, since the scan was interrupted."""

    def close(self) -> None:
        self.places.close()
        self.spool.close()


def read_tables(options: ScanOptions, progress: Progress | None = None) -> Scanned:
    """Read everything the options name. Raises UsageError for a path that is not there."""
    walked = Walked()
    deep = options.depth != "annotations"
    folders = find_mask_folders(options.paths, options.masks, walked) if deep else []
    named = set(options.paths)
    taken = {path for folder in folders for path in (*folder.files, *folder.images) if path in named}
    sources = [
        Source(index, path, is_named and not options.skip_unrecognised, size_on_disk=_size(path))
        for index, (path, is_named) in enumerate(f for f in find_files(options.paths, walked) if f[0] not in taken)
    ]
    of_folders = [_folder_source(len(sources) + number, folder) for number, folder in enumerate(folders)]
    spool = Spool()
    try:
        total, done = sum(s.size_on_disk for s in (*sources, *of_folders)), 0

        def advance(count: int) -> None:
            nonlocal done
            done += count
            if progress is not None:
                progress(done, total)

        def advance_files(paths: Sequence[str]) -> None:
            advance(sum(map(_size, paths)))

        def expect_files(paths: Sequence[str]) -> None:
            nonlocal total
            total += sum(map(_size, paths))

        kernels, jobs = plan(options.needed), options.jobs or default_jobs()
        in_folders = sum(len(folder.files) for folder in folders)
        files = len(sources) + in_folders
        read, batches, unread = _read(Plan(spool.folder, kernels), sources, jobs, advance)
        if unread:  # Ctrl-C: what comes after is not begun.
            unread += in_folders
            folders, of_folders = [], []
        masks = read_masks(
            folders, len(sources), kernels, options.expectations, spool.folder, jobs, advance_files,
            measure=_asks_for_masks(options.needed),
        )  # fmt: skip
        everything = [read[index] for index in sorted(read)] + [
            (source, Seen(layout=folder.layout)) for source, folder in zip(of_folders, folders, strict=True)
        ]
        places = Places([source for source, _ in everything], [p for b in batches for p in b.pieces])

        def measure(parts: dict[str, Parts], formats: Sequence[str | None]) -> dict[str, list[Any]]:
            nonlocal files, unread
            paths = [source.path for source, _ in everything]
            run = partial(run_groups, jobs=jobs, advance=lambda _: None)
            if "overlaps" in kernels:
                measure_overlaps(parts["annotations"], parts["images"], formats, places)
            if not deep:
                return {}
            images_beside(parts, paths, formats, partial(run, group=GROUP))
            pngs = measure_panoptic(
                parts, paths, formats, _readable_folders(options), run, interrupted=bool(unread or masks.unread),
                progress=(expect_files, advance_files),
            )  # fmt: skip
            files, unread = files + pngs.count, unread + pngs.unread
            return pngs.columns

        merged = merge(
            everything, batches, options.expectations, options.paths, masks, measure,
            every_mask=options.needed is None or any(table == "masks" for table, _ in options.needed),
        )  # fmt: skip
        return Scanned(merged.tables, merged.formats, places, spool, files, unread + masks.unread)
    except BaseException:
        spool.close()
        raise


def _read(
    plan: Plan, sources: Sequence[Source], jobs: int, advance: Callable[[int], None]
) -> tuple[dict[int, tuple[Source, Seen]], list[BatchFile], int]:
    """(what each source showed, the batches of all, how many were not read since the scan was interrupted)."""
    read: dict[int, tuple[Source, Seen]] = {}
    batches: list[BatchFile] = []
    try:
        for part in read_sources(plan, sources, jobs, advance):
            read |= {source.index: (source, seen) for source, seen in part.sources}
            batches += part.batches
    except KeyboardInterrupt:
        if not read:
            raise
        # What was read whole can be judged; the rest is shown as not read.
        left = [source for source in sources if source.index not in read]
        read |= {s.index: (_unread(s), Seen(found="nothing: the scan was interrupted")) for s in left}
        return read, batches, len(left)
    return read, batches, 0


def _asks_for_masks(needed: Collection[tuple[str, str]] | None) -> bool:
    """Does anything that was asked for take opening mask files and their images?"""
    of_sources = {column.name for column in FOLDER_COLUMNS}
    tables = {*FILE_TABLES, "masks"}
    return needed is None or any(
        table in tables or (table == "sources" and name in of_sources) for table, name in needed
    )


def _unread(source: Source) -> Source:
    return Source(source.index, source.path, size_on_disk=source.size_on_disk)


def _folder_source(index: int, folder: MaskFolder) -> Source:
    size = sum(map(_size, folder.files)) + sum(map(_size, folder.images))
    return Source(index, folder.path, folder.required, data=folder.path, size_on_disk=size)


def _readable_folders(options: ScanOptions) -> list[str]:
    """The folders that may be read from: those that were named, and those of files that were named."""
    named = [p if os.path.isdir(p) else os.path.dirname(p) or "." for p in options.paths]
    return [*named, *([options.masks.masks] if options.masks.masks else [])]


def _size(path: str) -> int:
    try:
        return os.path.getsize(path)
    except OSError:
        return 0
