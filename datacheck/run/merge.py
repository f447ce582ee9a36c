"""What only the whole shows: which rows share an id, and which image and category a row names."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from datacheck.measure.joins import copies, copies_where, mixed, rows_of
from datacheck.read.detect import Seen, annotations_pointer, format_of, misplaced_keys
from datacheck.run.assemble import Kept, Parts, assemble, assemble_faults
from datacheck.run.mask_lists import mark_copies
from datacheck.run.mask_rows import masks_table
from datacheck.run.required import missing_keys
from datacheck.run.sources import count_rows, datasets_table, sources_table
from datacheck.run.truth import find_truths, in_truth
from datacheck.run.votes import judge_boxes
from datacheck.tables import TABLES

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    import pyarrow as pa
    from numpy.typing import NDArray

    from datacheck.expect import Expectations
    from datacheck.read.source import Source
    from datacheck.run.masks import MasksRead
    from datacheck.run.work import BatchFile

    Bools = NDArray[np.bool_]
    Counts = dict[str, NDArray[np.int64]]


@dataclass
class Merged:
    """All tables, and for each source whether its pointers are those of a list."""

    tables: dict[str, pa.Table]
    formats: list[str | None]


def merge(
    read: Sequence[tuple[Source, Seen]],
    batches: Sequence[BatchFile],
    expectations: Expectations,
    paths: Sequence[str],
    masks: MasksRead,
    measure: Callable[[dict[str, Parts], Sequence[str | None]], Mapping[str, list[Any]]],
    *,
    every_mask: bool,
) -> Merged:
    """Build every table of `tables.TABLES`. `read` is in the order of the sources.

    masks: what folders of masks gave; they are the last of the sources.
    measure: fills columns that need joined tables, and gives columns of `sources`.
    every_mask: build the table `masks`.
    """
    sources = [source for source, _ in read]
    formats = [seen.layout or format_of(source.path, seen) if source.readable else None for source, seen in read]
    expected = [expectations.for_source(source.path) for source in sources]
    for source, seen in read:
        source.faults += misplaced_keys(seen)
    generations = {(s.index, name): last for s, seen in read for name, last in seen.generations.items()}
    kept = Kept({s.index for s in sources if formats[s.index]}, generations)
    ordered = sorted(batches, key=lambda b: (b.pieces[0].source, b.pieces[0].first) if b.pieces else (0, 0))
    parts = assemble(ordered, kept) | masks.parts
    n = len(sources)
    counts: Counts = {}
    _join(parts, formats, counts, n)
    judge_boxes(parts, expected, counts, n)
    mark_copies(parts["annotations"], formats)
    columns = {name: [None] * (n - len(own)) + own for name, own in masks.columns.items()} | dict(
        measure(parts, formats)
    )
    _names(parts)
    count_rows(parts, counts, n)
    more = list(missing_keys(parts, formats))
    totals = {name: np.bincount(parts[name].source, minlength=n) for name in ("images", "annotations", "categories")}
    lists = [annotations_pointer(seen) for _, seen in read]
    faults = assemble_faults(ordered, kept, sources, formats, lists, more, totals)
    counts["fault_count"] = np.bincount(faults.source, minlength=n)
    tables = {p.name: _finish(p) for p in (*parts.values(), faults)}
    tables["sources"] = sources_table(read, formats, expected, parts, counts, columns)
    tables["datasets"] = datasets_table(read, formats, expectations, paths, tables["sources"])
    tables["masks"] = masks_table(tables, masks.segments) if every_mask else TABLES["masks"].schema().empty_table()
    return Merged({name: tables[name] for name in TABLES}, formats)


def _finish(parts: Parts) -> pa.Table:
    parts.put("row", np.arange(len(parts)))
    parts.put("source", parts.source)
    return parts.table()


def _key(parts: Parts, name: str) -> tuple[NDArray[np.int64], Bools]:
    """(keys of an id, made distinct between sources; where there is one)."""
    if f"{name}_key" not in parts.columns:
        return np.zeros(len(parts), np.int64), np.zeros(len(parts), bool)
    keys = np.asarray(parts.numpy(f"{name}_key"), np.int64)
    if len(parts) and parts.source[0] != parts.source[-1]:
        keys = mixed(keys, parts.source.astype(np.int64))
    return keys, parts.valid(f"{name}_key")


def _find(parts: Parts, name: str, target: Parts) -> NDArray[np.int64]:
    """[N] the row of `target` (of the same source) that the id `name` names, or -1."""
    if not len(parts) or not len(target) or f"{name}_key" not in parts.columns or "id_key" not in target.columns:
        return np.full(len(parts), -1, np.int64)
    own, there = np.asarray(parts.numpy(f"{name}_key"), np.int64), np.asarray(target.numpy("id_key"), np.int64)
    if len({int(source) for table in (parts, target) for source in table.source[[0, -1]]}) > 1:
        own, there = mixed(own, parts.source.astype(np.int64)), mixed(there, target.source.astype(np.int64))
    usable = np.flatnonzero(target.valid("id_key"))
    found = rows_of(own, there[usable])
    found = np.where(found >= 0, usable[found], -1) if len(usable) else found
    return np.where(parts.valid(f"{name}_key"), found, -1)


def _join(parts: dict[str, Parts], formats: Sequence[str | None], counts: Counts, n: int) -> None:
    images, categories, annotations, segments = (parts[t] for t in ("images", "categories", "annotations", "segments"))
    for table in (images, categories, annotations):
        keys, valid = _key(table, "id")
        count, first = copies_where(keys, valid)
        table.put("id_count", count, ~valid)
        table.put("id_first", _ordinals(table)[first] if len(table) else first, ~valid)
        if table is annotations:
            counts["duplicate_annotation_id_count"] = table.counted(valid & (first < np.arange(len(table))), n)
        elif table is images:
            counts["unidentified_image_count"] = table.counted(~valid, n)
        else:
            counts["unidentified_category_count"] = table.counted(~valid, n)
    if len(segments):
        keys, valid = _key(segments, "id")
        parents = np.asarray(segments.numpy("annotation_row"), np.int64)
        count, first = copies_where(mixed(keys, parents), valid)
        segments.put("id_count", count, ~valid)
        segments.put("id_first", np.asarray(segments.numpy("number"), np.int64)[first], ~valid)
        segments.put("ordinal", _ordinals(annotations)[parents])
    rows = _find(annotations, "image_id", images)
    one_image = np.array([f == "sa-1b" for f in formats] or [False])
    if one_image.any() and len(images) and len(annotations):
        # An SA-1B file holds one image, and its annotations do not name it.
        only = rows_of(annotations.source.astype(np.int64), images.source.astype(np.int64))
        rows = np.where(one_image[annotations.source], only, rows)
    truths = find_truths(annotations, images, categories, formats)
    counts["truth_source"] = truths
    annotations.put("image_row", (seen := in_truth(annotations, "image_id", images, truths, rows)), seen < 0)
    images_seen = rows[rows >= 0]
    images.put("annotation_count", np.bincount(images_seen, minlength=len(images)))
    captioned = np.asarray(annotations.numpy("has_caption", False), bool) if len(annotations) else np.empty(0, bool)
    images.put("caption_count", np.bincount(rows[(rows >= 0) & captioned], minlength=len(images)))
    dangling = (rows < 0) & _has_key(annotations, "image_id")
    counts["dangling_image_count"] = annotations.counted(dangling, n)
    counts["dangling_image_id_count"] = _distinct([(annotations, "image_id", dangling)], n)
    named = np.zeros(len(categories), np.int64)
    lacking: list[tuple[Parts, str, Bools]] = []
    for table in (annotations, segments):
        found = _find(table, "category_id", categories)
        shown = in_truth(table, "category_id", categories, truths, found) if table is annotations else found
        table.put("category_row", shown, shown < 0)
        named += np.bincount(found[found >= 0], minlength=len(categories))
        lacking.append((table, "category_id", (found < 0) & _has_key(table, "category_id")))
    counts["dangling_category_count"] = sum(
        (table.counted(mask, n) for table, _, mask in lacking), np.zeros(n, np.int64)
    )
    counts["dangling_category_id_count"] = _distinct(lacking, n)
    categories.put("annotation_count", named)
    if len(segments):
        own = rows[np.asarray(segments.numpy("annotation_row"), np.int64)]
        segments.put("image_row", own, own < 0)


def _distinct(parts: Sequence[tuple[Parts, str, Bools]], n: int) -> NDArray[np.int64]:
    """How many different ids the masked rows of each source name."""
    pairs = [
        np.stack([table.source[mask].astype(np.int64), np.asarray(table.numpy(f"{name}_key"), np.int64)[mask]], axis=1)
        for table, name, mask in parts
        if mask.any()
    ]
    if not pairs:
        return np.zeros(n, np.int64)
    return np.bincount(np.unique(np.concatenate(pairs), axis=0)[:, 0], minlength=n)


def _ordinals(parts: Parts) -> NDArray[np.int64]:
    return np.asarray(parts.numpy("ordinal"), np.int64) if len(parts) else np.empty(0, np.int64)


def _has_key(parts: Parts, name: str) -> Bools:
    return parts.valid(f"{name}_key") if f"{name}_key" in parts.columns else np.zeros(len(parts), bool)


def _names(parts: dict[str, Parts]) -> None:
    """File names of images and names of categories that are used more than once within a source."""
    images, categories = parts["images"], parts["categories"]
    if "file_name" in images.columns:
        codes = images.columns["file_name"].combine_chunks().dictionary_encode().indices
        named = np.asarray(codes.fill_null(-1).to_numpy(), np.int64)
        count, first = copies(mixed(named, images.source.astype(np.int64)))
        images.put("file_name_count", count, ~images.valid("file_name"))
        images.put("file_name_first", _ordinals(images)[first], ~images.valid("file_name"))
    if not len(categories):
        return
    source = categories.source.tolist()
    names: list[str | None] = (
        categories.columns["name"].to_pylist() if "name" in categories.columns else [None] * len(source)
    )
    parents = (
        categories.columns["supercategory"].to_pylist()
        if "supercategory" in categories.columns
        else [None] * len(source)
    )
    above = Counter(zip(source, parents, strict=True))
    is_parent = [
        name is not None and above[s, name] > (parent == name)
        for s, name, parent in zip(source, names, parents, strict=True)
    ]
    categories.put("is_parent", np.array(is_parent))
    unnamed = np.array([name is None for name in names])
    plain = [None if name is None else "".join(c for c in name.casefold() if c not in " \t_-") for name in names]
    ordinals = _ordinals(categories).tolist()
    for column, texts in (("name", names), ("name_variant", plain)):
        keys = list(zip(source, texts, strict=True))
        counter, earliest = Counter(keys), dict(reversed(list(zip(keys, ordinals, strict=True))))
        categories.put(f"{column}_count", np.array([counter[key] for key in keys]), unnamed)
        categories.put(f"{column}_first", np.array([earliest[key] for key in keys]), unnamed)
