"""Batches in the spool to whole tables: the columns that were read, mapped from their files, in the order of the
sources."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from datacheck.read.batch import Piece, fault_table
from datacheck.run import spool
from datacheck.tables import TABLES

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Sequence

    from datacheck.read.source import Source
    from datacheck.run.work import BatchFile

Ints = NDArray[np.int64]


@dataclass
class Parts:
    """What was read of one table: its columns so far, and where each row comes from."""

    name: str
    columns: dict[str, pa.ChunkedArray] = field(default_factory=dict)
    source: NDArray[np.int32] = field(default_factory=lambda: np.empty(0, np.int32))

    def __len__(self) -> int:
        return len(self.source)

    def numpy(self, column: str, missing: float = 0) -> NDArray[np.generic]:
        """A column as one array, `missing` where it is NULL."""
        filled = self.columns[column]
        if filled.null_count:
            filled = pc.fill_null(filled, pa.scalar(missing, filled.type))
        return np.asarray(filled.to_numpy())

    def valid(self, column: str) -> NDArray[np.bool_]:
        """Where a column has a value; nowhere, if nothing gave it."""
        if column not in self.columns:
            return np.zeros(len(self), bool)
        own = self.columns[column]
        return np.ones(len(own), bool) if not own.null_count else np.asarray(pc.is_valid(own).to_numpy(), bool)

    def put(self, column: str, values: NDArray[np.generic], mask: NDArray[np.bool_] | None = None) -> None:
        """Set a column; it is NULL where `mask` is set."""
        array = pa.array(
            values, TABLES[self.name].by_name[column].arrow, mask=mask if mask is not None and mask.any() else None
        )
        self.columns[column] = pa.chunked_array([array])

    def counted(self, mask: NDArray[np.bool_], sources: int) -> Ints:
        """How many rows of each source have `mask` set."""
        return np.bincount(self.source[mask], minlength=sources)

    def table(self) -> pa.Table:
        """The whole table, every column of its schema in place; those that nothing gave are NULL."""
        schema = TABLES[self.name].schema()
        arrays = [
            self.columns[f.name].cast(f.type) if f.name in self.columns else _nulls(len(self), f.type) for f in schema
        ]
        return pa.table(arrays, schema)


def _nulls(n: int, type_: pa.DataType) -> pa.ChunkedArray:
    """n NULLs that take the room of a few thousand: one array, over and over."""
    size = 1 << 14
    one = pa.nulls(min(n, size), type_)
    return pa.chunked_array([one.slice(0, min(size, n - start)) for start in range(0, n, size)], type_)


class Kept:
    """Which pieces count: those of recognised sources, and of each section of a file the last of its name."""

    def __init__(self, recognised: Collection[int], generations: dict[tuple[int, str], int]) -> None:
        self.recognised, self.generations = recognised, generations

    def __call__(self, piece: Piece) -> bool:
        return piece.source in self.recognised and piece.generation == self.generations.get(
            (piece.source, piece.table), piece.generation
        )


@dataclass
class _Rows:
    """Rows of one table of one batch, with the pieces they belong to."""

    table: pa.Table
    pieces: list[Piece]
    counts: Ints


def assemble(batches: Sequence[BatchFile], kept: Kept) -> dict[str, Parts]:
    """The tables images, categories, annotations and segments as far as they were read."""
    found = {}
    for name in ("images", "categories", "annotations"):
        rows = [
            r
            for batch in batches
            if name in batch.tables
            for r in _kept_rows(spool.mapped(batch.tables[name]), batch.pieces, kept)
        ]
        found[name] = _parts(name, rows)
    found["segments"] = _segments(batches, kept)
    return found


def _kept_rows(table: pa.Table, pieces: list[Piece], kept: Kept) -> Iterator[_Rows]:
    counts = np.array([p.rows for p in pieces], np.int64)
    if all(map(kept, pieces)):
        yield _Rows(table, pieces, counts)
        return
    for piece in filter(kept, pieces):
        if piece.rows:
            yield _Rows(table.slice(piece.start, piece.rows), [piece], np.array([piece.rows]))


def _parts(name: str, rows: Sequence[_Rows]) -> Parts:
    pieces = [p for r in rows for p in r.pieces]
    counts = np.concatenate([r.counts for r in rows]) if rows else np.empty(0, np.int64)
    parts = Parts(name, source=np.repeat(np.array([p.source for p in pieces], np.int32), counts))
    for column in TABLES[name].columns:
        if not any(column.name in r.table.column_names for r in rows):
            continue
        chunks: list[pa.Array] = []
        for r in rows:
            if column.name in r.table.column_names:
                chunks += r.table.column(column.name).cast(column.arrow).chunks
            else:
                chunks += _nulls(len(r.table), column.arrow).chunks
        parts.columns[column.name] = pa.chunked_array(chunks, column.arrow)
    if rows:
        firsts = np.repeat(np.array([p.first for p in pieces], np.int64), counts)
        parts.put("ordinal", np.asarray(parts.numpy("ordinal")) + firsts)
    return parts


def _segments(batches: Sequence[BatchFile], kept: Kept) -> Parts:
    """Segments, with `annotation_row` counted over the kept annotations."""
    tables: list[pa.Table] = []
    sources: list[NDArray[np.int32]] = []
    rows: list[Ints] = []
    before = 0
    for batch in (b for b in batches if "annotations" in b.tables):
        counts = np.array([p.rows for p in batch.pieces], np.int64)
        keep = np.repeat(np.array([kept(p) for p in batch.pieces], bool), counts)
        if "segments" in batch.tables:
            table = spool.mapped(batch.tables["segments"])
            parent = np.asarray(table.column("parent").to_numpy())
            own = keep[parent]
            tables.append(table if own.all() else table.filter(pa.array(own)))
            sources.append(np.repeat(np.array([p.source for p in batch.pieces], np.int32), counts)[parent[own]])
            rows.append(before + np.cumsum(keep)[parent[own]] - 1)
        before += int(keep.sum())
    parts = Parts("segments", source=np.concatenate(sources) if sources else np.empty(0, np.int32))
    if tables:
        for column in TABLES["segments"].columns:
            if any(column.name in t.column_names for t in tables):
                chunks = [
                    c
                    for t in tables
                    for c in (
                        t.column(column.name).cast(column.arrow)
                        if column.name in t.column_names
                        else _nulls(len(t), column.arrow)
                    ).chunks
                ]
                parts.columns[column.name] = pa.chunked_array(chunks, column.arrow)
        parts.put("annotation_row", np.concatenate(rows))
    return parts


def assemble_faults(
    batches: Sequence[BatchFile],
    kept: Kept,
    sources: Sequence[Source],
    formats: Sequence[str | None],
    lists: Sequence[str],
    more: Sequence[tuple[NDArray[np.int32], pa.Table]],
    totals: dict[str, Ints],
) -> Parts:
    """The `faults` table: faults of files, of records, and of what was found `more`, each with its source."""
    tables: list[pa.Table] = []
    owners: list[NDArray[np.int32]] = []
    for source in sources:
        faults = source.faults if formats[source.index] else [f for f in source.faults if f.kind in OF_ANY_FILE]
        if faults:
            tables.append(fault_table(faults, [0] * len(faults)))
            owners.append(np.full(len(faults), source.index, np.int32))
    for batch in (b for b in batches if "faults" in b.tables):
        table = spool.mapped(batch.tables["faults"])
        piece = np.asarray(table.column("piece").to_numpy())
        own = np.array([kept(p) for p in batch.pieces], bool)[piece]
        table, piece = table.filter(pa.array(own)), piece[own]
        first = pa.array(np.array([p.first for p in batch.pieces], np.int64)[piece])
        ordinal = table.schema.get_field_index("ordinal")
        tables.append(table.set_column(ordinal, "ordinal", pc.add(table.column("ordinal"), first)))
        owners.append(np.array([p.source for p in batch.pieces], np.int32)[piece])
    for own_sources, table in more:
        tables.append(table)
        owners.append(own_sources)
    parts = Parts("faults", source=np.concatenate(owners) if owners else np.empty(0, np.int32))
    if tables:
        whole = pa.concat_tables(tables)
        order = np.argsort(parts.source, kind="stable")
        whole, parts.source = whole.take(pa.array(order)), parts.source[order]
        whole, parts.source = _systematic(whole, parts.source, totals)
        for column in TABLES["faults"].columns:
            if column.name in whole.column_names:
                parts.columns[column.name] = _as(whole.column(column.name), column.arrow)
        parts.columns["pointer"] = _pointers(whole, parts.source, formats, lists)
    return parts


SYSTEMATIC = 0.9
"""Share of a section's records from which the same fault in each is one fault of the section."""


def _systematic(
    faults: pa.Table, source: NDArray[np.int32], totals: dict[str, Ints]
) -> tuple[pa.Table, NDArray[np.int32]]:
    """Fold the fault that (nearly) every record of a section has in the same field into its first, which says so.

    All groups at once: there may be one in each of 100,000 sources.
    """
    usable = np.ones(len(faults), bool)
    for name in ("section", "ordinal", "field"):
        usable &= np.asarray(pc.is_valid(faults.column(name)).to_numpy(), bool)
    rows = np.flatnonzero(usable)
    if len(rows) < 2:
        return faults, source
    named, owner = faults.take(pa.array(rows)), source[rows].astype(np.int64)
    (section, sections), (kind, kinds), (key, keys) = (_coded(named, name) for name in ("section", "kind", "field"))
    codes = ((owner * len(sections) + section) * len(kinds) + kind) * len(keys) + key
    _, first, group = np.unique(codes, return_index=True, return_inverse=True)
    count = _distinct(group, np.asarray(named.column("ordinal").to_numpy(), np.int64), len(first))
    total = np.zeros(len(first), np.int64)
    for number, name in enumerate(sections):
        if name in totals:
            own = section[first] == number
            total[own] = totals[name][owner[first[own]]]
    folds = (count >= 2) & (count >= SYSTEMATIC * total) & ((count >= total) | (count >= 10))
    if not folds.any():
        return faults, source
    kept = np.ones(len(faults), bool)
    kept[rows[folds[group]]] = False
    kept[rows[first[folds]]] = True
    said = {
        int(rows[first[g]]): f"; the same in {count[g]:,} of {total[g]:,} {sections[section[first[g]]]}"
        for g in np.flatnonzero(folds)
    }
    at = np.array(sorted(said), np.int64)
    added = pa.array([said[row] for row in at.tolist()], pa.string())
    details = faults.column("detail").combine_chunks()
    changed = np.zeros(len(faults), bool)
    changed[at] = True
    details = pc.replace_with_mask(
        details, pa.array(changed), pc.binary_join_element_wise(details.take(pa.array(at)), added, "")
    )
    folded = faults.set_column(faults.schema.get_field_index("detail"), "detail", details)
    return folded.filter(pa.array(kept)), source[kept]


def _coded(table: pa.Table, column: str) -> tuple[Ints, list[str]]:
    """A column of texts as numbers, and the text of each number."""
    coded = table.column(column).combine_chunks().dictionary_encode()
    return np.asarray(coded.indices.to_numpy(), np.int64), coded.dictionary.to_pylist()


def _distinct(group: Ints, ordinal: Ints, groups: int) -> Ints:
    """How many distinct ordinals each group has."""
    order = np.lexsort((ordinal, group))
    group, ordinal = group[order], ordinal[order]
    new = np.append(True, (np.diff(group) != 0) | (np.diff(ordinal) != 0))
    return np.bincount(group[new], minlength=groups)


OF_ANY_FILE = frozenset({"empty-file", "unreadable", "compression", "worker-died"})
"""Faults that stand even where no format was recognised; all others say no more than "not recognised" there."""


def _as(column: pa.ChunkedArray, type_: pa.DataType) -> pa.ChunkedArray:
    if pa.types.is_dictionary(type_):
        return (
            column.combine_chunks().dictionary_encode().cast(type_)
            if isinstance(column.combine_chunks(), pa.Array)
            else column.cast(type_)
        )
    return column.cast(type_)


def _pointers(
    faults: pa.Table, source: NDArray[np.int32], formats: Sequence[str | None], lists: Sequence[str]
) -> pa.ChunkedArray:
    """JSON pointers: section, record, and what the fault adds. `lists` points to the annotations of each source."""
    at = pa.array(source)
    section, ordinal = faults.column("section").combine_chunks(), faults.column("ordinal").combine_chunks()
    # SA-1B: the one image of a file is an object, and stands in no list.
    single = pc.and_(pc.equal(section, "images"), pa.array([f == "sa-1b" for f in formats], pa.bool_()).take(at))
    base = pc.case_when(
        pc.make_struct(pc.is_null(section), pc.equal(section, "annotations"), single),
        "",
        pa.array(lists, pa.string()).take(at),
        "/image",
        pc.binary_join_element_wise("/", section, "", null_handling="replace"),
    )
    number = pc.binary_join_element_wise("/", ordinal.cast(pa.string()), "", null_handling="replace")
    record = pc.if_else(pc.or_(pc.is_null(ordinal), pc.fill_null(single, False)), "", number)
    return pa.chunked_array([pc.binary_join_element_wise(base, record, faults.column("tail").combine_chunks(), "")])
