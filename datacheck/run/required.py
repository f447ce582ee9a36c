"""Keys that a format requires and records lack."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from datacheck.read.batch import fault_table
from datacheck.read.detect import REQUIRED_KEYS
from datacheck.read.faults import Fault

if TYPE_CHECKING:
    from datacheck.run.assemble import Parts


def missing_keys(parts: dict[str, Parts], source: int, format_: str | None) -> pa.Table | None:
    """Faults for keys that the format requires; one for all when no record of the section has the key."""
    found: list[Fault] = []
    for table, names in REQUIRED_KEYS.get(format_ or "", {}).items():
        own = parts[table]
        low, high = np.searchsorted(own.source, (source, source + 1))
        if low == high:
            continue
        for name in names:
            kinds = own.columns[f"{name}_kind"].slice(low, high - low).cast(pa.string())
            lacking = np.flatnonzero(np.asarray(pc.equal(kinds, "absent").to_numpy(), bool))
            if not len(lacking):
                continue
            if len(lacking) == high - low > 1:
                records = "segments_info" if table == "segments" else table
                detail = (
                    f"none of the {high - low:,} records of {records} has {'an' if name[0] in 'aeiou' else 'a'} {name}"
                )
                pointer = None if table == "segments" else table
                found.append(Fault("missing-key", detail, pointer, None, None, name, ""))
                continue
            at = pa.array(lacking + low)
            ordinals = own.columns["ordinal"].take(at).to_pylist() if "ordinal" in own.columns else lacking.tolist()
            ids = own.columns["id_text"].take(at).to_pylist() if "id_text" in own.columns else [None] * len(lacking)
            numbers = own.columns["number"].take(at).to_pylist() if table == "segments" else [None] * len(lacking)
            plain = own.columns["id"].take(at).to_pylist() if "id" in own.columns else [None] * len(lacking)
            if table == "segments":
                ordinals = (
                    parts["annotations"].columns["ordinal"].take(own.columns["annotation_row"].take(at)).to_pylist()
                )
            for ordinal, text, number, integer in zip(ordinals, ids, numbers, plain, strict=True):
                tail = "" if number is None else f"/segments_info/{number}"
                section = "annotations" if table == "segments" else table
                shown = text if text is not None else None if integer is None else str(integer)
                found.append(Fault("missing-key", f"{name} is missing", section, ordinal, shown, name, tail))
    return fault_table(found, [0] * len(found)) if found else None
