"""Opening one file: regular files only, gzip and other encodings copied to UTF-8 text, then reads by byte range."""

from __future__ import annotations

import codecs
import gzip
import json
import os
import re
import stat
import zlib
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from datacheck.read.faults import Fault

if TYPE_CHECKING:
    from pathlib import Path

PIECE = 1 << 20
MAX_EXPANSION = 200
"""A gzip file may grow by this factor (and always to 64 MiB): annotation JSON grows by 4 to 20, a bomb by 1,000."""


@dataclass
class Source:
    """One input. `data` is the file that is read: the user's own, or a UTF-8 copy of it in the spool."""

    index: int
    path: str
    required: bool = False
    data: str = ""
    size: int = 0
    size_on_disk: int = 0
    start: int = 0
    encoding: str = "utf-8"
    compression: str | None = None
    offsets_are_users: bool = True
    faults: list[Fault] = field(default_factory=list)

    @property
    def readable(self) -> bool:
        return bool(self.data)


def open_source(source: Source, spool: Path) -> Source:
    """Fill in `source`; what stands in the way becomes a fault, never an exception."""
    try:
        info = os.stat(source.path)
        source.size_on_disk = info.st_size
        if not stat.S_ISREG(info.st_mode):
            what = "the folder cannot be listed" if stat.S_ISDIR(info.st_mode) else "it is not a regular file"
            source.faults.append(Fault("unreadable", what))
            return source
        with open(source.path, "rb") as file:
            head = file.read(4)
        source.data, source.size = source.path, info.st_size
        if head[:2] == b"\x1f\x8b":
            source.compression = "gzip"
            head = _expand(source, spool)
        if source.data:
            _settle_encoding(source, head, spool)
    except (OSError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) and error.strerror else str(error)
        source.data = ""
        source.faults.append(Fault("unreadable", reason))
    return source


def _expand(source: Source, spool: Path) -> bytes:
    target = spool / f"{source.index}.expanded"
    limit = max(64 << 20, MAX_EXPANSION * source.size_on_disk)
    size = 0
    try:
        with gzip.open(source.path) as packed, open(target, "wb") as out:
            while piece := packed.read1(PIECE):
                size += len(piece)
                if size > limit:
                    source.faults.append(
                        Fault("compression", f"it expands to over {MAX_EXPANSION} times its size: not read further")
                    )
                    break
                out.write(piece)
    except (OSError, EOFError, zlib.error) as error:
        target = _salvage(source.path, target, limit)
        detail = f"the gzip stream breaks off after {os.path.getsize(target):,} bytes of text: {error}"
        source.faults.append(Fault("compression", detail))
    source.data, source.size = (str(target), os.path.getsize(target)) if target.stat().st_size else ("", 0)
    return _head(source.data) if source.data else b""


def _salvage(path: str, target: Path, limit: int) -> Path:
    """The file with the most text of a damaged gzip file: `target`, or one that is read in small bites."""
    stream, other = zlib.decompressobj(31), target.with_suffix(".salvaged")
    left = os.path.getsize(path) - 8  # What ends a gzip file is its checksum and size: wrong, they cost no text.
    with open(path, "rb") as packed, open(other, "wb") as out:
        try:
            while left > 0 and (bite := packed.read(min(256, left))) and out.tell() < limit:
                out.write(stream.decompress(bite))
                left -= len(bite)
        except zlib.error:
            pass
    return other if other.stat().st_size > target.stat().st_size else target


def _head(path: str) -> bytes:
    with open(path, "rb") as file:
        return file.read(4)


def _settle_encoding(source: Source, head: bytes, spool: Path) -> None:
    encoding: str = json.detect_encoding(head) if len(head) >= 2 else "utf-8"
    if encoding == "utf-8":
        return
    if encoding == "utf-8-sig":
        source.encoding = "utf-8-bom"
        source.start = 3
        source.faults.append(Fault("bom", "it starts with a UTF-8 byte order mark", byte_offset=0))
        return
    source.encoding = encoding[:6]
    source.faults.append(Fault("utf-16", f"it is written in {encoding.upper()}", byte_offset=0))
    target = spool / f"{source.index}.utf-8"
    decoder = codecs.getincrementaldecoder(encoding)(errors="replace")
    with open(source.data, "rb") as packed, open(target, "wb") as out:
        while piece := packed.read(PIECE):
            out.write(decoder.decode(piece).encode("utf-8", "replace"))
        out.write(decoder.decode(b"", final=True).encode("utf-8", "replace"))
    source.data, source.size, source.offsets_are_users = str(target), os.path.getsize(target), False


_NOT_SPACE = re.compile(rb"[^ \t\r\n]")


class Text:
    """Byte ranges of a file. Holds one window, so that small reads near each other cost one system call."""

    def __init__(self, source: Source) -> None:
        self.size = source.size
        self._fd = os.open(source.data, os.O_RDONLY)
        self._window = b""
        self._window_start = 0

    def close(self) -> None:
        os.close(self._fd)

    def read(self, start: int, end: int) -> bytes:
        """Bytes [start, end); fewer only at the end of the file."""
        end = min(end, self.size)
        parts = []
        while start < end:
            piece = os.pread(self._fd, end - start, start)
            if not piece:
                break
            parts.append(piece)
            start += len(piece)
        return parts[0] if len(parts) == 1 else b"".join(parts)

    def window(self, start: int, length: int) -> bytes:
        """Bytes [start, start + length) from the held window where it has them."""
        offset = start - self._window_start
        if offset < 0 or offset + length > len(self._window):
            self._window, self._window_start, offset = self.read(start, start + max(length, 1 << 16)), start, 0
        return self._window[offset : offset + length]

    def skip_space(self, position: int) -> int:
        """The first position at or after `position` that holds no white space; the size of the file if there is
        none."""
        while position < self.size:
            piece = self.window(position, 4096)
            if found := _NOT_SPACE.search(piece):
                return position + found.start()
            if not piece:
                break
            position += len(piece)
        return self.size
