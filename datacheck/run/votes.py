"""The boxes of all annotations against their images: flags of each, votes of each source, copies of one another."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from datacheck.measure.boxes import VOTES, readings, to_pixels
from datacheck.measure.joins import copies_where, mixed

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from datacheck.expect import SourceExpectation
    from datacheck.run.assemble import Parts

    Bools = NDArray[np.bool_]

STEP = 1 << 16
"""Rows whose boxes are looked at together."""


def judge_boxes(
    parts: dict[str, Parts], expected: Sequence[SourceExpectation], counts: dict[str, NDArray[np.int64]], n: int
) -> None:
    annotations, images = parts["annotations"], parts["images"]
    counts |= {
        name: np.zeros(n, np.int64)
        for name in (*VOTES, "box_count", "negative_box_count", "normalised_polygon_count", "normalised_keypoint_count")
    }
    by_image = {name: np.zeros(len(images), np.int64) for name in ("swapped_only_count", "not_swapped_count")}
    total = len(annotations)
    if (
        "box_x" not in annotations.columns
        and "extent_x0" not in annotations.columns
        and "keypoint_x0" not in annotations.columns
    ):
        _put_all(images, by_image)
        return
    width, height = _sizes(images)
    rows = np.asarray(annotations.numpy("image_row", -1), np.int64)
    declared = {e.boxes for e in expected if e.boxes and e.boxes != "xywh"}
    has_boxes = "box_x" in annotations.columns
    keys = np.zeros(total, np.int64)
    flags = {
        name: np.zeros(total, bool)
        for name in ("box_is_normalised", "box_fits_xyxy", "box_fits_cxcywh", "box_fits_swapped")
    }
    known, boxed = np.zeros(total, bool), annotations.valid("box_x") if has_boxes else np.zeros(total, bool)
    rewritten = np.zeros((total, 4)) if declared and has_boxes else None
    for start in range(0, total, STEP):
        part = slice(start, start + STEP)
        own, source = rows[part], annotations.source[part]
        w, h = np.where(own >= 0, width[own], np.nan), np.where(own >= 0, height[own], np.nan)
        _normalised_parts(annotations, part, source, (w > 2) & (h > 2), counts, n)
        if not has_boxes:
            continue
        box = np.stack([_floats(annotations, name, part) for name in ("box_x", "box_y", "box_w", "box_h")], axis=1)
        if rewritten is not None:
            for reading in declared:
                mask = np.array([e.boxes == reading for e in expected])[source]
                box[mask] = to_pixels(box[mask], reading, w[mask], h[mask])
            rewritten[part] = box
            boxed[part] &= ~np.isnan(box).any(axis=1)
        own_flags, votes = readings(box, w, h)
        for name, flag in own_flags.items():
            flags[name][part] = flag
        for name, vote in votes.items():
            counts[name] += np.bincount(source[vote], minlength=n)
        for name, own_count in by_image.items():
            own_count += np.bincount(own[votes[name] & (own >= 0)], minlength=len(images))
        counts["negative_box_count"] += np.bincount(source[(box[:, 2] < 0) | (box[:, 3] < 0)], minlength=n)
        known[part] = boxed[part] & ~np.isnan(w) & ~np.isnan(h)
        counts["box_count"] += np.bincount(source[boxed[part]], minlength=n)
        keys[part] = mixed(*np.ascontiguousarray(box.T))
    _put_all(images, by_image)
    if not has_boxes:
        return
    for name, flag in flags.items():
        annotations.put(name, flag, ~known)
    if rewritten is not None:
        for column, name in enumerate(("box_x", "box_y", "box_w", "box_h")):
            annotations.put(name, np.ascontiguousarray(rewritten[:, column]), np.isnan(rewritten[:, column]))
    own_keys = [
        np.asarray(annotations.numpy(f"{n}_key"), np.int64)
        for n in ("image_id", "category_id")
        if f"{n}_key" in annotations.columns
    ]
    keys = mixed(keys, *own_keys, annotations.source.astype(np.int64))
    count, first = copies_where(keys, boxed)
    is_first = first == np.arange(total)
    annotations.put("box_copies", count, ~boxed)
    annotations.put("is_first_copy", is_first, ~boxed)


def _put_all(parts: Parts, columns: dict[str, NDArray[np.int64]]) -> None:
    for name, column in columns.items():
        parts.put(name, column)
    parts.put("size_is_swapped", (columns["swapped_only_count"] >= 2) & (columns["not_swapped_count"] == 0))


def _sizes(images: Parts) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Width and height of every image, NaN where unknown; one NaN more, so that any row can be looked up."""
    found = []
    for name in ("width", "height"):
        known = (
            np.asarray(images.numpy(name, np.nan), np.float64)
            if name in images.columns
            else np.full(len(images), np.nan)
        )
        found.append(np.append(known, np.nan))
    return found[0], found[1]


def _floats(parts: Parts, name: str, part: slice) -> NDArray[np.float64]:
    """Rows of a column of doubles, NaN where it is NULL."""
    own = parts.columns[name].slice(part.start, part.stop - part.start)
    return np.asarray(own.to_numpy(), np.float64)


def _normalised_parts(
    annotations: Parts,
    part: slice,
    source: NDArray[np.int32],
    large: Bools,
    counts: dict[str, NDArray[np.int64]],
    n: int,
) -> None:
    for prefix, name in (("extent", "normalised_polygon_count"), ("keypoint", "normalised_keypoint_count")):
        if f"{prefix}_x0" in annotations.columns:
            edges = [_floats(annotations, f"{prefix}_{edge}", part) for edge in ("x0", "y0", "x1", "y1")]
            within = large & (edges[0] >= 0) & (edges[1] >= 0) & (edges[2] <= 1) & (edges[3] <= 1)
            counts[name] += np.bincount(source[within], minlength=n)
