"""What an image file is, from its header and its end: PNG, JPEG, GIF, WebP, BMP and TIFF. Pixels are not decoded.

Where `Image.open(path).size` and `getexif()` of PIL give an answer, this gives the same, many times faster; and it
tells files that were cut off, which PIL notices only when it decodes them.
"""

from __future__ import annotations

import os
from collections.abc import Callable

from datacheck.files.header import HEAD, Header, Window, open_regular, reason_of
from datacheck.files.jpeg import read_jpeg
from datacheck.files.kinds import UNKNOWN, ZEROS, Kind, kind_of
from datacheck.files.other_pictures import read_bmp, read_gif, read_webp
from datacheck.files.png import read_png
from datacheck.files.tiff import read_tiff

__all__ = ["MAX_PIXELS", "READERS", "Header", "not_a_picture", "read_header"]

MAX_PIXELS = 178_956_970
"""Pixels past which PIL refuses to open a picture (twice its MAX_IMAGE_PIXELS)."""

READERS: dict[str, Callable[[Window, Header], None]] = {
    "png": read_png,
    "jpeg": read_jpeg,
    "gif": read_gif,
    "webp": read_webp,
    "bmp": read_bmp,
    "tiff": read_tiff,
}


def read_header(path: str) -> Header:
    """The header of an image file. Whatever the file is, this raises nothing and reads little of it."""
    fd, size, refused = open_regular(path)
    if refused:
        return Header(state="unreadable", detail=refused)
    header = Header()
    header.size_bytes = size
    try:
        head = os.pread(fd, HEAD, 0)
        if not head:
            header.fail("empty", "it has no bytes")
            return header
        kind = kind_of(head)
        header.kind = kind.name
        reader = READERS.get(kind.name)
        if reader is None:
            header.fail(*not_a_picture(kind, "not-an-image"))
        else:
            reader(Window(head, size, fd), header)
            width, height = header.width, header.height
            if width is not None and height is not None and not 0 < width * height <= MAX_PIXELS:
                judge_size(header, width, height, MAX_PIXELS, "PIL refuses to open more")
    except OSError as error:
        header.fail("unreadable", reason_of(error))
        header.size_bytes = None
    finally:
        os.close(fd)
    return header


def not_a_picture(kind: Kind, otherwise: str) -> tuple[str, str]:
    """(state, detail) of a file that is of none of the kinds that are read."""
    if kind.name == "lfs-pointer":
        return "lfs-pointer", f"it is {kind.words}"
    if kind is ZEROS:
        return "corrupt", f"it holds {kind.words}"
    if kind is UNKNOWN:
        return otherwise, "its first bytes are those of no known kind of file"
    if kind.picture:
        return "unsupported", f"it is {kind.words}, which is not read here"
    return otherwise, f"it is {kind.words}"


def judge_size(header: Header, width: int, height: int, most: int, why: str) -> None:
    """Judge a size that is no pixels or more than `most`."""
    if width * height <= 0:
        header.fail("corrupt", f"its header gives a size of {width:,} × {height:,}")
    elif header.state in ("ok", "truncated"):
        header.fail("too-large", f"{width:,} × {height:,} pixels; {why} than {most:,}")
