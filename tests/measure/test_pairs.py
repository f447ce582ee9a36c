"""The nearest name: what a person would take for a slip of the pen, and nothing else."""

from __future__ import annotations

import random
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from datacheck.measure.pairs import _is_one_edit, nearest_names


def nearest(name: str, *candidates: str) -> str | None:
    return nearest_names([name], candidates)[0]


@pytest.mark.parametrize(
    ("name", "similar"),
    [
        ("img_1", "img_001"),
        ("000000000139", "139"),
        ("img_001", "IMG_001"),
        ("img_001", "IMG-1"),
        ("img 001", "img_001"),
        ("café_1", "cafe\u0301_1"),
        ("frame_12", "frme_12"),
        ("frame_12", "frames_12"),
        ("frame_12", "farme_12"),
        ("frame_12", "framo_12"),
        ("img_001", "img_001_final"),
        ("001", "COCO_val_001"),
        ("train/street_a", "val/street_a"),
        ("dog\udcff_1", "dog\udcff_01"),
    ],
)
def test_a_slip_is_found(name: str, similar: str) -> None:
    assert nearest(name, "zebra_77", similar, "yak_88") == similar
    assert nearest(similar, "zebra_77", name, "yak_88") == name


@pytest.mark.parametrize(
    ("name", "other"),
    [
        ("000012", "000013"),
        ("frame_12", "frame_13"),
        ("frame_12", "frame_1"),
        ("frame_1_23", "frame_12_3"),
        ("cat", "bat"),
        ("aaaa", "bbbb"),
        ("", "a"),
        ("img_001", "dog_002"),
    ],
)
def test_another_name_is_not_taken_for_a_slip(name: str, other: str) -> None:
    assert nearest(name, other) is None
    assert nearest(other, name) is None


def test_leading_zeros_go_before_case_and_case_before_letters() -> None:
    assert nearest("frame_1", "frames_1", "FRAME_1", "frame_001") == "frame_001"
    assert nearest("frame_1", "frames_1", "FRAME_1") == "FRAME_1"
    assert nearest("frame_1", "b", "frames_1") == "frames_1"


def test_a_part_of_a_name_counts_only_where_one_candidate_has_its_numbers() -> None:
    assert nearest("001", "left_001", "right_001") is None
    assert nearest("001", "left_001", "right_002") == "left_001"


def test_no_candidates_and_no_names_are_no_matter() -> None:
    assert nearest_names(["a"], []) == [None]
    assert nearest_names([], ["a"]) == []


@given(st.lists(st.text(max_size=12), max_size=6), st.lists(st.text(max_size=12), max_size=6))
def test_any_text_gives_candidates_or_nothing(missing: list[str], candidates: list[str]) -> None:
    found = nearest_names(missing, candidates)
    assert len(found) == len(missing)
    assert all(name is None or name in candidates for name in found)


def distance_at_most_one(one: str, other: str) -> bool:
    """Every string one edit away from `one`, by enumeration."""
    letters = set(one + other)
    edits = {one}
    for at in range(len(one) + 1):
        edits.add(one[:at] + one[at + 1 :])
        edits |= {one[:at] + letter + one[at:] for letter in letters}
        edits |= {one[:at] + letter + one[at + 1 :] for letter in letters}
        if at + 1 < len(one):
            edits.add(one[:at] + one[at + 1] + one[at] + one[at + 2 :])
    return other in edits


@given(st.text("abc", max_size=7), st.text("abc", max_size=7))
def test_one_edit_is_what_enumeration_says(one: str, other: str) -> None:
    assert _is_one_edit(one, other) == distance_at_most_one(one, other)


@given(st.text("abcd", min_size=6, max_size=10), st.integers(0, 9), st.sampled_from("xyz"), st.integers(0, 3))
def test_every_single_edit_is_found_among_many_names(name: str, at: int, letter: str, edit: int) -> None:
    at = min(at, len(name) - 2)
    changed = [
        name[:at] + name[at + 1 :],
        name[:at] + letter + name[at:],
        name[:at] + letter + name[at + 1 :],
        name[:at] + name[at + 1] + name[at] + name[at + 2 :],
    ][edit]
    if len(changed) >= 5:
        assert nearest(name, "q" * 8, changed, "w" * 9) == changed


def test_two_hundred_thousand_names_take_seconds() -> None:
    shuffled = random.Random(1)
    missing = [f"clip_{shuffled.getrandbits(40):x}_frame_{n:06}" for n in range(100_000)]
    candidates = [f"scene_{shuffled.getrandbits(40):x}_view_{n:06}" for n in range(100_000)]
    missing[500], candidates[900] = "a_special_name_000007", "a_spezial_name_7"
    start = time.perf_counter()
    found = nearest_names(missing, candidates)
    assert time.perf_counter() - start < 20
    assert found[500] == "a_spezial_name_7"
    assert sum(name is not None for name in found) < 50


def test_names_that_share_nearly_everything_do_not_multiply() -> None:
    missing = [f"frame_{n:06}" for n in range(50_000)]
    candidates = [f"frame_{n:06}" for n in range(50_000, 100_000)]
    start = time.perf_counter()
    assert nearest_names(missing, candidates) == [None] * 50_000
    assert time.perf_counter() - start < 20
