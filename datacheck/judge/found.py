"""The findings table, put together from the bytes that `statements.findings` gives.

Arrays are made from buffers: pyarrow's own conversions from Python and numpy objects would import pandas where it is
installed, which takes longer than judging a small dataset.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import pyarrow as pa
    from numpy.typing import NDArray

    from datacheck.judge.compiled import CompiledRule

    Array = NDArray[Any]

RAISED = 2
"""Bit of a raised severity; what is above it is the number of the cause."""


@dataclass
class Found:
    """The findings of one rule, in blocks of (row, source, byte)."""

    rule: CompiledRule
    causes: Sequence[str]
    blocks: list[tuple[Array, Array, Array]] = field(default_factory=list)


def schema() -> pa.Schema:
    """The schema of `Judgement.findings`."""
    import pyarrow as pa

    fields: list[tuple[str, pa.DataType]] = [
        ("code", pa.string()), ("severity", pa.string()), ("table", pa.string()), ("source", pa.int32()),
        ("row", pa.int64()), ("explained_by", pa.string()),
    ]  # fmt: skip
    return pa.schema(fields)


def collect(
    reader: pa.RecordBatchReader, rules: Sequence[CompiledRule], causes: Sequence[Sequence[str]]
) -> dict[str, Found]:
    """Split rows of (row int64, source int32, a byte per rule) into the findings of each rule, by code."""
    import numpy as np

    found = {each.rule.code: Found(each, mine) for each, mine in zip(rules, causes, strict=True)}
    for batch in reader:
        row, source = _values(batch.column(0), np.int64), _values(batch.column(1), np.int32)
        for i, each in enumerate(rules):
            marks = _values(batch.column(2 + i), np.uint8)
            (here,) = marks.nonzero()
            if len(here):
                found[each.rule.code].blocks.append((row[here], source[here], marks[here]))
    return found


def _values(column: pa.Array[Any], dtype: type[Any]) -> Array:
    """The values of a column without NULLs."""
    import numpy as np

    buffer = column.buffers()[1]
    if buffer is None or not len(column):
        return np.empty(0, dtype)
    start = column.offset * np.dtype(dtype).itemsize
    values: Array = np.frombuffer(memoryview(buffer), dtype, len(column), start)
    return values


def fired_sources(fired: Mapping[str, Sequence[int]]) -> pa.Table:
    """A row for each source up to the last with a finding of a cause: `source`, and whether each cause fired there."""
    import numpy as np
    import pyarrow as pa

    n = 1 + max(max(sources) for sources in fired.values())
    columns = {"source": _numbers(pa.int32(), np.arange(n, dtype=np.int32))}
    for code, sources in fired.items():
        there = np.zeros(n, bool)
        there[sources] = True
        bits = pa.py_buffer(np.packbits(there, bitorder="little").data)
        columns[f"fired {code}"] = pa.Array.from_buffers(pa.bool_(), n, [None, bits])
    return pa.table(columns)


def assemble(found: Mapping[str, Found]) -> pa.Table:
    """One table of all findings: rules in the order given, rows ascending."""
    import numpy as np
    import pyarrow as pa

    batches = []
    for each in found.values():
        if not each.blocks:
            continue
        row, source, marks = (np.concatenate(parts) for parts in zip(*each.blocks, strict=True))
        if (row[1:] < row[:-1]).any():
            # A join may hand rows over in another order.
            order = row.argsort()
            row, source, marks = row[order], source[order], marks[order]
        rule, zeros = each.rule.rule, np.zeros(len(row), np.uint8)
        batches.append(
            pa.RecordBatch.from_arrays(
                [
                    _texts(zeros, [rule.code]),
                    _texts((marks & RAISED) >> 1, [rule.severity, "error"]),
                    _texts(zeros, [rule.table]),
                    _numbers(pa.int32(), source, source >= 0),
                    _numbers(pa.int64(), row),
                    _texts(marks >> 2, [None, *each.causes]),
                ],
                schema=schema(),
            )
        )
    return pa.Table.from_batches(batches, schema())


def _numbers(kind: pa.DataType, values: Array, valid: Array | None = None) -> pa.Array[Any]:
    import numpy as np
    import pyarrow as pa

    data = pa.py_buffer(np.ascontiguousarray(values).data)
    return pa.Array.from_buffers(kind, len(values), [_bitmap(valid), data])


def _texts(numbers: Array, choices: Sequence[str | None]) -> pa.Array[Any]:
    """An array of texts: for each number the choice with this index, None for NULL."""
    import numpy as np
    import pyarrow as pa

    encoded = [(choice or "").encode() for choice in choices]
    lengths = np.array([len(each) for each in encoded], np.int64)[numbers]
    offsets = np.zeros(len(numbers) + 1, np.int64)
    np.cumsum(lengths, out=offsets[1:])
    first = encoded[int(numbers[0])] if len(numbers) else b""
    if (numbers == numbers[:1]).all():
        data = first * len(numbers)
    else:
        data = b"".join([encoded[number] for number in numbers.tolist()])
    absent = [number for number, choice in enumerate(choices) if choice is None]
    valid = ~np.isin(numbers, absent) if absent else None
    buffers = [_bitmap(valid), pa.py_buffer(offsets.astype(np.int32).data), pa.py_buffer(data)]
    return pa.Array.from_buffers(pa.string(), len(numbers), buffers)


def _bitmap(valid: Array | None) -> pa.Buffer | None:
    import numpy as np
    import pyarrow as pa

    if valid is None or valid.all():
        return None
    return pa.py_buffer(np.packbits(valid, bitorder="little").data)
