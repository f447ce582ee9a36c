"""Lines and columns of bytes in a text, fast for many of them in ascending order, and for a file that is one line."""

from __future__ import annotations

from typing import Protocol

WINDOW = 1 << 20
"""Bytes between two places that are remembered."""

_CONTINUATION = bytes(range(0x80, 0xC0))


class Readable(Protocol):
    """Byte ranges of a text in UTF-8."""

    size: int

    def read(self, start: int, end: int) -> bytes: ...


class Lines:
    """Remembers where every window begins, as far as anybody has asked, and the last place asked for.

    In a minified file the column counts from the start of the file: without that memory every question would read it
    all again.
    """

    def __init__(self) -> None:
        self._starts = [(1, 1)]
        self._last = (0, 1, 1)

    def at(self, text: Readable, offset: int) -> tuple[int, int]:
        """(line, column) of the byte at `offset` of `text`, which must be the same text every time.

        Both count from 1; columns count characters. Raises OSError.
        """
        offset = max(0, min(offset, text.size))
        window = offset // WINDOW
        while len(self._starts) <= window:
            start = (len(self._starts) - 1) * WINDOW
            self._starts.append(_after(text.read(start, start + WINDOW), *self._starts[-1]))
        known, line, column = self._last
        if not window * WINDOW <= known <= offset:
            known, (line, column) = window * WINDOW, self._starts[window]
        line, column = _after(text.read(known, offset), line, column)
        self._last = offset, line, column
        return line, column


def _after(data: bytes, line: int, column: int) -> tuple[int, int]:
    """The place behind `data`, which begins at (line, column)."""
    last = data.rfind(b"\n")
    if last >= 0:
        line, column, data = line + data.count(b"\n"), 1, data[last + 1 :]
    # Bytes that go on a character (10xxxxxx) do not count.
    return line, column + len(data.translate(None, _CONTINUATION))
