"""Stacks of masks, one a channel: what each covers, where they overlap, and what no mask covers."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import xxhash
from numpy.typing import NDArray

from datacheck.measure.contents import SHOWN, shown
from datacheck.measure.runs import MAX_VALUES, Floats, Ints

BLOCK = 1 << 22
"""Values that are looked at together."""
ROWS = 1 << 20
"""Pixels of the frame that are looked at together."""

Block = NDArray[np.generic]


@dataclass(slots=True)
class Stack:
    """One stack: its columns of `tables.MASK_FILES`, and position, area and box of its masks that are not empty."""

    columns: dict[str, Any]
    id: Ints
    area: Ints
    box: tuple[Ints, Ints, Ints, Ints]
    """x, y, w and h."""


def measure_stack(stack: Block, release: Callable[[], None] = lambda: None) -> Stack:
    """Measure masks [N, H, W] of any number type. A pixel is in a mask where it is not zero (so NaN is).

    Looks at each value once, in blocks, and calls `release` after each.
    """
    if stack.dtype == np.bool_:
        stack = stack.view(np.uint8)
    masks, height, width = stack.shape
    values = _Values()
    key = xxhash.xxh3_64(f"{masks} {height} {width} {stack.dtype.str}".encode())
    area = np.zeros(masks, np.int64)
    low, high = np.full(masks, np.inf), np.full(masks, -np.inf)
    rows, columns = np.zeros((masks, height), np.bool_), np.zeros((masks, width), np.bool_)
    overlaps = gaps = 0
    tall = max(1, min(ROWS, BLOCK // max(1, min(masks, 64))) // width)
    for top in range(0, height, tall):
        cover = np.zeros((min(tall, height - top), width), np.uint16)
        some = max(1, BLOCK // cover.size)
        for first in range(0, masks, some):
            part = slice(first, min(first + some, masks))
            block = np.ascontiguousarray(stack[part, top : top + tall])
            key.update(block.data)
            inside = block != 0
            block = values.finite(block)
            flat = block.reshape(len(block), -1)
            least, most = flat.min(axis=1), flat.max(axis=1)
            np.minimum(low[part], least, out=low[part])
            np.maximum(high[part], most, out=high[part])
            values.add(flat, float(least.min()), float(most.max()))
            area[part] += [np.count_nonzero(one) for one in inside]
            cover += inside.sum(axis=0, dtype=np.uint16)
            rows[part, top : top + tall] = inside.any(axis=2)
            columns[part] |= inside.any(axis=1)
            release()
        overlaps += int(np.count_nonzero(cover > 1))
        gaps += int(np.count_nonzero(cover == 0))
    frame = width * height
    facts = {
        "content": "stack", "mask_count": masks, **values.columns(), "overlap_count": overlaps, "gap_count": gaps,
        "constant_mask_count": int(np.count_nonzero(low == high)), "area": frame - gaps,
        "share": (frame - gaps) / frame, "content_key": key.intdigest() - (1 << 63),
    }  # fmt: skip
    return _finish(facts, area, rows, columns)


def _finish(facts: dict[str, Any], area: Ints, rows: NDArray[np.bool_], columns: NDArray[np.bool_]) -> Stack:
    there = np.flatnonzero(area)
    facts["segment_count"] = len(there)
    if not len(there):
        none = np.empty(0, np.int64)
        return Stack(facts, none, none, (none, none, none, none))
    (x, w), (y, h) = _extent(columns[there]), _extent(rows[there])
    largest = int(area.argmax())
    facts |= {
        "mask_x": int(x.min()), "mask_y": int(y.min()),
        "mask_w": int((x + w).max() - x.min()), "mask_h": int((y + h).max() - y.min()),
        "largest_id": largest, "largest_area": int(area[largest]),
        "largest_share": int(area[largest]) / (rows.shape[1] * columns.shape[1]),
    }  # fmt: skip
    return Stack(facts, there, area[there], (x, y, w, h))


def _extent(there: NDArray[np.bool_]) -> tuple[Ints, Ints]:
    """(first, how many up to the last) of what is set in each row."""
    first = there.argmax(axis=1)
    return first, there.shape[1] - there[:, ::-1].argmax(axis=1) - first


def _only(flat: Block, high: float) -> bool:
    """Is every value zero or `high`?"""
    return int(np.count_nonzero(flat == flat.dtype.type(high))) + int(np.count_nonzero(flat == 0)) == flat.size


class _Values:
    """The values of a stack, gathered block by block."""

    def __init__(self) -> None:
        self.known: Floats = np.empty(0)
        self.capped = False
        self.fractions = self.nonfinite = 0
        self.low, self.high = np.inf, -np.inf

    def finite(self, block: Block) -> Block:
        """The block, with what is not finite counted and replaced by a value that is."""
        if block.dtype.kind != "f" or np.isfinite(block.sum(dtype=np.float64)):
            return block
        finite = np.isfinite(block)
        self.nonfinite += finite.size - int(np.count_nonzero(finite))
        instead = block[finite][:1]
        return np.where(finite, block, instead if len(instead) else block.dtype.type(0))

    def add(self, flat: Block, low: float, high: float) -> None:
        """Take in values whose smallest and largest are given."""
        self.low, self.high = min(self.low, low), max(self.high, high)
        floats = flat.dtype.kind == "f"
        ends = np.array([low, high])
        if low == high or (not floats and high - low <= 1):
            found, fractions = ends, flat.size * (low != np.rint(low))
        elif low == 0 and high < 2**53 and _only(flat, high):
            found, fractions = ends, int(np.count_nonzero(flat)) * (high != np.rint(high))
        else:
            flat = flat.reshape(-1)
            fractions = int(np.count_nonzero(flat != np.rint(flat))) if floats else 0
            found = self.known if self.capped else np.unique(flat[1:][flat[1:] != flat[:-1]]).astype(np.float64)
            found = np.append(found, float(flat[0]))
        self.fractions += int(fractions)
        if not self.capped and not np.isin(found, self.known).all():
            self.known = np.union1d(self.known, found)
            self.capped = len(self.known) > MAX_VALUES

    def columns(self) -> dict[str, Any]:
        """Columns of `tables.MASK_FILES`."""
        found = np.isfinite(self.low)
        return {
            "value_count": None if self.capped else len(self.known),
            "value_min": self.low if found else None, "value_max": self.high if found else None,
            "values": None if self.capped else shown(self.known[:SHOWN]),
            "fraction_count": self.fractions, "nonfinite_count": self.nonfinite,
        }  # fmt: skip
