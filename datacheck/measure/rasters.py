"""Small and thin polygons drawn to pixels: which of them cover none."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa

from datacheck.measure.drawn import taken
from datacheck.measure.outlines import FARTHEST, covered, crossings, ring_spans

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    from datacheck.read.numbers import Rings

    Floats = NDArray[np.float64]
    Ints = NDArray[np.int64]

SMALL_AREA = 4.0
"""px²; polygons that enclose less are drawn."""
THIN = 2.0
"""px; so are those narrower or lower than this."""
LONGEST = 100_000
"""Columns that an outline may pass; longer ones, which go to and fro thousands of times, are not drawn."""
PIECE = 1_000_000
"""Columns drawn at once: what bounds the memory."""


def raster_columns(
    rings: Rings, area: pa.Array, x0: pa.Array, y0: pa.Array, x1: pa.Array, y1: pa.Array, n: int
) -> dict[str, pa.Array]:
    """`raster_area` of n records: pixels of the union of their rings, drawn as pycocotools draws them where the image
    ends beyond them.

    area: [n] px² by the shoelace formula, x0 ... y1: [n] px, the extent; NULL where there is none. A record is drawn
    where it is small or thin, all its rings have an even number of 6 numbers or more, and no coordinate is negative or
    FARTHEST or more; else its raster area is NULL.
    """
    left, top, right, bottom, enclosed = (_floats(column) for column in (x0, y0, x1, y1, area))
    with np.errstate(invalid="ignore"):
        small = (enclosed < SMALL_AREA) | (right - left < THIN) | (bottom - top < THIN)
        drawn = small & (left >= 0) & (top >= 0) & (right < FARTHEST) & (bottom < FARTHEST)
    lengths, owner = rings.rings.lengths, rings.owner
    drawn[owner[(lengths % 2 == 1) | (lengths < 6)]] = False
    pixels = np.zeros(n, np.int64)
    chosen = np.flatnonzero(drawn[owner])
    if len(chosen):
        values, own_lengths, own = taken(rings, chosen)
        cost = np.bincount(own, weights=crossings(values, own_lengths), minlength=n).astype(np.int64)
        drawn &= cost <= LONGEST
        for part in _pieces(own, cost):
            ring = chosen[part]
            ring = ring[drawn[owner[ring]]]
            if len(ring):
                values, own_lengths, their = taken(rings, ring)
                first = int(their[0])
                spans = ring_spans(values, own_lengths, their - first, FARTHEST, FARTHEST)
                pixels[first : int(their[-1]) + 1] += covered(spans, int(their[-1]) + 1 - first)
    return {"raster_area": pa.array(pixels.astype(np.float64), mask=~drawn)}


def _pieces(own: Ints, cost: Ints) -> Iterator[slice]:
    """Runs of rings that pass about PIECE columns; `own` are the sorted records they belong to, of which none is
    split."""
    new = np.flatnonzero(np.append(True, own[1:] != own[:-1]))
    number = np.cumsum(np.minimum(cost[own[new]], LONGEST)) // PIECE
    starts = new[np.append(True, number[1:] != number[:-1])]
    for start, end in zip(starts.tolist(), [*starts[1:].tolist(), len(own)], strict=True):
        yield slice(start, end)


def _floats(column: pa.Array) -> Floats:
    """NaN where NULL."""
    return np.asarray(column.to_numpy(zero_copy_only=False), np.float64).copy()
