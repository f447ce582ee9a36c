"""One block of a section: what is asked for, what comes back, and the reading of it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from msgspec import UNSET, Raw

from datacheck.read.batch import FRAMES, Piece
from datacheck.read.blocks import Block, read_block
from datacheck.read.faults import Fault
from datacheck.read.records import Record, decode_one

if TYPE_CHECKING:
    import re
    from collections.abc import Sequence

    from datacheck.read.source import Source, Text

SINGLE = "image"
TABLE_OF = {FRAMES: "annotations", SINGLE: "images"}
"""The table of sections that are not named as theirs: SAM 2's frames, and the one image of an SA-1B file."""


@dataclass(frozen=True)
class BlockJob:
    """One block to read: bytes [begin, end) of a section's list."""

    source: Source
    section: str
    generation: int
    begin: int
    end: int
    cut: re.Pattern[bytes]
    final: bool
    at_cut: bool = True
    nullable: bool = False


@dataclass(frozen=True)
class BlockDone:
    """What the reader must know of a block that was read; its records are gone to their table."""

    count: int
    next: int
    closed: bool
    features: frozenset[str]
    piece: Piece
    cut_off: bool = False
    """The file ended inside the list, and a fault says so."""


def read_job(job: BlockJob, text: Text) -> tuple[Block, Piece]:
    """Read one block from the file."""
    data = text.read(job.begin, job.end)
    if job.section == SINGLE:
        block = _single(data, job.begin)
    else:
        block = read_block(job.section, data, job.begin, job.cut, final=job.final, at_cut=job.at_cut)
    table = TABLE_OF.get(job.section, job.section)
    begin, end, generation = job.begin, block.next, job.generation
    piece = Piece(
        job.source.index, table, job.section, generation, begin, end, 0, block.count, job.cut.pattern, job.nullable
    )
    return block, piece


def _single(data: bytes, begin: int) -> Block:
    try:
        record, problem = decode_one("images", data)
    except (ValueError, RecursionError):
        return Block(
            [], 1, begin + len(data), ordinals=[], faults=[Fault("syntax", "image is not valid JSON", "images", 0)]
        )
    if record.id is UNSET:
        record.id = record.image_id  # What the format calls it here.
    faults = [Fault("invalid-utf-8", problem, "images", 0)] if problem else []
    return Block([record], 1, begin + len(data), faults=faults)


def features_of(records: Sequence[Any], section: str) -> frozenset[str]:
    """Which keys the first records of a block have, as `section.key`."""
    found: set[str] = set()
    if any(isinstance(record, Raw) and b'"counts"' in bytes(record) for record in records):
        return frozenset({"frames"})
    for record in records[:32]:
        if isinstance(record, Record):
            given = ((name, getattr(record, name)) for name in record.__struct_fields__)
            found |= {
                name for name, value in given if value is not UNSET and not (isinstance(value, Raw) and not len(value))
            }
    return frozenset(f"{section}.{name}" for name in found)
