"""Header of a JPEG: the markers up to the frame header, and whether the end is there.

ISO/IEC 10918-1 B.1 and B.2: a segment is FF, its marker, two bytes of length (these two included) and its content.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from datacheck.files.header import HEAD
from datacheck.files.tiff import orientation_at

if TYPE_CHECKING:
    from datacheck.files.header import Header, Window

MAX_WINDOWS = 1024
"""Reads on the way to the frame header: an ICC profile or XMP text of many parts takes a few hundred."""
MAX_TAIL = 64 << 20
"""As far back an end marker is looked for: phones append videos to their pictures."""

_PLAIN, _FRAME, _BARE, _END_OF_HEADER, _APP1 = range(5)
_WHAT = bytearray(256)
"""What each marker begins. A bare one has no content; FF is a byte of padding before a marker."""
for _marker in (*range(0xC0, 0xC4), *range(0xC5, 0xC8), *range(0xC9, 0xCC), *range(0xCD, 0xD0)):
    _WHAT[_marker] = _FRAME
for _marker in (0x01, 0xFF, *range(0xD0, 0xD9)):
    _WHAT[_marker] = _BARE
for _marker in (0x00, 0xD9, 0xDA):
    _WHAT[_marker] = _END_OF_HEADER
_WHAT[0xE1] = _APP1
_LOSSLESS = frozenset((0xC3, 0xC7, 0xCB, 0xCF))
_MODES = {1: "grey", 2: "grey-alpha", 3: "rgb", 4: "cmyk"}
_END = b"\xff\xd9"


def read_jpeg(window: Window, header: Header) -> None:
    """Fill in the header of a JPEG. Raises OSError."""
    data, base, at, windows = window.head, 0, 2, 0
    while True:
        if at + 10 > len(data):
            data, base, at, windows = window.at(base + at, HEAD), base + at, 0, windows + 1
            if len(data) < 10:
                return header.fail("truncated", f"it ends at byte {window.size:,}, before the size of the picture")
            if windows > MAX_WINDOWS:
                return header.fail("corrupt", f"no size of the picture before byte {base:,}")
        if data[at] != 0xFF:
            return header.fail("corrupt", f"byte {base + at:,} should begin a segment and does not")
        what = _WHAT[data[at + 1]]
        if what == _FRAME:
            return _frame(window, header, base + at, data[at : at + 10])
        if what == _BARE:
            at += 1 if data[at + 1] == 0xFF else 2
            continue
        length = data[at + 2] << 8 | data[at + 3]
        if length < 2 or what == _END_OF_HEADER:
            return header.fail("corrupt", f"no size of the picture before byte {base + at:,}, where its header ends")
        if what == _APP1 and data[at + 4 : at + 10] == b"Exif\0\0" and header.orientation is None:
            header.orientation = orientation_at(window, base + at + 10, base + at + 2 + length)
        at += 2 + length


def _frame(window: Window, header: Header, position: int, frame: bytes) -> None:
    header.bit_depth = frame[4]
    header.height, header.width = frame[5] << 8 | frame[6], frame[7] << 8 | frame[8]
    header.mode = _MODES.get(frame[9])
    header.frame_count = 1
    if header.mode is None:
        return header.fail("corrupt", f"it has {frame[9]} components")
    if frame[1] in _LOSSLESS:
        return header.fail("unsupported", "a lossless JPEG, which neither PIL nor cv2 reads")
    size = window.size
    # What cameras put behind the end are zeros and, rarely, whole pictures, notes or videos.
    if window.at(size - 2, 2) == _END or window.last(_END, position, MAX_TAIL) >= 0 or size - position > MAX_TAIL:
        return None
    return header.fail("truncated", "no end marker: the file was cut off, and the picture's lower part is missing")
