"""The table `masks`: every mask, wherever it is kept, in the same columns."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from datacheck.tables import TABLES

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping


def masks_table(tables: Mapping[str, pa.Table], segments: pa.Table | None) -> pa.Table:
    """All masks of the finished `tables`; `segments`: those of mask files, with `file`, the row of their file."""
    schema = TABLES["masks"].schema()
    blocks = [block for block in (_annotations(tables), _panoptic(tables), *_files(tables, segments)) if len(block)]
    count = sum(map(len, blocks))
    arrays: list[Any] = []
    for field in schema:
        if field.name == "row":
            arrays.append(pa.chunked_array([pa.array(np.arange(count))]))
            continue
        chunks: list[pa.Array] = []
        for block in blocks:
            if field.name in block.column_names:
                chunks += block.column(field.name).cast(field.type).chunks
            else:
                chunks.append(pa.nulls(len(block), field.type))
        arrays.append(pa.chunked_array(chunks, field.type))
    return pa.table(arrays, schema)


def _at(table: pa.Table, column: str, rows: pa.Array) -> pa.Array:
    """A column at some rows, NULL where a row is NULL."""
    taken = table.column(column).take(rows)
    taken = taken.combine_chunks() if isinstance(taken, pa.ChunkedArray) else taken
    return taken.dictionary_decode() if pa.types.is_dictionary(taken.type) else taken


def _annotations(tables: Mapping[str, pa.Table]) -> pa.Table:
    annotations = tables["annotations"]
    kind = annotations.column("segmentation_kind").cast(pa.string())
    own = pc.is_in(kind, pa.array(["polygons", "flat", "rle", "rle-list"]))
    rows = pa.array(np.flatnonzero(own.fill_null(False).to_numpy()))
    get = {c: _at(annotations, c, rows) for c in (
        "source", "id", "image_row", "polygon_area", "extent_x0", "extent_y0", "extent_x1", "extent_y1",
        "rle_area", "rle_x", "rle_y", "rle_w", "rle_h", "rle_share", "rle_width", "rle_height", "rle_state",
    )}  # fmt: skip
    size = {
        name: pc.coalesce(_at(tables["images"], name, get["image_row"]), get[f"rle_{name}"])
        for name in ("width", "height")
    }
    well = pc.equal(get["rle_state"], "ok")
    pixels = pc.if_else(pc.fill_null(well, False), get["rle_area"], None)
    polygon_share = _ratio(get["polygon_area"], pc.multiply(size["width"], size["height"]))
    double = {name: get[name].cast(pa.float64()) for name in ("rle_x", "rle_y", "rle_w", "rle_h")}
    return pa.table({
        "source": get["source"], "kind": kind.take(rows).combine_chunks(), "id": get["id"],
        "image_name": _at(tables["images"], "file_name", get["image_row"]),
        "width": _whole(size["width"]), "height": _whole(size["height"]),
        "area": pc.coalesce(get["polygon_area"], pixels), "share": pc.coalesce(polygon_share, get["rle_share"]),
        "mask_x": pc.coalesce(get["extent_x0"], double["rle_x"]),
        "mask_y": pc.coalesce(get["extent_y0"], double["rle_y"]),
        "mask_w": pc.coalesce(pc.subtract(get["extent_x1"], get["extent_x0"]), double["rle_w"]),
        "mask_h": pc.coalesce(pc.subtract(get["extent_y1"], get["extent_y0"]), double["rle_h"]),
        "annotation_row": rows.cast(pa.int64()),
    })  # fmt: skip


def _panoptic(tables: Mapping[str, pa.Table]) -> pa.Table:
    segments = tables["segments"]
    if not len(segments):
        return pa.table({"source": pa.array([], pa.int32())})
    rows = segments.column("row").combine_chunks()
    parents = segments.column("annotation_row").combine_chunks()
    width, height = (_at(tables["annotations"], f"png_{side}", parents) for side in ("width", "height"))
    area = segments.column("png_area").combine_chunks().cast(pa.float64())
    return pa.table({
        "source": segments.column("source").combine_chunks(), "kind": pa.repeat(pa.scalar("panoptic"), len(rows)),
        "id": segments.column("id").combine_chunks(),
        "image_name": _at(tables["images"], "file_name", segments.column("image_row").combine_chunks()),
        "width": width, "height": height, "area": area, "share": _ratio(area, pc.multiply(width, height)),
        **{f"mask_{side}": segments.column(f"png_{side}").combine_chunks().cast(pa.float64()) for side in "xywh"},
        "annotation_row": parents, "segment_row": rows,
    })  # fmt: skip


def _files(tables: Mapping[str, pa.Table], segments: pa.Table | None) -> Iterator[pa.Table]:
    """Masks of mask files: of files for one object the file, of all others each segment, or the file if it has none."""
    files, sources = tables["mask_files"], tables["sources"]
    if not len(files):
        return
    owner = files.column("source").combine_chunks()
    single = pc.is_in(_at(sources, "format", owner), pa.array(["amg", "object-masks"]))
    read = pc.equal(files.column("state").cast(pa.string()), "ok").combine_chunks()
    at = pa.array(np.flatnonzero(pc.and_(single, read).fill_null(False).to_numpy(zero_copy_only=False)))
    yield _rows(files, at, files.take(at), pa.repeat(pa.scalar("object"), len(at)), pa.nulls(len(at), pa.int64()))
    yield _whole_files(files, pc.and_(pc.invert(single), read), segments)
    if segments is None:
        return
    several = pc.invert(single.take(segments.column("file").combine_chunks()))
    segments = segments.filter(several)
    at = segments.column("file").combine_chunks()
    content = _at(files, "content", at)
    kind = pc.case_when(
        pc.make_struct(pc.equal(content, "stack"), pc.equal(content, "colours")), "channel", "colour", "label"
    )
    yield _rows(files, at, segments, kind, segments.column("id").combine_chunks())


def _whole_files(files: pa.Table, own: pa.Array, segments: pa.Table | None) -> pa.Table:
    """One row for each file with pixels and no segments: those of fractions, of a picture, of too many segments."""
    wanted = np.asarray(own.fill_null(False).to_numpy(zero_copy_only=False), bool)
    wanted &= np.asarray(pc.fill_null(files.column("area"), 0).to_numpy()) > 0
    if segments is not None:
        wanted[np.asarray(segments.column("file").to_numpy())] = False
    at = pa.array(np.flatnonzero(wanted))
    return _rows(files, at, files.take(at), _at(files, "content", at), pa.nulls(len(at), pa.int64()))


def _rows(files: pa.Table, at: pa.Array, measured: pa.Table, kind: pa.Array, ids: pa.Array) -> pa.Table:
    """Rows of masks in the files `at`; `measured` has their areas and boxes."""
    width, height = _at(files, "width", at), _at(files, "height", at)
    area = measured.column("area").combine_chunks().cast(pa.float64())
    boxes = {f"mask_{side}": measured.column(f"mask_{side}").combine_chunks().cast(pa.float64()) for side in "xywh"}
    named = {"source": _at(files, "source", at), "kind": kind, "id": ids, "image_name": _at(files, "stem", at)}
    share = _ratio(area, pc.multiply(width, height))
    return pa.table(named | {"width": width, "height": height, "area": area, "share": share, "file_row": at} | boxes)


def _ratio(area: pa.Array, frame: pa.Array) -> pa.Array:
    frame = frame.cast(pa.float64())
    return pc.divide(area, pc.if_else(pc.greater(frame, 0.0), frame, None))


def _whole(values: pa.Array) -> pa.Array:
    """Sizes as integers; NULL where they are none."""
    fits = pc.and_(pc.equal(values, pc.floor(values)), pc.less(pc.abs(values), 2.0**53))
    return pc.if_else(pc.fill_null(fits, False), values, None).cast(pa.int64())
