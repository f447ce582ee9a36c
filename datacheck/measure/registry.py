"""Every kernel that measures records, in one literal dict: a new kernel is a module, a line here and its columns in
tables.py."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from datacheck.measure.keypoints import keypoint_columns
from datacheck.measure.polygons import polygon_columns
from datacheck.measure.rasters import raster_columns
from datacheck.measure.rle import component_columns, key_columns, rle_columns
from datacheck.tables import TABLES

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    import pyarrow as pa


@dataclass(frozen=True)
class Kernel:
    """`run` takes the inputs in order and gives its columns."""

    table: str
    inputs: tuple[str, ...]
    run: Callable[..., dict[str, pa.Array]]


KERNELS: dict[str, Kernel] = {
    "polygons": Kernel("annotations", ("rings", "n"), polygon_columns),
    "rasters": Kernel(
        "annotations",
        ("rings", "polygon_area", "extent_x0", "extent_y0", "extent_x1", "extent_y1", "n"),
        raster_columns,
    ),
    # Before "rle", which then finds all of its own measured already.
    "components": Kernel("annotations", ("masks", "n"), component_columns),
    "rle": Kernel("annotations", ("masks", "n"), rle_columns),
    "rle-keys": Kernel("annotations", ("masks", "n"), key_columns),
    "keypoints": Kernel("annotations", ("keypoints", "box_x", "box_y", "box_w", "box_h"), keypoint_columns),
}


def plan(needed: Iterable[tuple[str, str]] | None) -> frozenset[str]:
    """The kernels that measure the `needed` (table, column) pairs; all of them for None. Some are not among KERNELS:
    stages of their own measure "overlaps", and the "components" of mask files."""
    if needed is None:
        return frozenset(column.kernel for table in TABLES.values() for column in table.columns if column.kernel)
    found = {
        column.kernel
        for table, name in needed
        if (column := TABLES[table].by_name.get(name)) is not None and column.kernel
    }
    for name, kernel in KERNELS.items():
        if name in found:  # A kernel may take what another has measured.
            measured = map(TABLES[kernel.table].by_name.get, kernel.inputs)
            found |= {column.kernel for column in measured if column is not None and column.kernel}
    return frozenset(found)
