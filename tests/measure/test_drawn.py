"""What is safe to draw, and that polygons and run lengths give the same pixels."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import pytest
from msgspec import Raw
from pycocotools import mask as coco

from datacheck.measure.drawn import costs, drawn, of_pairs
from datacheck.measure.outlines import FARTHEST, Spans, covered
from datacheck.read.segmentations import segmentation_columns

HEIGHT, WIDTH = 40, 60
RING = [5.2, 5.0, 40.7, 6.0, 30.0, 33.3, 8.0, 20.0]


def compressed(ring: list[float]) -> dict[str, Any]:
    (rle,) = coco.frPyObjects([ring], HEIGHT, WIDTH)
    return {"size": [HEIGHT, WIDTH], "counts": rle["counts"].decode()}


def listed(ring: list[float]) -> dict[str, Any]:
    runs, previous = [], 0
    flat = np.zeros(HEIGHT * WIDTH, bool)
    spans = pixels([[ring]])
    flat[np.concatenate([np.arange(s, e) for s, e in zip(spans.start, spans.end, strict=True)])] = True
    for edge in np.flatnonzero(np.diff(flat.astype(int))) + 1:
        runs.append(int(edge) - previous)
        previous = int(edge)
    return {"size": [HEIGHT, WIDTH], "counts": [*runs, flat.size - previous]}


def cost_of(segmentations: list[Any], width: int = WIDTH, height: int = HEIGHT) -> list[int]:
    raws = [Raw(json.dumps(s).encode()) for s in segmentations]
    rings, masks = segmentation_columns(raws, {}, lambda _: None)
    n = len(raws)
    found: list[int] = costs(rings, masks, np.full(n, width), np.full(n, height)).tolist()
    return found


def pixels(segmentations: list[Any]) -> Spans:
    raws = [Raw(json.dumps(s).encode()) for s in segmentations]
    rings, masks = segmentation_columns(raws, {}, lambda _: None)
    n = len(raws)
    return drawn(rings, masks, np.ones(n, bool), np.full(n, WIDTH), np.full(n, HEIGHT))


def test_polygons_compressed_and_listed_runs_give_the_same_pixels() -> None:
    spans = pixels([[RING], listed(RING), compressed(RING), [RING, RING]])
    assert covered(spans, 4).tolist() == [int(coco.area(coco.frPyObjects([RING], HEIGHT, WIDTH))[0])] * 4
    both = of_pairs(spans, np.array([0, 2, 1, 1, 3]))
    assert covered(Spans(np.zeros_like(both.owner), both.start, both.end), 1)[0] == covered(spans, 4)[0]
    assert covered(both, 5).tolist() == [covered(spans, 4)[0]] * 5


@pytest.mark.parametrize(
    "segmentation",
    [
        [],
        "polygon",
        [1.0, 2.0, 3.0, 4.0, 5.0, 6.0],
        [[1.0, 2.0, 3.0, 4.0]],
        [[1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0]],
        [RING, [1.0, 2.0]],
        [[float(FARTHEST), 2.0, 3.0, 4.0, 5.0, 6.0]],
        [[1.0, -1e300, 3.0, 4.0, 5.0, 6.0]],
        {"size": [WIDTH, HEIGHT], "counts": compressed(RING)["counts"]},
        {"size": [HEIGHT, WIDTH], "counts": compressed(RING)["counts"][:-1]},
        {"size": [HEIGHT, WIDTH], "counts": ""},
        {"size": [HEIGHT, WIDTH], "counts": []},
        {"size": [HEIGHT, WIDTH], "counts": [HEIGHT * WIDTH + 1]},
        {"size": [HEIGHT, WIDTH], "counts": [-1, HEIGHT * WIDTH + 1]},
        {"size": [HEIGHT, WIDTH], "counts": [0.5, HEIGHT * WIDTH - 0.5]},
        {"size": [HEIGHT, WIDTH]},
        {"counts": "abc"},
        {"size": [float("inf"), WIDTH], "counts": [5]},
    ],
)
def test_what_is_not_proven_costs_nothing_and_is_not_drawn(segmentation: Any) -> None:
    costs_of_all = cost_of([segmentation, [RING], compressed(RING)])
    assert costs_of_all[0] == -1
    assert min(costs_of_all[1:]) > 0


def test_without_a_frame_nothing_is_drawn() -> None:
    assert cost_of([[RING], compressed(RING)], width=0) == [-1, -1]
    assert cost_of([[RING], compressed(RING)], height=0) == [-1, -1]
