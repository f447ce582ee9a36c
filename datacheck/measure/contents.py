"""What the values of a map are, from what each of them covers: ids, a mask with soft edges, a picture.

empty       all zero
binary      one value beside zero (or nothing but one value), a whole number
labels      whole numbers, neither soft nor continuous: ids
colours     the same of colours whose channels differ; if red, green and blue are equal everywhere, they are greys
soft        fractions that lie in [0, 1], or of which two values make up 80 % of the pixels; and greys as resizing or
            JPEG leave them of two values: the largest at least 128, 75 % of the pixels within a tenth of it from the
            two ends, at least three values between, some in the lower and some in the upper half, in short runs
            (4 px or less on average)
continuous  other fractions; more than 65,536 values, or values that change so often that they are not told apart
            (gather.py); or at least 64 values that change every 3 px or less on average, as in a photograph
stack       several masks, one a channel (stacks.py)
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from datacheck.measure.runs import Floats, Ints, Segments

SOFT_SHARE = 0.8
SOFT_GREY_SHARE = 0.75
SOFT_RUN = 4.0
CONTINUOUS_VALUES, CONTINUOUS_RUN = 64, 3.0
IGNORED = 255
"""Not a segment where all other ids are below 128: the border and what nobody labelled."""
SHOWN = 8

Bools = NDArray[np.bool_]
Values = tuple[NDArray[Any], Bools | None]
"""Values and where there are none."""


@dataclass(slots=True)
class Maps:
    """Maps that were measured, [M] each. `file` ascends."""

    file: Ints
    width: Ints
    height: Ints
    colours: Bools
    capped: Bools
    """They have too many values: their segments are only zero, and all that is not, as 1."""
    low: Floats
    """Smallest value of those that are capped."""
    high: Floats
    fractions: Ints
    nonfinite: Ints

    @property
    def pixels(self) -> Ints:
        """Pixels of the frames."""
        return self.width * self.height


def greyed(segments: Segments, maps: Maps) -> None:
    """Turn colours whose channels are equal throughout a map into greys, in place."""
    if not maps.colours.any():
        return
    first = _firsts(segments, maps)
    ids = segments.id
    low = ids & 0xFF
    equal = (low == (ids >> 8 & 0xFF)) & (low == ids >> 16)
    grey = maps.colours & ~maps.capped & np.logical_and.reduceat(equal, first)
    rows = np.repeat(grey, _counts(segments, first))
    segments.id[rows] = low[rows]
    segments.value[rows] = low[rows]
    maps.colours &= ~grey


def _firsts(segments: Segments, maps: Maps) -> Ints:
    return np.searchsorted(segments.file, maps.file)


def _counts(segments: Segments, first: Ints) -> Ints:
    return np.diff(np.append(first, len(segments)))


@dataclass(slots=True)
class Summary:
    """Columns of maps: values, and where there are none; and which segments are rows of their own."""

    columns: dict[str, Values]
    rows: Bools


def summarise(segments: Segments, maps: Maps) -> Summary:
    """The columns of `tables.MASK_FILES` that the segments of maps give; every map has at least one segment.

    segments: by file in the order of `maps.file`, in it by value.
    """
    first = _firsts(segments, maps)
    count = _counts(segments, first)
    value, area = segments.value, segments.area
    own = np.repeat(np.arange(len(maps.file)), count)

    def add(values: NDArray[Any]) -> Ints:
        return np.add.reduceat(values.astype(np.int64, copy=False), first)

    finite = np.isfinite(value)
    low = np.minimum.reduceat(np.where(finite, value, np.inf), first)
    high = np.maximum.reduceat(np.where(finite, value, -np.inf), first)
    low, high = np.where(maps.capped, maps.low, low), np.where(maps.capped, maps.high, high)
    nonzero = value != 0
    fractional = finite & (value != np.rint(np.where(finite, value, 0)))
    fractions = np.where(maps.capped, maps.fractions, add(np.where(fractional, area, 0)))
    nonfinite = np.where(maps.capped, maps.nonfinite, add(np.where(finite, 0, area)))

    covered = add(np.where(nonzero, area, 0))
    sides = _boxes(segments, nonzero, first)
    others = np.maximum.reduceat(np.where(nonzero & (value != IGNORED), value, -np.inf), first)
    ignored = (value == IGNORED) & ((others > 0) & (others < 128) & ~maps.colours)[own]
    part = nonzero & ~ignored
    parts = add(part)
    content = _content(segments, maps, first, own, low, high, fractions + nonfinite)
    top = _largest(np.where(part, area, -1), first, own)
    empty, capped = covered == 0, maps.capped
    none = (parts == 0) | capped
    ids = np.where(part & finite & (value > 0), np.minimum(value, 2.0**62), 0)
    highest, positive = np.maximum.reduceat(ids, first), add(ids > 0)
    unfound = ~np.isfinite(low)
    columns: dict[str, Values] = {
        "content": (content, None),
        "mask_count": (np.ones(len(maps.file), np.int32), None),
        "value_count": (count, capped),
        "value_min": (low, unfound),
        "value_max": (high, unfound),
        "values": (_shown(value, first, count), capped),
        "fraction_count": (fractions, None),
        "nonfinite_count": (nonfinite, None),
        "segment_count": (parts, capped),
        "area": (covered, None),
        "share": (covered / maps.pixels, None),
        **{name: (side, empty) for name, side in sides.items()},
        "largest_id": (segments.id[top], none | (value[top] != np.rint(value[top]))),
        "largest_area": (area[top], none),
        "largest_share": (area[top] / maps.pixels, none),
        "missing_id_count": ((highest - positive).astype(np.int64), content != "labels"),
    }
    listed = np.isin(content, ("binary", "labels", "colours"))
    return Summary(columns, part & listed[own])


def _boxes(segments: Segments, nonzero: Bools, first: Ints) -> dict[str, Ints]:
    """The box of all that is not zero, for each map."""
    far = np.iinfo(np.int64).max
    x0 = np.minimum.reduceat(np.where(nonzero, segments.x0, far), first)
    y0 = np.minimum.reduceat(np.where(nonzero, segments.y0, far), first)
    x1 = np.maximum.reduceat(np.where(nonzero, segments.x1, -1), first)
    y1 = np.maximum.reduceat(np.where(nonzero, segments.y1, -1), first)
    return {"mask_x": x0, "mask_y": y0, "mask_w": x1 - x0 + 1, "mask_h": y1 - y0 + 1}


def _largest(sizes: Ints, first: Ints, own: Ints) -> Ints:
    """[M] the row of the largest size of each map, the first of several."""
    at = np.flatnonzero(sizes == np.maximum.reduceat(sizes, first)[own])
    found = np.empty(len(first), np.int64)
    found[own[at[::-1]]] = at[::-1]
    return found


def _content(
    segments: Segments, maps: Maps, first: Ints, own: Ints, low: Floats, high: Floats, broken: Ints
) -> NDArray[Any]:
    """[M] what the values of each map are. broken: pixels that are no whole number."""
    value, area, runs = segments.value, segments.area, segments.runs

    def add(values: NDArray[Any]) -> Ints:
        return np.add.reduceat(values.astype(np.int64, copy=False), first)

    count = _counts(segments, first)
    others = add(value != 0)
    changes = np.maximum(add(runs) - maps.height, 1)  # Every row begins a run.
    busy = (count >= CONTINUOUS_VALUES) & (maps.pixels / changes <= CONTINUOUS_RUN)

    top = _largest(area, first, own)
    rest = area.copy()
    rest[top] = -1
    second = np.maximum.reduceat(rest, first)
    two = area[top] + np.maximum(second, 0) >= SOFT_SHARE * maps.pixels
    fractional = np.where(((low >= 0) & (high <= 1)) | two, "soft", "continuous")

    peak = high[own]
    between = (value > 0) & (value < peak)
    middle = between & (value > 0.1 * peak) & (value < 0.9 * peak)
    lower, upper = between & (value < 0.5 * peak), between & (value > 0.5 * peak)
    soft = (high >= 128) & (add(lower) > 0) & (add(upper) > 0) & (add(between) >= 3) & (low >= 0) & ~maps.colours
    soft &= add(np.where(middle, area, 0)) <= (1 - SOFT_GREY_SHARE) * maps.pixels
    soft &= add(np.where(between, area, 0)) <= SOFT_RUN * np.maximum(add(np.where(between, runs, 0)), 1)

    return np.select(
        [maps.capped | (broken > 0), others == 0, maps.colours & ~busy, others == 1, soft, busy],
        [np.where(maps.capped, "continuous", fractional), "empty", "colours", "binary", "soft", "continuous"],
        "labels",
    )


def _shown(value: Floats, first: Ints, count: Ints) -> NDArray[Any]:
    """[M] the first values of each map, joined by commas."""
    known: dict[bytes, str] = {}
    texts = []
    for start, number in zip(first.tolist(), count.tolist(), strict=True):
        some = value[start : start + min(number, SHOWN)]
        key = some.tobytes()
        text = known.get(key)
        if text is None:
            text = known[key] = shown(some)
        texts.append(text)
    return np.array(texts, object)


def shown(values: NDArray[Any]) -> str:
    """Values, joined by commas."""
    if values.dtype.kind != "f":
        return ", ".join(map(str, values.tolist()))
    return ", ".join(f"{v:.0f}" if v.is_integer() else f"{v:.6g}" for v in values.tolist())
