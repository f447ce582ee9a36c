"""Results beside their ground truth: which source a file of results belongs to, and the records there that it names."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from datacheck.measure.joins import mixed, rows_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from datacheck.run.assemble import Parts

LEAST_SHARE = 0.5
"""Of its distinct image ids that a file of results must share with a source to belong to it."""


def find_truths(
    annotations: Parts, images: Parts, categories: Parts, formats: Sequence[str | None]
) -> NDArray[np.int64]:
    """For each source of results, the one that shares most of its image ids (then category ids); else -1."""
    truths = np.full(len(formats), -1, np.int64)
    candidates = np.unique(images.source).tolist()
    for source in [i for i, f in enumerate(formats) if f == "results"]:
        named = {name: _keys_of(annotations, name, source) for name in ("image_id", "category_id")}
        shares = [
            (_share(named["image_id"], images, other), _share(named["category_id"], categories, other))
            for other in candidates
        ]
        if shares and max(shares)[0] >= LEAST_SHARE:
            truths[source] = candidates[shares.index(max(shares))]
    return truths


def _share(named: NDArray[np.int64], target: Parts, source: int) -> float:
    """The share of the `named` ids that records of a source have."""
    return float(np.isin(named, _keys_of(target, "id", source)).mean()) if len(named) else 0.0


def _keys_of(parts: Parts, name: str, source: int) -> NDArray[np.int64]:
    if f"{name}_key" not in parts.columns:
        return np.empty(0, np.int64)
    low, high = np.searchsorted(parts.source, (source, source + 1))
    column = parts.columns[f"{name}_key"].slice(low, high - low)
    return np.unique(np.asarray(column.drop_null().to_numpy(), np.int64))


def in_truth(
    parts: Parts, name: str, target: Parts, truths: NDArray[np.int64], rows: NDArray[np.int64]
) -> NDArray[np.int64]:
    """`rows`, with those of results looked up in the source that holds their ground truth."""
    if not (truths >= 0).any() or f"{name}_key" not in parts.columns or "id_key" not in target.columns:
        return rows
    elsewhere = truths[parts.source]
    keys = mixed(np.asarray(parts.numpy(f"{name}_key"), np.int64), elsewhere)
    there = mixed(np.asarray(target.numpy("id_key"), np.int64), target.source.astype(np.int64))
    return np.where((elsewhere >= 0) & parts.valid(f"{name}_key"), rows_of(keys, there), rows)
