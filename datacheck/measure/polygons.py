"""Polygons, all records of a chunk at once."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from datacheck.read.numbers import Rings


def ring_measures(values: NDArray[np.float64], lengths: NDArray[np.int64]) -> tuple[NDArray[np.float64], ...]:
    """(x0, y0, x1, y1, area) of each ring.

    values: [sum(lengths)] x and y in turn, px; lengths: [R] numbers in each ring, even and at least 2.
    The area is the absolute shoelace sum, px²; infinite or NaN where the numbers are past what a double can square.
    """
    starts = (np.cumsum(lengths) - lengths) // 2
    x, y = np.ascontiguousarray(values[0::2]), np.ascontiguousarray(values[1::2])
    x0, x1 = np.minimum.reduceat(x, starts), np.maximum.reduceat(x, starts)
    y0, y1 = np.minimum.reduceat(y, starts), np.maximum.reduceat(y, starts)
    ends = starts + lengths // 2 - 1
    next_x, next_y = np.empty_like(x), np.empty_like(y)
    next_x[:-1], next_y[:-1] = x[1:], y[1:]
    next_x[ends], next_y[ends] = x[starts], y[starts]
    with np.errstate(over="ignore", invalid="ignore"):
        cross = x * next_y
        cross -= next_x * y
        area = np.abs(np.add.reduceat(cross, starts)) / 2
    return x0, y0, x1, y1, area


def polygon_columns(rings: Rings, n: int) -> dict[str, pa.Array]:
    """Columns of n records from their rings. Rings with an odd number of numbers are counted, and measured no
    further."""
    lengths, owner = rings.rings.lengths, rings.owner
    count = np.bincount(owner, minlength=n)
    nothing = count == 0
    even = (lengths % 2 == 0) & (lengths >= 2)
    values, used, used_owner = rings.rings.values, lengths, owner
    if not even.all():
        values, used, used_owner = values[np.repeat(even, lengths)], lengths[even], owner[even]
    columns: dict[str, pa.Array] = {
        "ring_count": pa.array(count.astype(np.int32), mask=nothing),
        "vertex_count": pa.array(_sum(lengths // 2, owner, n).astype(np.int32), mask=nothing),
        "odd_ring_count": pa.array(_sum(lengths % 2, owner, n).astype(np.int32), mask=nothing),
    }
    shortest = np.zeros(n, np.int32)
    if len(owner):
        shortest[~nothing] = np.minimum.reduceat(lengths, _first(owner))
    columns["ring_min_numbers"] = pa.array(shortest, mask=nothing)
    measured = np.zeros(n, bool)
    measured[used_owner] = True
    extents = np.zeros((4, n))
    area, flat = np.zeros(n), np.zeros(n, np.int64)
    if len(used):
        x0, y0, x1, y1, ring_area = ring_measures(values, used)
        first = _first(used_owner)
        for row, (reduce, part) in enumerate(((np.minimum, x0), (np.minimum, y0), (np.maximum, x1), (np.maximum, y1))):
            extents[row, measured] = reduce.reduceat(part, first)
        area[measured] = np.add.reduceat(ring_area, first)
        flat = _sum((ring_area == 0) & (used >= 6), used_owner, n)
    columns["flat_ring_count"] = pa.array(flat.astype(np.int32), mask=nothing)
    for row, name in enumerate(("extent_x0", "extent_y0", "extent_x1", "extent_y1")):
        columns[name] = pa.array(extents[row], mask=~measured)
    columns["polygon_area"] = pa.array(area, mask=~(measured & np.isfinite(area)))
    return columns


def _sum(values: NDArray[Any], owner: NDArray[np.int64], n: int) -> NDArray[np.int64]:
    return np.bincount(owner, weights=values, minlength=n).astype(np.int64)


def _first(owner: NDArray[np.int64]) -> NDArray[np.int64]:
    """Where each owner's run starts; `owner` is sorted."""
    return np.flatnonzero(np.append(True, owner[1:] != owner[:-1])) if len(owner) else np.empty(0, np.int64)
