"""The masks of one image brought together: how many segments, which size, and which image file it is."""

from __future__ import annotations

import os
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from datacheck.measure.pairs import nearest_names
from datacheck.paths import as_text

if TYPE_CHECKING:
    from datacheck.folders.find import MaskFolder
    from datacheck.run.assemble import Parts

Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]


def gather_sets(parts: dict[str, Parts], folders: Sequence[MaskFolder], sources: NDArray[np.int32]) -> None:
    """One row an image: what its mask files hold together, and which image file it is."""
    files, images, sets = parts["mask_files"], parts["image_files"], parts["mask_sets"]
    listed = [(source, stem) for source, folder in zip(sources, folders, strict=True) for stem in folder.metadata]
    own, seen, recorded, stems, sets.source = _numbered(files, images, listed)
    n = len(sets.source)
    sets.columns["stem"] = pa.chunked_array([stems])
    sets.put("ordinal", np.arange(n) - np.searchsorted(sets.source, sets.source))
    files.put("set_row", own)
    read = np.asarray(pc.equal(files.columns["state"].cast(pa.string()), "ok").to_numpy(), bool)
    count = np.bincount(own, minlength=n)
    readable = np.bincount(own[read], minlength=n)
    sets.put("file_count", count)
    sets.put("readable_count", readable)
    none = readable == 0
    single = np.array([f.layout != "label-maps" for f in folders])[files.source - sources[0]]
    area, largest = (np.asarray(numbers_of(files, c), np.int64) for c in ("area", "largest_area"))
    frame = np.maximum(numbers_of(files, "width") * numbers_of(files, "height"), 1)
    held = np.where(single, area > 0, np.asarray(numbers_of(files, "segment_count"), np.int64))
    # Of soft masks and pictures nobody can say how many segments they hold.
    counted = single | files.valid("segment_count")
    none |= np.bincount(own[read & ~counted], minlength=n) > 0
    sets.put("segment_count", np.bincount(own, weights=np.where(read, held, 0), minlength=n).astype(np.int64), none)
    empty = read & (area == 0)
    sets.put("empty_file_count", np.bincount(own[empty], minlength=n))
    largest = np.where(single, area, largest)
    most, share = np.zeros(n, np.int64), np.zeros(n)
    np.maximum.at(most, own[read], largest[read])
    np.maximum.at(share, own[read], (largest / frame)[read])
    sets.put("largest_area", most, most == 0)
    sets.put("largest_share", share, most == 0)
    _sizes(files, sets, own, read)
    first = np.full(n, -1)
    first[own[::-1]] = np.arange(len(files))[::-1]
    first_image = np.full(n, -1)
    first_image[seen[::-1]] = np.arange(len(images))[::-1]
    known = np.array([f.images_folder is not None for f in folders])[sets.source - sources[0]]
    sets.put("images_known", known)
    sets.put("image_file_row", first_image, first_image < 0)
    sets.put("image_count", np.bincount(seen, minlength=n))
    paths = _set_paths(parts, folders, first, first_image, sources[0])
    records = [path for folder in folders for path in folder.metadata.values()]
    for number, path in zip(recorded.tolist(), records, strict=True):
        paths[number] = paths[number] or as_text(os.path.dirname(path))
    sets.columns["path"] = pa.chunked_array([pa.array(paths, pa.string())])
    sets.columns["nearest"] = pa.chunked_array([_nearest(sets, count > 0, first_image >= 0, known)])


def _numbered(
    files: Parts, images: Parts, listed: Sequence[tuple[np.int32, str]]
) -> tuple[Ints, Ints, Ints, pa.Array, NDArray[np.int32]]:
    """([files] number of its set, [images] the same, [listed] the same, the stem and the source of each set): by
    source, then by stem. `listed`: source and stem of what a metadata.csv is there for."""
    columns = [p.columns["stem"].combine_chunks() if len(p) else pa.array([], pa.string()) for p in (files, images)]
    columns.append(pa.array([as_text(stem) for _, stem in listed], pa.string()))
    coded = pa.concat_arrays(columns).dictionary_encode()
    order = np.asarray(pc.sort_indices(coded.dictionary), np.int64)
    rank = np.empty(len(order), np.int64)
    rank[order] = np.arange(len(order))
    codes = rank[np.asarray(coded.indices, np.int64)] if len(order) else np.empty(0, np.int64)
    of_listed = np.array([source for source, _ in listed], np.int32)
    source = np.concatenate([files.source, images.source, of_listed]).astype(np.int64)
    keys = source * max(len(order), 1) + codes
    unique, number = np.unique(keys, return_inverse=True)
    stems = coded.dictionary.take(pa.array(order[unique % max(len(order), 1)]))
    ends = len(files), len(files) + len(images)
    owners = (unique // max(len(order), 1)).astype(np.int32)
    return number[: ends[0]], number[ends[0] : ends[1]], number[ends[1] :], stems, owners


def _sizes(files: Parts, sets: Parts, own: Ints, read: Bools) -> None:
    n = len(sets)
    size = np.stack([own, *(np.asarray(numbers_of(files, c), np.int64) for c in ("width", "height"))], axis=1)[read]
    distinct = np.unique(size, axis=0)
    count = np.bincount(distinct[:, 0], minlength=n)
    sets.put("size_count", count)
    for column, name in ((1, "width"), (2, "height")):
        values = np.zeros(n, np.int64)
        values[distinct[:, 0]] = distinct[:, column]
        sets.put(name, values, count != 1)


def _set_paths(
    parts: dict[str, Parts], folders: Sequence[MaskFolder], first: Ints, first_image: Ints, start: int
) -> list[str | None]:
    """The mask file, or the folder of several, or the image; None for what only a metadata.csv is there for."""
    paths, pictures = (
        parts[t].columns["path"].to_pylist() if len(parts[t]) else [] for t in ("mask_files", "image_files")
    )
    nested = [folder.pattern.startswith("{stem}/") for folder in folders]
    own = parts["mask_sets"].source
    found: list[str | None] = []
    for file, image, source in zip(first.tolist(), first_image.tolist(), own.tolist(), strict=True):
        if file >= 0:
            found.append(os.path.dirname(paths[file]) if nested[source - start] else paths[file])
        else:
            found.append(pictures[image] if image >= 0 else None)
    return found


def _nearest(sets: Parts, has_mask: Bools, has_image: Bools, known: Bools) -> pa.Array:
    """For a set that lacks one side, the most similar stem that lacks the other."""
    stems = sets.columns["stem"].to_pylist()
    found: list[str | None] = [None] * len(sets)
    for source in np.unique(sets.source[known & (has_mask != has_image)]).tolist():
        own = sets.source == source
        lonely = [
            np.flatnonzero(own & side & ~other).tolist()
            for side, other in ((has_mask, has_image), (has_image, has_mask))
        ]
        for rows, others in (lonely, lonely[::-1]):
            names = nearest_names([stems[r] for r in rows], [stems[r] for r in others])
            for row, name in zip(rows, names, strict=True):
                found[row] = name
    return pa.array(found, pa.string())


def numbers_of(parts: Parts, column: str) -> NDArray[np.float64]:
    if column not in parts.columns:
        return np.zeros(len(parts))
    return np.asarray(parts.numpy(column), np.float64)


def equals(parts: Parts, column: str, value: object) -> Bools:
    """Where a column has this value."""
    if column not in parts.columns:
        return np.zeros(len(parts), bool)
    own = parts.columns[column]
    own = own.cast(pa.string()) if pa.types.is_dictionary(own.type) else own
    return np.asarray(pc.equal(own, value).fill_null(False).to_numpy(), bool)


def per_folder(parts: Parts, mask: NDArray[Any], first: int, n: int) -> list[int]:
    """How many rows of each of `n` folders, which are the sources from `first` on, have `mask` set."""
    counts: list[int] = np.bincount(parts.source[np.asarray(mask, bool)] - first, minlength=n).tolist()
    return counts
