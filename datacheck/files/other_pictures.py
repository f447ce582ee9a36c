"""Headers of GIF, WebP and BMP."""

from __future__ import annotations

import struct
from typing import TYPE_CHECKING

from datacheck.files.tiff import orientation_at

if TYPE_CHECKING:
    from datacheck.files.header import Header, Window

MAX_WALK = 32 << 20
"""Bytes of a GIF that are walked for its frames; of a longer one their number is not known."""
MAX_CHUNKS = 4096

_GIF_STEPS = 256 * 64


def read_gif(window: Window, header: Header) -> None:
    """Fill in the header of a GIF (GIF89a specification, sections 18 to 23). Raises OSError."""
    head = window.head
    if len(head) < 13:
        return header.fail("truncated", f"it ends at byte {window.size:,}, within its header")
    width, height, flags = struct.unpack_from("<HHB", head, 6)
    header.width, header.height, header.mode, header.bit_depth = width, height, "palette", (flags & 7) + 1
    if window.size > MAX_WALK:
        return None
    data = head if len(head) == window.size else window.at(0, window.size)
    frames, end = _frames(data, 13 + (3 << header.bit_depth if flags & 0x80 else 0))
    header.frame_count = frames
    if frames == 0:
        state = "truncated" if end >= len(data) else "corrupt"
        return header.fail(state, f"it holds no whole frame within its {window.size:,} bytes")
    return None


def _frames(data: bytes, position: int) -> tuple[int, int]:
    """(whole frames from `position` on, where the walk ended)."""
    frames, size = 0, len(data)
    while position < size:
        block = data[position]
        if block == 0x21:
            position = _behind_parts(data, position + 2)
        elif block == 0x2C and position + 10 <= size:
            flags = data[position + 9]
            position = _behind_parts(data, position + 11 + (6 << (flags & 7) if flags & 0x80 else 0))
            frames += position <= size
        else:
            break
    return frames, position


def _behind_parts(data: bytes, position: int) -> int:
    """Behind the parts that begin at `position`: each a length and so many bytes, and 0 at their end."""
    size = len(data)
    while position < size:
        length = data[position]
        position += length + 1
        if length == 0:
            return position
        if length == 255:  # Nearly all of a frame are of this length: many are passed at once.
            lengths = data[position : position + _GIF_STEPS : 256]
            position += 256 * (len(lengths) - len(lengths.lstrip(b"\xff")))
    return size + 1


def read_webp(window: Window, header: Header) -> None:
    """Fill in the header of a WebP (RFC 9649). Raises OSError."""
    head = window.head
    if len(head) < 30:
        return header.fail("truncated", f"it ends at byte {window.size:,}, within its header")
    end = 8 + int.from_bytes(head[4:8], "little")
    chunk, body = head[12:16], head[20:30]
    header.bit_depth, header.frame_count = 8, 1
    if chunk == b"VP8 ":
        if body[3:6] != b"\x9d\x01\x2a":
            return header.fail("corrupt", "no key frame at its start")
        width, height = struct.unpack_from("<HH", body, 6)
        header.width, header.height, header.mode = width & 0x3FFF, height & 0x3FFF, "rgb"
    elif chunk == b"VP8L":
        bits = int.from_bytes(body[1:5], "little")
        if body[0] != 0x2F:
            return header.fail("corrupt", "a lossless picture that does not begin as one")
        header.width, header.height = (bits & 0x3FFF) + 1, (bits >> 14 & 0x3FFF) + 1
        header.mode = "rgba" if bits >> 28 & 1 else "rgb"
    elif chunk == b"VP8X":
        header.width, header.height = (int.from_bytes(body[n : n + 3], "little") + 1 for n in (4, 7))
        header.mode = "rgba" if body[0] & 0x10 else "rgb"
        _extended(window, header, body[0], min(end, window.size))
    else:
        return header.fail("corrupt", f"its first chunk, {_shown(chunk)}, is none of a picture")
    if window.size + 1 < end:  # Some leave out the last byte of padding, and count it.
        return header.fail("truncated", f"it says to be {end:,} bytes long and ends at {window.size:,}")
    return None


def _extended(window: Window, header: Header, flags: int, end: int) -> None:
    """Look for EXIF and count frames among the chunks behind VP8X."""
    if not flags & 0x0A:
        return
    frames, position = 0, 30
    for _ in range(MAX_CHUNKS):
        lead = window.at(position, 14)
        if len(lead) < 8 or position >= end:
            break
        length = int.from_bytes(lead[4:8], "little")
        if lead[:4] == b"ANMF":
            frames += 1
        elif lead[:4] == b"EXIF" and header.orientation is None:
            skip = 6 if lead[8:14] == b"Exif\0\0" else 0
            header.orientation = orientation_at(window, position + 8 + skip, position + 8 + length)
        position += 8 + length + (length & 1)
    else:
        header.frame_count = None
        return
    header.frame_count = max(frames, 1)


def read_bmp(window: Window, header: Header) -> None:
    """Fill in the header of a BMP, of Windows or OS/2. Raises OSError."""
    head = window.head
    if len(head) < 26:
        return header.fail("truncated", f"it ends at byte {window.size:,}, within its header")
    offset, length = struct.unpack_from("<II", head, 10)
    compression = 0
    if length == 12:
        width, height, _, bits = struct.unpack_from("<HHHH", head, 18)
    elif length in (16, 40, 52, 56, 64, 108, 124):
        if len(head) < 34:
            return header.fail("truncated", f"it ends at byte {window.size:,}, within its header")
        width, height, _, bits = struct.unpack_from("<iiHH", head, 18)
        compression = int.from_bytes(head[30:34], "little") if length >= 40 else 0
    else:
        return header.fail("corrupt", f"its header has a length of {length:,} bytes, which no BMP has")
    header.width, header.height, header.frame_count = max(width, 0), abs(height), 1
    header.bit_depth = min(bits, 8)
    header.mode = _palette_mode(window, 14 + length, 3 if length == 12 else 4, bits) if bits <= 8 else "rgb"
    if bits == 32:
        header.mode = "rgba"
    if bits not in (1, 2, 4, 8, 16, 24, 32):
        return header.fail("corrupt", f"{bits} bits for a pixel, which no BMP has")
    end = offset + (header.width * bits + 31) // 32 * 4 * header.height
    if compression in (0, 3) and end > window.size:
        return header.fail("truncated", f"its pixels reach to byte {end:,}, the file ends at {window.size:,}")
    return None


def _palette_mode(window: Window, place: int, each: int, bits: int) -> str:
    """What a palette makes of its indices: grey where they are shown as themselves, as PIL judges it."""
    palette = window.at(place, each << bits)
    values = (0, 255) if bits == 1 else range(1 << bits)
    if any(palette[n * each : n * each + 3] != bytes((value, value, value)) for n, value in enumerate(values)):
        return "palette"
    return "bilevel" if bits == 1 else "grey"


def _shown(chunk: bytes) -> str:
    return ascii(chunk.decode("latin-1"))
