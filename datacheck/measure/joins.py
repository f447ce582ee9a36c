"""Keys that meet: rows that share an id, and the row that an id names. All on 64-bit keys, whole tables at once."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]


def mixed(*parts: NDArray[Any]) -> Ints:
    """One 64-bit key a row from several columns of 8-byte values: rows with equal parts have equal keys.

    Different rows meet with a chance of about 2^-64 a pair (each part is spread by the finaliser of splitmix64).
    """
    total = np.zeros(len(parts[0]), np.uint64)
    with np.errstate(over="ignore"):
        for part in parts:
            total += np.uint64(0x9E3779B97F4A7C15)
            total ^= np.ascontiguousarray(part).view(np.uint64)
            total ^= total >> np.uint64(30)
            total *= np.uint64(0xBF58476D1CE4E5B9)
            total ^= total >> np.uint64(27)
            total *= np.uint64(0x94D049BB133111EB)
            total ^= total >> np.uint64(31)
    return total.view(np.int64)


def copies(keys: Ints) -> tuple[NDArray[np.int32], Ints]:
    """([N] how many rows have the row's key, [N] the first row that has it)."""
    n = len(keys)
    count, first = np.ones(n, np.int32), np.arange(n)
    ordered = np.sort(keys)
    repeated = np.unique(ordered[1:][ordered[1:] == ordered[:-1]])
    if len(repeated):
        # Only rows whose key repeats are looked at further: in a healthy file there are none.
        place = np.minimum(np.searchsorted(repeated, keys), len(repeated) - 1)
        rows = np.flatnonzero(repeated[place] == keys)
        own = place[rows]
        count[rows] = np.bincount(own)[own]
        first[rows] = rows[np.unique(own, return_index=True)[1]][own]
    return count, first


def copies_where(keys: Ints, valid: Bools) -> tuple[NDArray[np.int32], Ints]:
    """`copies` of the rows that are `valid`; the others count 0, and are the first of nothing: -1."""
    if valid.all():
        return copies(keys)
    rows = np.flatnonzero(valid)
    count, first = np.zeros(len(keys), np.int32), np.full(len(keys), -1, np.int64)
    count[rows], own = copies(keys[rows])
    first[rows] = rows[own]
    return count, first


def rows_of(keys: Ints, table: Ints) -> Ints:
    """[N] the first position in `table` of each key, or -1. A dense table of ids is looked up, any other is
    searched."""
    if not len(table) or not len(keys):
        return np.full(len(keys), -1, np.int64)
    low, high = int(table.min()), int(table.max())
    if high - low < 16 * len(table) + 1024:
        index = np.full(high - low + 1, -1, np.int64)
        index[table[::-1] - low] = np.arange(len(table) - 1, -1, -1)
        inside = (keys >= low) & (keys <= high)
        return np.where(inside, index[np.where(inside, keys - low, 0)], -1)
    order = np.argsort(table, kind="stable")
    ordered = table[order]
    place = np.minimum(np.searchsorted(ordered, keys), len(table) - 1)
    return np.where(ordered[place] == keys, order[place], -1)
