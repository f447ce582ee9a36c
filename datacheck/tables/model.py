"""What a table and a column are, and the columns that several tables share."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pyarrow as pa

BOOL, I32, I64, F64, TEXT, LABEL, TEXTS = "bool", "int32", "int64", "double", "string", "label", "list<string>"
"""Type names. `label` is a string with few distinct values, kept as a dictionary."""


@dataclass(frozen=True)
class Column:
    """One column: `null` says, in words that fit after "because", why a value may be missing."""

    name: str
    type: str
    doc: str
    unit: str = ""
    null: str = ""
    kernel: str = ""

    @property
    def arrow(self) -> pa.DataType:
        import pyarrow as pa

        return {
            BOOL: pa.bool_(), I32: pa.int32(), I64: pa.int64(), F64: pa.float64(), TEXT: pa.string(),
            LABEL: pa.dictionary(pa.int8(), pa.string()), TEXTS: pa.list_(pa.string()),
        }[self.type]  # fmt: skip


@dataclass(frozen=True)
class Join:
    """A record reachable from a row: row `row_column` of table `table`."""

    table: str
    row_column: str


@dataclass(frozen=True)
class Table:
    name: str
    prefix: str
    doc: str
    columns: tuple[Column, ...]
    joins: Mapping[str, Join] = field(default_factory=dict)

    @cached_property
    def by_name(self) -> dict[str, Column]:
        return {column.name: column for column in self.columns}

    def schema(self) -> pa.Schema:
        import pyarrow as pa

        return pa.schema([(column.name, column.arrow) for column in self.columns])


KIND_NAMES = ("integer", "float", "string", "bool", "big", "null", "absent", "other")
KINDS = "integer, float, string, bool, big (past 64 bits), null, absent or other (a list or an object)"


def identity(name: str, what: str) -> tuple[Column, ...]:
    """The columns of one id: ids come as integers, strings, floats and worse, and must still be joined and shown."""
    return (
        Column(name, I64, f"{what}, when it is an integer of at most 64 bits", null="it is not an integer"),
        Column(f"{name}_text", TEXT, f"{what} as it stands in the file, when it is anything but such an integer"),
        Column(f"{name}_kind", LABEL, f"how {what} is written: {KINDS}"),
        Column(f"{name}_key", I64, f"{what} as a key for joins: equal keys are equal ids (1.0 equals 1, \"1\" does not)",
               null="there is no usable id"),
    )  # fmt: skip


ROW = Column("row", I64, "number of the row in this table, from 0")
SOURCE = Column("source", I32, "row of the source in `sources`")
ORDINAL = Column("ordinal", I64, "position in its section of the file, from 0")
BOX = (
    Column("has_bbox", BOOL, "the record has a bbox"),
    Column("bbox_length", I32, "how many values the bbox holds", null="there is no readable bbox"),
    Column("box_x", F64, "left edge", "px", "there is no readable bbox of four numbers"),
    Column("box_y", F64, "top edge", "px", "there is no readable bbox of four numbers"),
    Column("box_w", F64, "width of the box", "px", "there is no readable bbox of four numbers"),
    Column("box_h", F64, "height of the box", "px", "there is no readable bbox of four numbers"),
)
AREA = (
    Column("has_area", BOOL, "the record has an area"),
    Column("area", F64, "recorded area", "px²", "there is no readable area"),
    Column("has_iscrowd", BOOL, "the record has iscrowd"),
    Column("iscrowd", F64, "recorded iscrowd", "", "there is no readable iscrowd"),
)
IMAGE_JOIN = Join("images", "image_row")
SOURCE_JOIN = Join("sources", "source")
CATEGORY_JOIN = Join("categories", "category_row")
