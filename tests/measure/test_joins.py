"""Keys that meet, against dictionaries."""

from __future__ import annotations

from collections import Counter

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from datacheck.measure.joins import copies, copies_where, mixed, rows_of

KEY = st.one_of(st.integers(-5, 20), st.integers(-(2**63), 2**63 - 1))
KEYS = st.lists(KEY, max_size=40)


@given(KEYS)
def test_copies_counts_as_a_counter_does_and_names_the_first_of_each(keys: list[int]) -> None:
    count, first = copies(np.array(keys, np.int64))
    counter = Counter(keys)
    assert count.tolist() == [counter[key] for key in keys]
    assert first.tolist() == [keys.index(key) for key in keys]


@given(st.lists(st.tuples(KEY, st.booleans()), max_size=30))
def test_rows_without_a_key_are_no_copies_of_one_another(rows: list[tuple[int, bool]]) -> None:
    keys, valid = np.array([k for k, _ in rows], np.int64), np.array([v for _, v in rows], bool)
    count, first = copies_where(keys, valid)
    counter = Counter(k for k, v in rows if v)
    assert count.tolist() == [counter[k] if v else 0 for k, v in rows]
    assert (first[~valid] == -1).all()


@given(KEYS, KEYS)
def test_rows_of_finds_the_first_row_with_each_key(keys: list[int], table: list[int]) -> None:
    found = rows_of(np.array(keys, np.int64), np.array(table, np.int64))
    assert found.tolist() == [table.index(key) if key in table else -1 for key in keys]


@given(st.lists(st.tuples(st.integers(0, 3), st.sampled_from([0.0, 1.0, 2.5])), max_size=30))
def test_mixed_keys_are_equal_where_all_parts_are(rows: list[tuple[int, float]]) -> None:
    keys = mixed(np.array([a for a, _ in rows], np.int64), np.array([b for _, b in rows], np.float64))
    assert len(set(keys.tolist())) == len(set(rows))
