"""Runs of equal values in maps, and what each value covers: pixels and box, from the runs alone.

A run is a stretch of one value within a row. Finding the places where one pixel differs from the one before takes a
tenth of the time of decoding a PNG; all else is done with the runs, of many files at once.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, fields

import numpy as np
from numpy.typing import NDArray

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]

STRIP = 1 << 20
"""Pixels that are looked at together."""
MAX_VALUES = 1 << 16
"""Distinct values of one map past which they are not counted."""
_DENSE = 4096
_SMALL = 1 << 14
"""Pixels up to which the fewest steps are the fastest."""


def strips(pixels: NDArray[np.generic]) -> Iterator[tuple[int, NDArray[np.generic]]]:
    """(position of its first pixel, pixels) of the strips of a map [H, W], flat: whole rows, of long rows parts."""
    height, width = pixels.shape
    if pixels.dtype == np.bool_:
        pixels = pixels.view(np.uint8)
    if pixels.size <= STRIP:
        yield 0, pixels.reshape(-1)
        return
    rows = max(1, STRIP // width)
    for top in range(0, height, rows):
        flat = pixels[top : top + rows].reshape(-1)
        for start in range(0, len(flat), max(STRIP, 1) if width > STRIP else len(flat)):
            yield top * width + start, flat[start : start + STRIP] if width > STRIP else flat


class Finder:
    """Finds runs; the memory that this takes is used again for the next strip."""

    def __init__(self) -> None:
        self._changed = np.empty(0, np.bool_)

    def find(self, begin: int, flat: NDArray[np.generic], width: int) -> tuple[Ints, NDArray[np.generic]]:
        """(position of the first pixel, value) of each run in a strip that begins at `begin`: every row begins a run,
        and so does the strip."""
        if len(flat) > len(self._changed):
            self._changed = np.zeros(-(-max(len(flat), 2 * len(self._changed)) // 8) * 8, np.bool_)
        changed = self._changed[: len(flat)]
        np.not_equal(flat[1:], flat[:-1], out=changed[1:])
        changed[-begin % width :: width] = True
        changed[0] = True
        starts = self._set(len(flat))
        values = flat.take(starts)
        return (starts + begin if begin else starts), values

    def _set(self, length: int) -> Ints:
        """Where the first `length` of what has changed are set: looked for in words of eight pixels, and then in those
        words, in half the time of looking at each."""
        if length < _SMALL:
            return self._changed[:length].nonzero()[0]
        size = -(-length // 8) * 8
        self._changed[length:size] = False
        words = self._changed[:size].view(np.uint64)
        at = (words != 0).nonzero()[0]
        if 4 * len(at) > len(words):
            return self._changed[:length].nonzero()[0]
        inner = words.take(at).view(np.bool_).nonzero()[0]
        found: Ints = at.take(inner >> 3)
        found <<= 3
        inner &= 7
        found += inner
        return found


def settled(values: NDArray[np.generic]) -> Ints | Floats:
    """Values as int64, or as float64 where one of them is no whole number; equal values come out equal. Values past 63
    bits do not get here (files/shapes.py)."""
    if values.dtype.kind != "f":
        return values.astype(np.int64)
    plain = values.astype(np.float64)
    whole = bool((np.abs(plain) < 2.0**62).all() and (plain == np.rint(plain)).all())
    return plain.astype(np.int64) if whole else plain + 0.0


@dataclass(slots=True)
class Segments:
    """What the values of maps cover, [K] each, by file and in it by value: `x1` and `y1` belong to the box."""

    file: Ints
    value: Floats
    id: Ints
    """The value, if it is an integer."""
    area: Ints
    runs: Ints
    x0: Ints
    y0: Ints
    x1: Ints
    y1: Ints

    def __len__(self) -> int:
        return len(self.file)

    def take(self, rows: NDArray[np.generic]) -> Segments:
        return Segments(*(getattr(self, field.name)[rows] for field in fields(self)))


def join_segments(parts: Sequence[Segments]) -> Segments:
    if not parts:
        none = np.empty(0, np.int64)
        return Segments(none, np.empty(0), *[none] * 7)
    return Segments(*(np.concatenate([getattr(p, field.name) for p in parts]) for field in fields(Segments)))


@dataclass(slots=True)
class MapRuns:
    """The runs of one map, or of a strip of it: [R] positions and values; `end` is behind its last pixel."""

    file: int
    width: int
    end: int
    start: Ints
    value: Ints | Floats


@dataclass(slots=True)
class Joined:
    """The runs of several maps, one after the other."""

    counts: Ints
    """[M] runs of each map."""
    start: Ints
    stop: Ints
    nonzero: NDArray[np.bool_]


def reduce_runs(maps: Sequence[MapRuns]) -> tuple[Segments, Joined]:
    """Pixels, box and number of runs of every value of every map; files in the order of `maps`."""
    counts = np.array([len(m.start) for m in maps])
    start = np.concatenate([m.start for m in maps])
    stop = np.empty_like(start)
    stop[:-1] = start[1:]
    stop[np.cumsum(counts) - 1] = [m.end for m in maps]
    all_values = np.concatenate([m.value for m in maps])
    key, offsets, table = _keys(all_values, np.cumsum(counts) - counts, counts)
    width: Ints | int = maps[0].width
    if any(m.width != width for m in maps):
        width = np.repeat(np.array([m.width for m in maps]), counts)
    y = start // width
    x = start - y * width
    size = len(table)
    length = stop - start
    runs = np.bincount(key, minlength=size)
    area = np.bincount(key, weights=length, minlength=size)
    x0, x1 = np.full(size, np.iinfo(np.int64).max), np.zeros(size, np.int64)
    np.minimum.at(x0, key, x)
    np.maximum.at(x1, key, x + length - 1)
    y0, y1 = np.empty(size, np.int64), np.empty(size, np.int64)
    y1[key] = y  # Of several values for one place the last stays, and rows ascend.
    y0[key[::-1]] = y[::-1]
    there = np.flatnonzero(runs)
    owner = np.searchsorted(offsets, there, side="right") - 1
    value = table[there]
    whole = (value if value.dtype == np.int64 else np.where(np.abs(value) < 2.0**62, value, 0)).astype(np.int64)
    segments = Segments(
        np.array([m.file for m in maps])[owner], value.astype(np.float64), whole, area[there].astype(np.int64),
        runs[there], x0[there], y0[there], x1[there], y1[there],
    )  # fmt: skip
    return segments, Joined(counts, start, stop, all_values != 0)


def _keys(value: Ints | Floats, first: Ints, counts: Ints) -> tuple[Ints, Ints, Ints | Floats]:
    """(for each run the place of its value in a table, where the values of each map begin in it, the table)."""
    if value.dtype == np.int64:
        low, high = np.minimum.reduceat(value, first), np.maximum.reduceat(value, first)
        if low.min() >= 0 and (high.max() < _DENSE or (high + 1.0).sum() <= len(value)):
            return _dense_keys(value.astype(np.int64, copy=False), high + 1, counts)
    ends = np.append(first[1:], len(value)).tolist()
    keyed = [np.unique(value[a:b], return_inverse=True) for a, b in zip(first.tolist(), ends, strict=True)]
    sizes = np.array([len(own) for own, _ in keyed])
    offsets = np.cumsum(sizes) - sizes
    keys = np.concatenate([own + offset for (_, own), offset in zip(keyed, offsets.tolist(), strict=True)])
    return keys, offsets, np.concatenate([own for own, _ in keyed])


def _dense_keys(value: Ints, sizes: Ints, counts: Ints) -> tuple[Ints, Ints, Ints]:
    """As `_keys`, for values from 0 to sizes - 1 of each map."""
    names = np.arange(int(sizes.max()))
    if sizes.sum() > len(value):  # Few of the values are there, as in masks of 0 and 255.
        names = np.flatnonzero(np.bincount(value))
        place = np.zeros(int(sizes.max()), np.int64)
        place[names] = np.arange(len(names))
        value, sizes = place[value], np.full(len(sizes), len(names))
    offsets = np.cumsum(sizes) - sizes
    table = names[np.arange(int(sizes.sum())) - np.repeat(offsets, sizes)]
    return value + np.repeat(offsets, counts), offsets, table


def merge_segments(one: Segments, other: Segments) -> Segments:
    """What the values of two parts of one map cover together."""
    both = join_segments([one, other])
    whole = bool((both.id.astype(np.float64) == both.value).all())  # Integers past 2**53 may be one float.
    table, key = np.unique(both.id if whole else both.value, return_inverse=True)
    first = np.empty(len(table), np.int64)
    first[key[::-1]] = np.arange(len(key))[::-1]
    merged = both.take(first)
    merged.area = np.bincount(key, weights=both.area).astype(np.int64)
    merged.runs = np.bincount(key, weights=both.runs).astype(np.int64)
    np.minimum.at(merged.x0, key, both.x0)
    np.minimum.at(merged.y0, key, both.y0)
    np.maximum.at(merged.x1, key, both.x1)
    np.maximum.at(merged.y1, key, both.y1)
    return merged
