"""Instances of one class that lie on each other: likely pairs by their boxes, then how much their masks share."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from datacheck.measure.outlines import Ints, Spans, covered, joined

Floats = NDArray[np.floating]
Bools = NDArray[np.bool_]

LEAST_BOX_IOU = 0.6
"""IoU of two boxes from which their masks are compared."""
MOST_COMPARED = 20_000_000
"""Pairs of boxes that are looked at: about two seconds. Groups share them fairly."""
MOST_FOUND, MOST_FOUND_OF_GROUP = 2_000_000, 20_000
"""Pairs that are found, in all and of a group: what bounds the memory. They are counted after every _COUNTED."""
_COUNTED = 1 << 18
_BUCKETS = 1 << 16


@dataclass
class Pairs:
    """P pairs of rows, `first` < `second`. `left_out` [N]: the row is in a pair of boxes that was not looked at."""

    first: Ints
    second: Ints
    left_out: Bools


def fair_share(totals: Ints, budget: int) -> int:
    """What each of several may take at most, so that all together take no more than the budget: those who want little
    get it in full, and the others share the rest. totals: what each wants."""
    wanted = np.sort(totals)
    if not len(wanted):
        return budget
    before, others = np.cumsum(wanted) - wanted, len(wanted) - np.arange(len(wanted))
    beyond = np.flatnonzero(before + others * wanted > budget)
    return int((budget - before[beyond[0]]) // others[beyond[0]]) if len(beyond) else int(wanted[-1])


def within_share(amount: Ints, owner: Ints, budget: int) -> Bools:
    """[P] the items that their owners can afford, each paying for the items in order out of a fair share."""
    if not len(amount):
        return np.zeros(0, bool)
    order = np.argsort(owner, kind="stable")
    running = np.cumsum(amount[order])
    first = np.flatnonzero(np.diff(owner[order], prepend=owner[order[0]] - 1))
    sizes = np.diff(first, append=len(order))
    before = running[first] - amount[order[first]]
    share = fair_share(running[first + sizes - 1] - before, budget)
    within = np.zeros(len(amount), bool)
    within[order] = running - np.repeat(before, sizes) <= share
    return within


def likely_pairs(group: Ints, box: Floats, most: int = MOST_COMPARED) -> Pairs:
    """Pairs of the same group whose boxes have an IoU of LEAST_BOX_IOU or more, in the order of their rows.

    group: [N], at least 0, below 2**46; a negative one is in no pair. box: [4, N] x, y, w, h px, positive w and h.

    Boxes are sorted by group and left edge. Of two boxes with such an IoU the overlap is at least LEAST_BOX_IOU of each
    one's width, so the right one starts within the rest of the width of the left one: the walk along the sorted boxes
    is over for a box as soon as it has come to one that starts too far to the right, or to the end of what its group
    may look at.
    """
    rows = np.flatnonzero(group >= 0)
    left_out = np.zeros(len(group), bool)
    if not len(rows):
        return Pairs(rows, rows, left_out)
    x, y, w, h = box[:, rows].astype(np.float32)
    key = group[rows] * _BUCKETS + _bucket(x)
    order = np.argsort(key)
    key, rows = key[order], rows[order]
    x, y, w, h = (part[order] for part in (x, y, w, h))
    ends = np.searchsorted(key, (key & -_BUCKETS) + _bucket(x + (1 - LEAST_BOX_IOU) * w), "right")
    last, member = _limited(key // _BUCKETS, ends, most)
    right, bottom, area = x + w, y + h, w * h
    share = np.float32(LEAST_BOX_IOU / (1 + LEAST_BOX_IOU))
    left, found, count, counted, seen = np.arange(len(rows)), [], 0, 0, 0
    of_group = np.zeros(int(member[-1]) + 1, np.int64)
    for shift in range(1, len(rows)):
        left = left[left + shift < last[left]]
        if not len(left):
            break
        other = left + shift
        wide = np.minimum(right[left], right[other]) - np.maximum(x[left], x[other])
        high = np.minimum(bottom[left], bottom[other]) - np.maximum(y[left], y[other])
        both = np.maximum(wide, 0) * np.maximum(high, 0)
        near = left[both >= share * (area[left] + area[other])]
        found.append((near, near + shift))
        count += len(near)
        if count - counted > _COUNTED:
            for own, _ in found[seen:]:
                of_group += np.bincount(member[own], minlength=len(of_group))
            seen, counted = len(found), count
            closed = (of_group > MOST_FOUND_OF_GROUP) | (count > MOST_FOUND)
            last = np.where(closed[member], np.minimum(last, np.arange(len(rows)) + shift + 1), last)
    one, two = (np.concatenate(part) for part in zip(*found, strict=True)) if found else (rows[:0], rows[:0])
    first, second = np.minimum(rows[one], rows[two]), np.maximum(rows[one], rows[two])
    left_out[rows[_not_reached(last, ends)]] = True
    order = np.lexsort((second, first))
    return Pairs(first[order], second[order], left_out)


def _limited(group: Ints, ends: Ints, most: int) -> tuple[Ints, Ints]:
    """(for each sorted box where its walk ends at the latest, the number of its group)."""
    place = np.arange(len(group))
    start = np.flatnonzero(np.diff(group, prepend=group[0] - 1))
    sizes = np.diff(start, append=len(group))
    totals = np.add.reduceat(ends - place - 1, start)
    share = fair_share(totals, most)
    steps = np.where(totals <= share, sizes, np.maximum(share // sizes, 1))
    return np.minimum(ends, place + 1 + np.repeat(steps, sizes)), np.repeat(np.arange(len(start)), sizes)


def _not_reached(last: Ints, ends: Ints) -> Bools:
    """The sorted boxes whose walk did not come to its end, and those to which it did not come."""
    short = last < ends
    edges = np.bincount(last[short], minlength=len(last) + 1) - np.bincount(ends[short], minlength=len(last) + 1)
    return short | (np.cumsum(edges)[: len(last)] > 0)


def _bucket(x: NDArray[np.float32]) -> Ints:
    return np.clip(x, 0, _BUCKETS - 1).astype(np.int64)


def mask_iou(one: Spans, two: Spans, n: int) -> tuple[Ints, Ints]:
    """([n] pixels that both masks of a pair cover, [n] pixels that either covers); the owner of a span is its pair."""
    both = covered(joined(one, two), n)
    return covered(one, n) + covered(two, n) - both, both
