"""Boxes against their images: under which reading of the four numbers does a box lie in its image?

The votes of a source count boxes that only one of two readings explains: a box that leaves its image as [x, y, w, h]
and fits
as [x0, y0, x1, y1] speaks for the latter, one that fits and has w < x speaks against it. Most clean boxes fit both
and say nothing.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]

SLACK = 1.0
"""Pixels by which a box may leave its image and still be taken to fit."""

EDGE = 1.02
"""As far as a normalised box may reach: the rounding of few decimals adds up."""

VOTES = (
    "normalised_box_count",
    "xyxy_only_count",
    "not_xyxy_count",
    "cxcywh_only_count",
    "not_cxcywh_count",
    "swapped_only_count",
    "not_swapped_count",
    "one_based_count",
    "not_one_based_count",
    "outside_count",
    "normalised_not_xywh_count",
    "normalised_not_xyxy_count",
    "normalised_not_cxcywh_count",
)


def to_pixels(box: Floats, reading: str, width: Floats, height: Floats) -> Floats:
    """[N, 4] boxes declared as `reading`, as [x, y, w, h] in px; width, height: [N] px of the image, NaN where
    unknown."""
    x, y, w, h = box.T
    if reading.startswith("normalised"):
        x, y, w, h = x * width, y * height, w * width, h * height
    if reading.endswith("xyxy"):
        w, h = w - x, h - y
    elif reading.endswith("cxcywh"):
        x, y = x - w / 2, y - h / 2
    return np.stack([x, y, w, h], axis=1)


def fits(x0: Floats, y0: Floats, x1: Floats, y1: Floats, width: Floats, height: Floats) -> Bools:
    """Whether boxes with these edges have a positive size and lie in their images, but for SLACK."""
    inside: Bools = (
        (x0 >= -SLACK) & (y0 >= -SLACK) & (x1 <= width + SLACK) & (y1 <= height + SLACK) & (x1 > x0) & (y1 > y0)
    )
    return inside


def readings(box: Floats, width: Floats, height: Floats) -> tuple[dict[str, Bools], dict[str, Bools]]:
    """(flags by column, votes by column) of [N, 4] boxes on images of [N] width and height px; NaN never fits and
    never votes."""
    x, y, w, h = box.T
    right, bottom = x + w, y + h
    sized = (width > 2) & (height > 2) & np.isfinite(box).all(axis=1)
    own = fits(x, y, right, bottom, width, height)
    outside = sized & (w > 0) & (h > 0) & ~own
    xyxy = fits(x, y, w, h, width, height)
    centred = fits(x - w / 2, y - h / 2, x + w / 2, y + h / 2, width, height)
    swapped = fits(x, y, right, bottom, height, width)
    normalised = sized & (box >= 0).all(axis=1) & (box <= 1).all(axis=1)
    past_right, past_bottom = right - width, bottom - height
    past_by_one = ((past_right > 0.5) & (past_right <= 1.5)) | ((past_bottom > 0.5) & (past_bottom <= 1.5))
    flags = {
        "box_is_normalised": normalised,
        "box_fits_xyxy": xyxy,
        "box_fits_cxcywh": centred,
        "box_fits_swapped": swapped,
    }
    plain = sized & ~normalised
    votes = {
        "normalised_box_count": normalised,
        "xyxy_only_count": plain & outside & xyxy,
        "not_xyxy_count": plain & own & ~xyxy,
        "cxcywh_only_count": plain & outside & centred,
        "not_cxcywh_count": plain & own & ~centred,
        "swapped_only_count": plain & outside & swapped,
        "not_swapped_count": plain & own & ~swapped,
        "one_based_count": plain & past_by_one & (right < width + 2) & (bottom < height + 2),
        "not_one_based_count": plain & ((x < 0.5) | (y < 0.5)),
        "outside_count": outside,
        "normalised_not_xywh_count": normalised & ((right > EDGE) | (bottom > EDGE)),
        "normalised_not_xyxy_count": normalised & ((w <= x) | (h <= y)),
        "normalised_not_cxcywh_count": normalised
        & ((np.abs(2 * x - 1) + w > 2 * EDGE - 1) | (np.abs(2 * y - 1) + h > 2 * EDGE - 1)),
    }
    return flags, votes
