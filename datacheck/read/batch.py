"""Records of one or many files, gathered until there are enough of them to be worth a table."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import msgspec
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from msgspec import UNSET, Raw

from datacheck.read.columns import annotation_columns, category_columns, image_columns, segment_columns
from datacheck.read.faults import Fault, shorten
from datacheck.read.records import Annotation, Segment, from_object, tolerant
from datacheck.read.scalars import Columns, Report, not_numbers

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from datacheck.read.blocks import Block

ROWS = 20_000
"""Records a table is built from: large enough for vectors, small enough for the cache and for a bounded memory."""
FRAMES = "frames"
_SEGMENTS = msgspec.json.Decoder(list[Segment])


@dataclass
class Piece:
    """Rows [start, start + rows) of a batch: what one section (or one block of it) of one source gave.

    Its records lie in bytes [begin, end) of the text, entries [first, first + entries) of the section; `generation`
    counts
    sections of the same name in the file, of which parsers take the last.
    """

    source: int
    table: str
    section: str
    generation: int
    begin: int
    end: int
    first: int
    entries: int
    cut: bytes = b""
    """The pattern of a record's start that it was read with."""
    nullable: bool = False
    """A null is an absent mask here, not a fault."""
    start: int = 0
    rows: int = 0


class Batch:
    """Records of one table, from any number of sources."""

    def __init__(self, table: str) -> None:
        self.table = table
        self.records: list[Any] = []
        self.ordinals: list[int] = []
        self.pieces: list[Piece] = []
        self.frames: list[int | None] = []
        self.faults: list[tuple[int, Fault]] = []
        """(position in `pieces`, fault); ordinals count within the piece."""

    def add(self, piece: Piece, block: Block) -> None:
        """Add the records of a block."""
        records, ordinals = block.records, block.ordinals
        number = len(self.pieces)
        self.faults += [(number, fault) for fault in block.faults]
        for kind, count in block.unlisted.items():
            detail = f"{count:,} more of this kind in the same part of the file are not listed one by one"
            self.faults.append((number, Fault(kind, detail, self.table)))
        frames: list[int | None] | None = None
        if piece.section == FRAMES:
            records, ordinals = _frames(
                records, ordinals or range(len(records)), lambda fault: self.faults.append((number, fault))
            )
            frames = list(ordinals)
        elif None in records:
            kept = [(o, r) for o, r in zip(ordinals or range(len(records)), records, strict=True) if r is not None]
            if not piece.nullable:
                lost = (o for o, r in zip(ordinals or range(len(records)), records, strict=True) if r is None)
                self.faults += [
                    (number, Fault("not-a-record", "an entry of the list is null", self.table, o, found="null"))
                    for o in lost
                ]
            ordinals, records = [o for o, _ in kept], [r for _, r in kept]
        piece.start, piece.rows = len(self.records), len(records)
        self.records += records
        self.ordinals += ordinals if ordinals is not None else range(len(records))
        self.frames += frames or [None] * len(records)
        self.pieces.append(piece)

    def tables(self, kernels: Collection[str]) -> dict[str, pa.Table]:
        """The batch as tables: its own, `segments` if its annotations have some, and `faults` if there are any."""
        owners = np.repeat(np.arange(len(self.pieces)), [p.rows for p in self.pieces])

        def report(fault: Fault) -> None:
            position = fault.ordinal or 0
            fault.ordinal, fault.id_text = self.ordinals[position], _id_text(self.records[position])
            self.faults.append((int(owners[position]), fault))

        columns: Columns
        if self.table == "annotations":
            columns = annotation_columns(self.records, kernels, report)
            columns["frame"] = pa.array(self.frames, pa.int64())
        else:
            columns = {"images": image_columns, "categories": category_columns}[self.table](self.records, report)
        columns["ordinal"] = pa.array(self.ordinals, pa.int64())
        built = {self.table: columns} if self.records else {}
        if self.table == "annotations" and pc.any(columns["has_segments_info"]).as_py():
            built["segments"], columns["segment_count"] = self._segments(report)
        found = {name: pa.table(_compact(own)) for name, own in built.items()}
        if self.faults:
            found["faults"] = fault_table([fault for _, fault in self.faults], [number for number, _ in self.faults])
        return found

    def _segments(self, report: Any) -> tuple[Columns, pa.Array]:
        """The segments of all annotations, with `parent`, the position of the annotation in this batch; and their
        counts."""
        segments: list[Any] = []
        parents: list[int] = []
        numbers: list[int] = []
        counts: list[int | None] = []
        for position, record in enumerate(self.records):
            if not len(record.segments_info):
                counts.append(None)
                continue
            found = _decode_segments(record.segments_info, position, report)
            counts.append(None if found is None else len(found))
            for number, segment in enumerate(found or ()):
                if segment is not None:  # An entry that is no object has its fault, and no row.
                    segments.append(segment)
                    parents.append(position)
                    numbers.append(number)

        def report_segment(fault: Fault) -> None:
            at = fault.ordinal or 0
            report(
                replace(
                    fault, section="annotations", ordinal=parents[at], tail=f"/segments_info/{numbers[at]}{fault.tail}"
                )
            )

        columns = segment_columns(segments, report_segment)
        columns["parent"] = pa.array(parents, pa.int64())
        columns["number"] = pa.array(numbers, pa.int32())
        return columns, pa.array(counts, pa.int32())


FAULT_FIELDS = ("kind", "section", "ordinal", "id_text", "field", "tail", "found", "detail", "byte_offset")


def fault_table(faults: Sequence[Fault], pieces: Sequence[int]) -> pa.Table:
    """Faults as columns, with the piece of the batch that each is in."""
    types = {"ordinal": pa.int64(), "byte_offset": pa.int64()}
    columns = {n: pa.array([getattr(f, n) for f in faults], types.get(n, pa.string())) for n in FAULT_FIELDS}
    return pa.table(columns | {"piece": pa.array(pieces, pa.int64())})


def _compact(columns: Columns) -> Columns:
    """Without the columns that are NULL throughout: they take no room in the spool."""
    return {name: column for name, column in columns.items() if column.null_count < len(column) or not len(column)}


def _id_text(record: Any) -> str | None:
    value = getattr(record, "id", UNSET)
    return None if value is UNSET or value is None else value[:200] if isinstance(value, str) else shorten(value)


def _decode_segments(raw: Raw, position: int, report: Any) -> list[Any] | None:
    try:
        return list(_SEGMENTS.decode(raw))
    except (msgspec.MsgspecError, RecursionError, UnicodeDecodeError):
        pass
    where = ("annotations", position, None, "segments_info", "/segments_info")
    try:
        parsed = tolerant(bytes(raw).decode("utf-8", "replace"))
    except (ValueError, RecursionError):
        report(Fault("nesting", "segments_info is nested too deep", *where))
        return None
    if not isinstance(parsed, list):
        report(replace(not_numbers(parsed, "segments_info", "annotations", position, depth=1)))
        return None
    found: list[Any] = []
    for number, item in enumerate(parsed):
        if isinstance(item, dict):
            found.append(from_object("segments", item))
        else:
            report(
                Fault(
                    "not-a-record",
                    "an entry of segments_info is not an object",
                    "annotations",
                    position,
                    None,
                    "segments_info",
                    f"/segments_info/{number}",
                    shorten(item),
                )
            )
            found.append(None)
    return found


def _frames(records: Sequence[Any], ordinals: Sequence[int], report: Report) -> tuple[list[Any], list[int]]:
    """SAM 2: a frame is null, one mask or a list of masks, of which any may be null or an empty text."""
    found: list[Any] = []
    frames: list[int] = []
    for ordinal, raw in zip(ordinals, records, strict=True):
        try:
            masks = [raw] if bytes(raw)[:1] == b"{" else msgspec.json.decode(raw, type=list[Raw] | None)
        except (msgspec.MsgspecError, RecursionError, UnicodeDecodeError):
            report(Fault("not-a-record", "a frame is neither a list of masks nor null", "annotations", ordinal))
            continue
        for mask in masks or ():
            if bytes(mask) not in (b"null", b'""'):
                found.append(Annotation(segmentation=mask))
                frames.append(ordinal)
    return found, frames
