"""Which axes of an array are rows and columns, and which counts masks."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from datacheck.files.mask_files import MaskFile

MAX_MASKS = (1 << 16) - 1
"""Masks of one stack: how many cover a pixel is counted in 16 bits."""
MAX_FRAME = 100_000_000
"""Pixels of one map."""


def place(values: NDArray[np.generic], mask: MaskFile) -> None:
    """Take an array as the pixels or the stack of `mask`, by its shape.

    [H, W], [1, H, W] and [H, W, 1] are maps. Of four axes, one of length 1 is left out. [H, W, 3] and [H, W, 4] of
    bytes with more than two values are colours, as `numpy.asarray` gives those of a picture. Of all other shapes of
    three axes, `counts_last` says which counts masks. More or fewer axes are not supported.
    """
    if values.ndim == 4 and 1 in values.shape:
        values = values.squeeze(axis=values.shape.index(1))
    if values.ndim == 3 and 1 in (values.shape[0], values.shape[2]):
        values = values[0] if values.shape[0] == 1 else values[:, :, 0]
    mask.frame_count = 1
    if values.ndim == 3:
        _place_three(values, mask)
    elif values.ndim == 2:
        mask.height, mask.width = values.shape
        if _frame_fits(mask):
            mask.pixels = values
    else:
        mask.fail("unsupported", f"an array of {values.ndim} axes is neither a map nor a stack of masks")


def counts_last(shape: tuple[int, ...]) -> bool:
    """Does the last of three axes count masks, rather than the first? If two neighbours are of one length, they are
    the frame; else the last counts masks if it is the shortest."""
    first, middle, last = shape
    if (first == middle) != (middle == last):
        return first == middle
    return last < min(first, middle)


def _place_three(values: NDArray[np.generic], mask: MaskFile) -> None:
    if counts_last(values.shape):
        mask.height, mask.width, count = values.shape
        if _frame_fits(mask) and count in (3, 4) and values.dtype == np.uint8 and _is_coloured(values):
            mask.pixels, mask.colours = _colours(values), True
            return
        values = np.moveaxis(values, -1, 0)
    else:
        count, mask.height, mask.width = values.shape
    if count > MAX_MASKS:
        mask.fail("unsupported", f"a stack of {count:,} masks")
    elif _frame_fits(mask):
        mask.stack = values


def _frame_fits(mask: MaskFile) -> bool:
    width, height = mask.width or 0, mask.height or 0
    if width * height == 0:
        mask.fail("unsupported", f"a frame of {width:,} × {height:,} has no pixels")
    elif width * height > MAX_FRAME:
        mask.fail("too-large", f"{width:,} × {height:,} pixels; no more than {MAX_FRAME:,} are measured")
    return mask.state == "ok"


def _is_coloured(values: NDArray[np.generic]) -> bool:
    """Are there more values than zero and one other?"""
    rows = max(1, (1 << 20) // (values.shape[1] * values.shape[2]))
    high = max(int(values[top : top + rows].max()) for top in range(0, len(values), rows))
    return any(
        not ((strip == 0) | (strip == high)).all()
        for strip in (values[top : top + rows] for top in range(0, len(values), rows))
    )


def _colours(values: NDArray[np.generic]) -> NDArray[np.uint32]:
    """[H, W, 3 or 4] as R + 256 G + 65536 B."""
    ids = values[:, :, 0].astype(np.uint32)
    for number in (1, 2):
        ids |= values[:, :, number].astype(np.uint32) << np.uint32(8 * number)
    return ids
