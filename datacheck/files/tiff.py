"""Header of a TIFF, and the orientation in EXIF, which is a TIFF within another file.

TIFF 6.0, section 2: a directory is a count, that many entries of tag, type, count and value, and the place of the next
directory. BigTIFF has the same with wider numbers.
"""

from __future__ import annotations

import struct
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datacheck.files.header import Header, Window

MAX_ENTRIES = 4096
MAX_PAGES = 4096
MAX_VALUES = 1 << 16
MAX_TILE = 1 << 26
"""Pixels of one tile: a decoder makes room for it, whatever the size of the picture."""

_ORDERS = {b"II": "<", b"MM": ">"}
_SIZES = {1: 1, 3: 2, 4: 4, 6: 1, 8: 2, 9: 4, 13: 4, 16: 8, 17: 8, 18: 8}
_CODES = {1: "B", 3: "H", 4: "I", 6: "b", 8: "h", 9: "i", 13: "I", 16: "Q", 17: "q", 18: "Q"}
_WIDTH, _HEIGHT, _BITS, _PHOTOMETRIC, _OFFSETS, _ORIENTATION, _SAMPLES = 256, 257, 258, 262, 273, 274, 277
_BYTE_COUNTS, _TILE_WIDTH, _TILE_HEIGHT, _TILE_OFFSETS, _TILE_BYTE_COUNTS = 279, 322, 323, 324, 325
_WANTED = frozenset((_WIDTH, _HEIGHT, _BITS, _PHOTOMETRIC, _OFFSETS, _ORIENTATION, _SAMPLES, _BYTE_COUNTS)) | frozenset(
    (_TILE_WIDTH, _TILE_HEIGHT, _TILE_OFFSETS, _TILE_BYTE_COUNTS)
)
_ORIENTED = {"<": b"\x12\x01\x03\x00\x01\x00\x00\x00", ">": b"\x01\x12\x00\x03\x00\x00\x00\x01"}
"""The entry of the orientation up to its value: tag 274, a 16-bit number, one of them."""

Tags = dict[int, tuple[int, ...]]


def orientation_at(window: Window, start: int, end: int) -> int | None:
    """The orientation in the EXIF at bytes [start, end), if it is 1 to 8. Raises OSError."""
    intro = window.at(start, min(8, end - start))
    order = _ORDERS.get(intro[:2])
    if order is None or len(intro) < 8:
        return None
    directory = start + int.from_bytes(intro[4:8], "little" if order == "<" else "big")
    if not start < directory < end - 2:
        return None
    (count,) = struct.unpack(f"{order}H", window.at(directory, 2).ljust(2, b"\0"))
    entries = window.at(directory + 2, min(12 * count, end - directory - 2))
    found = entries.find(_ORIENTED[order])
    while found >= 0 and found % 12:
        found = entries.find(_ORIENTED[order], found + 1)
    if found < 0 or found + 10 > len(entries):
        return None
    (value,) = struct.unpack_from(f"{order}H", entries, found + 8)
    return value if 1 <= value <= 8 else None


def read_tiff(window: Window, header: Header) -> None:
    """Fill in the header of a TIFF. Raises OSError."""
    head = window.head
    order = _ORDERS[head[:2]]
    big = 43 in (head[2], head[3])
    wide = "Q" if big else "I"
    start = 8 if big else 4
    place = head[start : start + (8 if big else 4)]
    if len(place) < (8 if big else 4):
        return header.fail("truncated", f"it ends at byte {window.size:,}, within its first lines")
    (first,) = struct.unpack(order + wide, place)
    tags, following = _directory(window, order, first, big=big)
    if tags is None:
        state = "truncated" if first >= window.size else "corrupt"
        return header.fail(state, f"its directory, at byte {first:,}, is not there or cut off")
    _describe(tags, header)
    if header.state != "ok":
        return None
    header.frame_count = _count_pages(window, order, following, first, big=big)
    offsets = tags.get(_OFFSETS) or tags.get(_TILE_OFFSETS)
    counts = tags.get(_BYTE_COUNTS) or tags.get(_TILE_BYTE_COUNTS) or ()
    if not offsets:
        return header.fail("corrupt", "it does not say where its pixels are")
    end = max((a + b for a, b in zip(offsets, counts, strict=False)), default=max(offsets))
    if end > window.size:
        return header.fail("truncated", f"its pixels reach to byte {end:,}, the file ends at {window.size:,}")
    return None


def _directory(window: Window, order: str, place: int, *, big: bool) -> tuple[Tags | None, int]:
    """(the tags that are wanted, the place of the next directory); (None, 0) where it cannot be read."""
    lead, each = (8, 20) if big else (2, 12)
    raw = window.at(place, lead) if place < window.size else b""
    if len(raw) < lead:
        return None, 0
    (count,) = struct.unpack(order + ("Q" if big else "H"), raw)
    if not 1 <= count <= MAX_ENTRIES:
        return None, 0
    entries = window.at(place + lead, each * count + (8 if big else 4))
    if len(entries) < each * count:
        return None, 0
    wide = "Q" if big else "I"
    tags: Tags = {}
    for at in range(0, each * count, each):
        tag, kind, number = struct.unpack_from(f"{order}HH{wide}", entries, at)
        if tag in _WANTED and kind in _SIZES and number > 0:
            tags[tag] = _values(window, order, entries[at + each - (8 if big else 4) : at + each], kind, number, wide)
    rest = entries[each * count :]
    following = struct.unpack(order + wide, rest)[0] if len(rest) == (8 if big else 4) else 0
    return tags, following


def _values(window: Window, order: str, field: bytes, kind: int, number: int, wide: str) -> tuple[int, ...]:
    """The values of one entry; of very many only the first."""
    number = min(number, MAX_VALUES)
    length = number * _SIZES[kind]
    if length > len(field):
        (place,) = struct.unpack(order + wide, field)
        field = window.at(place, length) if place < window.size else b""
    number = min(number, len(field) // _SIZES[kind])
    return struct.unpack_from(f"{order}{number}{_CODES[kind]}", field)


def _describe(tags: Tags, header: Header) -> None:
    def one(tag: int, default: int = 0) -> int:
        return (tags.get(tag) or (default,))[0]

    header.width, header.height, header.bit_depth = one(_WIDTH), one(_HEIGHT), one(_BITS, 1)
    samples, photometric = one(_SAMPLES, 1), one(_PHOTOMETRIC)
    orientation = one(_ORIENTATION)
    header.orientation = orientation if 1 <= orientation <= 8 else None
    if photometric == 3:
        header.mode = "palette"
    elif photometric == 5:
        header.mode = "cmyk"
    elif samples >= 3:
        header.mode = "rgba" if samples == 4 else "rgb"
    elif samples == 2:
        header.mode = "grey-alpha"
    else:
        header.mode = "bilevel" if header.bit_depth == 1 else "grey"
    tile = one(_TILE_WIDTH) * one(_TILE_HEIGHT)
    if tile > MAX_TILE:
        header.fail("too-large", f"it is stored in tiles of {tile:,} pixels")


def _count_pages(window: Window, order: str, following: int, first: int, *, big: bool) -> int | None:
    """How many directories there are; None where they form a ring or are too many."""
    seen = {first}
    lead, each = (8, 20) if big else (2, 12)
    last = 8 if big else 4
    while following and len(seen) < MAX_PAGES:
        if following in seen:
            return None
        seen.add(following)
        raw = window.at(following, lead) if following < window.size else b""
        if len(raw) < lead:
            break
        (count,) = struct.unpack(order + ("Q" if big else "H"), raw)
        place = following + lead + each * count
        raw = window.at(place, last) if place < window.size else b""
        following = struct.unpack(order + ("Q" if big else "I"), raw)[0] if len(raw) == last else 0
    return len(seen) if len(seen) < MAX_PAGES else None
