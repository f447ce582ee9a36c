"""Run-length measures, against pycocotools and against a decoder written out in full."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec import Raw
from pycocotools import mask as coco_mask

from datacheck.measure.rle import STATES, counts_measures
from datacheck.read.columns import annotation_columns
from datacheck.read.records import Annotation


def measured(*segmentations: object) -> list[dict[str, Any]]:
    records = [Annotation(segmentation=Raw(json.dumps(s).encode())) for s in segmentations]
    columns = annotation_columns(records, ("rle",), lambda fault: None)
    names = ("segmentation_kind", "rle_state", "rle_run_sum", "rle_area", "rle_height", "rle_width")
    return [{n: columns[n][i].as_py() for n in names} for i in range(len(records))]


def encode(runs: list[int]) -> str:
    """Compressed counts, by the description of the format."""
    characters = []
    for index, run in enumerate(runs):
        value = run - runs[index - 2] if index > 2 else run
        while True:
            code, value = value & 0x1F, value >> 5
            done = value == (-1 if code & 0x10 else 0)
            characters.append(chr(48 + code + (0 if done else 0x20)))
            if done:
                break
    return "".join(characters)


@given(
    st.lists(
        st.tuples(st.integers(1, 40), st.integers(1, 40), st.floats(0, 1), st.integers(0, 2**32 - 1)),
        min_size=1,
        max_size=20,
    )
)
def test_area_and_sum_are_those_of_pycocotools_for_random_masks(shapes: list[tuple[int, int, float, int]]) -> None:
    segmentations, areas = [], []
    for height, width, share, seed in shapes:
        mask = np.asfortranarray(np.random.default_rng(seed).random((height, width)) < share, np.uint8)
        encoded = coco_mask.encode(mask)
        segmentations.append({"size": [height, width], "counts": encoded["counts"].decode()})
        areas.append(float(coco_mask.area(encoded)))
    found = measured(*segmentations)
    assert [f["rle_state"] for f in found] == ["ok"] * len(found)
    assert [f["rle_area"] for f in found] == areas
    assert [f["rle_run_sum"] for f in found] == [float(h * w) for h, w, _, _ in shapes]


@given(st.lists(st.lists(st.integers(0, 2**31), min_size=1, max_size=30), min_size=1, max_size=8))
def test_runs_of_any_length_come_back_from_compressed_counts(many: list[list[int]]) -> None:
    texts = [encode(runs) for runs in many]
    lengths = np.array([len(t) for t in texts])
    total, area, state = counts_measures("".join(texts).encode(), lengths)
    assert state.tolist() == [0] * len(many)
    assert total.tolist() == [sum(runs) for runs in many]
    assert area.tolist() == [sum(runs[1::2]) for runs in many]


@given(
    st.lists(
        st.text(st.characters(min_codepoint=0, max_codepoint=127), min_size=1, max_size=12), min_size=1, max_size=8
    )
)
def test_what_a_mask_says_does_not_depend_on_its_neighbours(texts: list[str]) -> None:
    lengths = np.array([len(t) for t in texts])
    together = counts_measures("".join(texts).encode(), lengths)
    for index, text in enumerate(texts):
        alone = counts_measures(text.encode(), lengths[index : index + 1])
        assert together[2][index] == alone[2][0]
        if STATES[int(alone[2][0])] != "malformed":
            assert (together[0][index], together[1][index]) == (alone[0][0], alone[1][0])


@pytest.mark.parametrize(
    ("segmentation", "state"),
    [
        ({"size": [2, 3], "counts": [1, 2, 3]}, "ok"),
        ({"size": [2, 3], "counts": [1, 2]}, "short"),
        ({"size": [2, 3], "counts": [1, 2, 30]}, "long"),
        ({"size": [2, 3], "counts": [1, -2, 7]}, "negative"),
        ({"size": [2, 3], "counts": [1.5, 4.5]}, "malformed"),
        ({"size": [2, 3], "counts": []}, "empty"),
        ({"size": [2, 3], "counts": ""}, "empty"),
        ({"size": [2, 3], "counts": encode([1, 2, 3])}, "ok"),
        ({"size": [2, 3], "counts": encode([1, 2])}, "short"),
        ({"size": [2, 3], "counts": encode([1, 2, 4])}, "long"),
        ({"size": [2, 3], "counts": encode([5, 4, 3, -2])}, "negative"),
        ({"size": [2, 3], "counts": encode([1, 2, 300])[:-1]}, "malformed"),
        ({"size": [2, 3], "counts": "b'06'"}, "bytes-repr"),
        ({"size": [2, 3], "counts": "日本"}, "malformed"),
        ({"size": [2, 3], "counts": "p"}, "malformed"),
        ({"size": [2, 3], "counts": "o" * 40 + "0"}, "malformed"),
        ({"size": [0, 3], "counts": "0"}, "bad-size"),
        ({"size": [2], "counts": "6"}, "bad-size"),
        ({"counts": "6"}, "bad-size"),
        ({"size": [2.5, 3], "counts": "6"}, "bad-size"),
        ({"size": [1_000_000, 1_000_000], "counts": "6"}, "oversized"),
        ({"size": [2, 3], "counts": None}, None),
        ({"size": [2, 3]}, None),
    ],
)
def test_each_way_for_a_mask_to_be_wrong_has_a_state(segmentation: object, state: str | None) -> None:
    assert measured(segmentation)[0]["rle_state"] == state
