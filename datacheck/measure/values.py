"""The distinct values of a stack, and how many are no whole numbers, gathered block by block.

Integers that lie close together are marked in a table of 65,536; all else is sorted, which takes ten times as long, so
that it is done only for so many values: past them, distinct values are not counted.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from datacheck.measure.contents import SHOWN, shown
from datacheck.measure.runs import MAX_VALUES, Ints

MAX_SORTED = 1 << 24
"""Values that are sorted, in all."""
_TABLE = 1 << 16
_PIECE = 1 << 18

Block = NDArray[np.generic]


class Values:
    """What a stack of values of one type holds. `dtype`: that type, in the order of bytes of this machine."""

    def __init__(self, dtype: np.dtype[Any]) -> None:
        self.dtype = dtype.newbyteorder("=")
        self.fractions = 0
        self._floats = dtype.kind == "f"
        self._known: Block = np.empty(0, self.dtype)
        self._capped = False
        self._sorted = 0

    def finite(self, flat: Block) -> tuple[Block, Ints, Block]:
        """(the values [N, P] with each that is not finite replaced by one of its row that is, how many of each row were
        not finite, all finite values). A row without any that is finite becomes zeros."""
        if not self._floats or np.isfinite(flat.sum(dtype=np.float64)):
            return flat, np.zeros(len(flat), np.int64), flat.reshape(-1)
        finite = np.isfinite(flat)
        instead = np.take_along_axis(flat, finite.argmax(axis=1)[:, None], axis=1)
        instead[~np.isfinite(instead)] = 0
        lost = flat.shape[1] - np.count_nonzero(finite, axis=1).astype(np.int64)
        return np.where(finite, flat, instead), lost, flat[finite]

    def add(self, flat: Block, low: Any, high: Any) -> None:
        """Take in finite values [P] whose smallest and largest are given."""
        if low == high or (not self._floats and int(high) - int(low) <= 1):
            found = np.array([low, high], self.dtype)
            self.fractions += len(flat) * int(self._floats and low != np.rint(low))
        elif low == 0 and np.count_nonzero(flat == high) == (there := int(np.count_nonzero(flat))):
            found = np.array([low, high], self.dtype)
            self.fractions += there * int(self._floats and high != np.rint(high))
        else:
            if self._floats:
                self.fractions += int(np.count_nonzero(flat != np.rint(flat)))
            if self._capped:
                return
            found = self._distinct(flat, low, high)
        if not self._capped and not np.isin(found, self._known).all():
            self._known = np.union1d(self._known, found)
            self._capped = len(self._known) > MAX_VALUES

    def _distinct(self, flat: Block, low: Any, high: Any) -> Block:
        if not self._floats and int(high) - int(low) < _TABLE:
            return _marked(flat, low)
        flat = np.append(flat[:1], flat[1:][flat[1:] != flat[:-1]])
        self._sorted += len(flat)
        if self._sorted > MAX_SORTED:
            self._capped = True
            return self._known
        return np.unique(flat)

    def columns(self) -> dict[str, Any]:
        """Columns of `tables.MASK_FILES`."""
        return {
            "value_count": None if self._capped else len(self._known),
            "values": None if self._capped else shown(self._known[:SHOWN]),
            "fraction_count": self.fractions,
        }


def _marked(flat: Block, low: Any) -> Block:
    """The distinct values of integers, less than 65,536 from `low` on: each marks its place in a table."""
    there = np.zeros(_TABLE, np.bool_)
    if flat.dtype.itemsize == 1 and len(flat) % 2 == 0:  # Two at a time.
        there[flat.view(np.uint16)] = True
        pairs = there.reshape(256, 256)
        return np.flatnonzero(pairs.any(axis=0) | pairs.any(axis=1)).astype(np.uint8).view(flat.dtype)
    if flat.dtype.itemsize <= 2:
        unsigned = flat.view(f"u{flat.dtype.itemsize}")
        there[unsigned] = True
        return np.flatnonzero(there).astype(unsigned.dtype).view(flat.dtype)
    for start in range(0, len(flat), _PIECE):
        there[flat[start : start + _PIECE] - low] = True
    found: Block = np.add(np.flatnonzero(there).astype(flat.dtype), low)
    return found
