"""Images without masks: named a little otherwise, masked by another folder, or in a folder without any masks."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from datacheck.run.assemble import Parts

    Bools = NDArray[np.bool_]


def mark_images_without_masks(parts: dict[str, Parts]) -> None:
    """Fill `masked_elsewhere` and `folder_has_masks` of mask sets.

    `nearest` of an image is kept only where the mask that it names has this image as its nearest too, so that of
    several images one is meant.
    """
    sets, images = parts["mask_sets"], parts["image_files"]
    has_mask = np.asarray(sets.numpy("file_count"), np.int64) > 0
    has_image = sets.valid("image_file_row")
    alone = has_image & ~has_mask
    paths = images.columns["path"].to_pylist() if len(images) else []
    picture = np.asarray(sets.numpy("image_file_row"), np.int64)
    masked = has_image & has_mask
    files = {paths[row] for row in picture[masked].tolist()}
    folders = {(source, _folder(paths[row])) for source, row in _rows(sets, picture, masked)}
    elsewhere, beside = np.zeros(len(sets), bool), np.zeros(len(sets), bool)
    at = np.flatnonzero(alone)
    found = [
        (paths[row] in files, (source, _folder(paths[row])) in folders) for source, row in _rows(sets, picture, alone)
    ]
    if found:
        elsewhere[at], beside[at] = np.array(found, bool).T
    sets.put("masked_elsewhere", elsewhere, ~alone)
    sets.put("folder_has_masks", beside, ~alone)
    _keep_mutual(sets, alone)


def _rows(sets: Parts, picture: NDArray[np.int64], where: Bools) -> zip[tuple[int, int]]:
    """(source, row of the image) of some sets."""
    return zip(sets.source[where].tolist(), picture[where].tolist(), strict=True)


def _folder(path: str) -> str:
    return path.replace("\\", "/").rpartition("/")[0]


def _keep_mutual(sets: Parts, alone: Bools) -> None:
    nearest = sets.columns["nearest"].to_pylist()
    rows = [row for row in np.flatnonzero(alone).tolist() if nearest[row] is not None]
    if not rows:
        return
    stems, sources = sets.columns["stem"].to_pylist(), sets.source.tolist()
    of_masks = {(sources[row], stems[row]): nearest[row] for row in np.flatnonzero(~alone).tolist()}
    for row in rows:
        if of_masks.get((sources[row], nearest[row])) != stems[row]:
            nearest[row] = None
    sets.columns["nearest"] = pa.chunked_array([pa.array(nearest, pa.string())])
