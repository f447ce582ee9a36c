"""Pairs of boxes that overlap, and what their masks share, against plain loops and pycocotools."""

from __future__ import annotations

import time

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pycocotools import mask as coco

from datacheck.measure import overlaps
from datacheck.measure.outlines import ring_spans
from datacheck.measure.overlaps import LEAST_BOX_IOU, fair_share, likely_pairs, mask_iou, within_share

Box = tuple[float, float, float, float]


def iou(one: Box, two: Box) -> float:
    wide = min(one[0] + one[2], two[0] + two[2]) - max(one[0], two[0])
    high = min(one[1] + one[3], two[1] + two[3]) - max(one[1], two[1])
    both = max(wide, 0) * max(high, 0)
    return both / (one[2] * one[3] + two[2] * two[3] - both)


def slowly(group: list[int], boxes: list[Box]) -> list[tuple[int, int]]:
    return [
        (i, j)
        for j in range(len(boxes))
        for i in range(j)
        if group[i] == group[j] >= 0 and iou(boxes[i], boxes[j]) >= LEAST_BOX_IOU
    ]


def found(group: list[int], boxes: list[Box]) -> list[tuple[int, int]]:
    pairs = likely_pairs(np.array(group, np.int64), np.array(boxes, float).reshape(-1, 4).T)
    assert not pairs.left_out.any()
    return list(zip(pairs.first.tolist(), pairs.second.tolist(), strict=True))


# Multiples of 1/4, on which float32 is exact, and a threshold that no such pair meets by a rounding error alone.
_PLACE, _SIDE = st.integers(-8, 80).map(lambda v: v / 4), st.integers(1, 40).map(lambda v: v / 4)


@given(st.lists(st.tuples(st.integers(-1, 2), st.tuples(_PLACE, _PLACE, _SIDE, _SIDE)), max_size=40))
def test_pairs_are_those_of_a_plain_loop(boxes: list[tuple[int, Box]]) -> None:
    group, sides = [g for g, _ in boxes], [box for _, box in boxes]
    near = {(i, j) for j in range(len(sides)) for i in range(j) if abs(iou(sides[i], sides[j]) - LEAST_BOX_IOU) < 1e-5}
    assert set(found(group, sides)) - near == set(slowly(group, sides)) - near


@pytest.mark.parametrize("scale", [0.001, 1.0, 50.0, 10_000.0])
def test_pairs_are_found_at_any_scale(scale: float) -> None:
    rng = np.random.default_rng(1)
    boxes: list[Box] = []
    for _ in range(300):
        x, y, w, h = rng.uniform(0, 5, 2).tolist() + rng.uniform(0.5, 2, 2).tolist()
        boxes.append((x * scale, y * scale, w * scale, h * scale))
    group = rng.integers(0, 3, 300).tolist()
    assert found(group, boxes) == sorted(slowly(group, boxes))


def test_no_box_and_one_box_are_in_no_pair() -> None:
    assert found([], []) == found([3], [(0, 0, 1, 1)]) == found([-1, -1], [(0, 0, 1, 1)] * 2) == []


def test_a_crowd_of_equal_boxes_is_not_compared_to_its_end() -> None:
    n = 20_000
    box = np.tile(np.array([[5.0], [5.0], [10.0], [10.0]]), n)
    started = time.process_time()
    pairs = likely_pairs(np.zeros(n, np.int64), box, most=1_000_000)
    assert time.process_time() - started < 5
    assert 0 < len(pairs.first) <= 1_000_000
    assert (pairs.first < pairs.second).all()
    assert pairs.left_out.all()


_FEW = st.integers(0, 30)


@given(st.lists(_FEW, max_size=12), st.integers(0, 200))
def test_a_fair_share_is_the_largest_that_the_budget_allows(totals: list[int], budget: int) -> None:
    share = fair_share(np.array(totals, np.int64), budget)
    assert sum(min(total, share) for total in totals) <= max(budget, 0)
    if any(total > share for total in totals):
        assert sum(min(total, share + 1) for total in totals) > budget


@given(st.lists(st.tuples(_FEW, st.integers(0, 4)), max_size=30), st.integers(0, 200))
def test_items_are_taken_in_order_out_of_the_share_of_their_owner(items: list[tuple[int, int]], budget: int) -> None:
    amount, owner = np.array([a for a, _ in items], np.int64), np.array([o for _, o in items], np.int64)
    totals = {o: sum(a for a, own in items if own == o) for o in owner.tolist()}
    share = fair_share(np.array(list(totals.values()), np.int64), budget)
    spent = dict.fromkeys(totals, 0)
    expected = []
    for a, o in items:
        spent[o] += a
        expected.append(spent[o] <= share)
    assert within_share(amount, owner, budget).tolist() == expected


@given(st.integers(0, 10_000), st.integers(0, 400), st.sampled_from([(1 << 18, 10**6, 20_000), (0, 40, 5), (3, 15, 9)]))
def test_each_pair_is_found_or_both_boxes_are_marked(seed: int, most: int, found_most: tuple[int, int, int]) -> None:
    rng = np.random.default_rng(seed)
    n = int(rng.integers(1, 60))
    box = np.stack([*rng.uniform(0, 9, (2, n)), *rng.uniform(5, 12, (2, n))]).round(2)
    group = rng.integers(-1, 3, n)
    with pytest.MonkeyPatch.context() as patch:
        for name, value in zip(("_COUNTED", "MOST_FOUND", "MOST_FOUND_OF_GROUP"), found_most, strict=True):
            patch.setattr(overlaps, name, value)
        pairs = likely_pairs(group, box, most)
    whole = likely_pairs(group, box)
    got = set(zip(pairs.first.tolist(), pairs.second.tolist(), strict=True))
    every = set(zip(whole.first.tolist(), whole.second.tolist(), strict=True))
    assert got <= every
    assert all(pairs.left_out[[first, second]].all() for first, second in every - got)
    assert not pairs.left_out[group < 0].any()


def test_a_crowd_leaves_other_groups_their_pairs() -> None:
    n = 3000
    crowd = np.tile(np.array([[5.0], [5.0], [10.0], [10.0]]), n)
    others = np.array([[x, 0.0, 100.0, 50.0] for _ in range(50) for x in (0.0, 2.0)]).T
    group = np.concatenate([np.zeros(n, np.int64), np.repeat(np.arange(1, 51), 2)])
    pairs = likely_pairs(group, np.concatenate([crowd, others], axis=1), most=10_000)
    assert set(zip(range(n, n + 100, 2), range(n + 1, n + 100, 2), strict=True)) <= set(
        zip(pairs.first.tolist(), pairs.second.tolist(), strict=True)
    )
    assert pairs.left_out[:n].all()
    assert not pairs.left_out[n:].any()


@given(st.integers(0, 10_000))
def test_what_masks_share_is_what_pycocotools_says(seed: int) -> None:
    rng = np.random.default_rng(seed)
    n, width, height = 6, 50, 40
    rings = rng.uniform(0, 50, (2, n, 10))
    one, two = (ring_spans(half.ravel(), np.full(n, 10), np.arange(n), width, height) for half in rings)
    shared, either = mask_iou(one, two, n)
    for pair in range(n):
        drawn = [coco.frPyObjects([half[pair].tolist()], height, width) for half in rings]
        expected = float(coco.iou(*drawn, [0])[0, 0])
        assert (shared[pair] / either[pair] if either[pair] else 0) == pytest.approx(expected)
