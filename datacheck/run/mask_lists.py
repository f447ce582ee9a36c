"""Files that hold the masks of one image (SA-1B, segment-anything's lists): what they have in common, as one dataset.

Each of them is a source of its own, so that only all of them together show that a segmentation failed throughout.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from datacheck.measure.joins import copies_where, mixed

if TYPE_CHECKING:
    import pyarrow as pa
    from numpy.typing import NDArray

    from datacheck.run.assemble import Parts

    Bools = NDArray[np.bool_]

FORMATS = ("sa-1b", "amg-rle")
SHARED = (
    "is_mask_list", "annotation_count", "lost_annotation_count", "expect_min_segments", "empty_rle_count",
    "only_mask_share",
)  # fmt: skip
"""Columns of `sources` that those of `datasets` come from."""


def mark_copies(annotations: Parts, formats: Sequence[str | None]) -> None:
    """Set mask_copies and is_first_mask: masks of one image that are the same pixel by pixel."""
    if "rle_key" not in annotations.columns or not len(annotations):
        return
    known = _is_list(formats)[annotations.source] & annotations.valid("rle_key")
    if not known.any():
        return
    keys = mixed(np.asarray(annotations.numpy("rle_key"), np.int64), annotations.source.astype(np.int64))
    count, first = copies_where(keys, known)
    annotations.put("mask_copies", count, ~known)
    annotations.put("is_first_mask", first == np.arange(len(annotations)), ~known)


def only_shares(annotations: Parts, formats: Sequence[str | None]) -> list[float | None]:
    """For each source of one mask the share of the frame that it covers."""
    n = len(formats)
    shares: list[float | None] = [None] * n
    if "rle_share" not in annotations.columns or not len(annotations):
        return shares
    single = _is_list(formats) & (np.bincount(annotations.source, minlength=n) == 1)
    rows = np.flatnonzero(single[annotations.source])
    found = annotations.columns["rle_share"].take(rows).to_pylist()
    for source, share in zip(annotations.source[rows].tolist(), found, strict=True):
        shares[source] = share
    return shares


def of_dataset(sources: pa.Table) -> dict[str, list[float | None]]:
    """Columns of `datasets`, from the table `sources`."""
    columns = {name: sources.column(name).to_pylist() for name in SHARED}
    rows = [dict(zip(SHARED, row, strict=True)) for row in zip(*columns.values(), strict=True)]
    lists = [row for row in rows if row["is_mask_list"]]
    # What was lost may be the masks that are missing.
    whole = [row for row in lists if row["lost_annotation_count"] == 0]
    least = [row["expect_min_segments"] for row in whole]
    masks = [row["annotation_count"] for row in whole]
    shares = [row["only_mask_share"] for row in lists if row["only_mask_share"] is not None]
    return {
        "mask_list_count": [len(lists)],
        "one_mask_list_count": [sum(n == 1 and (m is None or m > 1) for n, m in zip(masks, least, strict=True))],
        "few_mask_list_count": [sum(m is not None and n < m for n, m in zip(masks, least, strict=True))],
        "empty_mask_list_count": [sum(row["empty_rle_count"] == row["annotation_count"] for row in lists)],
        "median_only_mask_share": [float(np.median(shares)) if shares else None],
    }


def is_mask_list(formats: Sequence[str | None], annotation_count: NDArray[np.int64]) -> list[bool]:
    """Which sources are such files, and hold a mask."""
    found: list[bool] = (_is_list(formats) & (annotation_count > 0)).tolist()
    return found


def _is_list(formats: Sequence[str | None]) -> Bools:
    return np.array([f in FORMATS for f in formats], bool)
