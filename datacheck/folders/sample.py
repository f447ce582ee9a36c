"""What a few files of a group look like: told from their first bytes and their size.

Nothing is decoded but a few small files, where names leave open whether a file is the mask of one object.
"""

from __future__ import annotations

import os
import re
import struct
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from datacheck.files.header import Header, open_regular
from datacheck.files.kinds import kind_of
from datacheck.files.pictures import READERS, read_header

SAMPLE = 16
FLAT = 2.0
"""Bits a pixel: masks and drawings compress to fewer, photographs and depth to more (grey photographs take 4 to 6)."""

IDS = "ids"
"""One whole number a pixel: grey, palette or 1-bit; bool or integer arrays."""
COLOURS = "colours"
FLOATS = "floats"
PACKED = "packed"
"""A .npz or .pt: what is in it is not looked at."""
PICTURE = "picture"
"""JPEG and other formats."""
OTHER = "other"
"""An array that is no map."""
BROKEN = "broken"
"""Empty, truncated, text, pickled: nothing can be told."""


@dataclass(frozen=True, slots=True)
class Look:
    """One file. `bits`: of file for each pixel, None where that is not known."""

    kind: str
    bits: float | None = None
    grey: bool = False


@dataclass(frozen=True, slots=True)
class Looks:
    """A sample of files. `kind`: of most of those that are not broken (BROKEN: all are); `flat`: half of these or more
    have few bits a pixel, None where nothing is known."""

    kind: str
    flat: bool | None
    grey: bool


def evenly(count: int, most: int = SAMPLE) -> list[int]:
    """At most `most` positions of 0..count-1, evenly spread, in order."""
    if count <= most:
        return list(range(count))
    return sorted({index * (count - 1) // (most - 1) for index in range(most)})


def look_at(paths: Sequence[str]) -> Looks:
    """The look of most of these files."""
    looks = [look for look in map(_look, paths) if look.kind != BROKEN]
    if not looks:
        return Looks(BROKEN, None, False)
    kind = Counter(look.kind for look in looks).most_common(1)[0][0]
    looks = [look for look in looks if look.kind == kind]
    bits = [look.bits for look in looks if look.bits is not None]
    flat = 2 * sum(b <= FLAT for b in bits) >= len(bits) if bits else None
    return Looks(kind, flat, 2 * sum(look.grey for look in looks) > len(looks))


def _look(path: str) -> Look:
    fd, size, _ = open_regular(path)
    if fd < 0:
        return Look(BROKEN)
    try:
        head = os.pread(fd, 1024, 0)
        kind = kind_of(head).name
        if kind == "npy":
            return _npy(head, fd, size)
    except OSError:
        return Look(BROKEN)
    finally:
        os.close(fd)
    if kind in ("npz", "pt"):
        return Look(PACKED)
    return _picture(read_header(path)) if kind in READERS else Look(BROKEN)


def _picture(header: Header) -> Look:
    width, height, mode = header.width, header.height, header.mode
    if not width or not height:
        return Look(BROKEN)
    # A palette with its alpha takes up to 1,048 bytes, the tables of a JPEG some 600.
    overhead = 1100 if mode == "palette" or header.kind == "gif" else 700 if header.kind == "jpeg" else 200
    bits = 8.0 * max(0, (header.size_bytes or 0) - overhead) / (width * height)
    grey = mode in ("bilevel", "grey", "grey-alpha")
    if header.kind in ("bmp", "tiff"):
        return Look(PICTURE, None, grey or mode == "palette")  # Often stored as they are.
    if header.kind != "png":
        return Look(PICTURE, bits, grey or mode == "palette")
    return Look(IDS if mode in ("bilevel", "grey", "palette") else COLOURS, bits, grey)


_DESCR = re.compile(rb"'descr':\s*'([<>=|]?)([a-zA-Z?])(\d*)'")
_SHAPE = re.compile(rb"'shape':\s*\(([\d,\s]*)\)")


def _npy(head: bytes, fd: int, size: int) -> Look:
    """Integers and bools that are large enough to be a map are ids, and so are floats of which some are whole."""
    descr, shape = _DESCR.search(head), _SHAPE.search(head)
    if not descr or not shape:
        return Look(BROKEN)
    sides = [int(side) for side in shape[1].split(b",") if side.strip() and len(side) < 12]
    code = descr[2]
    is_map = 2 <= len(sides) <= 4 and sum(side >= 16 for side in sides) >= 2
    if code in b"?biu":
        return Look(IDS if is_map else OTHER)
    if code != b"f":
        return Look(BROKEN)
    return Look(IDS if is_map and _whole(head, fd, size, descr) else FLOATS)


def _whole(head: bytes, fd: int, size: int, descr: re.Match[bytes]) -> bool:
    """Are the numbers in the middle of the file whole, and not all zero?"""
    order, width = ">" if descr[1] == b">" else "<", descr[3]
    start = 10 + int.from_bytes(head[8:10], "little") if head[6] == 1 else 12 + int.from_bytes(head[8:12], "little")
    code, item = {b"2": ("e", 2), b"4": ("f", 4), b"8": ("d", 8)}.get(width, ("", 0))
    if not item or start >= size:
        return False
    data = os.pread(fd, 4096, start + (size - start) // 2 // item * item)
    values = struct.unpack(f"{order}{len(data) // item}{code}", data[: len(data) // item * item])
    return any(values) and all(value == value and abs(value) < 1e6 and value == int(value) for value in values)


OPENED = 8
"""Files that are decoded."""
MAX_OPENED = 1 << 20
"""Bytes of one that is: masks of one object, and maps of ids, compress well."""


def have_several_ids(paths: Sequence[str]) -> bool:
    """Are these palette PNGs, of which a quarter or more hold several ids each?"""
    values = [found for path in paths if (found := _values(path, ("palette",))) is not None]
    return bool(values) and 4 * sum(len(ids) > 1 for ids in values) >= len(values)


def are_binary(paths: Sequence[str]) -> bool:
    """Do all of these PNGs that can be read hold one value besides 0 at most?"""
    values = [found for path in paths if (found := _values(path, ("bilevel", "grey", "palette"))) is not None]
    return bool(values) and all(len(ids) < 2 for ids in values)


def _values(path: str, modes: Sequence[str]) -> list[int] | None:
    """The values besides 0 in a small PNG of one of these modes, sorted; None of any other file."""
    import numpy as np

    from datacheck.files.mask_files import open_mask

    header = read_header(path)
    if header.kind != "png" or (header.size_bytes or MAX_OPENED) >= MAX_OPENED or header.mode not in modes:
        return None
    pixels = open_mask(path).pixels
    return None if pixels is None else [value for value in np.unique(np.asarray(pixels)).tolist() if value]
