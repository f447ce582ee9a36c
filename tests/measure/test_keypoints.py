"""Keypoint measures, against plain loops."""

from __future__ import annotations

import json
from typing import Any

from hypothesis import given
from hypothesis import strategies as st
from msgspec import Raw

from datacheck.read.columns import annotation_columns
from datacheck.read.records import ABSENT, Annotation

POINT = st.tuples(st.integers(-5, 60), st.integers(-5, 60), st.sampled_from([0, 1, 2, 3, 0.5, -1]))
BOX = st.tuples(st.integers(0, 40), st.integers(0, 40), st.integers(0, 20), st.integers(0, 20))


def measured(people: list[tuple[list[Any], tuple[int, ...] | None]]) -> list[dict[str, Any]]:
    records = [
        Annotation(keypoints=Raw(json.dumps(points).encode()), bbox=Raw(json.dumps(box).encode()) if box else ABSENT)
        for points, box in people
    ]
    columns = annotation_columns(records, ("keypoints",), lambda fault: None)
    return [{name: column[i].as_py() for name, column in columns.items()} for i in range(len(records))]


@given(st.lists(st.tuples(st.lists(POINT, max_size=6), st.none() | BOX), min_size=1, max_size=6))
def test_counts_and_extents_are_those_of_plain_loops(
    people: list[tuple[list[tuple[float, ...]], tuple[int, ...] | None]],
) -> None:
    flat = [([number for point in points for number in point], box) for points, box in people]
    for (points, box), found in zip(people, measured(flat), strict=True):
        if not points:
            assert found["labelled_keypoints"] is None
            continue
        labelled = [p for p in points if p[2] > 0]
        assert found["labelled_keypoints"] == len(labelled)
        assert found["visible_keypoints"] == sum(p[2] == 2 for p in points)
        assert found["bad_visibility_count"] == sum(p[2] not in (0, 1, 2) for p in points)
        extent = [found[f"keypoint_{edge}"] for edge in ("x0", "y0", "x1", "y1")]
        xs, ys = [p[0] for p in labelled], [p[1] for p in labelled]
        assert extent == ([min(xs), min(ys), max(xs), max(ys)] if labelled else [None] * 4)
        if box is None:
            assert found["keypoints_outside_box"] is None
            continue
        x, y, w, h = box
        outside = [p for p in points if not (x - 1 <= p[0] <= x + w + 1 and y - 1 <= p[1] <= y + h + 1)]
        assert found["keypoints_outside_box"] == sum(p[2] == 2 for p in outside)
        assert found["hidden_keypoints_outside_box"] == sum(p[2] == 1 for p in outside)


def test_a_list_that_is_no_run_of_triplets_is_not_measured() -> None:
    found = measured([([1, 2], None), ([1, 2, 2], None)])
    assert [f["labelled_keypoints"] for f in found] == [None, 1]
    assert [f["keypoints_length"] for f in found] == [2, 3]
