"""Which axes of an array are rows and columns, and which counts masks."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from numpy.typing import NDArray

    from datacheck.files.mask_files import MaskFile

MAX_MASKS = (1 << 16) - 1
"""Masks of one stack: how many cover a pixel is counted in 16 bits."""
MAX_FRAME = 100_000_000
"""Pixels of one map."""
FEW_MASKS = 32
SMALL_SIDE, LARGE_SIDE = 16, 256
NARROW = 4
_STRIP = 1 << 20


def place(values: NDArray[np.generic], mask: MaskFile) -> None:
    """Take an array as the pixels or the stack of `mask`, by its shape.

    [H, W], [1, H, W] and [H, W, 1] are maps. Of four axes, one of length 1 is left out. [H, W, 3] and [H, W, 4] of
    bytes with more than two values are colours, as `numpy.asarray` gives those of a picture. Of all other shapes of
    three axes, `counts_last` says which counts masks. More or fewer axes are not supported, nor are integers past 63
    bits, which are no ids in any table here.
    """
    if values.dtype.kind == "u" and values.dtype.itemsize == 8 and _highest(values, mask) >= 1 << 63:
        return mask.fail("unsupported", "it holds integers of 2**63 and more (-1 as an unsigned one?)")
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
    return None


def counts_last(shape: tuple[int, ...], binary: Callable[[], bool] = lambda: False) -> bool:
    """Does the last of three axes count masks, rather than the first?

    If two neighbours are of one length, they are the frame. Else the last counts masks if it is the shortest; but of
    masks of zero and one other value (`binary` says whether they are), which are nearly always [N, H, W], only if that
    makes frames that are far narrower: at most a quarter of both others, and at most 32 beside sides of 16 and more, or
    beside sides of 256 and more. So [66, 100, 50] is 66 masks of 100 x 50 px, [480, 640, 66] are 66 of 480 x 640.
    """
    first, middle, last = shape
    if (first == middle) != (middle == last):
        return first == middle
    least = min(first, middle)
    if last >= least:
        return False
    if NARROW * last <= least and (least >= LARGE_SIDE or (last <= FEW_MASKS and least >= SMALL_SIDE)):
        return True
    return not binary()


def _place_three(values: NDArray[np.generic], mask: MaskFile) -> None:
    if counts_last(values.shape, lambda: _is_binary(values, mask)):
        mask.height, mask.width, count = values.shape
        if _frame_fits(mask) and count in (3, 4) and values.dtype == np.uint8 and not _is_binary(values, mask):
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


def _strips(values: NDArray[np.generic], mask: MaskFile) -> Iterator[NDArray[Any]]:
    """All values, in the order of memory, so many at a time."""
    flat = values.ravel(order="K")
    for start in range(0, len(flat), _STRIP):
        yield flat[start : start + _STRIP]
        mask.release()


def _highest(values: NDArray[np.generic], mask: MaskFile) -> int:
    return max((int(strip.max()) for strip in _strips(values, mask)), default=0)


def _is_binary(values: NDArray[np.generic], mask: MaskFile) -> bool:
    """Are there no more values than zero and one other?"""
    if values.dtype == np.bool_:
        return True
    other = None
    for strip in _strips(values, mask):
        if other is None:
            other = next((end for end in (strip.max(), strip.min()) if end != 0), None)
        if np.count_nonzero(strip) != (0 if other is None else np.count_nonzero(strip == other)):
            return False
    return True


def _colours(values: NDArray[np.generic]) -> NDArray[np.uint32]:
    """[H, W, 3 or 4] as R + 256 G + 65536 B."""
    ids = values[:, :, 0].astype(np.uint32)
    for number in (1, 2):
        ids |= values[:, :, number].astype(np.uint32) << np.uint32(8 * number)
    return ids
