"""Run-length encoded masks measured by compiled loops: the same results as `rle_plain`, bit for bit, several times
faster.

Importing this loads numba. The machine code is kept beside this file, or in the user's cache folder; where neither can
be written, it is compiled anew. Nothing in the loops depends on what a text claims: positions are bounded by FAR, and
runs are kept only as long as they are few.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numba
import numpy as np
from numba import boolean, float64, int64, types, uint8
from numpy.typing import NDArray

from datacheck.measure.components import MAX_RUNS
from datacheck.measure.rle_plain import Counted
from datacheck.measure.rle_runs import FAR, MAX_CHARACTERS, joined

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from datacheck.measure.rle_runs import Ints

Floats = NDArray[np.float64]


def _jit(signature: Any) -> Callable[[Callable[..., Any]], Any]:
    """Compile at once for one signature; from the cache if there is one."""

    def compiled(function: Callable[..., Any]) -> Any:
        try:
            return numba.njit(signature, cache=True, nogil=True)(function)
        except (RuntimeError, OSError):  # no folder for the cache can be written
            return numba.njit(signature, nogil=True)(function)

    return compiled


_INTS, _FLOATS, _BOOLS = int64[::1], float64[::1], boolean[::1]
_GIVEN_BYTES, _GIVEN_INTS, _GIVEN_FLOATS = (types.Array(t, 1, "C", readonly=True) for t in (uint8, int64, float64))
_OUT = (_BOOLS, _BOOLS, _FLOATS, _FLOATS, _INTS, _BOOLS, _INTS, _INTS, _INTS, _INTS, _INTS, _INTS)
PIECE = 1 << 20
"""As in `rle_plain`; here it is only how much is joined at once."""
BLOCK = 512
"""Runs decoded before they are measured: even, so that each block starts with zeros; few, so that no sum of them
overflows."""
_TOTAL, _AREA, _ROW, _TOP, _BOTTOM, _BEGIN, _END, _KEPT, _STATE = range(9)


@_jit(types.void(_INTS, int64, int64, _INTS, boolean, _INTS, _INTS))
def _measure(runs: Ints, n: int, period: int, state: Ints, keep: bool, start: Ints, stop: Ints) -> None:
    """Add n runs, none of them negative, to the state of a mask; keep: and to its intervals of ones."""
    total, area, row, kept = state[_TOTAL], state[_AREA], state[_ROW], state[_KEPT]
    top, bottom, begin, end = state[_TOP], state[_BOTTOM], state[_BEGIN], state[_END]
    for k in range(0, n, 2):
        zeros, ones = runs[np.uintp(k)], runs[np.uintp(k + 1)]
        total += zeros
        row += zeros
        if row >= period:
            row -= period
            if row >= period:
                row %= period
        if ones == 0:
            continue
        if area == 0:
            begin = total
        under = row + ones
        if keep:
            if kept > 0 and stop[kept - 1] == total:
                stop[kept - 1] = total + ones
            else:
                start[kept], stop[kept] = total, total + ones
                kept += 1
        total += ones
        area += ones
        end = total
        if under <= period:
            top, bottom = min(top, row), max(bottom, under)
            row = under
        else:
            top, bottom = 0, period
            row = under % period
    total, area = min(total, FAR), min(area, FAR)
    state[_TOTAL], state[_AREA], state[_ROW], state[_KEPT] = total, area, row, kept
    state[_TOP], state[_BOTTOM], state[_BEGIN], state[_END] = top, bottom, begin, end


@_jit(types.void(_INTS, _INTS, int64, int64, _INTS, _INTS, _INTS, _INTS))
def _segments(
    start: Ints, stop: Ints, runs: int, period: int, left: Ints, right: Ints, parent: Ints, answer: Ints
) -> None:
    """answer [2]: the 8-connected segments of one mask, and the pixels of the largest, as in `components_of_runs`.
    Its runs are not empty and do not touch; left, right, parent: room for twice as many."""
    n = 0
    for k in range(runs):
        left[n], right[n] = start[k], stop[k]
        room = period - start[k] % period
        if room < stop[k] - start[k] < period:
            right[n], left[n + 1], right[n + 1] = start[k] + room, start[k] + room, stop[k]
            n += 1
        n += 1
    for k in range(n):
        parent[k] = k
    count, first = n, 0
    for k in range(n):
        begin = left[k] + period - (left[k] % period > 0)
        end = right[k] + period + (right[k] % period > 0)
        while first < n and right[first] <= begin:
            first += 1
        one, other = k, first
        while parent[one] != one:
            parent[one] = parent[parent[one]]
            one = parent[one]
        while other < n and left[other] < end:
            root = other
            while parent[root] != root:
                parent[root] = parent[parent[root]]
                root = parent[root]
            if root != one:  # The earlier one is kept, so that all that hang below a run come after it.
                count -= 1
                parent[max(root, one)] = min(root, one)
                one = min(root, one)
            other += 1
    largest = 0
    for k in range(n):
        right[k] -= left[k]
    for k in range(n - 1, -1, -1):
        if parent[k] != k:
            right[parent[k]] += right[k]
        else:
            largest = max(largest, right[k])
    answer[0], answer[1] = count, largest


@_jit(types.void(int64, int64, int64, _INTS, boolean, *_OUT[2:], _INTS, _INTS, _INTS, _INTS, _INTS, _INTS))
def _finish(
    m: int, period: int, pixels: int, state: Ints, segments: bool,
    total: Floats, area: Floats, runs: Ints, fills: Any, top: Ints, bottom: Ints, begin: Ints, end: Ints,
    count: Ints, largest: Ints,
    start: Ints, stop: Ints, left: Ints, right: Ints, parent: Ints, answer: Ints,
) -> None:  # fmt: skip
    """What the state of mask m says."""
    total[m], area[m], fills[m] = state[_TOTAL], state[_AREA], state[_TOTAL] == pixels
    top[m], bottom[m], begin[m], end[m] = state[_TOP], state[_BOTTOM], state[_BEGIN], state[_END]
    if segments and fills[m] and runs[m] <= MAX_RUNS:
        _segments(start, stop, state[_KEPT], period, left, right, parent, answer)
        count[m], largest[m] = answer[0], answer[1]


@_jit(types.void(_GIVEN_BYTES, _GIVEN_INTS, _GIVEN_INTS, _GIVEN_INTS, boolean, *_OUT))
def _texts(
    text: NDArray[np.uint8], lengths: Ints, height: Ints, pixels: Ints, segments: bool,
    malformed: Any, negative: Any, total: Floats, area: Floats, runs: Ints, fills: Any,
    top: Ints, bottom: Ints, begin: Ints, end: Ints, count: Ints, largest: Ints,
) -> None:  # fmt: skip
    state, block, answer = np.empty(_STATE, np.int64), np.empty(BLOCK + 1, np.int64), np.empty(2, np.int64)
    room = MAX_RUNS if segments else 1
    start, stop = np.empty(room, np.int64), np.empty(room, np.int64)
    left, right, parent = np.empty(room, np.int64), np.empty(room, np.int64), np.empty(room, np.int64)
    at = 0
    for m in range(len(lengths)):
        behind = at + lengths[m]
        period = height[m]
        state[:] = 0
        state[_TOP] = period
        number, n, before, last = 0, 0, 0, 0
        bad = below = False
        while at < behind:
            code = text[np.uintp(at)]
            at += 1
            if code < 48 or code > 111:
                bad = True
                break
            if code < 80:
                run = ((int64(code) - 48) ^ 16) - 16
            else:
                run, shift = int64(code) - 80, 5
                while True:
                    if at == behind or shift == 5 * MAX_CHARACTERS:
                        bad = True
                        break
                    code = text[np.uintp(at)]
                    at += 1
                    run |= ((int64(code) - 48) & 31) << shift
                    shift += 5
                    if code < 80:
                        if (code - 48) & 16:
                            run -= int64(1) << shift
                        break
                    bad |= code > 111
                if bad or code < 48:
                    bad = True
                    break
            if number > 2:
                run += before
            before, last = last, run
            number += 1
            below |= run < 0
            block[np.uintp(n)] = min(run, FAR)
            n += 1
            if n == BLOCK:
                if not below:
                    _measure(block, BLOCK, period, state, segments and number <= MAX_RUNS, start, stop)
                n = 0
        at = behind + 1  # a blank stands there
        malformed[m], negative[m] = bad, below and not bad
        if not bad and not below:
            block[n] = 0
            _measure(block, n, period, state, segments and number <= MAX_RUNS, start, stop)
            runs[m] = number
            _finish(
                m, period, pixels[m], state, segments, total, area, runs, fills, top, bottom, begin, end,
                count, largest, start, stop, left, right, parent, answer,
            )  # fmt: skip


@_jit(types.void(_GIVEN_FLOATS, _GIVEN_INTS, _GIVEN_INTS, _GIVEN_INTS, boolean, *_OUT))
def _lists(
    values: Floats, lengths: Ints, height: Ints, pixels: Ints, segments: bool,
    malformed: Any, negative: Any, total: Floats, area: Floats, runs: Ints, fills: Any,
    top: Ints, bottom: Ints, begin: Ints, end: Ints, count: Ints, largest: Ints,
) -> None:  # fmt: skip
    state, block, answer = np.empty(_STATE, np.int64), np.empty(BLOCK + 1, np.int64), np.empty(2, np.int64)
    room = MAX_RUNS if segments else 1
    start, stop = np.empty(room, np.int64), np.empty(room, np.int64)
    left, right, parent = np.empty(room, np.int64), np.empty(room, np.int64), np.empty(room, np.int64)
    behind = 0
    for m in range(len(lengths)):
        at = behind
        behind = at + lengths[m]
        state[:] = 0
        state[_TOP] = height[m]
        n = 0
        bad = below = False
        for k in range(at, behind):
            value = values[k]
            if value != np.floor(value):
                bad = True
                break
            below |= value < 0
            block[n] = int64(min(max(value, -1.0), float64(FAR)))
            n += 1
            if n == BLOCK or k == behind - 1:
                block[n] = 0
                if not below:
                    _measure(block, n, height[m], state, segments and lengths[m] <= MAX_RUNS, start, stop)
                n = 0
        malformed[m], negative[m] = bad, below and not bad
        if not bad and not below:
            runs[m] = lengths[m]
            _finish(
                m, height[m], pixels[m], state, segments, total, area, runs, fills, top, bottom, begin, end,
                count, largest, start, stop, left, right, parent, answer,
            )  # fmt: skip


def measure_texts(texts: Sequence[str], lengths: Ints, height: Ints, pixels: Ints, segments: bool) -> Counted:
    """As `rle_plain.measure_texts`."""
    found = Counted.nothing(len(lengths))
    _texts(joined(texts), lengths, height, pixels, segments, *found.arrays())
    return found


def measure_lists(values: Floats, lengths: Ints, height: Ints, pixels: Ints, segments: bool) -> Counted:
    """As `rle_plain.measure_lists`."""
    found = Counted.nothing(len(lengths))
    _lists(np.ascontiguousarray(values), lengths, height, pixels, segments, *found.arrays())
    return found
