"""Keypoints, all records of a chunk at once."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from datacheck.read.numbers import Ragged

BOX_SLACK = 1.0
"""Pixels by which a keypoint may lie outside its box."""


def _floats(column: pa.Array) -> NDArray[np.float64]:
    return np.asarray(column.to_numpy(zero_copy_only=False), np.float64)


def keypoint_columns(
    keypoints: Ragged, box_x: pa.Array, box_y: pa.Array, box_w: pa.Array, box_h: pa.Array
) -> dict[str, pa.Array]:
    """Columns of N records from their keypoints, [x, y, v] in turn, px; boxes are [N] px, NULL where there is none.

    A record whose list is absent, empty or no run of triplets has NULLs. v > 0 is labelled, v = 2 visible.
    """
    lengths = keypoints.lengths
    n = len(lengths)
    usable = (lengths > 0) & (lengths % 3 == 0)
    values = keypoints.values if usable.all() else keypoints.values[np.repeat(usable, lengths)]
    points = values.reshape(-1, 3)
    owner = np.repeat(np.flatnonzero(usable), lengths[usable] // 3)
    x, y, v = points[:, 0], points[:, 1], points[:, 2]
    labelled = v > 0
    known = (v == 0) | (v == 1) | (v == 2)
    x0, y0 = _floats(box_x)[owner], _floats(box_y)[owner]
    x1, y1 = x0 + _floats(box_w)[owner], y0 + _floats(box_h)[owner]
    # A missing box is NaN here: every comparison with it is false, and the column is NULL for such a record.
    outside = (x < x0 - BOX_SLACK) | (y < y0 - BOX_SLACK) | (x > x1 + BOX_SLACK) | (y > y1 + BOX_SLACK)

    def count(mask: NDArray[np.bool_], hidden: NDArray[np.bool_]) -> pa.Array:
        return pa.array(np.bincount(owner[mask], minlength=n).astype(np.int32), mask=hidden)

    no_box = ~usable | np.isnan(_floats(box_x))
    columns = {
        "labelled_keypoints": count(labelled, ~usable),
        "visible_keypoints": count(v == 2, ~usable),
        "bad_visibility_count": count(~known, ~usable),
        "keypoints_outside_box": count(outside & (v == 2), no_box),
        "hidden_keypoints_outside_box": count(outside & (v == 1), no_box),
    }
    has_any = np.zeros(n, bool)
    has_any[owner[labelled]] = True
    for name, reduce, part in (
        ("keypoint_x0", np.minimum, x),
        ("keypoint_y0", np.minimum, y),
        ("keypoint_x1", np.maximum, x),
        ("keypoint_y1", np.maximum, y),
    ):
        extent = np.zeros(n)
        if has_any.any():
            own = owner[labelled]
            extent[has_any] = reduce.reduceat(part[labelled], np.flatnonzero(np.append(True, own[1:] != own[:-1])))
        columns[name] = pa.array(extent, mask=~has_any)
    return columns
