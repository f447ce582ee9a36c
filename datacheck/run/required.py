"""Keys that a format requires and records lack."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from datacheck.read.batch import fault_table
from datacheck.read.detect import REQUIRED_KEYS
from datacheck.read.faults import Fault
from datacheck.run.assemble import SYSTEMATIC

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from numpy.typing import NDArray

    from datacheck.run.assemble import Parts

    Found = tuple[NDArray[np.int32], pa.Table]

KEYS = {
    "images": ("id",),
    "annotations": ("id", "image_id", "category_id"),
    "categories": ("id",),
    "segments": ("id", "category_id"),
}


def missing_keys(parts: dict[str, Parts], formats: Sequence[str | None]) -> Iterator[Found]:
    """(sources, faults) for keys that a format requires; one for all when (nearly) no record has the key."""
    for table, names in KEYS.items():
        own = parts[table]
        total = np.bincount(own.source, minlength=len(formats))
        for name in names:
            requires = np.array([name in REQUIRED_KEYS.get(f or "", {}).get(table, ()) for f in formats], bool)
            if not len(own) or not requires.any():
                continue
            lacking = _absent(own, name) & requires[own.source]
            count = np.bincount(own.source[lacking], minlength=len(formats))
            whole = (count > 1) & (count >= SYSTEMATIC * total)
            if whole.any():
                yield _of_sections(table, name, np.flatnonzero(whole), count, total)
            rows = np.flatnonzero(lacking & ~whole[own.source])
            if len(rows):
                yield own.source[rows], _of_records(own, table, name, rows)


def _absent(parts: Parts, name: str) -> NDArray[np.bool_]:
    kinds = parts.columns[f"{name}_kind"]
    if "absent" not in {kind for chunk in kinds.chunks for kind in chunk.dictionary.to_pylist()}:
        return np.zeros(len(parts), bool)
    return np.asarray(pc.equal(kinds.cast(pa.string()), "absent").to_numpy(), bool)


def _of_sections(
    table: str, name: str, sources: NDArray[np.int64], count: NDArray[np.int64], total: NDArray[np.int64]
) -> Found:
    records = "segments_info" if table == "segments" else table
    key = f"{'an' if name[0] in 'aeiou' else 'a'} {name}"
    faults = []
    for source in sources.tolist():
        lacking, every = int(count[source]), int(total[source])
        some = f"{lacking:,} of {every:,}" if lacking < every else f"none of the {every:,}"
        detail = (
            f"{some} records of {records} {'have no' if lacking < every else 'has'} {name if lacking < every else key}"
        )
        faults.append(Fault("missing-key", detail, None if table == "segments" else table, field=name))
    return sources.astype(np.int32), fault_table(faults, [0] * len(faults))


def _of_records(parts: Parts, table: str, name: str, rows: NDArray[np.int64]) -> pa.Table:
    at, n = pa.array(rows), len(rows)

    def column(name: str, type_: pa.DataType) -> pa.Array:
        if name not in parts.columns:
            return pa.nulls(n, type_)
        return parts.columns[name].take(at).combine_chunks().cast(type_)

    def same(text: str) -> pa.Array:
        return pa.repeat(pa.scalar(text), n)

    number = column("number", pa.string()) if table == "segments" else None
    return pa.table(
        {
            "kind": same("missing-key"),
            "section": same("annotations" if table == "segments" else table),
            "ordinal": column("ordinal", pa.int64()),
            "id_text": pc.coalesce(column("id_text", pa.string()), column("id", pa.string())),
            "field": same(name),
            "tail": same("") if number is None else pc.binary_join_element_wise("/segments_info/", number, ""),
            "found": pa.nulls(n, pa.string()),
            "detail": same(f"{name} is missing"),
            "byte_offset": pa.nulls(n, pa.int64()),
            "piece": pa.repeat(pa.scalar(0, pa.int64()), n),
        }
    )
