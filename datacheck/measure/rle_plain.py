"""Run-length encoded masks measured with numpy alone; `rle_compiled` gives the same, faster."""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from datacheck.measure.components import MAX_RUNS, components_of_runs
from datacheck.measure.rle_runs import FAR, Pairs, decode, in_parts, list_in_parts, of_lists
from datacheck.measure.rle_shapes import Shapes, shapes

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from datacheck.measure.rle_runs import Bools, Ints

Floats = NDArray[np.float64]
PIECE = 1 << 17
"""Characters (of lists: numbers) measured at once: what is worked on stays in the cache."""
LONG = 1 << 20
"""Characters of one text, or numbers of one list, past which it is read in parts of so many."""


@dataclass(slots=True)
class Counted:
    """What the counts of M masks say, one array of [M] each.

    malformed, negative: at most one of them is set; then the rest means nothing. total, area: sums of the runs and of
    those of ones, at most FAR. runs: how many. fills: the total is that of the frame; only then the following are
    known: rows [top, bottom) and positions [begin, end) of the ones, if any; segments and the pixels of the largest,
    -1 where they were not counted.
    """

    malformed: Bools
    negative: Bools
    total: Floats
    area: Floats
    runs: Ints
    fills: Bools
    top: Ints
    bottom: Ints
    begin: Ints
    end: Ints
    segments: Ints
    largest: Ints

    @classmethod
    def nothing(cls, m: int) -> Counted:
        no, zero, minus = np.zeros(m, bool), np.zeros(m, np.int64), np.full(m, -1)
        sums = np.zeros(m), np.zeros(m)
        rest = zero.copy(), zero.copy(), zero.copy(), zero.copy(), minus, minus.copy()
        return cls(no, no.copy(), *sums, zero, no.copy(), *rest)

    def arrays(self) -> list[NDArray[Any]]:
        return [getattr(self, field.name) for field in fields(self)]

    def put(self, where: Ints | slice, other: Counted) -> None:
        """Set masks `where` to what another says."""
        for own, new in zip(self.arrays(), other.arrays(), strict=True):
            own[where] = new


def measure_texts(texts: Sequence[str], lengths: Ints, height: Ints, pixels: Ints, segments: bool) -> Counted:
    """What compressed counts say. texts: M of `lengths` characters, at least 1; height [M], at least 1; pixels [M]: of
    the frame, at most MAX_PIXELS, or -1 where its size is not known; segments: whether to count them."""
    if len(texts) == 1 and lengths[0] > LONG:
        return _long(in_parts(texts[0], LONG), height, pixels)
    runs = decode(texts, lengths)
    found = _counted(runs, shapes(runs, height), height, pixels, segments)
    again = np.flatnonzero(~found[1])
    if len(again):
        chosen = [texts[i] for i in again.tolist()]
        runs = decode(chosen, lengths[again], np.int64)
        wide, _ = _counted(runs, shapes(runs, height[again]), height[again], pixels[again], segments)
        found[0].put(again, wide)
    return found[0]


def measure_lists(values: Floats, lengths: Ints, height: Ints, pixels: Ints, segments: bool) -> Counted:
    """The same of counts that are lists of `lengths` numbers, at least 1, given one after the other."""
    if len(lengths) == 1 and lengths[0] > LONG:
        return _long(list_in_parts(values, LONG), height, pixels)
    runs = of_lists(values, lengths)
    found, proven = _counted(runs, shapes(runs, height), height, pixels, segments)
    again = np.flatnonzero(~proven)
    if len(again):
        starts = np.cumsum(lengths) - lengths
        odd = (np.arange(len(values)) - np.repeat(starts, lengths)) & 1 == 1
        found.malformed[again] = np.logical_or.reduceat(values != np.floor(values), starts)[again]
        found.negative[again] = (np.minimum.reduceat(values, starts) < 0)[again] & ~found.malformed[again]
        with np.errstate(over="ignore"):
            found.total[again] = np.minimum(np.add.reduceat(values, starts), FAR)[again]
            found.area[again] = np.minimum(np.add.reduceat(np.where(odd, values, 0), starts), FAR)[again]
        found.runs[again] = lengths[again]
    return found


def _counted(runs: Pairs, seen: Shapes, height: Ints, pixels: Ints, segments: bool) -> tuple[Counted, Bools]:
    """(what runs say, of which masks that is the truth)."""
    m = len(runs.counts)
    known = seen.proven | runs.malformed
    wide = runs.zeros.dtype == np.int64
    negative = ~runs.plain & ~runs.malformed & wide
    fills = seen.proven & (seen.total == pixels)
    count, largest = np.full(m, -1), np.full(m, -1)
    if segments:
        chosen = fills & (runs.counts <= MAX_RUNS)
        count[chosen], largest[chosen] = _segments(runs, seen, height, chosen)
    found = Counted(
        runs.malformed, negative, seen.total, seen.area, runs.counts, fills,
        seen.top, seen.bottom, seen.begin, seen.end, count, largest,
    )  # fmt: skip
    return found, known


def _segments(runs: Pairs, seen: Shapes, height: Ints, chosen: Bools) -> tuple[Ints, Ints]:
    start, stop, pairs = seen.start, seen.stop, runs.pairs
    if not chosen.all():
        keep = np.repeat(chosen, pairs)
        start, stop, pairs, height = start[keep], stop[keep], pairs[chosen], height[chosen]
    return components_of_runs(start, stop, height, pairs)


def _long(parts: Iterable[Pairs], height: Ints, pixels: Ints) -> Counted:
    """One long text or list, in parts, so that its runs are never all in memory. It has more runs than segments are
    counted of."""
    found = Counted.nothing(1)
    boxes: list[tuple[int, int, int, int]] = []
    for runs in parts:
        if runs.malformed[0]:
            found.malformed, found.negative = runs.malformed, ~runs.malformed
            return found
        found.negative |= ~runs.plain
        seen = shapes(runs, height, int(found.total[0]))
        if seen.area[0] > 0:
            boxes.append((int(seen.top[0]), int(seen.bottom[0]), int(seen.begin[0]), int(seen.end[0])))
        found.total, found.area = np.minimum(found.total + seen.total, FAR), np.minimum(found.area + seen.area, FAR)
        found.runs += runs.counts
    found.fills = ~found.negative & (found.total == pixels)
    if boxes:
        table = np.array(boxes, np.int64)
        found.top[0], found.begin[0] = table[:, 0].min(), table[:, 2].min()
        found.bottom[0], found.end[0] = table[:, 1].max(), table[:, 3].max()
    return found
