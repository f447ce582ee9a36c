"""Masks as runs of pixels: polygons drawn exactly as pycocotools draws them, and what several masks cover together.

pycocotools rounds corners to a fifth of a pixel, walks each edge in steps of that size, and lets a mask begin or end in
a pixel column wherever the walk crosses the column's middle (rleFrPoly in maskApi.c). Of that walk only the crossings
are computed here, those of all rings at once. So the work is that of the columns that an outline passes, and no number
can make it read or write anything else: nothing need be proven of a polygon but that it is not too long.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]

FINE = 5
"""Steps of the walk in a pixel."""
FARTHEST = 1 << 17
"""Coordinates beyond it, in px, are not drawn. Below it a ring, a column and a row fit in a key of 63 bits."""


@dataclass
class Spans:
    """S runs of pixels: those at positions [start, end) belong to `owner`. The pixel in a row and a column stands at
    position column x height + row."""

    owner: Ints
    start: Ints
    end: Ints


def crossings(values: Floats, lengths: Ints) -> Ints:
    """[R] about how many columns the outline of each ring passes: what drawing it costs. Rings as for `ring_spans`."""
    x, half = values[0::2], lengths // 2
    first = np.cumsum(half) - half
    following = np.append(x[1:], 0.0)
    following[first + half - 1] = x[first]
    return np.add.reduceat(np.abs(following - x), first).astype(np.int64) + half


def ring_spans(values: Floats, lengths: Ints, owner: Ints, width: Ints | int, height: Ints | int) -> Spans:
    """The pixels of R rings, each filled by the even-odd rule.

    values: [sum(lengths)] x and y in turn, px, within FARTHEST of 0; lengths: [R] numbers in each ring, even and at
    least 6; owner: [R]; width, height: [R] or one, px of the frame that cuts rings off, 1 to FARTHEST.
    """
    width, height = np.broadcast_to(width, lengths.shape), np.broadcast_to(height, lengths.shape)
    fine = np.trunc(FINE * values + 0.5).astype(np.int64)
    x, y = fine[0::2], fine[1::2]
    half = lengths // 2
    first = np.cumsum(half) - half
    last = first + half - 1
    next_x, next_y = np.append(x[1:], 0), np.append(y[1:], 0)
    next_x[last], next_y[last] = x[first], y[first]
    ring = np.repeat(np.arange(len(lengths)), half)
    # Of an edge from lo to hi the middles of columns: FINE * column + 2 lies in [lo, hi).
    leftmost = np.maximum(-((2 - np.minimum(x, next_x)) // FINE), 0)
    rightmost = np.minimum((np.maximum(x, next_x) - 3) // FINE, width[ring] - 1)
    count = np.maximum(rightmost - leftmost + 1, 0)
    edge = np.repeat(np.arange(len(count)), count)
    column = leftmost[edge] + np.arange(len(edge)) - np.repeat(np.cumsum(count) - count, count)
    row = -((2 - _crossed_at(x[edge], y[edge], next_x[edge], next_y[edge], FINE * column + 2)) // FINE)
    row = np.clip(row, 0, height[ring[edge]])
    key = (ring[edge] * FARTHEST + column) * (FARTHEST + 1) + row
    key.sort()
    # An outline that closes crosses each column an even number of times.
    row, place = key % (FARTHEST + 1), key[0::2] // (FARTHEST + 1)
    ring = place // FARTHEST
    at = place % FARTHEST * height[ring]
    some = row[1::2] > row[0::2]
    return Spans(owner[ring[some]], (at + row[0::2])[some], (at + row[1::2])[some])


def _crossed_at(x: Ints, y: Ints, next_x: Ints, next_y: Ints, crossed: Ints) -> Ints:
    """[C] the row, in steps, at which the walk along an edge goes from `crossed` to `crossed` + 1, or back: the smaller
    of those before and behind it."""
    dx, dy = np.abs(next_x - x), np.abs(next_y - y)
    flat = dx >= dy
    flip = np.where(flat, x > next_x, y > next_y)
    xs, xe = np.where(flip, next_x, x), np.where(flip, x, next_x)
    ys, ye = np.where(flip, next_y, y), np.where(flip, y, next_y)
    # Along the longer side each step is one unit; the other side follows with this slope, and is rounded.
    slope = np.where(flat, ye - ys, xe - xs) / np.maximum(np.where(flat, dx, dy), 1)
    step = crossed - xs
    level = np.minimum(np.trunc(ys + slope * step + 0.5), np.trunc(ys + slope * (step + 1) + 0.5))
    # A steep edge: the first step past the middle, but for the rounding of doubles; so those around it are looked at.
    with np.errstate(divide="ignore", invalid="ignore"):
        guess = np.where(flat, 0.0, np.floor((crossed + 0.5 - xs) / slope)).astype(np.int64) - 1
    before = np.zeros(len(x), np.int64)
    for further in range(4):
        at = np.trunc(xs + slope * (guess + further) + 0.5)
        before += np.where(slope > 0, at < crossed + 1, at > crossed)
    return np.where(flat, level.astype(np.int64), ys + guess + before - 1)


def run_spans(zeros: NDArray[np.signedinteger], ones: NDArray[np.signedinteger], pairs: Ints, owner: Ints) -> Spans:
    """The pixels of M masks given as runs: `zeros` [P] pixels that do not belong to the mask, then `ones` [P] that do,
    `pairs` [M] such pairs a mask."""
    both = zeros.astype(np.int64) + ones
    end = np.cumsum(both)
    mask = np.repeat(np.arange(len(pairs)), pairs)
    first = np.cumsum(pairs) - pairs
    end -= (end - both)[first][mask] if len(first) else 0
    some = ones > 0
    return Spans(owner[mask[some]], (end - ones)[some], end[some])


def joined(*parts: Spans) -> Spans:
    return Spans(*(np.concatenate([getattr(p, name) for p in parts]) for name in ("owner", "start", "end")))


def covered(spans: Spans, n: int) -> Ints:
    """[n] pixels that the spans of each owner cover, each pixel counted once. `owner` lies in [0, n)."""
    if not len(spans.owner):
        return np.zeros(n, np.int64)
    order = np.lexsort((spans.start, spans.owner))
    owner, start, end = (part[order] for part in (spans.owner, spans.start, spans.end))
    # Each owner gets positions of its own, so that one running maximum serves all.
    base = owner * (int(end.max()) + 1)
    start, end = base + start, base + end
    reached = np.append(0, np.maximum.accumulate(end)[:-1])
    gain = np.maximum(end - np.maximum(start, reached), 0)
    return np.bincount(owner, weights=gain, minlength=n).astype(np.int64)
