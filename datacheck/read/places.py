"""Where a record stands in its file: found again when a finding is shown, never stored for every record."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections import defaultdict
from typing import TYPE_CHECKING

import msgspec

from datacheck.read.blocks import entry_spans
from datacheck.read.lines import Lines
from datacheck.read.source import Source, Text

if TYPE_CHECKING:
    from collections.abc import Sequence

    from datacheck.read.batch import Piece

_RAWS = msgspec.json.Decoder(list[msgspec.Raw])


class Places:
    """Byte offsets of records, and lines and columns of offsets. Holds the offsets of one block at a time."""

    def __init__(self, sources: Sequence[Source], pieces: Sequence[Piece]) -> None:
        self._sources = {source.index: source for source in sources}
        self._pieces: dict[tuple[int, str], list[Piece]] = defaultdict(list)
        latest: dict[tuple[int, str], int] = defaultdict(int)
        for piece in pieces:
            key = (piece.source, piece.table)
            if piece.entries and piece.generation >= latest[key]:
                if piece.generation > latest[key]:
                    self._pieces[key], latest[key] = [], piece.generation
                self._pieces[key].append(piece)
        for own in self._pieces.values():
            own.sort(key=lambda p: p.first)
        self._text: tuple[int, Text] | None = None
        self._block: tuple[Piece, list[tuple[int, int]]] | None = None
        self._lines: dict[int, Lines] = defaultdict(Lines)

    def close(self) -> None:
        if self._text:
            self._text[1].close()
            self._text = None

    def _open(self, source: int) -> Text:
        if self._text is None or self._text[0] != source:
            self.close()
            self._text = source, Text(self._sources[source])
        return self._text[1]

    def piece_of(self, source: int, section: str, ordinal: int) -> Piece | None:
        """The block that holds a record."""
        own = self._pieces.get((source, section), [])
        index = bisect_right([p.first for p in own], ordinal) - 1
        return own[index] if index >= 0 and ordinal < own[index].first + own[index].entries else None

    def read(self, source: int, begin: int, end: int) -> bytes:
        """Bytes [begin, end) of the text of a source. Raises OSError."""
        return self._open(source).read(begin, end)

    def entries(self, piece: Piece) -> list[tuple[int, int]]:
        """(offset in the text of the block, length) of each of its entries. Raises OSError."""
        if self._block is None or self._block[0] is not piece:
            self._block = piece, _offsets(self.read(piece.source, piece.begin, piece.end), piece.section, piece.cut)
        return self._block[1]

    def locate(self, source: int, section: str, ordinal: int) -> tuple[int, int] | None:
        """(byte offset, length) of a record, or None where it is not known (a text of another encoding, a lost
        record)."""
        piece = self.piece_of(source, section, ordinal)
        if piece is None or not self._sources[source].offsets_are_users:
            return None
        try:
            found = self.entries(piece)
        except OSError:
            return None
        within = ordinal - piece.first
        if within >= len(found):
            return None
        offset, length = found[within]
        return piece.begin + offset, length

    def line_column(self, source: int, byte_offset: int) -> tuple[int, int] | None:
        """(line, column) of a byte, both from 1; columns count characters."""
        if source not in self._sources or not self._sources[source].data:
            return None
        try:
            return self._lines[source].at(self._open(source), byte_offset)
        except OSError:
            return None


def _offsets(data: bytes, section: str, cut: bytes) -> list[tuple[int, int]]:
    """(offset, length) of each entry in the text of a block."""
    if section == "image":
        return [(0, len(data))]
    body = data.rstrip().removesuffix(b",")
    body = body if not body.endswith(b"]") or _depth_open(body) else body[:-1]
    found: list[tuple[int, int]] = []
    try:
        position = 0
        for raw in _RAWS.decode(b"[" + body + b"]"):
            entry = bytes(raw)
            # Only white space and a comma stand between entries, so the first match is the entry itself.
            position = body.index(entry, position)
            found.append((position, len(entry)))
            position += len(entry)
        return found
    except (msgspec.MsgspecError, RecursionError, UnicodeDecodeError):
        pass
    return entry_spans(section, data, re.compile(cut))


def _depth_open(body: bytes) -> bool:
    """Does the last bracket belong to an entry (a frame), and not to the list that ended here?"""
    return body[:1] != b"{"
