"""The compiled engine is used when it is worth loading, and its absence is no fault."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from datacheck.measure import rle_compiled, rle_engine, rle_plain
from datacheck.measure.rle_engine import VARIABLE, choose

MANY = 1_000_000_000


@pytest.fixture(autouse=True)
def fresh(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(VARIABLE, raising=False)
    monkeypatch.setattr(rle_engine._Spent, "seconds", 0.0)


def test_a_few_masks_are_measured_without_it() -> None:
    assert choose("", 1_000_000, False) is rle_plain


def test_many_masks_are_measured_with_it_from_then_on() -> None:
    assert choose("", MANY, False) is rle_compiled
    assert choose("", 1, False) is rle_compiled


def test_much_work_in_small_pieces_counts_as_well() -> None:
    found = [choose("", MANY // 1000, True) for _ in range(1000)]
    assert found[0] is rle_plain
    assert found[-1] is rle_compiled


def test_an_argument_or_the_environment_decides(monkeypatch: pytest.MonkeyPatch) -> None:
    assert choose("compiled", 1, False) is rle_compiled
    assert choose("plain", MANY, False) is rle_plain
    monkeypatch.setenv(VARIABLE, "plain")
    assert choose("", MANY, False) is rle_plain
    monkeypatch.setenv(VARIABLE, "compiled")
    assert choose("", 1, False) is rle_compiled


def run(code: str, **environment: str) -> str:
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", code],
        cwd=Path(__file__).parents[2],
        env={**os.environ, **environment},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


MEASURE = """
import sys
from datacheck.measure import rle_plain
from datacheck.measure.rle import measure
from datacheck.measure.rle_engine import choose
from tests.measure.rle_masks import masks_of
found = measure(masks_of([([2, 3], "123")]), segments=True)
print(found.state.tolist(), found.counted.segments.tolist(), choose("", 0, False) is rle_plain, "numba" in sys.modules)
"""


def test_numba_is_not_loaded_for_a_few_masks() -> None:
    assert run(MEASURE) == "[0] [1] True False\n"


def test_without_numba_the_plain_engine_measures_all() -> None:
    hidden = "import sys; sys.modules['numba'] = None\n"
    assert run(hidden + MEASURE, **{VARIABLE: "compiled"}) == "[0] [1] True True\n"


REFUSED = """
from numba.core import caching
def refuse(self, *_):
    raise PermissionError(13, "Permission denied")
"""


@pytest.mark.parametrize("where", ["_CacheLocator.ensure_cache_path", "Cache.save_overload"])
def test_a_cache_that_cannot_be_written_costs_time_only(where: str, tmp_path: Path) -> None:
    refused = f"{REFUSED}caching.{where} = refuse\n"
    answer = run(refused + MEASURE, **{VARIABLE: "compiled", "NUMBA_CACHE_DIR": str(tmp_path)})
    assert answer == "[0] [1] False True\n"


def test_a_spoilt_cache_is_made_anew_or_done_without(tmp_path: Path) -> None:
    environment = {VARIABLE: "compiled", "NUMBA_CACHE_DIR": str(tmp_path)}
    run(MEASURE, **environment)
    for file in tmp_path.rglob("*.nb*"):
        file.write_bytes(file.read_bytes()[: file.stat().st_size // 2])
    assert run(MEASURE, **environment).startswith("[0] [1] ")
