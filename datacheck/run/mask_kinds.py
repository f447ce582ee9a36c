"""Columns of `sources` that tell what the files in a folder of masks have in common, and how they fit their images."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from datacheck.run.mask_sets import equals, numbers_of, per_folder

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from datacheck.run.assemble import Parts

    Bools = NDArray[np.bool_]


def mark_readable(files: Parts) -> None:
    """Fill `readable` of mask files: NULL for those that nobody tried to read."""
    state = files.columns["state"].cast(pa.string())
    untried = pc.is_in(state, pa.array(["not-installed", "interrupted"]))
    files.columns["readable"] = pc.if_else(untried, None, pc.equal(state, "ok"))


def mark_copies(files: Parts) -> None:
    """Fill `copy_in_image` of mask files, whose sets and copies are known."""
    if "copy_first" not in files.columns:
        return
    own, first = (np.asarray(files.numpy(name), np.int64) for name in ("set_row", "copy_first"))
    files.put("copy_in_image", own == own[first], ~files.valid("copy_first"))


def kind_columns(parts: dict[str, Parts], first: int, n: int) -> dict[str, list[Any]]:
    """A value for each of the `n` folders, which are the sources from `first` on."""
    files, sets, images = parts["mask_files"], parts["mask_sets"], parts["image_files"]
    content = {name: equals(files, "content", name) for name in ("soft", "stack", "continuous")}
    lossy = equals(files, "kind", "jpeg") & equals(files, "state", "ok") & ~content["continuous"]
    differs, swapped, turned, reshaped = _fits(parts)
    copied = files.valid("copy_first") & (numbers_of(files, "copy_first") != np.arange(len(files)))

    def of(table: Parts, mask: Bools) -> list[int]:
        return per_folder(table, mask, first, n)

    def of_stacks(column: str) -> list[int]:
        return of(files, content["stack"] & (numbers_of(files, column) > 0))

    def of_sets(column: str) -> list[int]:
        numbers = np.where(sets.valid(column), numbers_of(sets, column), 0)
        return [int(total) for total in np.bincount(sets.source - first, numbers, minlength=n)]

    return {
        "soft_mask_count": of(files, content["soft"]),
        "lossy_mask_count": of(files, lossy),
        "most_copied_count": _most_copied(files, first, n),
        "copied_mask_count": of(files, copied & ~_true(files, "copy_in_image")),
        "lfs_mask_count": of(files, equals(files, "state", "lfs-pointer")),
        "lfs_image_count": of(images, equals(images, "state", "lfs-pointer")),
        "stack_count": of(files, content["stack"]),
        "fractional_stack_count": of_stacks("fraction_count"),
        "many_valued_stack_count": of(files, content["stack"] & _many_valued(files)),
        "overlapping_stack_count": of_stacks("overlap_count"),
        "gapped_stack_count": of_stacks("gap_count"),
        "constant_stack_count": of_stacks("constant_mask_count"),
        "median_largest_share": _median_share(sets, first, n),
        "unmasked_folder_image_count": of(sets, sets.valid("folder_has_masks") & ~_true(sets, "folder_has_masks")),
        **{name: of_sets(name) for name in ("recorded_count", "record_differs_count", "bad_record_count")},
        "size_differs_set_count": of(sets, differs),
        "size_swapped_set_count": of(sets, swapped),
        "exif_swapped_set_count": of(sets, swapped & turned),
        "aspect_differs_set_count": of(sets, reshaped),
    }


def _true(sets: Parts, column: str) -> Bools:
    return np.asarray(sets.numpy(column, False), bool) if column in sets.columns else np.zeros(len(sets), bool)


def _many_valued(files: Parts) -> Bools:
    """Of each file of whole numbers: these are more than zero and one other, which is above it."""
    least, most = numbers_of(files, "value_min"), numbers_of(files, "value_max")
    # Of more values than are counted the number is not known.
    count = np.where(files.valid("value_count"), numbers_of(files, "value_count"), np.inf)
    whole = files.valid("value_max") & (numbers_of(files, "fraction_count") == 0)
    return np.asarray(whole & ((count > 2) | (least < 0) | ((least != 0) & (least != most))), bool)


def _fits(parts: dict[str, Parts]) -> tuple[Bools, Bools, Bools, Bools]:
    """Of each set: its masks differ from their image in size; have its sides swapped; EXIF swaps these; they differ in
    shape."""
    sets, images = parts["mask_sets"], parts["image_files"]
    picture = np.asarray(sets.numpy("image_file_row"), np.int64)

    def of_image(column: str) -> NDArray[np.float64]:
        return numbers_of(images, column)[picture] if len(images) else np.zeros(len(sets))

    wide, high, width, height = (
        of_image("width"),
        of_image("height"),
        numbers_of(sets, "width"),
        numbers_of(sets, "height"),
    )
    sized = sets.valid("image_file_row") & sets.valid("width") & (wide > 0)
    differs = sized & ((width != wide) | (height != high))
    swapped = differs & (width == high) & (height == wide)
    # One scale for both sides leaves this at 0, and rounding to whole pixels at less than the sum of the sides.
    scaled = np.abs(width * high - height * wide) <= wide + high
    return differs, swapped, of_image("orientation") >= 5, differs & ~swapped & ~scaled


def _most_copied(files: Parts, first: int, n: int) -> list[int]:
    most = np.zeros(n, np.int64)
    own = numbers_of(files, "area") > 0
    np.maximum.at(most, files.source[own] - first, numbers_of(files, "copy_count")[own].astype(np.int64))
    return [int(count) for count in most]


def _median_share(sets: Parts, first: int, n: int) -> list[float | None]:
    known = sets.valid("largest_share")
    share = numbers_of(sets, "largest_share")
    shares = (share[known & (sets.source == first + i)] for i in range(n))
    return [float(np.median(own)) if len(own) else None for own in shares]
