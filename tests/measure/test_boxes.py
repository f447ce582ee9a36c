"""Readings of boxes, on boxes whose answer can be worked out by hand."""

from __future__ import annotations

import numpy as np
import pytest

from datacheck.measure.boxes import readings, to_pixels

WIDTH, HEIGHT = 100.0, 50.0


def votes(*box: float) -> set[str]:
    _, found = readings(np.array([box]), np.array([WIDTH]), np.array([HEIGHT]))
    return {name for name, vote in found.items() if vote[0]}


@pytest.mark.parametrize(
    ("box", "expected"),
    [
        ((10, 10, 20, 20), set()),
        ((60, 20, 90, 40), {"outside_count", "xyxy_only_count"}),
        ((60, 20, 30, 10), {"not_xyxy_count", "not_swapped_count"}),
        ((0.2, 0.3, 0.5, 0.5), {"normalised_box_count", "normalised_not_cxcywh_count"}),
        ((90, 40, 18, 16), {"outside_count", "cxcywh_only_count"}),
        ((10, 20, 30, 60), {"outside_count", "swapped_only_count"}),
        ((81, 31, 20, 20), {"not_xyxy_count", "not_swapped_count", "one_based_count"}),
        ((0, 0, 40, 30), {"not_cxcywh_count", "not_one_based_count"}),
        ((float("nan"), 0, 1, 1), set()),
    ],
)
def test_a_box_votes_where_only_one_reading_explains_it(box: tuple[float, ...], expected: set[str]) -> None:
    assert votes(*box) == expected


@pytest.mark.parametrize(
    ("reading", "box"),
    [
        ("xyxy", (10, 20, 40, 30)),
        ("cxcywh", (25, 25, 30, 10)),
        ("normalised", (0.1, 0.4, 0.3, 0.2)),
        ("normalised-xyxy", (0.1, 0.4, 0.4, 0.6)),
        ("normalised-cxcywh", (0.25, 0.5, 0.3, 0.2)),
    ],
)
def test_every_declared_reading_of_one_box_gives_the_same_pixels(reading: str, box: tuple[float, ...]) -> None:
    found = to_pixels(np.array([box]), reading, np.array([WIDTH]), np.array([HEIGHT]))
    assert found[0].tolist() == pytest.approx([10, 20, 30, 10])
