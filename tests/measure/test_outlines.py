"""Polygons and run lengths as runs of pixels, against the bitmaps of pycocotools."""

from __future__ import annotations

import time
import warnings
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from pycocotools import mask as coco

from datacheck.measure.outlines import FARTHEST, Spans, covered, crossings, joined, ring_spans, run_spans

Rings = list[list[float]]


def bitmap(spans: Spans, width: int, height: int) -> NDArray[np.bool_]:
    """Each span painted over a frame; column after column."""
    flat = np.zeros(width * height, bool)
    for start, end in zip(spans.start.tolist(), spans.end.tolist(), strict=True):
        assert 0 <= start < end <= len(flat)
        flat[start:end] = True
    return flat.reshape(width, height).T


def decoded(rle: Any) -> NDArray[np.bool_]:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)  # pycocotools 2.0.11 with numpy 2
        return np.asarray(coco.decode(rle), bool)


def spans_of(rings: Rings, width: int, height: int) -> Spans:
    values = np.array([value for ring in rings for value in ring], float)
    lengths = np.array([len(ring) for ring in rings])
    return ring_spans(values, lengths, np.zeros(len(rings), np.int64), width, height)


_COORDINATE = st.one_of(
    st.floats(-20, 80),
    st.integers(-200, 800).map(lambda v: v / 10),  # Tenths stand where pycocotools rounds up or down.
    st.integers(-40, 160).map(lambda v: v / 2),
    st.integers(-20, 80).map(float),
)
_RING = st.integers(3, 9).flatmap(lambda n: st.lists(_COORDINATE, min_size=2 * n, max_size=2 * n))


@settings(max_examples=400)
@given(st.lists(_RING, min_size=1, max_size=3), st.integers(1, 60), st.integers(1, 60))
def test_polygons_cover_the_pixels_that_pycocotools_draws(rings: Rings, width: int, height: int) -> None:
    spans = spans_of(rings, width, height)
    expected = decoded(coco.merge(coco.frPyObjects(rings, height, width)))
    assert (bitmap(spans, width, height) == expected).all()
    assert covered(spans, 1).tolist() == [expected.sum()]


def test_large_polygons_and_far_corners_are_drawn_the_same() -> None:
    rng = np.random.default_rng(3)
    for _ in range(60):
        width, height = (int(side) for side in rng.integers(200, 3000, 2))
        ring = rng.uniform(-0.5, 1.5, (int(rng.integers(3, 40)), 2)) * (width, height)
        if rng.random() < 0.3:
            ring = rng.choice([-1, 1], ring.shape) * rng.uniform(0, FARTHEST, ring.shape)
        rings = [np.round(ring, 2).ravel().tolist()]
        expected = int(coco.area(coco.frPyObjects(rings, height, width))[0])
        assert covered(spans_of(rings, width, height), 1).tolist() == [expected]


def test_rings_of_many_owners_in_frames_of_their_own() -> None:
    rng = np.random.default_rng(5)
    sizes = rng.integers(1, 40, (30, 2))
    rings = [rng.uniform(-5, 45, 2 * int(rng.integers(3, 8))).tolist() for _ in range(80)]
    owner = np.sort(rng.integers(0, 30, 80))
    spans = ring_spans(np.concatenate(rings), np.array(list(map(len, rings))), owner, sizes[owner, 0], sizes[owner, 1])
    for number, area in enumerate(covered(spans, 30).tolist()):
        own = [ring for ring, o in zip(rings, owner, strict=True) if o == number]
        width, height = sizes[number].tolist()
        assert area == (int(coco.area(coco.merge(coco.frPyObjects(own, height, width)))) if own else 0)


@given(st.lists(st.lists(st.integers(0, 30), min_size=1, max_size=20), min_size=1, max_size=6))
def test_runs_become_spans(masks: list[list[int]]) -> None:
    padded = [runs + [0] * (len(runs) % 2) for runs in masks]
    pairs = np.array([len(runs) // 2 for runs in padded])
    both = np.array([value for runs in padded for value in runs], np.int64).reshape(-1, 2)
    spans = run_spans(both[:, 0], both[:, 1], pairs, np.arange(len(masks)) * 2)
    for number, runs in enumerate(masks):
        pixels = np.repeat(np.arange(len(runs)) % 2 == 1, runs)
        mine = spans.owner == 2 * number
        own = Spans(spans.owner[mine], spans.start[mine], spans.end[mine])
        assert (bitmap(own, max(len(pixels), 1), 1)[0, : len(pixels)] == pixels).all()
    assert covered(spans, 2 * len(masks)).sum() == sum(sum(runs[1::2]) for runs in masks)


@given(st.lists(st.tuples(st.integers(0, 3), st.integers(0, 40), st.integers(1, 9)), max_size=40))
def test_pixels_of_several_masks_count_once(spans: list[tuple[int, int, int]]) -> None:
    owner, start, size = (np.array([span[k] for span in spans], np.int64) for k in range(3))
    union = covered(joined(Spans(owner, start, start + size)), 4)
    expected = [{p for o, s, w in spans if o == number for p in range(s, s + w)} for number in range(4)]
    assert union.tolist() == list(map(len, expected))


@pytest.mark.parametrize("corners", [100_000, 3])
def test_the_work_is_that_of_the_columns_and_corners(corners: int) -> None:
    rng = np.random.default_rng(0)
    ring = rng.uniform(0, FARTHEST - 1, (corners, 2)) if corners == 3 else rng.uniform(0, 40, (corners, 2))
    started = time.process_time()
    assert crossings(ring.ravel(), np.array([2 * corners]))[0] < 4 * FARTHEST + 50 * corners
    spans_of([ring.ravel().tolist()], FARTHEST, FARTHEST)
    assert time.process_time() - started < 5  # Walked step by step, the triangle's edges are 2 million steps.
