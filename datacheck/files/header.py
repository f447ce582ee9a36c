"""What the header of an image or mask file says, and the bytes of the file it is read from."""

from __future__ import annotations

import os
import stat
from dataclasses import dataclass

HEAD = 4096
"""Bytes read from the start of a file at first; what lies behind is read where a header points to it."""
PIECE = 1 << 20
_UNREACHED = 1 << 60
FLAGS = os.O_RDONLY | os.O_NONBLOCK


@dataclass(slots=True)
class Header:
    """One image file. `state` is a word of `tables.IMAGE_FILES`; all else is None where it is not known."""

    kind: str | None = None
    state: str = "ok"
    detail: str | None = None
    size_bytes: int | None = None
    width: int | None = None
    height: int | None = None
    mode: str | None = None
    bit_depth: int | None = None
    orientation: int | None = None
    frame_count: int | None = None

    def fail(self, state: str, detail: str) -> None:
        self.state, self.detail = state, detail


class Window:
    """Byte ranges of one regular file. Its first bytes are held; `fd` is -1 where they are the whole file."""

    __slots__ = ("fd", "head", "size")

    def __init__(self, head: bytes, size: int, fd: int = -1) -> None:
        self.head, self.size, self.fd = head, size, fd

    def at(self, start: int, length: int) -> bytes:
        """Bytes [start, start + length); fewer only at the end of the file. Raises OSError."""
        head = self.head
        if start + length <= len(head) or len(head) == self.size or self.fd < 0:
            return head[start : start + length]
        return os.pread(self.fd, length, start)

    def last(self, needle: bytes, after: int, most: int) -> int:
        """Where `needle` is found last at or behind `after`, looking at `most` bytes from the end; -1 if nowhere."""
        floor = max(after, self.size - most)
        end = self.size
        overlap = len(needle) - 1
        while end > floor:
            start = max(floor, end - PIECE)
            found = self.at(start, end - start + overlap).rfind(needle)
            if found >= 0:
                return start + found
            end = start
        return -1


def reason_of(error: OSError | ValueError) -> str:
    """Why a file cannot be read, in words."""
    return error.strerror if isinstance(error, OSError) and error.strerror else str(error)


def open_regular(path: str) -> tuple[int, int, str]:
    """(descriptor, size, "") of a regular file, else (-1, 0, why it is none). A FIFO does not hold this up."""
    try:
        fd = os.open(path, FLAGS)
    except (OSError, ValueError) as error:
        return -1, 0, reason_of(error)
    # A FIFO has no end to go to, a device has it at 0, a folder at 0 or where no file reaches, and none can be read: so
    # one call tells the size and, nearly always, that the file is regular. It takes half the time of fstat.
    try:
        size = os.lseek(fd, 0, os.SEEK_END)
        if 0 < size < _UNREACHED:
            return fd, size, ""
    except OSError:
        size = -1
    mode = os.fstat(fd).st_mode
    if size == 0 and stat.S_ISREG(mode):
        return fd, size, ""
    os.close(fd)
    return -1, 0, "it is a folder" if stat.S_ISDIR(mode) else "it is not a regular file"
