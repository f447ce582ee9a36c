"""Fields that hold a list of numbers, of many records at once: which have it, what it holds, and what is wrong with
it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa

from datacheck.read.faults import Fault
from datacheck.read.numbers import Ragged, flat_lists, of_kind
from datacheck.read.records import ABSENT, tolerant
from datacheck.read.scalars import Report, not_numbers

if TYPE_CHECKING:
    from collections.abc import Sequence

    from msgspec import Raw
    from numpy.typing import NDArray


def present_in(raws: Sequence[Raw]) -> NDArray[np.bool_]:
    """[N] which of the raws are there at all."""
    if raws and raws[0] is ABSENT and raws.count(ABSENT) == len(raws):
        return np.zeros(len(raws), bool)
    return np.fromiter(map(len, raws), np.int64, len(raws)) > 0


def parse_value(raw: Raw | bytes) -> object:
    """One value as Python's tolerant parser sees it. Raises ValueError or RecursionError."""
    return tolerant(bytes(raw).decode("utf-8", "replace"))


def unreadable(raw: Raw | bytes, name: str, section: str, index: int, *, depth: int) -> Fault:
    """Why a value is no list of numbers (`depth` 1) or of lists of numbers (`depth` 2)."""
    try:
        return not_numbers(parse_value(raw), name, section, index, depth=depth)
    except (ValueError, RecursionError):
        return Fault("nesting", f"{name} is nested too deep", section, index, None, name, f"/{name}")


def number_lists(raws: Sequence[Raw], name: str, section: str, report: Report) -> tuple[Ragged, pa.Array, pa.Array]:
    """(the numbers, how many a record has or NULL, whether the key is there) of a field that holds a flat list."""
    present = present_in(raws)
    given = of_kind(raws, present)
    ragged = flat_lists(given)
    lengths = np.zeros(len(raws), np.int64)
    lengths[present] = ragged.lengths
    hidden = ~present
    if ragged.bad:
        where = np.flatnonzero(present)[ragged.bad]
        hidden[where] = True
        for index, number in zip(where.tolist(), ragged.bad, strict=True):
            report(unreadable(given[number], name, section, index, depth=1))
    spread = Ragged(ragged.values, lengths, [])
    return spread, pa.array(lengths.astype(np.int32), mask=hidden), pa.array(present)
