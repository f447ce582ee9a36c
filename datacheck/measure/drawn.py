"""Masks of a few records, polygons and run lengths alike, as runs of pixels: what is safe to draw, and its pixels."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from datacheck.measure.outlines import FARTHEST, Ints, Spans, crossings, joined, ring_spans, run_spans
from datacheck.measure.rle import OK, rle_columns
from datacheck.measure.rle_runs import decode, of_lists

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from datacheck.measure.rle import Masks
    from datacheck.read.numbers import Rings

    Bools = NDArray[np.bool_]
    Floats = NDArray[np.float64]


def taken(rings: Rings, chosen: Ints) -> tuple[Floats, Ints, Ints]:
    """(values, lengths, owner) of the rings at the positions `chosen`."""
    lengths = rings.rings.lengths[chosen]
    at = np.repeat(rings.rings.starts[chosen] - (np.cumsum(lengths) - lengths), lengths) + np.arange(int(lengths.sum()))
    return rings.rings.values[at], lengths, rings.owner[chosen]


def costs(rings: Rings, masks: Masks, width: Ints, height: Ints) -> Ints:
    """[N] about how many runs of pixels the mask of each record gives, or -1 where it is not to be drawn: it has none,
    its frame is not known, a ring is too short or odd, a number not finite or too far away, or its RLE is not well
    formed or has another size.

    width, height: [N] px, 0 where not known, at most FARTHEST.
    """
    n = len(width)
    cost = np.full(n, -1, np.int64)
    values, lengths, owner = rings.rings.values, rings.rings.lengths, rings.owner
    whole = np.ones(n, bool)
    whole[owner[(lengths % 2 == 1) | (lengths < 6)]] = False
    whole[np.repeat(owner, lengths)[~(np.abs(values) < FARTHEST)]] = False
    chosen = np.flatnonzero(whole[owner])
    if len(chosen):
        corners, numbers, own = taken(rings, chosen)
        passed = np.bincount(own, weights=crossings(corners, numbers), minlength=n).astype(np.int64)
        cost[own] = passed[own]
    if len(masks.owner):
        state = rle_columns(masks, n)["rle_state"].indices.fill_null(-1).to_numpy()[masks.owner]
        size = np.stack([height[masks.owner], width[masks.owner]], axis=1)
        fits = (state == OK) & (masks.sizes == size).all(axis=1)
        length = np.fromiter(map(len, masks.texts), np.int64, len(masks.owner))
        length[masks.listed] = masks.runs.lengths
        cost[masks.owner[fits]] = length[fits]
    return np.where((width > 0) & (height > 0), cost, -1)


def drawn(rings: Rings, masks: Masks, wanted: Bools, width: Ints, height: Ints) -> Spans:
    """The pixels of the `wanted` [N] records, sorted by owner; all of them have costs of 0 or more."""
    values, lengths, owner = taken(rings, np.flatnonzero(wanted[rings.owner]))
    parts = []
    if len(owner):
        parts.append(ring_spans(values, lengths, owner, width[owner], height[owner]))
    own = wanted[masks.owner]
    texts = np.flatnonzero(own & ~masks.listed)
    if len(texts):
        counts = [masks.texts[i] for i in texts.tolist()]
        runs = decode(counts, np.array(list(map(len, counts))), np.int64)
        parts.append(run_spans(runs.zeros, runs.ones, runs.pairs, masks.owner[texts]))
    lists = np.flatnonzero(own[masks.listed])
    if len(lists):
        numbers = masks.runs.lengths[lists]
        at = np.repeat(masks.runs.starts[lists] - (np.cumsum(numbers) - numbers), numbers)
        runs = of_lists(masks.runs.values[at + np.arange(len(at))], numbers)
        parts.append(run_spans(runs.zeros, runs.ones, runs.pairs, masks.owner[masks.listed][lists]))
    if not parts:
        return Spans(*(np.empty(0, np.int64) for _ in range(3)))
    spans = joined(*parts)
    order = np.argsort(spans.owner, kind="stable")
    return Spans(spans.owner[order], spans.start[order], spans.end[order])


def of_pairs(spans: Spans, records: Ints) -> Spans:
    """The spans, sorted by owner, of `records` [P], each now owned by its position there; a record may come again."""
    first, last = np.searchsorted(spans.owner, records), np.searchsorted(spans.owner, records, "right")
    count = last - first
    at = np.repeat(first - (np.cumsum(count) - count), count) + np.arange(int(count.sum()))
    return Spans(np.repeat(np.arange(len(records)), count), spans.start[at], spans.end[at])
