"""Polygon measures, against plain loops."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec import Raw

from datacheck.read.columns import annotation_columns
from datacheck.read.records import Annotation

COORDINATE = st.floats(-1e4, 1e4)
RING = st.lists(COORDINATE, min_size=1, max_size=14)


def measured(polygons: list[list[list[float]]]) -> list[dict[str, Any]]:
    records = [Annotation(segmentation=Raw(json.dumps(p).encode())) for p in polygons]
    columns = annotation_columns(records, ("polygons",), lambda fault: None)
    return [{name: column[i].as_py() for name, column in columns.items()} for i in range(len(records))]


def shoelace(ring: list[float]) -> float:
    points = list(zip(ring[0::2], ring[1::2], strict=True))
    return abs(sum(x * v - u * y for (x, y), (u, v) in zip(points, points[1:] + points[:1], strict=True))) / 2


@given(st.lists(st.lists(RING, max_size=4), min_size=1, max_size=6))
def test_counts_extents_and_areas_are_those_of_plain_loops(polygons: list[list[list[float]]]) -> None:
    for rings, found in zip(polygons, measured(polygons), strict=True):
        if not rings:
            assert found["segmentation_kind"] == "empty"
            assert found["ring_count"] is None
            continue
        even = [ring for ring in rings if len(ring) % 2 == 0]
        assert found["ring_count"] == len(rings)
        assert found["ring_min_numbers"] == min(map(len, rings))
        assert found["odd_ring_count"] == len(rings) - len(even)
        assert found["vertex_count"] == sum(len(ring) // 2 for ring in rings)
        if even:
            xs, ys = [x for r in even for x in r[0::2]], [y for r in even for y in r[1::2]]
            extent = [found[f"extent_{edge}"] for edge in ("x0", "y0", "x1", "y1")]
            assert extent == [min(xs), min(ys), max(xs), max(ys)]
            assert found["polygon_area"] == pytest.approx(sum(map(shoelace, even)), rel=1e-9, abs=1e-6)
        else:
            assert found["extent_x0"] is None
            assert found["polygon_area"] is None


def test_a_ring_without_area_is_counted_and_coordinates_past_all_measure_cost_their_own_area_alone() -> None:
    line: list[float] = [0, 0, 5, 5, 10, 10]
    square: list[float] = [0, 0, 2, 0, 2, 2, 0, 2]
    huge: list[float] = [0, 0, 1e300, 0, 1e300, 1e300]
    found = measured([[line], [square, line], [huge], [square]])
    assert [f["flat_ring_count"] for f in found] == [1, 1, 0, 0]
    assert [f["polygon_area"] for f in found] == [0, 4, None, 4]
