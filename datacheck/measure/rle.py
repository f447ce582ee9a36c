"""Run-length encoded masks, checked and measured without decoding them to bitmaps, all masks of a chunk at once.

Nothing is derived from a mask before it is proven: its size is two whole numbers of at least 1 and of at most
MAX_PIXELS, its runs can be read, are not negative, and sum to height x width.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import compress, pairwise
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa
import xxhash
from numpy.typing import NDArray

from datacheck.measure.joins import mixed
from datacheck.measure.rle_engine import choose
from datacheck.measure.rle_plain import Counted
from datacheck.read.numbers import Ragged
from datacheck.read.scalars import label

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

STATES = ("ok", "short", "long", "negative", "malformed", "bytes-repr", "empty", "bad-size", "oversized")
OK, SHORT, LONG, NEGATIVE, MALFORMED, BYTES_REPR, EMPTY, BAD_SIZE, OVERSIZED = range(len(STATES))
MAX_PIXELS = (1 << 31) - 1
"""Of one mask: positions in it fit in 32 bits."""
Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]


@dataclass
class Masks:
    """M RLE objects of a chunk. `owner` [M] is the record; `sizes` [M, 2] height and width where `sized`; `texts` the
    compressed counts; `listed` tells those whose counts are a list, whose runs are in `runs`, in order; `good` those
    with readable counts."""

    owner: Ints
    sizes: NDArray[np.float64]
    sized: Bools
    texts: Sequence[str]
    listed: Bools
    good: Bools
    runs: Ragged
    known: Measured | None = None
    """What was measured of them last, kept for the next kernel."""

    @classmethod
    def none(cls) -> Masks:
        no, nothing = np.empty(0, np.int64), np.empty(0, bool)
        return cls(no, np.empty((0, 2)), nothing, [], nothing, nothing, Ragged(np.empty(0), no, []))

    def measured(self, *, segments: bool) -> Measured:
        """Measure them, or say what is known: the texts are decoded once if the first who asks wants segments."""
        if self.known is None or (segments and not self.known.with_segments):
            self.known = measure(self, segments=segments)
        return self.known


@dataclass
class Measured:
    """Of M masks: state (-1 without readable counts; else a position in STATES) and what their counts say; `readable`
    [M]: the runs mean something, whatever the size; height [M], 1 where it is not known; pixels [M], -1 there."""

    state: NDArray[np.int8]
    readable: Bools
    counted: Counted
    height: Ints
    pixels: Ints
    with_segments: bool


def measure(masks: Masks, *, segments: bool = False, engine: str = "") -> Measured:
    """Measure all masks; segments: also how many connected ones each has. `engine`: plain or compiled, which give the
    same; without it `rle_engine` chooses."""
    m = len(masks.owner)
    height, pixels, sized, oversized = _frames(masks)
    found = Counted.nothing(m)
    compressed = masks.good & ~masks.listed
    lengths = np.fromiter(map(len, masks.texts), np.int64, m) if compressed.any() else np.zeros(m, np.int64)
    where = np.flatnonzero(compressed & (lengths > 0))
    texts = list(masks.texts) if len(where) == m else list(compress(masks.texts, (compressed & (lengths > 0)).tolist()))
    use = choose(engine, int(lengths[where].sum()), segments)
    for begin, end in _pieces(lengths[where], use.PIECE):
        own = _range(where, begin, end)
        found.put(own, use.measure_texts(texts[begin:end], lengths[own], height[own], pixels[own], segments))
    listed = np.flatnonzero(masks.listed)
    lengths[listed] = masks.runs.lengths
    where, first = listed[masks.runs.lengths > 0], 0
    use = choose(engine, len(masks.runs.values), segments)
    for begin, end in _pieces(lengths[where], use.PIECE):
        own = _range(where, begin, end)
        values = masks.runs.values[first : first + int(lengths[own].sum())]
        first += len(values)
        found.put(own, use.measure_lists(values, lengths[own], height[own], pixels[own], segments))
    state = np.full(m, OK, np.int8)
    state[found.total < pixels] = SHORT
    state[found.total > pixels] = LONG
    state[found.negative] = NEGATIVE
    state[found.malformed] = MALFORMED
    for index in np.flatnonzero(found.malformed & ~masks.listed).tolist():
        if masks.texts[index].startswith(("b'", 'b"')):
            state[index] = BYTES_REPR
    state[lengths == 0] = EMPTY
    readable = masks.good & ((state == OK) | (state == SHORT) | (state == LONG))
    state[oversized] = OVERSIZED
    state[~sized] = BAD_SIZE
    state[~masks.good] = -1
    return Measured(state, readable, found, height, pixels, segments)


def _frames(masks: Masks) -> tuple[Ints, Ints, Bools, Bools]:
    """(height, pixels, which sizes are two whole numbers of at least 1, which of these are past MAX_PIXELS)."""
    sized = masks.sized & (masks.sizes == np.floor(masks.sizes)).all(axis=1) & (masks.sizes >= 1).all(axis=1)
    with np.errstate(over="ignore"):
        pixels = masks.sizes[:, 0] * masks.sizes[:, 1]
    usable = sized & (pixels <= MAX_PIXELS)
    height = np.where(usable, masks.sizes[:, 0], 1).astype(np.int64)
    return height, np.where(usable, pixels, -1).astype(np.int64), sized, sized & ~usable


def _pieces(lengths: Ints, size: int) -> Iterator[tuple[int, int]]:
    """Ranges of masks that hold about `size` characters or numbers together; what is longer than that stands alone."""
    if len(lengths):
        piece = (np.cumsum(lengths) - lengths) // size
        cuts = np.flatnonzero((np.diff(piece) > 0) | (lengths[1:] > size)) + 1
        yield from pairwise([0, *cuts.tolist(), len(lengths)])


def _range(where: Ints, begin: int, end: int) -> Ints | slice:
    """where[begin:end], as a slice if it has no gaps."""
    first, last = int(where[begin]), int(where[end - 1])
    return slice(first, last + 1) if last - first == end - begin - 1 else where[begin:end]


def rle_columns(masks: Masks, n: int) -> dict[str, pa.Array]:
    """Columns of n records from their masks: all but the segments."""
    seen = masks.measured(segments=False)
    counted, owner = seen.counted, masks.owner
    state = np.full(n, -1, np.int8)
    state[owner] = seen.state
    ok = seen.state == OK
    box = ok & (counted.area > 0)
    x, last = counted.begin // seen.height, (counted.end - 1) // seen.height
    known = {
        "rle_run_sum": (counted.total, seen.readable),
        "rle_area": (counted.area, seen.readable),
        "rle_run_count": (counted.runs, seen.readable),
        "rle_x": (x, box),
        "rle_y": (counted.top, box),
        "rle_w": (last - x + 1, box),
        "rle_h": (counted.bottom - counted.top, box),
        "rle_share": (counted.area / seen.pixels, ok),
    }
    return {"rle_state": label(state, STATES)} | {
        name: spread(values, where, owner, n) for name, (values, where) in known.items()
    }


def component_columns(masks: Masks, n: int) -> dict[str, pa.Array]:
    """The connected segments of n records' masks."""
    seen = masks.measured(segments=True)
    known = (seen.state == OK) & (seen.counted.segments >= 0)
    found = {"rle_component_count": seen.counted.segments, "rle_largest_component": seen.counted.largest}
    return {name: spread(values, known, masks.owner, n) for name, values in found.items()}


def key_columns(masks: Masks, n: int) -> dict[str, pa.Array]:
    """A key of n records' masks: equal for equal sizes and counts, as they are written."""
    keys = np.zeros(len(masks.owner), np.int64)
    for index in np.flatnonzero(masks.good & ~masks.listed).tolist():
        keys[index] = _key(masks.texts[index].encode("utf-8", "backslashreplace"))
    ends = np.cumsum(masks.runs.lengths)
    begins = ends - masks.runs.lengths
    for index, begin, end in zip(np.flatnonzero(masks.listed).tolist(), begins.tolist(), ends.tolist(), strict=True):
        keys[index] = _key(masks.runs.values[begin:end].tobytes())
    known = masks.good & masks.sized
    sizes = np.where(masks.sized[:, None], masks.sizes, 0.0)
    return {"rle_key": spread(mixed(keys, *np.ascontiguousarray(sizes.T)), known, masks.owner, n)}


def _key(content: bytes) -> int:
    return int.from_bytes(xxhash.xxh3_64_digest(content), "big", signed=True)


def spread(values: NDArray[np.int64] | NDArray[np.float64], known: Bools, owner: Ints, n: int) -> pa.Array:
    """A column of n records from values of masks; NULL where it is not known, or there is no mask."""
    if len(owner) == n:  # every record has a mask, and they are in order
        return pa.array(values, mask=None if known.all() else ~known)
    column, hidden = np.zeros(n, values.dtype), np.ones(n, bool)
    column[owner[known]], hidden[owner[known]] = values[known], False
    return pa.array(column, mask=hidden)
