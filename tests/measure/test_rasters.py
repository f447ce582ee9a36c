"""Small polygons drawn to pixels, against pycocotools on a frame."""

from __future__ import annotations

import json
import math
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec import Raw
from pycocotools import mask as coco

from datacheck.measure.outlines import FARTHEST
from datacheck.measure.rasters import LONGEST, PIECE
from datacheck.measure.registry import plan
from datacheck.read.columns import annotation_columns
from datacheck.read.records import Annotation

Polygons = list[list[float]]
SIZE = 64


def raster_areas(records: list[Polygons]) -> list[Any]:
    annotations = [Annotation(segmentation=Raw(json.dumps(p).encode())) for p in records]
    columns = annotation_columns(annotations, ("polygons", "rasters"), lambda fault: None)
    found: list[Any] = columns["raster_area"].to_pylist()
    return found


def drawn(polygons: Polygons) -> int:
    return int(coco.area(coco.merge(coco.frPyObjects(polygons, SIZE, SIZE))))


def is_small(polygons: Polygons) -> bool:
    x, y = ([v for ring in polygons for v in ring[side::2]] for side in (0, 1))
    area = sum(abs(sum(r[k - 2] * r[k + 1] - r[k] * r[k - 1] for k in range(0, len(r), 2))) / 2 for r in polygons)
    return area < 4 or max(x) - min(x) < 2 or max(y) - min(y) < 2


_PLACE = st.one_of(
    st.floats(0, 4), st.integers(0, 40).map(lambda v: v / 10), st.integers(0, 8).map(lambda v: v / 2), st.floats(0, 0.9)
)


@st.composite
def small_rings(draw: st.DrawFn) -> Polygons:
    """Rings near each other; some are long and thin."""
    x, y = draw(st.integers(0, 50)), draw(st.integers(0, 50))
    stretch = draw(st.sampled_from([(1, 1), (1, 1), (12, 0.2), (0.2, 12)]))
    rings = []
    for _ in range(draw(st.integers(1, 3))):
        places = draw(st.lists(_PLACE, min_size=6, max_size=12).filter(lambda p: len(p) % 2 == 0))
        rings.append([min((y if k % 2 else x) + v * stretch[k % 2], SIZE) for k, v in enumerate(places)])
    return rings


@given(st.lists(small_rings(), min_size=1, max_size=20))
def test_pixels_of_small_polygons_are_those_that_pycocotools_draws(records: list[Polygons]) -> None:
    for polygons, found in zip(records, raster_areas(records), strict=True):
        assert found == (drawn(polygons) if is_small(polygons) else None)


def test_a_polygon_between_two_rows_of_pixel_middles_covers_none() -> None:
    between = [10.0, 10.6, 30.0, 10.6, 30.0, 11.2, 10.0, 11.2]
    dot = [5.1, 5.1, 5.3, 5.1, 5.3, 5.3]
    assert drawn([between]) == drawn([dot]) == 0
    assert raster_areas([[between], [dot], [between, [12.0, 10.0, 13.0, 10.0, 13.0, 11.0, 12.0, 11.0]]]) == [0, 0, 1]


def test_a_polygon_drawn_as_a_line_of_width_zero_covers_pixels_or_none_as_it_does_in_pycocotools() -> None:
    lines = [
        [[x, 5.0, x, 20.0, x + wide, 20.0, x + wide, 5.0]] for x in (3.0, 3.4, 3.5, 3.6) for wide in (0.1, 0.3, 1.0)
    ]
    assert raster_areas(lines) == [drawn(line) for line in lines]


@pytest.mark.parametrize(
    "polygons",
    [
        [[-0.1, 0.0, 1.0, 0.0, 1.0, 1.0]],
        [[0.0, -3.0, 1.0, 0.0, 1.0, 1.0]],
        [[0.0, 0.0, 1.0, 1.0]],
        [[0.0, 0.0, 1.0, 1.0, 1.0]],
        [[0.0, 0.0, 1.0, 0.0, 1.0, 1.0, 5.0]],
        [[0.0, 0.0, 1.0, 0.0, 1.0, 1.0], [1.0, 2.0]],
        [[0.0, 0.0, 20.0, 0.0, 20.0, 20.0]],
        [[float(FARTHEST), 0.0, float(FARTHEST), 1.0, float(FARTHEST), 3.0]],
        [[1e300, 0.0, 1e300, 1.0, 1e300, 3.0]],
        [[0.0, 0.0, math.nan, 0.0, 1.0, 1.0]],
        [[]],
        [],
    ],
)
def test_what_leaves_the_image_on_the_left_or_is_large_or_not_readable_is_not_drawn(polygons: Polygons) -> None:
    assert raster_areas([[[0.0, 0.0, 1.0, 0.0, 1.0, 1.0, 0.0, 1.0]], polygons]) == [1, None]


def test_an_outline_that_goes_to_and_fro_thousands_of_times_is_not_drawn() -> None:
    wide = 1000
    corners = [v for k in range(LONGEST // wide + 10) for v in (wide * (k % 2), k % 2)]
    assert raster_areas([[list(map(float, corners))]]) == [None]


def test_many_pieces_give_what_one_gives() -> None:
    rng = np.random.default_rng(0)
    wide = LONGEST // 4
    records: list[Polygons] = []
    for _ in range(4 * PIECE // wide):
        y = float(rng.integers(0, 9))
        records.append(
            [[1.0, y, 1.0 + wide, y, 1.0 + wide, y + 1, 1.0, y + 1], [2.0, y, 4.0, y, 4.0, y + 1, 2.0, y + 1]]
        )
        records.append([[0.0, y, 1.0, y, 1.0, y + 1, 0.0, y + 1]])
    found = raster_areas(records)
    assert found == [wide, 1] * (len(records) // 2)


def test_drawing_takes_what_the_polygons_kernel_measured() -> None:
    assert plan([("annotations", "raster_area")]) == {"rasters", "polygons"}
    assert plan([("annotations", "num_keypoints")]) == frozenset()
