"""Run-length measures of whatever a file may hold, by both engines, against a slow reference."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec import Raw

from datacheck.measure import rle_compiled, rle_plain, rle_runs
from datacheck.measure.rle import measure
from datacheck.measure.rle_engine import VARIABLE
from datacheck.read.columns import annotation_columns
from datacheck.read.records import Annotation
from tests.measure import rle_reference
from tests.measure.rle_masks import masks_of
from tests.measure.rle_reference import encode

NAMES = {
    "rle_state": "state", "rle_run_sum": "run_sum", "rle_area": "area", "rle_run_count": "run_count", "rle_x": "x",
    "rle_y": "y", "rle_w": "w", "rle_h": "h", "rle_share": "share", "rle_component_count": "component_count",
    "rle_largest_component": "largest_component",
}  # fmt: skip
ENGINES = ("plain", "compiled")

RUN = st.one_of(st.integers(0, 40), st.integers(0, 2**31), st.integers(-5, 5), st.integers(-(2**33), 2**33))
TEXT = st.one_of(
    st.lists(RUN, max_size=20).map(encode),
    st.text(st.characters(min_codepoint=48, max_codepoint=111), max_size=20),
    st.text(max_size=8),
    st.lists(RUN, min_size=1, max_size=9).map(encode).map(lambda text: text[:-1]),
)
NUMBER = st.one_of(RUN, st.floats(-5, 5), st.floats(allow_nan=False, allow_infinity=False))
COUNTS = st.one_of(TEXT, st.lists(NUMBER, max_size=12))
SIDE = st.one_of(
    st.integers(1, 12), st.integers(-1, 2**31), st.floats(0, 9), st.sampled_from([1e308, 2**16, 46340, 46341])
)


@st.composite
def segmentations(draw: st.DrawFn) -> tuple[list[Any], Any]:
    """A size and counts that fit it, nearly fit it, or have nothing to do with it."""
    if draw(st.booleans()):
        return draw(st.lists(SIDE, min_size=1, max_size=3)), draw(COUNTS)
    height, width = draw(st.integers(1, 9)), draw(st.integers(1, 9))
    cuts = sorted(draw(st.lists(st.integers(0, height * width), max_size=12)))
    runs = np.diff([0, *cuts, height * width]).tolist()
    runs[-1] += draw(st.sampled_from([0, 0, 0, -1, 1]))
    return [height, width], encode(runs) if draw(st.booleans()) else runs


def measured(*given_: tuple[Any, Any]) -> list[dict[str, Any]]:
    """What the kernels say of (size, counts), without what is NULL."""
    records = [Annotation(segmentation=Raw(json.dumps({"size": s, "counts": c}).encode())) for s, c in given_]
    columns = annotation_columns(records, ("rle", "components"), lambda fault: None)
    rows = [{ours: columns[name][i].as_py() for name, ours in NAMES.items()} for i in range(len(records))]
    return [{name: value for name, value in row.items() if value is not None} for row in rows]


def expected(size: Any, counts: Any) -> dict[str, Any]:
    return rle_reference.measure(size, counts)


def agree(given_: list[tuple[Any, Any]]) -> None:
    for (size, counts), row in zip(given_, measured(*given_), strict=True):
        want = expected(size, counts)
        if "component_count" not in want:  # too large for the reference
            row = {name: value for name, value in row.items() if "component" not in name}
        assert row == want, (size, counts)


@pytest.fixture(params=ENGINES)
def engine(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    monkeypatch.setenv(VARIABLE, request.param)
    return str(request.param)


@pytest.mark.parametrize("name", ENGINES)
@given(given_=st.lists(segmentations(), min_size=1, max_size=12))
def test_anything_gives_what_the_reference_says(given_: list[tuple[Any, Any]], name: str) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv(VARIABLE, name)
        agree(given_)


@given(st.lists(segmentations(), min_size=1, max_size=12))
def test_both_engines_give_the_same_bit_for_bit(given_: list[tuple[Any, Any]]) -> None:
    found = [measure(masks_of(given_), segments=True, engine=name) for name in ENGINES]
    assert found[0].state.tolist() == found[1].state.tolist()
    known = found[0].state == 0
    for name in ("total", "area", "runs"):
        one, other = (getattr(f.counted, name)[f.readable] for f in found)
        assert one.tobytes() == other.tobytes()
    for name in ("top", "bottom", "begin", "end"):
        one, other = (getattr(f.counted, name)[known & (f.counted.area > 0)] for f in found)
        assert one.tobytes() == other.tobytes()
    for name in ("segments", "largest"):
        one, other = (getattr(f.counted, name)[known] for f in found)
        assert one.tobytes() == other.tobytes()


@given(st.lists(TEXT, min_size=1, max_size=8))
def test_what_a_mask_says_does_not_depend_on_its_neighbours(texts: list[str]) -> None:
    together = measured(*(([4, 5], text) for text in texts))
    assert together == [measured(([4, 5], text))[0] for text in texts]


@pytest.mark.parametrize(
    ("size", "counts", "state"),
    [
        ([2, 3], [1, 2, 3], "ok"),
        ([2, 3], [6], "ok"),
        ([2.0, 3], [0, 6], "ok"),
        ([2, 3], [1, 0, 0, 2, 3], "ok"),
        ([2, 3], [1, 2], "short"),
        ([2, 3], [1, 2, 30], "long"),
        ([2, 3], [1, 2, 2**32 + 3], "long"),
        ([2, 3], [1, 2, 1e300], "long"),
        ([2, 3], [1, -2, 7], "negative"),
        ([2, 3], [1.5, 4.5], "malformed"),
        ([2, 3], [1.5, -4.5], "malformed"),
        ([2, 3], [], "empty"),
        ([2, 3], "", "empty"),
        ([2, 3], encode([1, 2, 3]), "ok"),
        ([2, 3], encode([1, 2]), "short"),
        ([2, 3], encode([1, 2, 4]), "long"),
        ([2, 3], encode([5, 4, 3, -2]), "negative"),
        ([2, 3], encode([2**32, 6]), "long"),
        ([2, 3], encode([2**32 + 6]), "long"),
        ([2, 3], encode([2**31, 2**31, 6]), "long"),
        ([2, 3], encode([1, 2, 2**32 + 3]), "long"),
        ([2, 3], encode([1, 2, 3 - 2**32]), "negative"),
        ([2, 3], encode([0, 2**30, 2**30, 2**30, 2**30, 6]), "long"),
        ([2, 3], encode([1, 2, 300])[:-1], "malformed"),
        ([2, 3], "b'06'", "bytes-repr"),
        ([2, 3], 'b"06"', "bytes-repr"),
        ([2, 3], "日本", "malformed"),
        ([2, 3], "6é", "malformed"),
        ([2, 3], "\u0000", "malformed"),
        ([2, 3], "p", "malformed"),
        ([2, 3], "o" * 40 + "0", "malformed"),
        ([2, 3], "VPPPPP0", "ok"),  # seven characters for 6
        ([2, 3], "VPPPPPP0", "malformed"),  # eight
        ([0, 3], "0", "bad-size"),
        ([-2, -3], "6", "bad-size"),
        ([2], "6", "bad-size"),
        ([2, 3, 1], "6", "bad-size"),
        ([], "6", "bad-size"),
        (None, "6", "bad-size"),
        ("2x3", "6", "bad-size"),
        ([2, None], "6", "bad-size"),
        ([2.5, 3], "6", "bad-size"),
        ([0.5, 12], "6", "bad-size"),
        ([1_000_000, 1_000_000], "6", "oversized"),
        ([1_000_000, 1_000_000], "b'6'", "oversized"),
        ([1e308, 1e308], "6", "oversized"),
        ([46341, 46341], "6", "oversized"),
        ([1, 2**31 - 1], encode([0, 2**31 - 1]), "ok"),
        ([2**31 - 1, 1], encode([1, 2**31 - 2]), "ok"),
        ([65536, 32768], encode([2**31]), "oversized"),
        ([2, 3], None, None),
        ([2, 3], [1, None, 5], None),
        ([2, 3], True, None),
    ],
)
def test_each_way_for_a_mask_to_be_wrong_has_a_state(size: Any, counts: Any, state: str | None, engine: str) -> None:
    found = measured((size, counts))[0]
    assert found.get("state") == state
    if state is not None:
        agree([(size, counts)])


def test_a_size_without_counts_and_counts_without_a_size(engine: str) -> None:
    records = [Annotation(segmentation=Raw(text)) for text in (b'{"size": [2, 3]}', b'{"counts": "6"}')]
    columns = annotation_columns(records, ("rle",), lambda fault: None)
    assert columns["rle_state"].to_pylist() == [None, "bad-size"]
    assert columns["rle_run_sum"].to_pylist() == [None, 6.0]


def test_a_text_longer_than_what_is_held_at_once(engine: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rle_plain, "LONG", 64)
    generator = np.random.default_rng(5)
    for spoil in ([], [0, 2**40, -(2**41)], [-1]):
        runs = generator.integers(0, 2000, 601).tolist() + spoil
        height = 1000
        width = -(-sum(runs) // height)
        runs[-1] += 0 if spoil else height * width - sum(runs)
        given_: list[tuple[Any, Any]] = [([2, 3], "6"), ([height, width], encode(runs)), ([height, width], runs)]
        agree(given_)
        agree([*given_, ([height, width], encode(runs) + "o"), ([height, width], encode(runs) + "~")])
        agree([([height, width], encode(runs) + "o" * 200 + "0"), ([height, width], [*runs, 0.5])])


def test_sums_past_what_a_float_holds_are_cut_there(engine: str) -> None:
    runs = [2**33] * 5 + [2**32 * k for k in range(4000)]
    found = measured(([2, 3], encode(runs)), ([2, 3], [1e300, 1e300]), ([2, 3], [2.0**53, 5]))
    assert [one["run_sum"] for one in found] == [float(min(sum(runs), rle_runs.FAR)), 2.0**53, 2.0**53]
    assert [one["state"] for one in found] == ["long"] * 3


def test_masks_over_several_pieces_are_kept_apart(engine: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rle_compiled, "PIECE", rle_plain.PIECE)
    generator = np.random.default_rng(3)
    given_: list[tuple[Any, Any]] = []
    for number in range(60):
        width = int(generator.integers(1, 40_000))
        runs = np.diff([0, *np.sort(generator.integers(0, 9 * width, 4000)), 9 * width]).tolist()
        given_.append(([9, width], encode(runs) if number % 3 else runs))
    assert sum(len(counts) for _, counts in given_) > 2 * rle_plain.PIECE
    agree(given_)


def test_more_runs_than_segments_are_counted_of_give_none(engine: str) -> None:
    noisy, limit = [1] * 100_002, [1] * 100_000
    found = measured(([1, 100_002], encode(noisy)), ([1, 100_000], limit), ([1, 100_000], encode(limit)))
    assert [one.get("component_count") for one in found] == [None, 50_000, 50_000]
    assert [one["run_count"] for one in found] == [100_002, 100_000, 100_000]
