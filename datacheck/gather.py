"""Values of some rows of a table and of the records joined to them, without touching the rest of the table."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from datacheck.judged import indices
from datacheck.tables import TABLES

if TYPE_CHECKING:
    import numpy as np
    import pyarrow as pa
    from numpy.typing import NDArray


def values_at(column: pa.ChunkedArray[Any], rows: NDArray[np.int64]) -> list[Any]:
    """Python values of `column` at `rows`, in their order; a negative row gives None.

    pyarrow's own `ChunkedArray.take` joins all chunks of a string column first, which for a batch of findings would
    copy the file names of the whole dataset; here only the rows asked for are copied.
    """
    import numpy as np

    lengths = np.asarray([len(chunk) for chunk in column.chunks], dtype=np.int64)
    ends = np.cumsum(lengths)
    wanted = np.flatnonzero(rows >= 0)
    chunk_of = np.searchsorted(ends, rows[wanted], side="right")
    values: list[Any] = [None] * len(rows)
    for number in np.unique(chunk_of).tolist():
        places = wanted[chunk_of == number]
        found = column.chunk(number).take(indices(rows[places] - (ends[number] - lengths[number])))
        for place, value in zip(places.tolist(), pylist(found), strict=True):
            values[place] = value
    return values


def pylist(array: pa.Array[Any] | pa.ChunkedArray[Any]) -> list[Any]:
    """Python values; text that is not UTF-8 (a table cannot promise that it is) shows its bytes as \\xNN."""
    import pyarrow as pa

    try:
        values: list[Any] = array.to_pylist()
        return values
    except UnicodeDecodeError:
        if not pa.types.is_string(array.type):
            raise
        raw = array.cast(pa.binary()).to_pylist()
        return [None if item is None else bytes(item).decode("utf-8", "backslashreplace") for item in raw]


class Rows:
    """Some rows of one table. Columns are fetched when asked for, and kept.

    rows: positions in the table, int64; a negative one is a record that does not exist, all of it NULL.
    """

    def __init__(self, tables: Mapping[str, pa.Table], table: str, rows: NDArray[np.int64]) -> None:
        self.tables, self.table, self.rows = tables, table, rows
        self._columns: dict[str, list[Any]] = {}
        self._joined: dict[str, Rows] = {}

    def __len__(self) -> int:
        return len(self.rows)

    def column(self, name: str) -> list[Any]:
        """Values of a column, or of a joined record's column (`image.width`), as the tables have them."""
        record, dot, rest = name.partition(".")
        if dot:
            return self.joined(record).column(rest)
        if name not in self._columns:
            self._columns[name] = values_at(self.tables[self.table].column(name), self.rows)
        return self._columns[name]

    def shown(self, name: str) -> list[Any]:
        """Like `column`, but an id that is no 64-bit integer is given as it stands in the file."""
        record, dot, rest = name.partition(".")
        if dot:
            return self.joined(record).shown(rest)
        values = self.column(name)
        if f"{name}_text" in TABLES[self.table].by_name and None in values:
            texts = self.column(f"{name}_text")
            return [text if value is None else value for value, text in zip(values, texts, strict=True)]
        return values

    def joined(self, record: str) -> Rows:
        """The records that the rows reach by this name."""
        import numpy as np

        if record not in self._joined:
            join = TABLES[self.table].joins[record]
            rows = [-1 if row is None else row for row in self.column(join.row_column)]
            self._joined[record] = Rows(self.tables, join.table, np.asarray(rows, dtype=np.int64))
        return self._joined[record]
