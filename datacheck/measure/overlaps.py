"""Instances of one class that lie on each other: likely pairs by their boxes, then how much their masks share."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from datacheck.measure.outlines import Ints, Spans, covered, joined

Floats = NDArray[np.floating]

LEAST_BOX_IOU = 0.6
"""IoU of two boxes from which their masks are compared."""
MOST_COMPARED = 20_000_000
"""Pairs of boxes that are looked at: about two seconds."""
MOST_FOUND = 1_000_000
"""Pairs that are found: what bounds the memory."""
_BUCKETS = 1 << 16


@dataclass
class Pairs:
    """P pairs of rows, `first` < `second`, and how many pairs of boxes were `not_compared`."""

    first: Ints
    second: Ints
    not_compared: int = 0


def likely_pairs(group: Ints, box: Floats, most: int = MOST_COMPARED) -> Pairs:
    """Pairs of the same group whose boxes have an IoU of LEAST_BOX_IOU or more, in the order of their rows.

    group: [N], at least 0, below 2**46; a negative one is in no pair. box: [4, N] x, y, w, h px, positive w and h.

    Boxes are sorted by group and left edge. Of two boxes with such an IoU the overlap is at least LEAST_BOX_IOU of each
    one's width, so the right one starts within the rest of the width of the left one: the walk along the sorted boxes
    is over for a box as soon as it has come to one that starts too far to the right.
    """
    rows = np.flatnonzero(group >= 0)
    x, y, w, h = box[:, rows].astype(np.float32)
    own = group[rows]
    key = own * _BUCKETS + _bucket(x)
    order = np.argsort(key)
    key, rows = key[order], rows[order]
    x, y, w, h = (part[order] for part in (x, y, w, h))
    reach = (key & -_BUCKETS) + _bucket(x + (1 - LEAST_BOX_IOU) * w)
    right, bottom, area = x + w, y + h, w * h
    share = np.float32(LEAST_BOX_IOU / (1 + LEAST_BOX_IOU))
    left, found, compared, count, rest = np.arange(max(len(rows) - 1, 0)), [], 0, 0, 0
    for shift in range(1, len(rows)):
        left = left[left + shift < len(rows)]
        left = left[key[left + shift] <= reach[left]]
        compared += len(left)
        if compared > most or count > MOST_FOUND:
            rest = int((np.searchsorted(key, reach[left], "right") - (left + shift)).sum())
            break
        other = left + shift
        wide = np.minimum(right[left], right[other]) - np.maximum(x[left], x[other])
        high = np.minimum(bottom[left], bottom[other]) - np.maximum(y[left], y[other])
        both = np.maximum(wide, 0) * np.maximum(high, 0)
        near = both >= share * (area[left] + area[other])
        found.append((rows[left[near]], rows[other[near]]))
        count += len(found[-1][0])
        if not len(left):
            break
    one, two = (np.concatenate(part) for part in zip(*found, strict=True)) if found else (rows[:0], rows[:0])
    first, second = np.minimum(one, two), np.maximum(one, two)
    order = np.lexsort((second, first))
    return Pairs(first[order], second[order], rest)


def _bucket(x: NDArray[np.float32]) -> Ints:
    return np.clip(x, 0, _BUCKETS - 1).astype(np.int64)


def mask_iou(one: Spans, two: Spans, n: int) -> tuple[Ints, Ints]:
    """([n] pixels that both masks of a pair cover, [n] pixels that either covers); the owner of a span is its pair."""
    both = covered(joined(one, two), n)
    return covered(one, n) + covered(two, n) - both, both
