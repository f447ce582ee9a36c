"""Distinct values, against numpy.unique."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from numpy.typing import NDArray

from datacheck.measure.values import Values

TYPES = ("uint8", "int8", "uint16", "int16", "uint32", "int32", "uint64", "int64", "float16", "float32", "float64")


@pytest.mark.parametrize("dtype", TYPES)
@given(data=st.data())
def test_values_of_blocks_are_those_of_all(dtype: str, data: st.DataObject) -> None:
    kind = np.dtype(dtype)
    numbers = hnp.from_dtype(kind, allow_nan=False, allow_infinity=False)
    blocks: list[NDArray[Any]] = data.draw(st.lists(hnp.arrays(kind, st.integers(1, 9), elements=numbers), max_size=4))
    values = Values(kind)
    for block in blocks:
        values.add(block, block.min(), block.max())
    whole = np.concatenate([np.empty(0, kind), *blocks])
    found = values.columns()
    assert found["value_count"] == len(np.unique(whole))
    assert found["fraction_count"] == np.count_nonzero(whole != np.rint(whole))


def test_what_is_not_finite_is_replaced_within_its_row() -> None:
    rows = np.array([[np.nan, 3, np.inf], [np.nan, np.nan, -np.inf], [1, 2, 3]])
    replaced, lost, plain = Values(rows.dtype).finite(rows)
    assert replaced.tolist() == [[3, 3, 3], [0, 0, 0], [1, 2, 3]]
    assert lost.tolist() == [2, 3, 0]
    assert plain.tolist() == [3, 1, 2, 3]
