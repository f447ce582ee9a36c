"""Compressed counts to runs, all masks of a chunk at once; texts may hold anything.

Compressed counts hold 6 bits a character at offset 48: 5 bits of value, low first, and 0x20 for "goes on"; 0x10 of the
last character is the sign. From the fourth number on a number is the difference to the run two before. Runs alternate,
zeros first (pycocotools, common/maskApi.c: rleFrString).

Runs of zeros and of ones are two chains of differences. A mask with an odd number of runs gets an empty one at its end,
so that the runs of all masks lie in pairs: then both chains are sums down a column, and what a mask's sums start from
is taken away again. Sums go round at 32 bits, which hides nothing: a number of at most 6 characters lies within 2**29
of 0, so the first run that leaves [0, 2**31) is seen as a negative one. Masks with such a run, and those with longer
numbers, are not `plain`; 64 bits tell the truth about them.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

OFFSET, GOES_ON, SIGN, VALUE = np.uint8(48), np.uint8(0x20), np.uint8(0x10), np.uint8(0x1F)
BITS = 5
MAX_CHARACTERS = 7
"""Of one number: 35 bits, past any run of a mask of MAX_PIXELS."""
NARROW = 6
"""Characters of a number that is safe in 32 bits."""
BLANK = "0"
"""What stands between texts: the number 0."""
NO_COUNTS = "\x7f"
FAR = 1 << 53
"""Sums and runs past this are taken to be this."""

Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]
Runs = NDArray[np.signedinteger[Any]]


@dataclass(slots=True)
class Pairs:
    """Runs of M masks: pair k is `zeros[k]` pixels of background and then `ones[k]` of the mask, [P] each.

    pairs [M]: how many belong to each mask, one mask after the other, at least 1. counts [M]: the runs it was written
    with; where that is odd, the last of `ones` is 0. malformed [M]: its text is no counts. plain [M]: no run leaves
    [0, 2**31) (in 64 bits: is negative); of all other masks zeros and ones mean nothing.
    """

    zeros: Runs
    ones: Runs
    pairs: Ints
    counts: Ints
    malformed: Bools
    plain: Bools


def joined(texts: Sequence[str]) -> NDArray[np.uint8]:
    """The characters of all texts, a blank behind each; of one that is not ASCII, characters that are no counts."""
    try:
        return np.frombuffer((BLANK.join(texts) + BLANK).encode("ascii"), np.uint8)
    except UnicodeEncodeError:
        return joined([text if text.isascii() else NO_COUNTS * len(text) for text in texts])


def decode(
    texts: Sequence[str],
    lengths: Ints,
    dtype: type[np.signedinteger[Any]] = np.int32,
    before: tuple[int, int] | None = None,
) -> Pairs:
    """The runs of M texts of `lengths` [M] characters, at least 1.

    With int64 for dtype numbers may have MAX_CHARACTERS. `before`: the one text goes on behind these two runs. Takes
    about 5 numpy passes over the characters and 12 over the numbers, which is 3 us for 270 characters.
    """
    narrow = dtype is np.int32
    code = joined(texts) - OFFSET
    blank = np.cumsum(lengths + 1) - 1
    malformed = np.zeros(len(lengths), bool)
    if code.max() > 63:
        malformed[np.searchsorted(blank, np.flatnonzero(code > 63))] = True
    ends = code & GOES_ON == 0
    # A cut number ends with its text, so that it cannot reach into the next.
    malformed |= ~ends[blank - 1]
    ends[blank - 1] = True
    counts = _per_text(ends, blank)
    odd = counts & 1 == 1
    ends[blank[~odd]] = False  # The blank behind a text of odd count becomes its empty last run.
    last = np.flatnonzero(ends)
    low = code & VALUE
    values = ((low ^ SIGN).view(np.int8) - np.int8(SIGN))[last].astype(dtype)
    # Numbers of several characters, from their last back to their first: those that go on become fewer each time.
    goes_on = code & GOES_ON
    which = np.flatnonzero(goes_on[last - 1])
    at = last[which] - 1
    for _ in range(1, NARROW if narrow else MAX_CHARACTERS):
        if not len(which):
            break
        values[which] = (values[which] << BITS) | low[at]
        at -= 1
        more = np.flatnonzero(goes_on[at])
        which, at = which[more], at[more]
    plain = ~malformed
    if len(which):
        too_long = np.searchsorted(blank, at)
        plain[too_long] = False
        if not narrow:
            malformed[too_long] = True
    pairs = (counts + 1) >> 1
    zeros, ones = _summed(values.reshape(-1, 2), pairs, before)
    ones[(np.cumsum(pairs) - 1)[odd]] = 0
    if zeros.min() < 0 or ones.min() < 0:
        plain[np.repeat(np.arange(len(pairs)), pairs)[(zeros | ones) < 0]] = False
    return Pairs(zeros, ones, pairs, counts, malformed, plain)


def _per_text(ends: Bools, blank: Ints) -> Ints:
    """[M] how many numbers end within each text; each blank is one more, and left out. Eight bits are counted at a
    time."""
    bits = np.packbits(ends)
    before = np.zeros(len(bits) + 1, np.int64)
    np.cumsum(np.bitwise_count(bits), out=before[1:])
    part = bits[blank >> 3].astype(np.uint16) >> (8 - (blank & 7)).astype(np.uint16)
    upto = before[blank >> 3] + np.bitwise_count(part)
    counts: Ints = np.diff(upto, prepend=-1) - 1
    return counts


def _summed(values: Runs, pairs: Ints, before: tuple[int, int] | None) -> tuple[Runs, Runs]:
    """Differences [P, 2] to runs, down both columns."""
    first = np.cumsum(pairs) - pairs
    if before is None:
        third = first[pairs > 1]
        values[third + 1, 0] -= values[third, 0]  # The third number is no difference.
    else:
        values[0] += np.array(before, values.dtype)
    found = []
    for column in (values[:, 0], values[:, 1]):
        runs = np.cumsum(column, dtype=column.dtype)
        base = np.zeros(len(first), column.dtype)
        base[1:] = runs[first[1:] - 1]
        runs -= np.repeat(base, pairs)
        found.append(runs)
    return found[0], found[1]


def in_parts(text: str, size: int) -> Iterator[Pairs]:
    """The runs of one long text in 64 bits, in parts of about `size` characters, an even number of runs in all but the
    last. Ends behind a part that is malformed."""
    before: tuple[int, int] | None = None
    at = 0
    while at < len(text):
        part = text[at : at + size]
        if at + size < len(text):
            ends = np.flatnonzero((joined([part])[:-1] - OFFSET) & GOES_ON == 0)
            whole = len(ends) // 2 * 2
            # Where there are not even two numbers, the number is too long, and that is found below.
            part = part[: int(ends[whole - 1]) + 1] if whole else part
        found = decode([part], np.array([len(part)]), np.int64, before)
        yield found
        if found.malformed[0]:
            return
        before = int(found.zeros[-1]), int(found.ones[-1])
        at += len(part)


def list_in_parts(values: NDArray[np.float64], size: int) -> Iterator[Pairs]:
    """The runs of one long list in 64 bits, in parts of `size` numbers, which is even."""
    for at in range(0, len(values), size):
        part = values[at : at + size]
        malformed = np.array([bool((part != np.floor(part)).any())])
        with np.errstate(invalid="ignore"):
            whole = np.clip(part, -FAR, FAR).astype(np.int64)
        table = np.zeros(len(part) + len(part) % 2, np.int64)
        table[: len(part)] = whole
        pairs, counts = np.array([len(table) // 2]), np.array([len(part)])
        plain = ~malformed & (whole.min() >= 0)
        yield Pairs(table[0::2], table[1::2], pairs, counts, malformed, plain)


def of_lists(values: NDArray[np.float64], lengths: Ints) -> Pairs:
    """The runs of M lists of at least 1 number, given one after the other."""
    starts = np.cumsum(lengths) - lengths
    in_range = (values >= 0) & (values < 1 << 31) & (values == np.floor(values))
    plain = np.logical_and.reduceat(in_range, starts)
    odd = lengths & 1
    table = np.zeros(len(values) + int(odd.sum()), np.int32)
    where = np.arange(len(values)) + np.repeat(np.cumsum(odd) - odd, lengths)
    table[where] = np.where(in_range, values, 0)
    pairs = (lengths + odd) >> 1
    both = table.reshape(-1, 2)
    no = np.zeros(len(lengths), bool)
    return Pairs(np.ascontiguousarray(both[:, 0]), np.ascontiguousarray(both[:, 1]), pairs, lengths, no, plain)
