"""Every kernel that measures records, in one literal dict: a new kernel is a module, a line here and its columns in
tables.py."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from datacheck.measure.keypoints import keypoint_columns
from datacheck.measure.polygons import polygon_columns
from datacheck.measure.rle import rle_columns
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
    "rle": Kernel("annotations", ("masks", "n"), rle_columns),
    "keypoints": Kernel("annotations", ("keypoints", "box_x", "box_y", "box_w", "box_h"), keypoint_columns),
}


def plan(needed: Iterable[tuple[str, str]] | None) -> frozenset[str]:
    """The kernels that measure the `needed` (table, column) pairs; all of them for None."""
    if needed is None:
        return frozenset(KERNELS)
    return frozenset(
        column.kernel
        for table, name in needed
        if (column := TABLES[table].by_name.get(name)) is not None and column.kernel
    )
