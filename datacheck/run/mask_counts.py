"""The columns of `sources` that tell of folders of masks."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa

from datacheck.paths import as_text
from datacheck.run.mask_kinds import kind_columns
from datacheck.run.mask_sets import equals, numbers_of, per_folder

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from datacheck.expect import Expectations
    from datacheck.folders.find import MaskFolder
    from datacheck.run.assemble import Parts

FULL = 0.95
"""Share of the frame from which one segment fills it: of the count, whatever the rules on single images are told."""
MOST = 0.9
"""Share of a folder's masks from which they are of one kind."""


def folder_columns(
    parts: dict[str, Parts], folders: Sequence[MaskFolder], first: int, expectations: Expectations
) -> dict[str, list[Any]]:
    """The columns of `sources` that tell of folders of masks."""
    files, images, sets = parts["mask_files"], parts["image_files"], parts["mask_sets"]
    n = len(folders)

    def of(table: Parts, mask: NDArray[Any]) -> list[int]:
        return per_folder(table, mask, first, n)

    ok = equals(files, "state", "ok")
    masks, readable, segments = (numbers_of(sets, c) for c in ("file_count", "readable_count", "segment_count"))
    has, read = masks > 0, (readable > 0) & sets.valid("segment_count")
    matched = sets.valid("image_file_row")
    known = np.asarray(sets.numpy("images_known", False), bool)
    least = np.array([expectations.for_source(f.path).min_segments or 0 for f in folders])[sets.source - first]
    medians = [segments[(sets.source == first + i) & read] for i in range(n)]
    binary = equals(files, "content", "binary")
    return {
        "mask_pattern": [f.pattern for f in folders],
        "mask_content": _contents(files, ok, first, n),
        "expects_many": [f.expects_many for f in folders],
        "images_folder": [f.images_folder and as_text(f.images_folder) for f in folders],
        "images_pattern": [f.image_pattern and as_text(f.image_pattern) for f in folders],
        "mask_file_count": of(files, np.ones(len(files))),
        "readable_mask_count": of(files, ok),
        "empty_mask_count": of(files, ok & (numbers_of(files, "area") == 0)),
        "palette_mask_count": of(files, equals(files, "mode", "palette")),
        "binary_one_count": of(files, binary & (numbers_of(files, "value_max") == 1)),
        "binary_255_count": of(files, binary & (numbers_of(files, "value_max") == 255)),
        "mask_set_count": of(sets, has),
        "readable_set_count": of(sets, read),
        "empty_set_count": of(sets, read & (segments == 0)),
        "one_segment_set_count": of(sets, read & (segments == 1)),
        "few_segment_set_count": of(sets, read & (segments < least)),
        "median_segment_count": [float(np.median(m)) if len(m) else None for m in medians],
        "max_segment_count": _most(files, first, n),
        "full_frame_set_count": of(sets, read & (segments == 1) & (numbers_of(sets, "largest_share") > FULL)),
        "nearest_example": _nearest(sets, first, n),
        "image_file_count": of(images, np.ones(len(images))),
        "matched_set_count": of(sets, has & matched),
        "unmatched_mask_count": _where(of(sets, has & ~matched & known), folders),
        "unmatched_image_count": _where(of(sets, ~has & matched), folders),
        **kind_columns(parts, first, n),
    }


def _most(files: Parts, first: int, n: int) -> list[int | None]:
    """The most segments that one map of ids of each folder holds."""
    own = equals(files, "content", "labels") & files.valid("segment_count") if len(files) else np.zeros(0, bool)
    most = np.full(n, -1, np.int64)
    if own.any():
        np.maximum.at(most, files.source[own] - first, numbers_of(files, "segment_count")[own].astype(np.int64))
    return [number if number >= 0 else None for number in most.tolist()]


def _nearest(sets: Parts, first: int, n: int) -> list[str | None]:
    """Of each folder the first mask without an image that has a near miss, with it."""
    stems, nearest = (sets.columns[name].to_pylist() for name in ("stem", "nearest"))
    has = (numbers_of(sets, "file_count") > 0).tolist()
    found: list[str | None] = [None] * n
    for source, stem, near, mask in zip(sets.source.tolist(), stems, nearest, has, strict=True):
        if near is not None and mask and found[source - first] is None:
            found[source - first] = f"{stem} and {near}"
    return found


def _where(counts: list[int], folders: Sequence[MaskFolder]) -> list[int | None]:
    return [count if f.images_folder is not None else None for count, f in zip(counts, folders, strict=True)]


def _contents(files: Parts, ok: NDArray[np.bool_], first: int, n: int) -> list[str | None]:
    if "content" not in files.columns:
        return [None] * n
    content = np.array(files.columns["content"].cast(pa.string()).to_pylist(), object)
    found: list[str | None] = []
    for source in range(first, first + n):
        own = content[(files.source == source) & ok]
        own = own[own != "empty"]
        names, counts = np.unique(own.astype(str), return_counts=True)
        found.append(
            None if not len(own) else str(names[counts.argmax()]) if counts.max() >= MOST * len(own) else "mixed"
        )
    return found
