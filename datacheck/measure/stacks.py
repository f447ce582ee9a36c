"""Stacks of masks, one a channel: what each covers, where they overlap, and what no mask covers."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import xxhash
from numpy.typing import NDArray

from datacheck.measure.values import Values

if TYPE_CHECKING:
    from datacheck.measure.runs import Ints

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

    Looks at each value once, in blocks, and calls `release` after each. A mask is constant if it is one finite value
    throughout, or if nothing in it is finite.
    """
    if stack.dtype == np.bool_:
        stack = stack.view(np.uint8)
    masks, height, width = stack.shape
    values = Values(stack.dtype)
    key = xxhash.xxh3_64(f"{masks} {height} {width} {stack.dtype.str}".encode())
    area, broken = np.zeros(masks, np.int64), np.zeros(masks, np.int64)
    low, high = np.zeros(masks, values.dtype), np.zeros(masks, values.dtype)
    begun = np.zeros(masks, np.bool_)
    rows, columns = np.zeros((masks, height), np.bool_), np.zeros((masks, width), np.bool_)
    overlaps = gaps = 0
    tall = max(1, min(ROWS, BLOCK // max(1, min(masks, 64))) // width)
    for top in range(0, height, tall):
        cover = np.zeros((min(tall, height - top), width), np.uint16)
        some = max(1, BLOCK // cover.size)
        for first in range(0, masks, some):
            part = slice(first, min(first + some, masks))
            block = np.ascontiguousarray(stack[part, top : top + tall], values.dtype)
            key.update(block.data)
            inside = block != 0
            area[part] += [np.count_nonzero(one) for one in inside]
            cover += inside.sum(axis=0, dtype=np.uint16)
            rows[part, top : top + tall] = inside.any(axis=2)
            columns[part] |= inside.any(axis=1)
            flat, lost, plain = values.finite(block.reshape(len(block), -1))
            broken[part] += lost
            there = lost < flat.shape[1]
            least, most = flat.min(axis=1), flat.max(axis=1)
            low[part] = np.where(there & ~(begun[part] & (low[part] < least)), least, low[part])
            high[part] = np.where(there & ~(begun[part] & (high[part] > most)), most, high[part])
            begun[part] |= there
            if len(plain):
                values.add(plain, least[there].min(), most[there].max())
            release()
        overlaps += int(np.count_nonzero(cover > 1))
        gaps += int(np.count_nonzero(cover == 0))
    frame = width * height
    constant = np.where(begun, (low == high) & (broken == 0), broken == frame)
    facts = {
        "content": "stack", "mask_count": masks, **values.columns(), "nonfinite_count": int(broken.sum()),
        "value_min": float(low[begun].min()) if begun.any() else None,
        "value_max": float(high[begun].max()) if begun.any() else None,
        "overlap_count": overlaps, "gap_count": gaps, "constant_mask_count": int(np.count_nonzero(constant)),
        "area": frame - gaps, "share": (frame - gaps) / frame, "content_key": key.intdigest() - (1 << 63),
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
