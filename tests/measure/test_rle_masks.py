"""10,000 random masks: what the kernels say is what pycocotools and cv2 say of the bitmaps."""

from __future__ import annotations

from functools import cache
from typing import Any

import cv2
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray
from pycocotools import mask as coco_mask

from datacheck.measure.components import components_of_runs
from datacheck.measure.rle import STATES, measure, rle_columns
from tests.measure.rle_masks import masks_of

# pycocotools 2.0.11 under numpy 2
pytestmark = pytest.mark.filterwarnings("ignore:__array__ implementation doesn't accept:DeprecationWarning")

Bitmap = NDArray[np.uint8]
COUNT = 10_000


def bitmaps(count: int, seed: int) -> list[Bitmap]:
    """Random masks of 1 to 40 pixels a side: noise of any density, coarse blocks, stripes, frames, empty and full."""
    generator = np.random.default_rng(seed)
    sides = generator.integers(1, 41, (count, 2))
    scale = generator.integers(1, 6, (count, 2))
    density = np.where(generator.random(count) < 0.15, generator.integers(0, 2, count), generator.random(count))
    noise = generator.random((count, 40, 40))
    found = []
    for number, ((height, width), (down, across)) in enumerate(zip(sides.tolist(), scale.tolist(), strict=True)):
        mask = (noise[number] < density[number]).astype(np.uint8)
        mask = np.repeat(np.repeat(mask, down, axis=0), across, axis=1)[:height, :width]
        if number % 7 == 0:  # rings, which meet only far away
            mask = np.maximum.outer(np.abs(np.arange(height) - height // 2), np.abs(np.arange(width) - width // 2))
            mask = (mask // down % 2).astype(np.uint8)
        found.append(np.asfortranarray(mask))
    return found


@cache
def references() -> tuple[list[tuple[Any, Any]], list[tuple[Any, ...]]]:
    """((size, counts), (area, x, y, w, h, share, segments, largest)) of each mask; every fifth as a list of runs."""
    given_: list[tuple[Any, Any]] = []
    answers: list[tuple[Any, ...]] = []
    for number, mask in enumerate(bitmaps(COUNT, 0)):
        encoded = coco_mask.encode(mask)
        counts: Any = encoded["counts"].decode()
        assert (coco_mask.decode(encoded) == mask).all()
        if number % 5 == 0:
            flat = mask.ravel(order="F")
            counts = np.diff([0, *(np.flatnonzero(np.diff(flat, prepend=0)).tolist()), flat.size]).tolist()
        given_.append((list(mask.shape), counts))
        _, _, stats, _ = cv2.connectedComponentsWithStats(mask, connectivity=8)
        sizes = stats[1:, cv2.CC_STAT_AREA].tolist()
        area = int(coco_mask.area(encoded))
        box = tuple(coco_mask.toBbox(encoded).astype(int).tolist()) if area else (None,) * 4
        answers.append((area, *box, area / mask.size, len(sizes), max(sizes, default=0)))
    return given_, answers


@pytest.mark.parametrize("engine", ["plain", "compiled"])
def test_ten_thousand_random_masks_are_measured_as_pycocotools_and_cv2_measure_them(engine: str) -> None:
    given_, answers = references()
    masks = masks_of(given_)
    masks.known = measure(masks, segments=True, engine=engine)
    columns = rle_columns(masks, len(given_))
    assert set(columns["rle_state"].to_pylist()) == {STATES[0]}
    names = ("rle_area", "rle_x", "rle_y", "rle_w", "rle_h", "rle_share")
    found = zip(
        *(columns[name].to_pylist() for name in names),
        masks.known.counted.segments.tolist(),
        masks.known.counted.largest.tolist(),
        strict=True,
    )
    assert list(found) == answers


def row_runs(mask: Bitmap) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Runs of the mask laid out row by row."""
    edges = np.flatnonzero(np.diff(mask.ravel(), prepend=0, append=0))
    return edges[0::2], edges[1::2]


def test_segments_of_row_runs_of_many_masks_at_once() -> None:
    masks = bitmaps(2_000, 1)
    runs = [row_runs(mask) for mask in masks]
    start, stop = (np.concatenate(part) for part in zip(*runs, strict=True))
    count, largest = components_of_runs(
        start, stop, np.array([mask.shape[1] for mask in masks]), np.array([len(one) for one, _ in runs])
    )
    for mask, own_count, own_largest in zip(masks, count.tolist(), largest.tolist(), strict=True):
        total, _, stats, _ = cv2.connectedComponentsWithStats(np.ascontiguousarray(mask), connectivity=8)
        assert (own_count, own_largest) == (total - 1, max(stats[1:, cv2.CC_STAT_AREA].tolist(), default=0))


@given(st.integers(1, 12), st.integers(1, 12), st.floats(0, 1), st.integers(0, 2**32 - 1), st.integers(0, 9))
def test_runs_may_touch_and_be_empty(height: int, width: int, density: float, seed: int, cuts: int) -> None:
    generator = np.random.default_rng(seed)
    mask = (generator.random((height, width)) < density).astype(np.uint8)
    start, stop = row_runs(mask)
    inside = np.flatnonzero(mask.ravel())
    for cut in generator.permutation(inside)[
        :cuts
    ].tolist():  # each makes two runs of one, or an empty one at its start
        own = int(np.searchsorted(start, cut, side="right")) - 1
        start, stop = np.insert(start, own + 1, cut), np.insert(stop, own, cut)
    count, largest = components_of_runs(start, stop, np.array([width]), np.array([len(start)]))
    total, _, stats, _ = cv2.connectedComponentsWithStats(mask, connectivity=8)
    assert (count[0], largest[0]) == (total - 1, max(stats[1:, cv2.CC_STAT_AREA].tolist(), default=0))


def test_no_masks_and_masks_without_runs() -> None:
    nothing = np.empty(0, np.int64)
    assert [part.tolist() for part in components_of_runs(nothing, nothing, nothing, nothing)] == [[], []]
    one = np.array([1])
    found = components_of_runs(np.array([4]), np.array([9]), np.array([3, 3, 3]), np.array([0, 1, 0]))
    assert [part.tolist() for part in found] == [[0, 1, 0], [0, 5, 0]]
    assert [part.tolist() for part in components_of_runs(one, one, one, one)] == [[0], [0]]


def test_a_spiral_of_many_runs_is_one_segment() -> None:
    side = 301
    mask = np.zeros((side, side), np.uint8)
    x, y = 0, 0
    mask[0, 0] = 1
    lengths = [side - 1, *(length for length in range(side - 1, 1, -2) for _ in range(2))]
    for number, length in enumerate(lengths):
        across, down = ((1, 0), (0, 1), (-1, 0), (0, -1))[number % 4]
        for _ in range(length):
            x, y = x + across, y + down
            mask[y, x] = 1
    encoded = coco_mask.encode(np.asfortranarray(mask))
    assert cv2.connectedComponents(mask, connectivity=8)[0] == 2
    for engine in ("plain", "compiled"):
        found = measure(masks_of([([side, side], encoded["counts"].decode())]), segments=True, engine=engine).counted
        assert (found.segments[0], found.largest[0]) == (1, int(mask.sum()))
