"""Flattening lists of numbers, against Python's own parser."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from datacheck.read.numbers import flat_lists, ring_lists

NUMBERS = st.one_of(
    st.integers(-(10**6), 10**6), st.floats(allow_nan=False, allow_infinity=False), st.integers(2**63, 2**70)
)
WRONG = st.sampled_from([None, True, "1", {}, {"a": 1}, [], [[1.0]], [None], float("nan"), float("inf")])
SEPARATORS = st.sampled_from([(",", ":"), (", ", ": "), (" ,\n\t", ": ")])


def is_flat(value: Any) -> bool:
    return isinstance(value, list) and all(type(v) in (int, float) and np.isfinite(float(v)) for v in value)


def is_rings(value: Any) -> bool:
    return isinstance(value, list) and all(is_flat(ring) for ring in value)


@given(st.lists(st.lists(st.one_of(NUMBERS, WRONG) | NUMBERS, max_size=6), max_size=6), SEPARATORS)
def test_flat_lists_hold_what_python_reads_and_name_every_list_that_is_none(
    lists: list[list[Any]], separators: tuple[str, str]
) -> None:
    ragged = flat_lists([json.dumps(value, separators=separators).encode() for value in lists])
    good = [value if is_flat(value) else [] for value in lists]
    assert ragged.bad == [i for i, value in enumerate(lists) if not is_flat(value)]
    assert ragged.lengths.tolist() == [len(value) for value in good]
    assert ragged.values.tolist() == [float(v) for value in good for v in value]


RING = st.lists(NUMBERS, max_size=5)


@given(
    st.lists(st.one_of(st.lists(RING, max_size=4), st.lists(st.one_of(RING, WRONG), max_size=3)), max_size=6),
    SEPARATORS,
)
def test_ring_lists_hold_what_python_reads_and_name_every_list_that_is_none(
    lists: list[list[Any]], separators: tuple[str, str]
) -> None:
    found = ring_lists([json.dumps(value, separators=separators).encode() for value in lists])
    good = [(i, ring) for i, value in enumerate(lists) if is_rings(value) for ring in value]
    assert found.bad == [i for i, value in enumerate(lists) if not is_rings(value)]
    assert found.owner.tolist() == [i for i, _ in good]
    assert found.rings.lengths.tolist() == [len(ring) for _, ring in good]
    assert found.rings.values.tolist() == [float(v) for _, ring in good for v in ring]


@pytest.mark.parametrize(
    "text",
    [
        "[[1,2],3,[4]]",
        "[[1,[2]],[3]]",
        "[1,[2]]",
        "[[1,2]",
        "[[1,2]]]",
        "[[1],2]",
        '[["1"]]',
        "[[1e999]]",
        "[[NaN]]",
        "3",
        "null",
    ],
)
def test_a_list_of_another_shape_is_named_and_leaves_its_neighbours_whole(text: str) -> None:
    found = ring_lists([b"[[5,6]]", text.encode(), b"[[7,8,9]]"])
    assert found.bad == [1]
    assert found.rings.values.tolist() == [5, 6, 7, 8, 9]
    assert found.owner.tolist() == [0, 2]
