"""From paths to tables: find the files, read them, merge what was read. Judging comes after, and elsewhere."""

from __future__ import annotations

import os
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from datacheck.expect import Expectations
from datacheck.measure.registry import plan
from datacheck.read.detect import Seen, find_files
from datacheck.read.places import Places
from datacheck.read.source import Source
from datacheck.run.merge import merge
from datacheck.run.pool import read_sources
from datacheck.run.spool import Spool
from datacheck.run.warm import default_jobs
from datacheck.run.work import BatchFile, Plan

if TYPE_CHECKING:
    import pyarrow as pa

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


@dataclass
class Scanned:
    """Every table of `tables.TABLES`, and the place of each record. The tables outlive `close`; places do not."""

    tables: dict[str, pa.Table]
    formats: list[str | None]
    places: Places
    spool: Spool
    unread: int = 0
    """Files that were not read, since the scan was interrupted."""

    def close(self) -> None:
        self.places.close()
        self.spool.close()


def read_tables(options: ScanOptions, progress: Progress | None = None) -> Scanned:
    """Read everything the options name. Raises UsageError for a path that is not there."""
    sources = [
        Source(index, path, named and not options.skip_unrecognised, size_on_disk=_size(path))
        for index, (path, named) in enumerate(find_files(options.paths))
    ]
    spool = Spool()
    try:
        total, done = sum(s.size_on_disk for s in sources), 0

        def advance(count: int) -> None:
            nonlocal done
            done += count
            if progress is not None:
                progress(done, total)

        read: dict[int, tuple[Source, Seen]] = {}
        batches: list[BatchFile] = []
        jobs = options.jobs or default_jobs()
        unread = 0
        try:
            for part in read_sources(Plan(spool.folder, plan(options.needed)), sources, jobs, advance):
                read |= {source.index: (source, seen) for source, seen in part.sources}
                batches += part.batches
        except KeyboardInterrupt:
            if not read:
                raise
            # What was read whole can be judged; the rest is shown as not read.
            left = [source for source in sources if source.index not in read]
            read |= {s.index: (_unread(s), Seen(found="nothing: the scan was interrupted")) for s in left}
            unread = len(left)
        merged = merge([read[index] for index in sorted(read)], batches, options.expectations, options.paths)
        places = Places([read[index][0] for index in sorted(read)], [p for b in batches for p in b.pieces])
        return Scanned(merged.tables, merged.formats, places, spool, unread)
    except BaseException:
        spool.close()
        raise


def _unread(source: Source) -> Source:
    return Source(source.index, source.path, size_on_disk=source.size_on_disk)


def _size(path: str) -> int:
    try:
        return os.path.getsize(path)
    except OSError:
        return 0
