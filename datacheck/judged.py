"""What the judge found, as numbers: which finding is of which rule, severity, source and row, and under which cause.

Counting and choosing findings happens on these arrays; text is made only for the findings that are shown. There may be
millions, so that the arrays are as narrow as they can be. They are moved between Arrow and numpy by their buffers:
pyarrow's own conversions import pandas where it is installed, which takes longer than a scan of a small dataset.
"""

from __future__ import annotations

from collections.abc import Collection
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    import pyarrow as pa

Ints = NDArray[np.signedinteger[Any]]
WINDOW = 1 << 16
"""Findings looked at in turn when only the first few are wanted."""


def indices(numbers: Ints) -> pa.Array[Any]:
    """An Arrow array of int64."""
    import pyarrow as pa

    data = np.ascontiguousarray(numbers, np.int64)
    return pa.Array.from_buffers(pa.int64(), len(data), [None, pa.py_buffer(data.data)])


def numbers(column: pa.ChunkedArray[Any] | pa.Array[Any], kind: type[np.signedinteger[Any]]) -> Ints:
    """The integers of a column that Arrow holds as `kind`, as such; -1 where it is NULL."""
    chunks: list[Any] = getattr(column, "chunks", [column])
    found = np.empty(sum(map(len, chunks)), kind)
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


def _encoded(column: pa.ChunkedArray[Any], kind: type[np.signedinteger[Any]]) -> tuple[list[str], Ints]:
    """The distinct texts of a column, and which one each row has; -1 for NULL."""
    texts: list[str] = []
    known: dict[str, int] = {}
    found = np.empty(len(column), kind)
    start = 0
    for chunk in column.chunks:
        encoded: Any = chunk.dictionary_encode()
        own = encoded.dictionary.to_pylist()
        for text in own:
            if text not in known:
                known[text] = len(texts)
                texts.append(text)
        lookup = np.array([known[text] for text in own] + [-1], kind)
        found[start : start + len(chunk)] = lookup[numbers(encoded.indices, np.int32)]
        start += len(chunk)
    return texts, found


class Judged:
    """The findings of a judgement: those of one rule stand together, by row.

    code, severity, cause: positions in `codes`, `severities` and `causes`; cause -1: not folded.
    source: row of `sources`, -1: of the whole dataset.  row: row of the rule's table.
    """

    def __init__(self, findings: pa.Table) -> None:
        self.codes, self.code = _encoded(findings.column("code"), np.int16)
        self.severities, self.severity = _encoded(findings.column("severity"), np.int8)
        self.causes, self.cause = _encoded(findings.column("explained_by"), np.int16)
        self.source = numbers(findings.column("source"), np.int32)
        self.row = numbers(findings.column("row"), np.int64)
        ends = [*(np.flatnonzero(self.code[1:] != self.code[:-1]) + 1).tolist(), len(self)]
        starts = [0, *ends[:-1]]
        self.parts = {
            self.codes[self.code[start]]: slice(start, end) for start, end in zip(starts, ends, strict=True) if end
        }
        """Where the findings of each rule are."""

    def __len__(self) -> int:
        return len(self.row)

    @property
    def everything(self) -> Ints:
        """Positions of all findings."""
        return np.arange(len(self))

    @property
    def unfolded(self) -> Ints:
        """Positions of the findings that no cause accounts for."""
        return np.flatnonzero(self.cause < 0)

    @property
    def folded(self) -> Ints:
        """Positions of the symptoms."""
        return np.flatnonzero(self.cause >= 0)

    def of(self, severities: Collection[str]) -> Ints:
        """Positions of the findings with one of these severities, without the symptoms."""
        return np.flatnonzero(self._wanted(severities, slice(0, len(self))))

    def of_rule(self, code: str, severities: Collection[str], limit: int = 0) -> tuple[Ints, int]:
        """(positions, number) of the same of one rule; at most `limit` positions unless that is 0."""
        part = self.parts.get(code, slice(0, 0))
        wanted = self._wanted(severities, part)
        number = int(np.count_nonzero(wanted))
        found: list[Ints] = [np.empty(0, np.int64)]
        count = 0
        for start in range(0, len(wanted), WINDOW if limit else max(1, len(wanted))):
            within = np.flatnonzero(wanted[start : start + WINDOW] if limit else wanted)
            found.append(within + part.start + start)
            count += len(within)
            if limit and count >= limit:
                break
        chosen: Ints = np.concatenate(found)
        return (chosen[:limit] if limit else chosen), number

    def _wanted(self, severities: Collection[str], part: slice) -> NDArray[np.bool_]:
        kinds = np.array([severity in severities for severity in self.severities] + [False])
        wanted: NDArray[np.bool_] = kinds[self.severity[part]] & (self.cause[part] < 0)
        return wanted

    def counts(self) -> list[tuple[str, str, str | None, int]]:
        """(code, severity, cause or None, number of findings)."""
        found: list[tuple[str, str, str | None, int]] = []
        width = len(self.causes) + 1
        for code, part in self.parts.items():
            pairs = self.severity[part].astype(np.int32) * width + (self.cause[part] + 1)
            numbered = np.bincount(pairs)
            for pair in np.flatnonzero(numbered).tolist():
                severity, cause = divmod(pair, width)
                name = self.causes[cause - 1] if cause else None
                found.append((code, self.severities[severity], name, int(numbered[pair])))
        return found
