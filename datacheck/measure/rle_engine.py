"""Which of two equal engines measures RLE masks: numpy, which is there at once, or numba, which has to be loaded."""

from __future__ import annotations

import os
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from datacheck.measure import rle_plain

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy as np
    from numpy.typing import NDArray

    from datacheck.measure.rle_plain import Counted

    Ints = NDArray[np.int64]

VARIABLE = "DATACHECK_RLE"
"""Environment variable: `plain` or `compiled`, instead of a choice by the work that was done so far."""
LOAD, COMPILE = 0.3, 3.0
"""Seconds to load numba and its machine code, and to make that code, which is done once on a machine."""
SECONDS, SECONDS_SEGMENTS = 10e-9, 35e-9
"""What the compiled engine saves on each character (or number of a list), without and with segments."""


class Engine(Protocol):
    """What both engines can do; see `rle_plain`."""

    PIECE: int

    def measure_texts(
        self, texts: Sequence[str], lengths: Ints, height: Ints, pixels: Ints, segments: bool
    ) -> Counted: ...

    def measure_lists(
        self, values: NDArray[np.float64], lengths: Ints, height: Ints, pixels: Ints, segments: bool
    ) -> Counted: ...


class _Spent:
    """What this process has lost so far by not loading the compiled engine. Once that is what loading costs, it is
    loaded: so at no time is more than twice the least possible lost, whatever is still to come."""

    seconds = 0.0


def choose(name: str, work: int, segments: bool) -> Engine:
    """The engine for so many characters or numbers more. `name`: plain or compiled; else the environment says so, or
    the work that was done before. Where numba is not installed or cannot be loaded it is always the plain one."""
    name = name or os.environ.get(VARIABLE, "")
    if name == "plain":
        return rle_plain
    if name != "compiled":
        _Spent.seconds += work * (SECONDS_SEGMENTS if segments else SECONDS)
        if _Spent.seconds < LOAD or not _installed() or _Spent.seconds < _price():
            return rle_plain
    return _compiled() or rle_plain


@cache
def _installed() -> bool:
    return find_spec("numba") is not None


@cache
def _price() -> float:
    """Seconds until the compiled engine can be used here."""
    kept = Path(__file__).with_name("__pycache__").glob("rle_compiled._texts-*.nbi")
    return LOAD if next(kept, None) else LOAD + COMPILE


@cache
def _compiled() -> Engine | None:
    try:
        from datacheck.measure import rle_compiled
    except Exception:  # noqa: BLE001 - numba that is too old for this Python, a spoilt cache: the plain engine is as good
        return None
    return rle_compiled
