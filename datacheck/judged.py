"""What the judge found, as numbers: which finding is of which rule, severity, source and row, and under which cause.

Counting and choosing findings happens on these arrays; text is made only for the findings that are shown. Arrays are
moved between Arrow and numpy by their buffers: pyarrow's own conversions import pandas where it is installed, which
takes longer than a scan of a small dataset.
"""

from __future__ import annotations

from collections.abc import Collection
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    import pyarrow as pa

Ints = NDArray[np.int64]


def indices(numbers: NDArray[Any]) -> pa.Array[Any]:
    """An Arrow array of int64."""
    import pyarrow as pa

    data = np.ascontiguousarray(numbers, np.int64)
    return pa.Array.from_buffers(pa.int64(), len(data), [None, pa.py_buffer(data.data)])


def numbers(column: pa.ChunkedArray[Any] | pa.Array[Any], kind: type[np.signedinteger[Any]]) -> Ints:
    """The integers of a column that Arrow holds as `kind`; -1 where it is NULL."""
    chunks: list[Any] = getattr(column, "chunks", [column])
    found = np.empty(sum(map(len, chunks)), np.int64)
    start = 0
    for chunk in chunks:
        if len(chunk):
            bitmap, data = chunk.buffers()
            part = found[start : start + len(chunk)]
            part[:] = np.frombuffer(data, kind, len(chunk), chunk.offset * np.dtype(kind).itemsize)
            if chunk.null_count:
                bits = np.unpackbits(np.frombuffer(bitmap, np.uint8), bitorder="little")
                part[bits[chunk.offset : chunk.offset + len(chunk)] == 0] = -1
        start += len(chunk)
    return found


def _encoded(column: pa.ChunkedArray[Any]) -> tuple[list[str], Ints]:
    """The distinct texts of a column, and which one each row has; -1 for NULL."""
    texts: list[str] = []
    known: dict[str, int] = {}
    found = np.empty(len(column), np.int64)
    start = 0
    for chunk in column.chunks:  # one by one: a finding's code is the same throughout a chunk
        encoded: Any = chunk.dictionary_encode()
        own = encoded.dictionary.to_pylist()
        for text in own:
            if text not in known:
                known[text] = len(texts)
                texts.append(text)
        lookup = np.array([known[text] for text in own] + [-1], np.int64)
        found[start : start + len(chunk)] = lookup[numbers(encoded.indices, np.int32)]
        start += len(chunk)
    return texts, found


class Judged:
    """The findings of a judgement, by rule and then by row.

    code, severity, cause: positions in `codes`, `severities` and `causes`; cause -1: not folded.
    source: row of `sources`, -1: of the whole dataset.  row: row of the rule's table.
    """

    def __init__(self, findings: pa.Table) -> None:
        self.table = findings
        self.codes, self.code = _encoded(findings.column("code"))
        self.severities, self.severity = _encoded(findings.column("severity"))
        self.causes, self.cause = _encoded(findings.column("explained_by"))
        self.source = numbers(findings.column("source"), np.int32)
        self.row = numbers(findings.column("row"), np.int64)

    def __len__(self) -> int:
        return len(self.row)

    @cached_property
    def everything(self) -> Ints:
        """Positions of all findings."""
        return np.arange(len(self))

    @cached_property
    def unfolded(self) -> Ints:
        """Positions of the findings that no cause accounts for."""
        return np.flatnonzero(self.cause < 0)

    @cached_property
    def folded(self) -> Ints:
        """Positions of the symptoms."""
        return np.flatnonzero(self.cause >= 0)

    def of(self, severities: Collection[str], code: str | None = None) -> Ints:
        """Positions of the findings with one of these severities, of one rule or of all, without the symptoms."""
        wanted = np.array([severity in severities for severity in self.severities] + [False])
        chosen: Ints = self.unfolded[wanted[self.severity[self.unfolded]]]
        if code is not None:
            number = self.codes.index(code) if code in self.codes else -1
            chosen = chosen[self.code[chosen] == number]
        return chosen

    def counts(self) -> list[tuple[str, str, str | None, int]]:
        """(code, severity, cause or None, number of findings)."""
        if not len(self):
            return []
        sizes = (len(self.codes), len(self.severities), len(self.causes) + 1)
        numbered = np.bincount(np.ravel_multi_index((self.code, self.severity, self.cause + 1), sizes))
        found = []
        for number in np.flatnonzero(numbered).tolist():
            code, severity, cause = (int(one) for one in np.unravel_index(number, sizes))
            name = self.causes[cause - 1] if cause else None
            found.append((self.codes[code], self.severities[severity], name, int(numbered[number])))
        return found
