"""Mask files, panoptic PNGs and image files, many at a time: what each holds, as rows of tables.

Only finding where values change looks at every pixel, a file at a time; all else is done with the runs of many files
together (gather.py, runs.py), and with what each value covers (contents.py).
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa

from datacheck.files.decode import Room
from datacheck.files.mask_files import open_mask, open_masks
from datacheck.files.pictures import read_header
from datacheck.measure.gather import MAX_SEGMENTS, Found, Gatherer, cover
from datacheck.measure.runs import MAX_VALUES, Ints
from datacheck.measure.stacks import measure_stack
from datacheck.paths import as_text
from datacheck.tables import TABLES

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from datacheck.files.header import Header

__all__ = ["MAX_SEGMENTS", "Ids", "measure_images", "measure_mask_files", "picture_ids"]

_HEADER = ("kind", "state", "detail", "size_bytes", "width", "height", "mode", "bit_depth", "frame_count")
_MEASURED = (
    "content", "mask_count", "value_count", "value_min", "value_max", "values", "fraction_count", "nonfinite_count",
    "segment_count", "area", "share", "mask_x", "mask_y", "mask_w", "mask_h", "largest_id", "largest_area",
    "largest_share", "missing_id_count", "overlap_count", "gap_count", "constant_mask_count", "content_key",
)  # fmt: skip
COMPONENTS = ("component_count", "largest_component")
_TYPES = {"int32": pa.int32(), "int64": pa.int64(), "double": pa.float64()}
_TEXT = pa.string()
_NUMBERS = {"int32": np.int32, "int64": np.int64, "double": np.float64}


def measure_mask_files(paths: Sequence[str], kernels: Collection[str]) -> tuple[pa.Table, pa.Table]:
    """(a row for each path, in order; a row for each segment of files with at most 4,096 of them).

    The first has the columns of `tables.MASK_FILES` that a file alone gives, those of the kernel `components` if it is
    among `kernels`. The second has `file`, the position in `paths`, id, area in px² and box in px. Soft and continuous
    masks have no segments there; of a stack, the id is the channel. Whatever the files are, nothing is raised.
    """
    gatherer, masks = Gatherer("components" in kernels), []
    with np.errstate(all="ignore"):  # NaN comes in kinds that numpy warns of.
        for number, mask in enumerate(open_masks(paths, Room())):
            if mask.pixels is not None:
                gatherer.add_map(number, mask, mask.pixels)
            elif mask.stack is not None:
                gatherer.add_stack(number, measure_stack(mask.stack, mask.release))
            mask.pixels = mask.stack = mask.mapped = None
            masks.append(mask)
        gatherer.finish()
    columns = _header_columns("mask_files", paths, masks, (*_HEADER, "dtype", "shape"))
    columns |= _measured_columns(len(paths), gatherer.columns, components=gatherer.components)
    return pa.table(columns), _segment_rows(gatherer)


def _header_columns(
    table: str, paths: Sequence[str], headers: Sequence[Header], names: Iterable[str]
) -> dict[str, Any]:
    known = TABLES[table].by_name
    columns = {name: _array([getattr(h, name) for h in headers], known[name].type) for name in names}
    endings = [name.rpartition(".")[2].lower() if "." in name else "" for name in (p.rpartition("/")[2] for p in paths)]
    return columns | {"extension": pa.array(map(as_text, endings), pa.string())}


def _array(values: Iterable[Any], type_: str) -> pa.Array:
    return pa.array(values, _TYPES.get(type_, _TEXT))


def _measured_columns(count: int, found: Sequence[tuple[Ints, Found]], *, components: bool) -> dict[str, Any]:
    """Columns of all files from those of some; NULL where a file has none."""
    columns: dict[str, Any] = {}
    known = TABLES["mask_files"].by_name
    for name in (*_MEASURED, *(COMPONENTS if components else ())):
        type_ = known[name].type
        whole: NDArray[Any] = np.zeros(count, _NUMBERS.get(type_, object))
        missing = np.ones(count, np.bool_)
        for files, own in found:
            if name in own:
                values, absent = own[name]
                whole[files] = np.where(absent, 0, values) if absent is not None and type_ in _NUMBERS else values
                missing[files] = False if absent is None else absent
        columns[name] = pa.array(whole, _TYPES.get(type_, _TEXT), mask=missing)
    return columns


def _segment_rows(gatherer: Gatherer) -> pa.Table:
    names = ("file", "id", "area", "mask_x", "mask_y", "mask_w", "mask_h")
    found = [(rows.file, rows.id, rows.area, *rows.box) for rows in gatherer.rows]
    joined = [np.concatenate(parts) for parts in zip(*found, strict=True)] if found else [np.empty(0, np.int64)] * 7
    order = np.argsort(joined[0], kind="stable")
    return pa.table({name: pa.array(values[order], pa.int64()) for name, values in zip(names, joined, strict=True)})


@dataclass(slots=True)
class Ids:
    """The ids in one picture, [K] each, ascending, 0 included: pixels and box. All empty if `state` is not ok."""

    state: str
    detail: str | None
    width: int | None
    height: int | None
    ids: Ints
    area: Ints
    x: Ints
    y: Ints
    w: Ints
    h: Ints


def picture_ids(path: str) -> Ids:
    """The ids in a panoptic PNG: R + 256 G + 65536 B; of a grey or palette picture the values themselves.

    `state` is a word of `tables.MASK_FILES`. Nothing is raised.
    """
    mask = open_mask(path)
    none = np.empty(0, np.int64)
    ids = Ids(mask.state, mask.detail, mask.width, mask.height, none, none, none, none, none, none)
    if mask.pixels is None:
        if mask.state == "ok":
            ids.state, ids.detail = "unsupported", "it is a stack of masks, not one picture"
        return ids
    with np.errstate(all="ignore"):
        found = cover(mask.pixels)
    if found is None:
        ids.state, ids.detail = "unsupported", f"more than {MAX_VALUES:,} ids, as in a photograph"
        return ids
    if not np.array_equal(found.id, found.value):
        ids.state, ids.detail = "unsupported", "its values are no whole numbers"
        return ids
    ids.ids, ids.area, ids.x, ids.y = found.id, found.area, found.x0, found.y0
    ids.w, ids.h = found.x1 - found.x0 + 1, found.y1 - found.y0 + 1
    return ids


def measure_images(paths: Sequence[str]) -> pa.Table:
    """A row for each image file, with the columns of `tables.IMAGE_FILES` that a file alone gives; nothing raises."""
    headers = [read_header(path) for path in paths]
    return pa.table(_header_columns("image_files", paths, headers, (*_HEADER, "orientation")))
