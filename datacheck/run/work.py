"""What a worker does: read whole small files, or one block of a large one, and leave tables in the spool."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from datacheck.read.batch import ROWS, Batch, Piece
from datacheck.read.detect import Seen
from datacheck.read.faults import Fault
from datacheck.read.job import BlockDone, BlockJob, features_of, read_job
from datacheck.read.reader import Reader
from datacheck.read.source import Source, Text, open_source
from datacheck.run import spool

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path


@dataclass(frozen=True)
class Plan:
    """What every worker must know."""

    folder: Path
    kernels: frozenset[str]


@dataclass
class BatchFile:
    """One batch: its tables by name, as files in the spool, and the pieces its rows come from."""

    tables: dict[str, str]
    pieces: list[Piece]


@dataclass
class FilesDone:
    """What whole files gave."""

    sources: list[tuple[Source, Seen]]
    batches: list[BatchFile] = field(default_factory=list)


class _Gatherer:
    """Takes blocks, and writes a batch for each table whenever there are enough records."""

    def __init__(self, plan: Plan) -> None:
        self.plan = plan
        self.batches: dict[str, Batch] = {}
        self.files: list[BatchFile] = []

    def read(self, job: BlockJob, text: Text) -> BlockDone:
        block, piece = read_job(job, text)
        features = features_of(block.records, piece.table)
        cut_off = any(fault.kind == "truncated" for fault in block.faults)
        batch = self.batches.setdefault(piece.table, Batch(piece.table))
        batch.add(piece, block)
        if len(batch.records) >= ROWS:
            self.write(piece.table)
        return BlockDone(block.count, block.next, block.closed, features, piece, cut_off)

    def write(self, table: str) -> None:
        batch = self.batches.pop(table, None)
        if batch is not None:
            tables = batch.tables(self.plan.kernels)
            self.files.append(BatchFile({n: spool.write(self.plan.folder, t) for n, t in tables.items()}, batch.pieces))

    def finish(self) -> None:
        for table in list(self.batches):
            self.write(table)


def read_files(plan: Plan, sources: Sequence[Source]) -> FilesDone:
    """Read whole files, one after the other."""
    gatherer = _Gatherer(plan)
    done = FilesDone([])
    for source in sources:
        seen = Seen()
        open_source(source, plan.folder)
        if source.readable:
            text = Text(source)
            try:
                seen = Reader(source, lambda jobs, text=text: [gatherer.read(jobs[0], text)]).run()  # type: ignore[misc]
            except OSError as error:
                source.faults.append(Fault("unreadable", error.strerror or str(error)))
            finally:
                text.close()
        done.sources.append((source, seen))
    gatherer.finish()
    done.batches = gatherer.files
    return done


@dataclass
class PartDone:
    """What one block of a large file gave."""

    block: BlockDone
    batches: list[BatchFile]


def read_part(plan: Plan, job: BlockJob) -> PartDone:
    """Read one block of a large file."""
    gatherer = _Gatherer(plan)
    text = Text(job.source)
    try:
        block = gatherer.read(job, text)
    finally:
        text.close()
    gatherer.finish()
    return PartDone(block, gatherer.files)
