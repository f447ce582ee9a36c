"""Run-length encoded masks, checked without decoding them to bitmaps, all masks of a chunk at once.

Compressed counts hold 6 bits a character at offset 48: 5 bits of value, low first, and 0x20 for "goes on"; 0x10 of
the last
character is the sign. From the fourth run on a number is the difference to the run two before. Runs alternate, zeros
first.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from datacheck.read.numbers import Ragged
from datacheck.read.scalars import label

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

STATES = ("ok", "short", "long", "negative", "malformed", "bytes-repr", "empty", "bad-size", "oversized")
OK, SHORT, LONG, NEGATIVE, MALFORMED, BYTES_REPR, EMPTY, BAD_SIZE, OVERSIZED = range(len(STATES))
MAX_PIXELS = 1 << 31
MAX_CHARACTERS = 7
"""Of one number: 35 bits, past any run of a mask of MAX_PIXELS."""
PIECE = 1 << 17
"""Characters decoded at once: what is worked on stays in the cache."""

Ints = NDArray[np.int64]


@dataclass
class Masks:
    """M RLE objects of a chunk. `owner` [M] is the record; `sizes` [M, 2] height and width where `sized`; `texts`
    the compressed
    counts; `listed` tells those whose counts are a list, whose runs are in `runs`, in order; `good` those with
    readable counts."""

    owner: Ints
    sizes: NDArray[np.float64]
    sized: NDArray[np.bool_]
    texts: Sequence[str]
    listed: NDArray[np.bool_]
    good: NDArray[np.bool_]
    runs: Ragged

    @classmethod
    def none(cls) -> Masks:
        no, nothing = np.empty(0, np.int64), np.empty(0, bool)
        return cls(no, np.empty((0, 2)), nothing, [], nothing, nothing, Ragged(np.empty(0), no, []))


def counts_measures(text: bytes, lengths: Ints) -> tuple[Ints, Ints, Ints]:
    """(run sum, area, state) of masks whose compressed counts are joined in `text`; lengths: [M] characters, at
    least 1.

    The state is OK, NEGATIVE or MALFORMED here; sums are meaningless for a malformed mask.
    """
    m = len(lengths)
    state = np.zeros(m, np.int64)
    codes = np.frombuffer(text, np.uint8).astype(np.int64) - 48
    owner = np.repeat(np.arange(m), lengths)
    state[owner[(codes < 0) | (codes > 63)]] = MALFORMED
    goes_on = (codes & 0x20) != 0
    last = np.cumsum(lengths) - 1
    state[goes_on[last]] = MALFORMED
    ends = ~goes_on
    ends[last] = True  # A cut number ends with its mask, so that it cannot reach into the next.
    stop = np.flatnonzero(ends)
    start = np.append(0, stop[:-1] + 1)
    size = stop - start + 1
    number_owner = owner[stop]
    state[number_owner[size > MAX_CHARACTERS]] = MALFORMED
    digit = np.arange(len(codes)) - np.repeat(start, size)
    values = np.add.reduceat((codes & 0x1F) << (5 * np.minimum(digit, MAX_CHARACTERS)), start)
    values -= np.where(codes[stop] & 0x10, np.int64(1) << (5 * np.minimum(size, MAX_CHARACTERS)), 0)
    per_mask = np.bincount(number_owner, minlength=m)
    first = np.cumsum(per_mask) - per_mask
    index = np.arange(len(values)) - np.repeat(first, per_mask)
    # Runs 1, 3, 5, ... and 2, 4, 6, ... are two chains of differences: two columns of a table, summed down each
    # mask's rows.
    rows = per_mask // 2
    row_start = np.cumsum(rows) - rows
    chained = index > 0
    table = np.zeros((int(rows.sum()) + 1, 2), np.int64)
    row = row_start[number_owner[chained]] + (index[chained] - 1) // 2
    column = (index[chained] - 1) % 2
    table[row + 1, column] = values[chained]
    summed = np.cumsum(table, axis=0)
    runs = values
    runs[chained] = summed[row + 1, column] - summed[row_start[number_owner[chained]], column]
    negative = runs < 0
    state[number_owner[negative]] = np.maximum(state[number_owner[negative]], NEGATIVE)
    total = np.add.reduceat(runs, first)
    area = np.add.reduceat(np.where(index % 2 == 1, runs, 0), first)
    return total, area, state


def _pieces(masks: Masks) -> Iterator[tuple[list[int], bytes]]:
    """Runs of compressed masks whose texts can be decoded together."""
    held: list[int] = []
    size = 0
    for index in np.flatnonzero(masks.good & ~masks.listed).tolist():
        if size > PIECE:
            yield held, "".join(masks.texts[i] for i in held).encode("ascii")
            held, size = [], 0
        text = masks.texts[index]
        if text and text.isascii():
            held.append(index)
            size += len(text)
    if held:
        yield held, "".join(masks.texts[i] for i in held).encode("ascii")


def measure(masks: Masks) -> tuple[Ints, NDArray[np.float64], NDArray[np.float64]]:
    """(state, run sum, area) of each mask; the state is -1 for masks without readable counts."""
    m = len(masks.owner)
    state = np.where(masks.good, MALFORMED, -1)
    total, area = np.zeros(m), np.zeros(m)
    for index in np.flatnonzero(masks.good & ~masks.listed).tolist():
        text = masks.texts[index]
        if not text:
            state[index] = EMPTY
    for held, joined in _pieces(masks):
        lengths = np.fromiter((len(masks.texts[i]) for i in held), np.int64, len(held))
        total[held], area[held], state[held] = counts_measures(joined, lengths)
    for index in np.flatnonzero(masks.good & ~masks.listed).tolist():
        if masks.texts[index].startswith(("b'", 'b"')):
            state[index] = BYTES_REPR
    _listed(masks, state, total, area)
    decided = (state == OK) | (state == SHORT) | (state == LONG)
    with np.errstate(over="ignore"):
        pixels = masks.sizes[:, 0] * masks.sizes[:, 1]
    whole = (masks.sizes == np.floor(masks.sizes)).all(axis=1) & (masks.sizes > 0).all(axis=1)
    state = np.where(decided & masks.sized & whole & (total < pixels), SHORT, state)
    state = np.where(decided & masks.sized & whole & (total > pixels), LONG, state)
    state = np.where((state >= 0) & masks.sized & whole & (pixels > MAX_PIXELS), OVERSIZED, state)
    state = np.where((state >= 0) & (~masks.sized | ~whole), BAD_SIZE, state)
    return state, total, area


def _listed(masks: Masks, state: Ints, total: NDArray[np.float64], area: NDArray[np.float64]) -> None:
    where = np.flatnonzero(masks.listed)
    if not len(where):
        return
    values, lengths = masks.runs.values, masks.runs.lengths
    own = np.repeat(np.arange(len(where)), lengths)
    odd = (np.arange(len(values)) - np.repeat(masks.runs.starts, lengths)) % 2 == 1
    found = np.zeros(len(where), np.int64)
    found[lengths == 0] = EMPTY
    found[own[values < 0]] = NEGATIVE
    found[own[values != np.floor(values)]] = MALFORMED
    state[where] = np.where(masks.good[where], found, -1)
    total[where] = np.bincount(own, weights=values, minlength=len(where))
    area[where] = np.bincount(own[odd], weights=values[odd], minlength=len(where))


def rle_columns(masks: Masks, n: int) -> dict[str, pa.Array]:
    """Columns of n records from their masks."""
    state, total, area = measure(masks)
    codes = np.full(n, -1, np.int8)
    codes[masks.owner] = state
    readable = np.zeros(n, bool)
    readable[masks.owner] = (state >= 0) & ~np.isin(state, (MALFORMED, BYTES_REPR, EMPTY, NEGATIVE))
    sums, areas = np.zeros(n), np.zeros(n)
    sums[masks.owner], areas[masks.owner] = total, area
    return {
        "rle_state": label(codes, STATES),
        "rle_run_sum": pa.array(sums, mask=~readable),
        "rle_area": pa.array(areas, mask=~readable),
    }
