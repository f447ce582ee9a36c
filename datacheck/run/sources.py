"""The tables `sources` and `datasets`: what the records of one input, and of all, have in common."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from datacheck.expect import Expectations, SourceExpectation
from datacheck.paths import as_text
from datacheck.read.detect import TASKS, Seen, annotations_pointer
from datacheck.run import mask_lists
from datacheck.run.assemble import OF_ANY_FILE
from datacheck.splits import missing_splits
from datacheck.tables import KIND_NAMES, TABLES

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from datacheck.read.source import Source
    from datacheck.run.assemble import Parts

Test = Callable[[pa.ChunkedArray], pa.ChunkedArray]


def count_rows(parts: dict[str, Parts], counts: dict[str, NDArray[np.int64]], n: int) -> None:
    """The counts of each source that are plain sums over its rows."""
    annotations, images, categories = parts["annotations"], parts["images"], parts["categories"]
    for name, table in (("image_count", images), ("annotation_count", annotations), ("category_count", categories)):
        counts[name] = np.bincount(table.source, minlength=n)

    def of(table: Parts, column: str, test: Test) -> NDArray[np.int64]:
        if column not in table.columns or not len(table):
            return np.zeros(n, np.int64)
        return table.counted(np.asarray(test(table.columns[column]).fill_null(False).to_numpy(), bool), n)

    def equals(value: object) -> Test:
        return lambda column: pc.equal(
            column.cast(pa.string()) if pa.types.is_dictionary(column.type) else column, value
        )

    counts["empty_image_count"] = of(images, "annotation_count", equals(0))
    counts["unused_category_count"] = of(categories, "annotation_count", equals(0))
    things = (
        np.asarray(categories.valid("isthing")) if "isthing" in categories.columns else np.zeros(len(categories), bool)
    )
    counts["missing_isthing_count"] = categories.counted(~things, n)
    counts["annotation_id_0_count"] = of(annotations, "id", equals(0))
    counts["crowd_count"] = of(annotations, "iscrowd", equals(1.0))
    counts["missing_area_count"] = of(annotations, "has_area", equals(False))
    counts["missing_iscrowd_count"] = of(annotations, "has_iscrowd", equals(False))
    counts["missing_annotation_id_count"] = of(annotations, "id_kind", equals("absent"))
    kinds = {
        k: of(annotations, "segmentation_kind", equals(k))
        for k in ("absent", "empty", "flat", "polygons", "rle", "rle-list", "other")
    }
    counts["missing_segmentation_count"], counts["empty_segmentation_count"] = kinds["absent"], kinds["empty"]
    counts["flat_segmentation_count"], counts["polygon_count"] = kinds["flat"], kinds["polygons"]
    counts["segmentation_count"] = sum(
        (kinds[k] for k in ("flat", "polygons", "rle", "rle-list", "other")), np.zeros(n, np.int64)
    )
    counts["empty_rle_count"] = of(annotations, "rle_area", equals(0))
    counts["keypoint_annotation_count"] = of(annotations, "labelled_keypoints", lambda column: pc.greater(column, 0))


def _id_kind(parts: Parts, name: str, n: int) -> list[str | None]:
    """How an id is written throughout each source."""
    if f"{name}_kind" not in parts.columns or not len(parts):
        return [None] * n
    codes = parts.columns[f"{name}_kind"]
    kinds: list[set[str]] = [set() for _ in range(n)]
    start = 0
    for chunk in codes.chunks:
        own = parts.source[start : start + len(chunk)].astype(np.int64)
        names = chunk.dictionary.to_pylist()
        pairs = np.unique(own * len(KIND_NAMES) + np.asarray(chunk.indices.fill_null(0).to_numpy(), np.int64))
        for pair in pairs.tolist():
            kinds[pair // len(KIND_NAMES)].add(names[pair % len(KIND_NAMES)])
        start += len(chunk)
    # 1.0 equals 1, so that integers and floats are no mixture; what is no id at all has a fault.
    merged = [{"integer" if k == "big" else k for k in kind} & {"integer", "float", "string"} for kind in kinds]
    merged = [{"integer"} if kind == {"integer", "float"} else kind for kind in merged]
    return [None if not kind else next(iter(kind)) if len(kind) == 1 else "mixed" for kind in merged]


def sources_table(
    read: Sequence[tuple[Source, Seen]],
    formats: Sequence[str | None],
    expected: Sequence[SourceExpectation],
    parts: dict[str, Parts],
    counts: dict[str, NDArray[np.int64]],
    more: Mapping[str, Sequence[Any]],
) -> pa.Table:
    """`more`: columns that stages of their own gave, a value for each source."""
    n = len(read)
    images, annotations, categories = parts["images"], parts["annotations"], parts["categories"]
    columns: dict[str, Any] = {
        "row": list(range(n)),
        "source": list(range(n)),
        "path": [as_text(s.path) for s, _ in read],
        "format": list(formats),
        "task": [TASKS[f] if f else None for f in formats],
        "recognised": [f is not None for f in formats],
        "readable": [s.readable and not any(f.kind in ("empty-file", "unreadable") for f in s.faults) for s, _ in read],
        "required": [s.required for s, _ in read],
        "found_keys": [_found(seen) for _, seen in read],
        "size_bytes": [s.size_on_disk for s, _ in read],
        "encoding": [s.encoding for s, _ in read],
        "compression": [s.compression for s, _ in read],
        "annotations_pointer": [annotations_pointer(seen) for _, seen in read],
        "has_images": ["images" in seen.lists or "image" in seen.lists for _, seen in read],
        "has_annotations": [seen.is_list or "annotations" in seen.lists for _, seen in read],
        "has_categories": ["categories" in seen.lists for _, seen in read],
        "image_id_kind": _id_kind(images, "id", n),
        "annotation_id_kind": _id_kind(annotations, "id", n),
        "annotation_image_id_kind": _id_kind(annotations, "image_id", n),
        "category_id_kind": _id_kind(categories, "id", n),
        "annotation_category_id_kind": _id_kind(annotations, "category_id", n),
    }
    columns |= counts
    columns["truth_source"] = [int(truth) if truth >= 0 else None for truth in counts["truth_source"]]
    columns["normalised_reading"] = _normalised_readings(counts)
    for name, table in (("image", images), ("annotation", annotations), ("category", categories)):
        rows = np.bincount(table.source, minlength=n)
        columns[f"lost_{name}_count"] = [_lost(seen, table.name, int(rows[i])) for i, (_, seen) in enumerate(read)]
    for name in SourceExpectation().columns():
        columns[name] = [e.columns()[name] for e in expected]
    missing, unexpected = (
        zip(*(_classes(categories, i, e) for i, e in enumerate(expected)), strict=True) if n else ((), ())
    )
    columns["missing_classes"], columns["unexpected_classes"] = list(missing), list(unexpected)
    columns["only_mask_share"] = mask_lists.only_shares(annotations, formats)
    columns["is_mask_list"] = mask_lists.is_mask_list(formats, counts["annotation_count"])
    return _table("sources", columns | dict(more))


def _lost(seen: Seen, section: str, rows: int) -> int | None:
    """How many entries of a section are in no table; None where the section ended too early for anyone to know."""
    if section in seen.cut_sections or (seen.damaged and section not in seen.lists):
        return None
    # A frame (SAM 2) holds any number of masks, and a null may be an absent one.
    return 0 if "frames" in seen.features or seen.is_list else max(0, seen.counts[section] - rows)


def _normalised_readings(counts: dict[str, NDArray[np.int64]]) -> list[str | None]:
    """The one reading under which (nearly) all normalised boxes of a source stay within [0, 1]."""
    total = counts["normalised_box_count"]
    fits = {r: counts[f"normalised_not_{r}_count"] <= 0.02 * total for r in ("xywh", "xyxy", "cxcywh")}
    alone = [[reading for reading, fit in fits.items() if fit[i]] for i in range(len(total))]
    return [None if not total[i] else names[0] if len(names) == 1 else "unclear" for i, names in enumerate(alone)]


def _found(seen: Seen) -> str | None:
    if seen.found:
        return seen.found
    if seen.is_list:
        return "a list"
    keys = [key[:40] for key in seen.keys[:8]]
    text = ", ".join(keys) + (", …" if len(seen.keys) > 8 else "") if keys else None
    return None if text is None else as_text(text)


def _classes(categories: Parts, source: int, expected: SourceExpectation) -> tuple[str | None, str | None]:
    if not expected.classes or "name" not in categories.columns:
        return None, None
    low, high = np.searchsorted(categories.source, (source, source + 1))
    names = categories.columns["name"].slice(low, high - low).to_pylist()
    missing = [c for c in expected.classes if c not in names]
    unexpected = [c for c in names if c is not None and c not in expected.classes]
    return ", ".join(missing) or None, ", ".join(unexpected) or None


def datasets_table(
    read: Sequence[tuple[Source, Seen]],
    formats: Sequence[str | None],
    expectations: Expectations,
    paths: Sequence[str],
    sources: pa.Table,
) -> pa.Table:
    """`sources`: the table of that name."""
    splits = expectations.splits
    missing = missing_splits(splits, [s.path for s, _ in read], paths) if splits else []
    return _table(
        "datasets",
        {
            "row": [0],
            "paths": [", ".join(map(as_text, paths))],
            "source_count": [len(read)],
            "reported_count": [sum(f is None and _has_finding(s) for (s, _), f in zip(read, formats, strict=True))],
            "recognised_count": [sum(f is not None for f in formats)],
            "expected_splits": [list(splits) if splits else None],
            "missing_splits": [", ".join(missing) or None],
        }
        | mask_lists.of_dataset(sources),
    )


def _has_finding(source: Source) -> bool:
    """Of a source that was not recognised: does it have a finding of its own?"""
    return source.required or any(fault.kind in OF_ANY_FILE for fault in source.faults)


def _table(name: str, columns: dict[str, Any]) -> pa.Table:
    schema, n = TABLES[name].schema(), len(columns["row"])
    arrays = []
    for field in schema:
        values = columns.get(field.name)
        if values is None:
            values = [None] * n
        if pa.types.is_dictionary(field.type):
            array = pa.array(values, pa.string()).dictionary_encode().cast(field.type)
        else:
            array = pa.array(values, field.type)
        arrays.append(array)
    return pa.table(arrays, schema)
