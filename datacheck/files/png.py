"""PNG: its header alone, or every chunk with its checksum; and pixels from those that hold them.

W3C PNG, sections 5 and 11: a chunk is a length, a type of four letters, its content and the CRC-32 of type and content.
Pixels are decoded from the content of the IDAT chunks alone, so that no text, profile or animation beside them is ever
unpacked.
"""

from __future__ import annotations

import struct
import zlib
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from datacheck.files.tiff import orientation_at

if TYPE_CHECKING:
    from datacheck.files.header import Header, Window

MAX_CHUNKS = 4096
"""Chunks before the pixels."""
MAX_PARTS = 100_000
"""All chunks: a file of 128 MB whose pixels come in pieces of 8 kB has 16,000."""
MAX_TAIL = 64 << 20
"""As far back the last chunk is looked for, where something was put behind it."""

MODES = {0: "grey", 2: "rgb", 3: "palette", 4: "grey-alpha", 6: "rgba"}
CHANNELS = {0: 1, 2: 3, 3: 1, 4: 2, 6: 4}
_DEPTHS = {0: (1, 2, 4, 8, 16), 2: (8, 16), 3: (1, 2, 4, 8), 4: (8, 16), 6: (8, 16)}
_PASSES = ((0, 0, 8, 8), (4, 0, 8, 8), (0, 4, 4, 8), (2, 0, 4, 4), (0, 2, 2, 4), (1, 0, 2, 2), (0, 1, 1, 2))
"""First column and row, and steps, of the seven passes of an interlaced picture (section 8)."""
_BITE, _PIECE = 1 << 14, 1 << 20
_END = b"\0\0\0\0IEND\xaeB\x60\x82"
_HEADER = struct.Struct(">IIBBBBBI")
_CHUNK = struct.Struct(">I4s")


@dataclass(slots=True)
class Pixels:
    """What is needed to decode the pixels: PNG's colour type, whether rows come in seven passes, the packed parts."""

    colour_type: int = 0
    interlaced: bool = False
    parts: list[memoryview] = field(default_factory=list)


def read_png(window: Window, header: Header) -> None:
    """Fill in the header of a PNG from its first chunks and its end. Raises OSError."""
    if _first_chunk(window.head, header) is None:
        return None
    position, size = 33, window.size
    for _ in range(MAX_CHUNKS):
        lead = window.at(position, 12)
        if len(lead) < 8 or lead[4:8] == b"IDAT":
            break
        length, name = _CHUNK.unpack_from(lead)
        if name == b"IEND":
            return header.fail("corrupt", "it holds no pixels (no IDAT chunk)")
        if name == b"acTL":
            header.frame_count = int.from_bytes(lead[8:12], "big")
        elif name == b"eXIf":
            header.orientation = orientation_at(window, position + 8, position + 8 + length)
        position += 12 + length
    if position + 12 > size:
        return header.fail("truncated", f"it ends at byte {size:,}, before any pixel")
    if window.at(size - 12, 12) != _END and window.last(_END, position, MAX_TAIL) < 0 and size <= MAX_TAIL:
        return header.fail("truncated", "no IEND chunk: the file was cut off, and the picture's lower part is missing")
    return None


def _first_chunk(head: bytes, header: Header) -> Pixels | None:
    """Take IHDR into the header; None where there is none."""
    if head[12:16] == b"CgBI":
        header.fail("unsupported", "a PNG as Apple's tools pack it (CgBI), which PIL and cv2 do not read")
        return None
    if len(head) < 33:
        header.fail("truncated", f"it ends at byte {len(head):,}, within its header")
        return None
    if head[8:16] != b"\0\0\0\x0dIHDR":
        header.fail("corrupt", "its first chunk is not IHDR")
        return None
    width, height, depth, colour, packing, filtering, interlace, crc = _HEADER.unpack_from(head, 16)
    if zlib.crc32(head[12:29]) != crc:
        header.fail("corrupt", "the checksum of its header (IHDR) is wrong")
        return None
    header.width, header.height, header.bit_depth, header.frame_count = width, height, depth, 1
    if depth not in _DEPTHS.get(colour, ()) or packing or filtering or interlace > 1:
        header.fail("corrupt", f"its header asks for colour type {colour} of {depth} bits, which no PNG has")
        return None
    header.mode = "bilevel" if (depth, colour) == (1, 0) else MODES[colour]
    return Pixels(colour, bool(interlace))


def read_chunks(data: bytes, header: Header) -> Pixels | None:
    """Check every chunk of a whole PNG with its checksum, and give those with pixels; None where it cannot be used."""
    pixels = _first_chunk(data, header)
    if pixels is None:
        return None
    view, position, size, name = memoryview(data), 33, len(data), b""
    crc32, parts = zlib.crc32, pixels.parts
    for _ in range(MAX_PARTS):
        if position + 12 > size:
            break
        length, name = _CHUNK.unpack_from(data, position)
        end = position + 8 + length
        if end + 4 > size:
            break
        if crc32(view[position + 4 : end]) != int.from_bytes(view[end : end + 4], "big"):
            shown = name.decode("latin-1") if name.isalpha() else "unreadable"
            header.fail("corrupt", f"the checksum of a chunk at byte {position:,} ({shown}) is wrong")
            return None
        if name == b"IDAT":
            parts.append(view[position + 8 : end])
        elif name == b"acTL" and length >= 4:
            header.frame_count = int.from_bytes(view[position + 8 : position + 12], "big")
        elif name == b"IEND":
            break
        position = end + 4
    else:
        header.fail("corrupt", f"it holds more than {MAX_PARTS:,} chunks")
        return None
    if name != b"IEND":
        header.fail("truncated", f"it ends at byte {size:,}, without an IEND chunk")
        return None
    if not parts:
        header.fail("corrupt", "it holds no pixels (no IDAT chunk)")
        return None
    return pixels


def unpacked_size(header: Header, pixels: Pixels) -> int:
    """Bytes that the packed pixels must unpack to: every row has one byte for its filter before its pixels."""
    width, height = header.width or 0, header.height or 0
    bits = (header.bit_depth or 0) * CHANNELS[pixels.colour_type]
    if not pixels.interlaced:
        return height * (1 + (width * bits + 7) // 8)
    total = 0
    for x, y, step_x, step_y in _PASSES:
        columns, rows = -(-(width - x) // step_x), -(-(height - y) // step_y)
        if columns > 0 and rows > 0:
            total += rows * (1 + (columns * bits + 7) // 8)
    return total


def count_unpacked(packed: bytes | memoryview, most: int) -> int | None:
    """How many bytes the packed pixels unpack to, `most` or a little more at most; None where they are damaged."""
    stream, total = zlib.decompressobj(), 0
    try:
        for start in range(0, len(packed), _BITE):
            bite: bytes | memoryview = packed[start : start + _BITE]
            while bite and total < most and not stream.eof:
                total += len(stream.decompress(bite, _PIECE))
                bite = stream.unconsumed_tail
    except zlib.error:
        return None
    return total
