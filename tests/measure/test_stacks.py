"""Stacks of masks against brute force."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from numpy.typing import NDArray

import datacheck.measure.stacks as stacks
import datacheck.measure.values as values
from datacheck.measure.labels import measure_mask_files
from datacheck.measure.stacks import measure_stack

Pixels = NDArray[Any]
RELAXED = settings(max_examples=80, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


def box(there: Pixels) -> tuple[int, int, int, int]:
    rows, columns = np.nonzero(there)
    x, y = int(columns.min()), int(rows.min())
    return x, y, int(columns.max()) - x + 1, int(rows.max()) - y + 1


def brute(stack: Pixels) -> dict[str, Any]:
    there = stack != 0
    cover = there.sum(axis=0)
    areas = there.sum(axis=(1, 2))
    values = np.unique(stack)
    finite = values[np.isfinite(values)]
    row: dict[str, Any] = {
        "mask_count": len(stack), "overlap_count": (cover > 1).sum(), "gap_count": (cover == 0).sum(),
        "constant_mask_count": sum(is_constant(mask) for mask in stack), "area": (cover > 0).sum(),
        "segment_count": (areas > 0).sum(), "value_count": len(finite),
        "value_min": finite.min() if len(finite) else None, "value_max": finite.max() if len(finite) else None,
        "nonfinite_count": (~np.isfinite(stack)).sum(), "fraction_count": (finite_of(stack) % 1 != 0).sum(),
        "content": "stack", "share": (cover > 0).mean(),
    }  # fmt: skip
    if areas.any():
        x, y, w, h = box(there.any(axis=0))
        row |= {"mask_x": x, "mask_y": y, "mask_w": w, "mask_h": h}
        row |= {"largest_id": areas.argmax(), "largest_area": areas.max(), "largest_share": areas.max() / cover.size}
    return row


def is_constant(mask: Pixels) -> bool:
    finite = np.isfinite(mask)
    return bool(finite.all() and len(np.unique(mask)) == 1) or not finite.any()


def finite_of(stack: Pixels) -> Pixels:
    values = stack.astype(np.float64)
    return values[np.isfinite(values)]


@st.composite
def some(draw: st.DrawFn) -> Pixels:
    """Stacks of every type, of few values, in any order in memory."""
    shape = draw(st.tuples(st.integers(1, 6), st.integers(1, 7), st.integers(1, 7)))
    dtype = draw(
        st.sampled_from(
            ("bool", "uint8", "int8", "uint16", ">i2", "int32", "int64", "uint64", "float16", "float32", "float64")
        )
    )
    pool = draw(st.sampled_from([(0,), (0, 1), (0, 255), (1, 2), (0, 1, 2, 9), (5,), (0, 3, 70, 100)]))
    values = draw(hnp.arrays(np.int64, shape, elements=st.sampled_from(pool))).astype(dtype)
    if dtype.startswith("float") and draw(st.booleans()):
        values = values / np.dtype(dtype).type(4)
    if values.dtype.kind == "i" and draw(st.booleans()):
        values = values - 1
    if values.dtype.itemsize == 8 and values.dtype.kind in "iu" and draw(st.booleans()):
        values = values + 2**60
    if values.dtype.kind == "f" and draw(st.booleans()):
        values = np.where(draw(hnp.arrays(np.bool_, shape)), draw(st.sampled_from((np.nan, np.inf, -np.inf))), values)
    return np.asfortranarray(values) if draw(st.booleans()) else values


@RELAXED
@given(stack=some(), block=st.sampled_from((1, 10, 1 << 22)), rows=st.sampled_from((1, 20, 1 << 20)))
def test_a_stack_is_what_brute_force_says(stack: Pixels, block: int, rows: int) -> None:
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(stacks, "BLOCK", block)
        patched.setattr(stacks, "ROWS", rows)
        found = measure_stack(stack)
    expected = brute(stack)
    assert {name: found.columns[name] for name in expected} == expected
    nonempty = [n for n, mask in enumerate(stack) if (mask != 0).any()]
    assert found.id.tolist() == nonempty
    assert found.area.tolist() == [int((stack[n] != 0).sum()) for n in nonempty]
    assert list(zip(*(side.tolist() for side in found.box), strict=True)) == [box(stack[n] != 0) for n in nonempty]


def test_what_is_not_finite_is_counted_and_is_no_value() -> None:
    stack = np.zeros((2, 3, 4), np.float32)
    stack[0, 0, 0], stack[0, 1, 1], stack[1, 2, 2] = np.nan, np.inf, 0.5
    found = measure_stack(stack).columns
    assert (found["nonfinite_count"], found["value_count"], found["values"]) == (2, 2, "0, 0.5")
    assert (found["area"], found["gap_count"], found["fraction_count"]) == (3, 9, 1)
    nothing = measure_stack(np.full((2, 2, 2), np.nan)).columns
    assert (nothing["nonfinite_count"], nothing["constant_mask_count"]) == (8, 2)


def test_large_ids_that_are_one_float_are_two_values() -> None:
    stack = np.full((2, 4, 4), 2**60)
    stack[0, 1, 1] += 50
    stack[1] = 0
    found = measure_stack(stack).columns
    assert (found["constant_mask_count"], found["value_count"]) == (1, 3)
    assert found["values"] == f"0, {2**60}, {2**60 + 50}"


def test_a_channel_without_a_finite_value_adds_no_zero() -> None:
    found = measure_stack(np.stack([np.full((3, 4), np.nan), np.full((3, 4), 0.7)])).columns
    assert (found["value_min"], found["value_max"], found["value_count"]) == (0.7, 0.7, 1)
    assert (found["nonfinite_count"], found["fraction_count"], found["constant_mask_count"]) == (12, 12, 2)
    nothing = measure_stack(np.full((2, 3, 4), np.inf)).columns
    assert (nothing["value_min"], nothing["value_max"], nothing["value_count"]) == (None, None, 0)


def test_channels_filled_with_their_number_have_as_many_values() -> None:
    stack = np.stack([(np.arange(40 * 50).reshape(40, 50) // 200 == k) * (k + 1) for k in range(8)])
    for dtype in (np.uint8, np.int32, np.float32):
        found = measure_stack(stack.astype(dtype)).columns
        assert (found["value_count"], found["value_min"], found["value_max"]) == (9, 0, 8)
        assert (found["fraction_count"], found["values"]) == (0, "0, 1, 2, 3, 4, 5, 6, 7")


@pytest.mark.parametrize("scale", [1, 9])
def test_probabilities_and_logits_are_fractions(scale: int) -> None:
    chance = np.random.default_rng(0)
    stack = (chance.random((3, 30, 40)) if scale == 1 else chance.normal(0, scale, (3, 30, 40))).astype(np.float32)
    found = measure_stack(stack).columns
    assert (found["value_min"], found["value_max"]) == (stack.min(), stack.max())
    assert (found["fraction_count"], found["value_count"]) == (stack.size, len(np.unique(stack)))


def test_values_that_lie_far_apart_are_sorted_only_so_far(monkeypatch: pytest.MonkeyPatch) -> None:
    stack = np.random.default_rng(0).integers(0, 9, (3, 50, 50)) * 10**9
    assert measure_stack(stack).columns["value_count"] == 9
    monkeypatch.setattr(values, "MAX_SORTED", 1000)
    found = measure_stack(stack).columns
    assert (found["value_count"], found["values"], found["value_max"]) == (None, None, 8 * 10**9)


def test_a_stack_of_no_masks_covers_nothing() -> None:
    found = measure_stack(np.zeros((0, 4, 5), bool))
    assert (found.columns["mask_count"], found.columns["gap_count"], found.columns["segment_count"]) == (0, 20, 0)
    assert found.columns["value_min"] is None
    assert len(found.id) == 0


def test_a_stack_of_very_many_values_does_not_count_them() -> None:
    stack = np.random.default_rng(0).random((3, 200, 200))
    found = measure_stack(stack).columns
    assert found["value_count"] is found["values"] is None
    assert (found["value_min"], found["value_max"], found["fraction_count"]) == (stack.min(), stack.max(), stack.size)


def test_channels_are_rows_with_their_position_as_id(tmp_path: Path) -> None:
    stack = np.zeros((4, 16, 19), np.uint8)
    stack[0, 1:3, 2:7], stack[3, 2:5, 6:9] = 1, 1
    paths = [tmp_path / "first.npy", tmp_path / "last.npy"]
    np.save(paths[0], stack)
    np.save(paths[1], np.moveaxis(stack, 0, -1))
    files, segments = measure_mask_files([str(path) for path in paths], ())
    first, last = files.to_pylist()
    assert (first["shape"], last["shape"], first["width"], last["height"]) == ("4x16x19", "16x19x4", 19, 16)
    same = ("content_key", "area", "overlap_count", "gap_count", "constant_mask_count", "segment_count", "values")
    assert {name: first[name] for name in same} == {name: last[name] for name in same}
    assert (first["overlap_count"], first["segment_count"], first["constant_mask_count"]) == (1, 2, 2)
    rows = [tuple(row.values()) for row in segments.to_pylist()]
    assert rows == [(f, *row) for f in (0, 1) for row in ((0, 10, 2, 1, 5, 2), (3, 9, 6, 2, 3, 3))]
