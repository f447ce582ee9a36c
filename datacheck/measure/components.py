"""Connected segments of masks from their runs, never from a bitmap, all masks of a chunk at once.

A mask is laid out line after line (an RLE column by column, a label map row by row), and a run is an interval of that
layout. A pixel touches the pixels one line on at the same place and one place to either side, so a run touches exactly
those later runs that meet one interval, which lies one line further on: two searches find them, and 8-connected
segments are what is joined by them. A run of at least a line is connected in itself; a shorter one that goes over the
end of a line is cut in two there. So the work follows the number of runs, not that of lines or pixels.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Ints = NDArray[np.int64]

MAX_RUNS = 100_000
"""Of one mask: past it the segments are not counted."""


def components_of_runs(start: Ints, stop: Ints, period: Ints, counts: Ints) -> tuple[Ints, Ints]:
    """How many 8-connected segments each of M masks has, and the pixels of its largest: (count [M], largest [M]).

    start, stop: [R] the runs of ones of all masks, one mask after the other, as half-open intervals of positions in the
    flattened mask (row-major: position = y * width + x); ascending within a mask, and they do not overlap. They may
    touch (a map with two ids side by side), be empty, and go on over the end of a line.
    period: [M] pixels in a line of the flattened mask: the width of a row-major map, the height of an RLE; at least 1.
    counts: [M] how many of the runs belong to each mask.
    A mask without a pixel gives (0, 0). Nothing is checked: positions below 0 or unordered runs give nonsense.
    """
    masks = len(counts)
    owner = np.repeat(np.arange(masks), counts)
    keep = stop > start
    if not keep.all():
        start, stop, owner = start[keep], stop[keep], owner[keep]
    if not len(start):
        return np.zeros(masks, np.int64), np.zeros(masks, np.int64)
    # Masks are set so far apart that no run reaches the next one's.
    last = np.flatnonzero(np.append(owner[1:] != owner[:-1], True))
    room = np.zeros(masks, np.int64)
    room[owner[last]] = stop[last]
    shift = np.cumsum(room + period + 2) - room - period - 2
    line, shift = period[owner], shift[owner]
    start, stop = start + shift, stop + shift
    joined = start[1:] == stop[:-1]
    if joined.any():
        first, last = np.append(True, ~joined), np.append(~joined, True)
        start, stop, owner, line, shift = start[first], stop[last], owner[first], line[first], shift[first]
    place = (start - shift) % line
    over = np.flatnonzero((stop - start < line) & (place + (stop - start) > line))
    if len(over):  # Runs shorter than a line that go over its end, as two.
        cut = start[over] + line[over] - place[over]
        start, stop, place = (
            np.insert(a, b, c) for a, b, c in ((start, over + 1, cut), (stop, over, cut), (place, over + 1, 0))
        )
        owner, line = np.insert(owner, over, owner[over]), np.insert(line, over, line[over])
    # The line's first place has no neighbour before it, the last none behind it.
    touched = np.searchsorted(stop, start + line - (place > 0), side="right")
    until = np.searchsorted(start, stop + line + ((stop - start + place) % line > 0), side="left")
    return _sizes(_roots(touched, until), stop - start, owner, masks)


def _roots(first: Ints, behind: Ints) -> Ints:
    """[R] the segment of each run, as the number of one of its runs; run i touches runs first[i] ... behind[i] - 1."""
    number = np.arange(len(first))
    touches = behind - first
    # Each points to the last that it touches, which is never an earlier one: a forest, whose roots are soon found.
    parent = np.where(touches > 0, np.maximum(behind - 1, number), number)
    _flatten(parent)
    several = np.flatnonzero(touches > 1)
    if len(several):
        more = touches[several] - 1
        one = np.repeat(several, more)
        other = np.repeat(first[several] - np.cumsum(more) + more, more) + np.arange(len(one))
        while len(one):
            one, other = parent[one], parent[other]
            apart = one != other
            one, other = one[apart], other[apart]
            # Every root but the highest of its neighbours is hung below a higher one, so there are fewer each time.
            np.maximum.at(parent, np.minimum(one, other), np.maximum(one, other))
            _flatten(parent)
    return parent


def _flatten(parent: Ints) -> None:
    """Let each point to its root."""
    while True:
        above = parent[parent]
        if np.array_equal(above, parent):
            return
        parent[:] = above


def _sizes(root: Ints, length: Ints, owner: Ints, masks: int) -> tuple[Ints, Ints]:
    pixels = np.bincount(root, weights=length)  # float64, which is exact for any number of pixels
    roots = np.flatnonzero(root == np.arange(len(root)))
    largest = np.zeros(masks, np.int64)
    np.maximum.at(largest, owner[roots], pixels[roots].astype(np.int64))
    return np.bincount(owner[roots], minlength=masks), largest
