"""Names are taken apart in time that grows with their length alone."""

from __future__ import annotations

import re
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from datacheck.folders.patterns import Pattern
from datacheck.folders.words import OBJECT_TAIL

PLAIN = re.compile(
    r"(.+?)([_\-. ]+(?:(?:masks?|obj|object|inst|instance|seg|segment|id)[_\-. ]?)?)([0-9]{1,6})",
    re.DOTALL | re.IGNORECASE,
)
"""What OBJECT_TAIL finds, without care for time."""


@given(st.lists(st.sampled_from(["_", "-", " ", "mask", "ID", "7", "0123456", "a", "\n"]), max_size=9).map("".join))
def test_the_tail_of_an_object_is_found(name: str) -> None:
    plain, found = PLAIN.fullmatch(name), OBJECT_TAIL.fullmatch(name)
    assert (plain and plain.groups()) == (found and (found["stem"], found["link"], found["object"]))


@pytest.mark.parametrize("name", ["_" * 20_000 + "x", "a_" * 10_000, "_mask" * 5_000, "1" * 20_000])
def test_a_long_name_is_seen_at_once_to_have_none(name: str) -> None:
    start = time.process_time()
    assert OBJECT_TAIL.fullmatch(name) is None
    assert time.process_time() - start < 0.5


@pytest.mark.parametrize("text", ["*{object}*{stem}*.png", "{dir}/*{stem}*{object}.png", "*_{stem}_*_{object}.png"])
@pytest.mark.parametrize("name", ["_" * 255, "a_" * 127, "_" * 99, "_" * 40, "a/" * 60 + "_" * 99, "_/" * 2000])
def test_a_long_name_is_seen_soon_not_to_fit_a_pattern(text: str, name: str) -> None:
    start = time.process_time()
    assert Pattern(text).read(f"{name}.jpg") is None
    assert time.process_time() - start < 1


def test_usual_names_fit_patterns_of_many_parts() -> None:
    read = Pattern("*_{stem}_*_{object}.png").read("left_aachen_000123_gtFine_instance_17.png")
    assert read is not None
    assert read.object == "17"
