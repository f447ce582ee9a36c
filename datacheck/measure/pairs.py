"""Names that nearly meet: for each name that was not found, the most similar one that was not asked for."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray

Hashes = NDArray[np.uint64]

SHORTEST = 4
"""Names with fewer letters than this are not similar by one edit: cat and bat are two animals."""
LONGEST = 400
BASE = np.uint64(0x9E3779B97F4A7C15)
"""An odd number, so that it has an inverse modulo 2^64."""
INVERSE = np.uint64(pow(0x9E3779B97F4A7C15, -1, 1 << 64))
TRIED = 4
"""Candidates with the same hash that are compared, for each way to shorten a name."""

_NUMBER = re.compile(r"0*([0-9]+)")
_ZEROS = re.compile(r"(?<![0-9])0+(?=[0-9])")
_BETWEEN = re.compile(r"(?<=[0-9])[\s_\-.()\[\]]+(?=[0-9])")
_SEPARATORS = re.compile(r"[\s_\-.()\[\]]+")
_RUNS = re.compile(r"[0-9]+")
_NO_DIGITS = dict.fromkeys(map(ord, "0123456789"))


def nearest_names(missing: Sequence[str], candidates: Sequence[str]) -> list[str | None]:
    """For each of `missing` the candidate most like it, None where none is similar.

    Similar are, the first that applies: names that differ in leading zeros only (img_1, img_001); in case, in how
    Unicode is written, or in separators as well (IMG-001); in one letter that is added, left out, replaced or swapped
    with its neighbour, as long as their numbers are equal, since 000012 and 000013 are two images; a name that holds
    the other and has the same numbers (img_001, 001_final); the same name in another folder. Of several candidates the
    first counts; where a name only holds the other, or lies elsewhere, it must be the only one.

    Time grows with the number of characters and not with the product of the two lists: names are compared by the hashes
    of all ways to leave out a letter.
    """
    found: list[str | None] = [None] * len(missing)
    left = list(range(len(missing)))
    if not candidates:
        return found
    others = list(candidates)
    left = _by_key(missing, others, left, _counted, found, only=False)
    written = _Written()
    left = _by_key(missing, others, left, written.__getitem__, found, only=False)
    if left:
        left = _by_one_edit(missing, others, left, found, written)
    if left:
        left = _by_part(missing, others, left, found)
    if left:
        _by_key(missing, others, left, lambda name: _written(name.rpartition("/")[2]), found, only=True)
    return found


def _counted(name: str) -> str:
    """The name without leading zeros."""
    return _ZEROS.sub("", name)


def _written(name: str) -> str:
    """The name without what differs from one tool to another: case, composition, separators, leading zeros.

    Numbers that a separator kept apart stay apart: 1_23 is not 12_3.
    """
    if not name.isascii():
        name = unicodedata.normalize("NFKC", name)
    return _SEPARATORS.sub("", _BETWEEN.sub("#", _ZEROS.sub("", name.casefold())))


class _Written(dict[str, str]):
    """What `_written` gives, worked out once for each name."""

    def __missing__(self, name: str) -> str:
        self[name] = found = _written(name)
        return found


def _by_key(
    missing: Sequence[str],
    candidates: Sequence[str],
    left: list[int],
    key: Callable[[str], str],
    found: list[str | None],
    *,
    only: bool,
) -> list[int]:
    """Fill in `found` where keys are equal; the positions that are left."""
    known: dict[str, str | None] = {}
    for name in candidates:
        own = key(name)
        if own not in known:
            known[own] = name
        elif only and known[own] != name:
            known[own] = None
    rest = []
    for position in left:
        other = known.get(key(missing[position]))
        if other is None:
            rest.append(position)
        else:
            found[position] = other
    return rest


# one edit


def _by_one_edit(
    missing: Sequence[str], candidates: Sequence[str], left: list[int], found: list[str | None], written: _Written
) -> list[int]:
    names, others = [written[missing[i]] for i in left], [written[name] for name in candidates]
    own, own_at = _shortened(names)
    known, known_at = _shortened(others)
    order = np.argsort(known, kind="stable")
    known, known_at = known[order], known_at[order]
    start = np.searchsorted(known, own)
    inside = start < len(known)
    if not len(known) or not len(own):
        return left
    hit = np.flatnonzero(inside & (known[np.minimum(start, len(known) - 1)] == own)).tolist()
    best: dict[int, int] = {}
    for at in hit:
        position = int(own_at[at])
        for place in range(int(start[at]), min(int(start[at]) + TRIED, len(known))):
            other = int(known_at[place])
            if known[place] != own[at]:
                break
            if other < best.get(position, len(others)) and _is_one_edit(names[position], others[other]):
                best[position] = other
    for position, other in best.items():
        found[left[position]] = candidates[other]
    return [position for number, position in enumerate(left) if number not in best]


def _shortened(names: Sequence[str]) -> tuple[Hashes, NDArray[np.int64]]:
    """Hashes of each name as it is and with each of its characters but digits left out; and the positions of the names.

    A name with the characters c_0, c_1, ... has the hash sum(c_j * BASE^j) modulo 2^64, so that all of these follow
    from sums over the characters before and behind the one that is left out.
    """
    usable = [n for n, name in enumerate(names) if len(name) <= LONGEST and _letters(name) >= SHORTEST]
    text = "".join([names[n] for n in usable])
    if not text:
        return np.empty(0, np.uint64), np.empty(0, np.int64)
    codes = np.frombuffer(text.encode("utf-32-le", "surrogatepass"), np.uint32).astype(np.uint64) + np.uint64(1)
    lengths = np.array([len(names[n]) for n in usable])
    ends = np.cumsum(lengths)
    starts = ends - lengths
    powers = np.cumprod(np.concatenate([[np.uint64(1)], np.full(LONGEST, BASE)]), dtype=np.uint64)
    places = np.arange(len(codes)) - np.repeat(starts, lengths)
    sums = np.concatenate([np.zeros(1, np.uint64), np.cumsum(codes * powers[places], dtype=np.uint64)])
    whole = sums[ends] - sums[starts]
    behind = (np.repeat(sums[ends], lengths) - sums[1:]) * INVERSE
    without = sums[:-1] - np.repeat(sums[starts], lengths) + behind
    kept = (codes < np.uint64(ord("0") + 1)) | (codes > np.uint64(ord("9") + 1))
    owners = np.array(usable, np.int64)
    return np.concatenate([whole, without[kept]]), np.concatenate([owners, np.repeat(owners, lengths)[kept]])


def _letters(name: str) -> int:
    return len(name.translate(_NO_DIGITS))


def _is_one_edit(one: str, other: str) -> bool:
    """One character added, left out or replaced, or two neighbours swapped; and the same numbers."""
    if len(one) > len(other):
        one, other = other, one
    if len(other) - len(one) > 1 or _RUNS.findall(one) != _RUNS.findall(other):
        return False
    at = next((n for n, (a, b) in enumerate(zip(one, other, strict=False)) if a != b), len(one))
    if len(one) < len(other):
        return one[at:] == other[at + 1 :]
    return one[at + 1 :] == other[at + 1 :] or (
        one[at : at + 2] == other[at : at + 2][::-1] and one[at + 2 :] == other[at + 2 :]
    )


# the same numbers


def _by_part(missing: Sequence[str], candidates: Sequence[str], left: list[int], found: list[str | None]) -> list[int]:
    """A name that holds the other, where no other candidate has the same numbers."""
    known: dict[tuple[str, ...], str | None] = {}
    for name in candidates:
        numbers = tuple(_NUMBER.findall(name))
        known[numbers] = None if numbers in known and known[numbers] != name else name
    rest = []
    for position in left:
        name = missing[position]
        numbers = tuple(_NUMBER.findall(name))
        other = known.get(numbers) if numbers else None
        if other is not None:
            one, two = _written(name), _written(other)
            if one in two or two in one:
                found[position] = other
                continue
        rest.append(position)
    return rest
