"""What runs cover: total, area and box of all masks of a chunk, from pairs of runs."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from datacheck.measure.rle_runs import FAR

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from datacheck.measure.rle_runs import Bools, Ints, Pairs, Runs


@dataclass(slots=True)
class Shapes:
    """Of M masks: sum of the runs [M], and of those of ones (float64, at most FAR); rows [top, bottom) and positions
    [begin, end) that the ones lie in, of masks that have any; `proven` [M]: none of this went round at 32 bits. Of
    P pairs: start and stop, the positions of the ones."""

    total: NDArray[np.float64]
    area: NDArray[np.float64]
    top: Ints
    bottom: Ints
    begin: Ints
    end: Ints
    proven: Bools
    start: Runs
    stop: Runs


def shapes(runs: Pairs, height: Ints, origin: int = 0) -> Shapes:
    """Shapes of masks of `height` [M], at least 1, whose pixels lie column by column.

    In 32 bits, positions go round where they pass 2**31; each run is below that, so the first position past it is seen
    as a negative one. In 64 bits sums are taken as float64 as well, and positions mean nothing where the total is FAR.
    `origin`: the position that the first mask starts from.
    """
    zeros, ones, pairs = runs.zeros, runs.ones, runs.pairs
    behind = np.cumsum(pairs)
    first, last = behind - pairs, behind - 1
    stop = np.cumsum(zeros + ones, dtype=zeros.dtype)
    base = np.full(len(pairs), -origin, zeros.dtype)
    base[1:] = stop[last[:-1]]
    stop -= np.repeat(base, pairs)
    start = stop - ones
    proven = runs.plain
    if zeros.dtype == np.int32:
        if start.min() < 0 or stop.min() < 0:
            proven = proven.copy()
            proven[np.repeat(np.arange(len(pairs)), pairs)[(start | stop) < 0]] = False
        total = stop[last].astype(np.float64)
        area = np.add.reduceat(ones, first).astype(np.float64)
    else:
        total = np.minimum(np.add.reduceat(zeros + ones, first, dtype=np.float64), FAR)
        area = np.minimum(np.add.reduceat(ones, first, dtype=np.float64), FAR)
    tall = np.repeat(height.astype(zeros.dtype), pairs)
    row = start % tall
    under = row + ones
    over = under > tall
    under[over] = tall[over]
    row[over] = 0
    # Without a pixel a run has no row.
    none = ones == 0
    row[none], under[none] = tall[none], 0
    top, bottom = np.minimum.reduceat(row, first), np.maximum.reduceat(under, first)
    return Shapes(total, area, top, bottom, *_ends(ones, start, stop, first, last), proven, start, stop)


def _ends(ones: Runs, start: Runs, stop: Runs, first: Ints, last: Ints) -> tuple[Ints, Ints]:
    """[M] the first position of a one, and the one behind the last."""
    # In what encoders write only the last pair may be without ones.
    end = last - ((ones[last] == 0) & (last > first))
    if ((ones[first] == 0) & (last > first)).any() or ((ones[end] == 0) & (end > first)).any():
        far = np.iinfo(start.dtype).max
        begins = np.minimum.reduceat(np.where(ones == 0, far, start), first)
        return begins.astype(np.int64), np.maximum.reduceat(np.where(ones == 0, 0, stop), first).astype(np.int64)
    return start[first].astype(np.int64), stop[end].astype(np.int64)
