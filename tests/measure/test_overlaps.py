"""Pairs of boxes that overlap, and what their masks share, against plain loops and pycocotools."""

from __future__ import annotations

import time

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pycocotools import mask as coco

from datacheck.measure.outlines import ring_spans
from datacheck.measure.overlaps import LEAST_BOX_IOU, likely_pairs, mask_iou

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
    assert pairs.not_compared == 0
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
    assert len(pairs.first) + pairs.not_compared == n * (n - 1) // 2
    assert 0 < len(pairs.first) <= 1_000_000
    assert (pairs.first < pairs.second).all()


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
