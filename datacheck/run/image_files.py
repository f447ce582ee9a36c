"""Image files: those beside masks, and the image that lies beside an SA-1B file, each known from its header."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa

from datacheck.measure.labels import measure_images
from datacheck.measure.pairs import nearest_names
from datacheck.paths import as_text
from datacheck.read.scalars import label
from datacheck.run.assemble import Parts
from datacheck.tables import TABLES

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

STATES = ("present", "missing")
PICTURES = (".jpg", ".jpeg", ".png", ".webp", ".bmp", ".tif", ".tiff")


def images_beside(
    parts: dict[str, Parts],
    paths: Sequence[str],
    formats: Sequence[str | None],
    run: Callable[..., Iterator[pa.Table]],
) -> None:
    """Add the image files that SA-1B documents name to `image_files`, with the record that names each; and say of each
    record whether its file is there, in folders that hold image files at all."""
    images = parts["images"]
    single = np.array([f == "sa-1b" for f in formats] or [False])
    if not len(images) or not single.any() or "file_name" not in images.columns:
        return
    rows = np.flatnonzero(single[images.source])
    names = images.columns["file_name"].take(pa.array(rows)).to_pylist()
    sources = images.source[rows].tolist()
    listed: dict[str, frozenset[str]] = {}
    found = []
    missing: dict[str, list[tuple[int, str, str]]] = {}
    for row, source, name in zip(rows.tolist(), sources, names, strict=True):
        folder, document = os.path.split(paths[source])
        if folder not in listed:
            listed[folder] = _files_in(folder or ".")
        if not name or "/" in name:  # What lies elsewhere nobody looks for.
            continue
        if name in listed[folder]:
            found.append((row, source, os.path.join(folder, name), name))
        else:
            missing.setdefault(folder, []).append((row, name, _stem(document)))
    _say_state(images, [row for row, *_ in found], missing, listed)
    if not found:
        return
    own = Parts("image_files", source=np.array([source for _, source, _, _ in found], np.int32))
    take_columns(own, list(run(measure_images, [path for _, _, path, _ in found], unread_image)))
    name_files(own, [p for _, _, p, _ in found], [n for *_, n in found], [_stem(n) for *_, n in found])
    own.put("image_row", np.array([row for row, *_ in found]))
    _append(parts["image_files"], own)


def _say_state(
    images: Parts,
    found: Sequence[int],
    missing: dict[str, list[tuple[int, str, str]]],
    listed: dict[str, frozenset[str]],
) -> None:
    """Set file_state and file_nearest. `missing`: by folder the row, the name and the document's stem of each record
    whose image is not there."""
    state, nearest = np.full(len(images), -1, np.int8), np.full(len(images), None, object)
    state[list(found)] = STATES.index("present")
    for folder, records in missing.items():
        pictures = sorted(name for name in listed[folder] if name.lower().endswith(PICTURES))
        if not pictures:  # The images lie elsewhere.
            continue
        by_stem = {_stem(name): name for name in reversed(pictures)}
        similar = nearest_names([_stem(name) for _, name, _ in records], list(by_stem))
        for (row, _, own), other in zip(records, similar, strict=True):
            state[row] = STATES.index("missing")
            nearest[row] = by_stem.get(own) or (by_stem[other] if other is not None else None)
    images.columns["file_state"] = pa.chunked_array([label(state, STATES)])
    images.columns["file_nearest"] = pa.chunked_array([pa.array(map(_text, nearest), pa.string())])


def _text(name: str | None) -> str | None:
    return None if name is None else as_text(name)


def _stem(name: str) -> str:
    return os.path.splitext(name)[0]


def unread_image(_path: str) -> pa.Table:
    """The row of an image whose reading killed its process."""
    return pa.table({"state": ["unreadable"], "detail": ["the process that read this file died"]})


def take_columns(parts: Parts, tables: Sequence[pa.Table]) -> None:
    """The columns that measuring gave, a table after the other; a table may lack some."""
    for column in TABLES[parts.name].columns:
        if any(column.name in table.column_names for table in tables):
            chunks: list[pa.Array] = []
            for table in tables:
                if column.name in table.column_names:
                    chunks += table.column(column.name).cast(column.arrow).chunks
                else:
                    chunks.append(pa.nulls(len(table), column.arrow))
            parts.columns[column.name] = pa.chunked_array(chunks, column.arrow)


def name_files(parts: Parts, paths: Sequence[str], names: Sequence[str], stems: Sequence[str]) -> None:
    """Set path, name, stem and ordinal of files, which come in the order of their sources."""
    for column, values in (("path", paths), ("name", names), ("stem", stems)):
        parts.columns[column] = pa.chunked_array([pa.array(list(map(as_text, values)), pa.string())])
    parts.put("ordinal", np.arange(len(parts)) - np.searchsorted(parts.source, parts.source))


def _append(parts: Parts, more: Parts) -> None:
    for column in TABLES[parts.name].columns:
        if column.name in parts.columns or column.name in more.columns:
            both = [
                p.columns[column.name].chunks if column.name in p.columns else [pa.nulls(len(p), column.arrow)]
                for p in (parts, more)
            ]
            parts.columns[column.name] = pa.chunked_array([chunk for chunks in both for chunk in chunks], column.arrow)
    parts.source = np.concatenate([parts.source, more.source])


def _files_in(folder: str) -> frozenset[str]:
    try:
        with os.scandir(folder) as entries:
            return frozenset(entry.name for entry in entries)
    except OSError:
        return frozenset()
