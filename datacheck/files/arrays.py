"""Masks in numpy's files: .npy, mapped or read, and .npz. Their headers are taken apart here, nothing is unpickled.

The .npy format (numpy.lib.format): \\x93NUMPY, two bytes of version, the length of the header (2 bytes, from version 2
on 4), and the header: the text of a Python dict with descr, fortran_order and shape. The array's bytes follow.
"""

from __future__ import annotations

import ast
import math
import mmap
import os
import re
import struct
from dataclasses import dataclass
from functools import lru_cache
from typing import IO, TYPE_CHECKING, Any

import numpy as np

from datacheck.files.shapes import place

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from datacheck.files.decode import Room
    from datacheck.files.mask_files import MaskFile

MAX_BYTES = 1 << 30
"""Of an array that is mapped: its pages are read one after the other, and given back."""
MAX_UNPACKED = 384 << 20
"""Of an array that must be unpacked into memory."""
MAX_ACROSS = 256 << 20
"""Of an array in Fortran's order, which is turned around in memory."""
MAX_HEADER = 10_000
MAX_MEMBERS = 4096
MAX_DIRECTORY = 4 << 20
MAX_RATIO = 1200
"""Deflate packs at most 1,032 bytes into one."""
NAMES = ("mask", "masks", "label", "labels", "seg", "segmentation", "arr_0")
"""Of several arrays in one file, the one with such a name is taken to be the masks."""

_MAPPED_FROM = 4 << 20
_PIECE = 1 << 20
_MOST_AXES = 32
_MOST_DIGITS = 1000
_HEADER = re.compile(
    rb"\{'descr': '([<>|=]?[?A-Za-z][0-9]{0,6})', 'fortran_order': (True|False), 'shape': \(([0-9, ]*)\), \}[ \0]*\n?"
)


@dataclass(frozen=True, slots=True)
class Layout:
    """What the header of an array says."""

    dtype: np.dtype[Any]
    fortran: bool
    shape: tuple[int, ...]
    offset: int

    @property
    def length(self) -> int:
        return math.prod(self.shape) * self.dtype.itemsize


def read_layout(head: bytes, mask: MaskFile) -> Layout | None:
    """The header of an array whose first bytes are given; None, and a state in `mask`, where it cannot be used."""
    if len(head) < 12:
        mask.fail("truncated", "it ends within its header")
        return None
    wide = head[6] != 1
    start = 12 if wide else 10
    length = int.from_bytes(head[8:start], "little")
    if head[6] not in (1, 2, 3):
        mask.fail("bad-header", f"version {head[6]}.{head[7]} of the format is not known")
        return None
    if length > MAX_HEADER:
        mask.fail("bad-header", f"a header of {length:,} bytes, where some 118 are usual")
        return None
    if len(head) < start + length:
        mask.fail("truncated", "it ends within its header")
        return None
    text = head[start : start + length]
    found = _HEADER.fullmatch(text)
    described: object = found[1].decode() if found else None
    if found and len(found[3]) <= _MOST_DIGITS:
        fortran, shape = found[2] == b"True", tuple(map(int, found[3].replace(b",", b" ").split()))
    else:
        try:
            values = ast.literal_eval(text.decode("latin-1").strip())
            described, fortran, shape = values["descr"], values["fortran_order"], values["shape"]
        except (ValueError, SyntaxError, TypeError, KeyError, MemoryError, RecursionError):
            mask.fail("bad-header", "its header is not the text of a dict with descr, fortran_order and shape")
            return None
        whole = isinstance(shape, tuple) and all(type(n) is int and n >= 0 for n in shape)
        if not whole or not isinstance(fortran, bool):
            mask.fail("bad-header", f"its header gives the shape {_clipped(shape)}")
            return None
    if len(shape) > _MOST_AXES or max(shape, default=0) >= 1 << 62:
        mask.fail("bad-header", f"its header gives the shape {_clipped(shape)}")
        return None
    mask.shape = shape_text(shape)
    dtype = _dtype_of(described, mask)
    return None if dtype is None else Layout(dtype, fortran, shape, start + length)


def _clipped(shape: object) -> str:
    try:
        return str(shape)[:80]
    except ValueError:  # Python makes no text of a number of over 4,300 digits.
        return "of a number of thousands of digits"


def shape_text(shape: tuple[int, ...]) -> str:
    """480x640; () for a single value."""
    return "x".join(map(str, shape[:16])) or "()"


def _dtype_of(described: object, mask: MaskFile) -> np.dtype[Any] | None:
    """The type of an array's values; None where these can be no mask."""
    if "O" in str(described) if not isinstance(described, str) else described.lstrip("<>|=").startswith("O"):
        mask.dtype = "object"
        mask.fail("object-array", "its values are Python objects: reading it would run whatever code they name")
        return None
    if not isinstance(described, str):
        mask.fail("unsupported", "its values are records of several fields")
        return None
    known = _numpy_type(described)
    if known is None:
        mask.fail("bad-header", f"it names a type of values that numpy does not know: {described[:40]}")
        return None
    dtype, mask.dtype = known
    if dtype.itemsize == 0:
        mask.fail("bad-header", f"its values ({described}) have no bytes")
        return None
    return dtype if is_numeric(dtype, mask) else None


@lru_cache(256)
def _numpy_type(described: str) -> tuple[np.dtype[Any], str] | None:
    """A type and its name; None where numpy knows none. Both take long to find."""
    try:
        dtype = np.dtype(described)
    except (TypeError, ValueError, SyntaxError):
        return None
    return dtype, dtype.name


def is_numeric(dtype: np.dtype[Any], mask: MaskFile) -> bool:
    """Can values of this type be masks? Sets the mode and depth of `mask`, else its state."""
    mask.mode = {"b": "bool", "u": "integer", "i": "integer", "f": "float"}.get(dtype.kind)
    if mask.mode is None or dtype.itemsize > 8:
        mask.mode = None
        mask.fail("unsupported", f"its values are of type {dtype.name}")
        return False
    mask.bit_depth = 1 if dtype.kind == "b" else 8 * dtype.itemsize
    return True


def read_npy(fd: int, head: bytes, mask: MaskFile, room: Room | None) -> None:
    """Open the array in a .npy file. Raises OSError."""
    layout = read_layout(head, mask)
    if layout is None:
        return None
    most = MAX_ACROSS if layout.fortran else MAX_BYTES
    if not fits(layout, mask, (mask.size_bytes or 0) - layout.offset, most):
        return None
    if layout.length >= _MAPPED_FROM:
        mapped = mmap.mmap(fd, 0, access=mmap.ACCESS_READ)
        values = np.frombuffer(mapped, layout.dtype, math.prod(layout.shape), layout.offset)
        if layout.fortran:  # Rows lie across all of it: read once, in the order of the file.
            return place(np.ascontiguousarray(values.reshape(layout.shape, order="F")), mask)
        mask.mapped = mapped
    else:
        buffer = room.take(layout.length) if room is not None else np.empty(layout.length, np.uint8)
        if os.preadv(fd, [buffer], layout.offset) < layout.length:  # type: ignore[list-item]
            return mask.fail("truncated", "it ends within its values")
        values = buffer.view(layout.dtype)
    return place(values.reshape(layout.shape, order="F" if layout.fortran else "C"), mask)


def fits(layout: Layout, mask: MaskFile, room: int, most: int) -> bool:
    """Does the array have the bytes that its header asks for? Sets the state of `mask` if not."""
    length = layout.length
    asked = f"its header asks for {shape_text(layout.shape)} values of {layout.dtype.name}, {length:,} bytes"
    if length > room and length > most:
        mask.fail("bad-header", f"{asked}; it has {room:,}")
    elif length > room:
        mask.fail("truncated", f"{asked}; it has {room:,}")
    elif length < room:
        mask.fail("bad-header", f"{asked}; {room:,} follow")
    elif length > most:
        mask.fail("too-large", f"{length:,} bytes of values; no more than {most:,} are read")
    return mask.state == "ok"


def read_npz(fd: int, mask: MaskFile, room: Room | None) -> None:
    """Open the array, or that with the name of masks, in a .npz file. Raises OSError."""
    import zipfile
    import zlib

    if not directory_fits(fd, mask):
        return
    with open(os.dup(fd), "rb") as file:
        try:
            with zipfile.ZipFile(file) as archive:
                _read_member(archive, mask, room)
        except (zipfile.BadZipFile, zlib.error, EOFError, struct.error, ValueError, KeyError) as error:
            mask.fail("corrupt", f"the archive is damaged: {error}")
        except (NotImplementedError, RuntimeError) as error:
            mask.fail("unsupported", f"the archive cannot be unpacked: {error}")


def directory_fits(fd: int, mask: MaskFile) -> bool:
    """Is the archive's directory there, and of a sane size? zipfile reads all of it, whatever its size."""
    size = mask.size_bytes or 0
    tail = os.pread(fd, 1 << 16, max(0, size - (1 << 16)))
    end = tail.rfind(b"PK\5\6")
    if end < 0 or len(tail) < end + 22:
        mask.fail("truncated", "the archive's directory, which should be at its end, is not there")
        return False
    entries, length = struct.unpack_from("<HI", tail, end + 10)
    wide = tail.rfind(b"PK\6\6", 0, end)
    if 0 <= wide <= len(tail) - 48 and (entries == 0xFFFF or length == 0xFFFFFFFF):
        entries, length = struct.unpack_from("<QQ", tail, wide + 32)
    if entries > MAX_MEMBERS or length > MAX_DIRECTORY:
        mask.fail("too-large", f"an archive of {entries:,} members")
        return False
    return True


def _read_member(archive: Any, mask: MaskFile, room: Room | None) -> None:
    members = [info for info in archive.infolist() if info.filename.endswith(".npy")]
    named = [info for info in members if info.filename[:-4] in NAMES]
    if not members:
        return mask.fail("unsupported", "it holds no array")
    if len(members) != 1 and len(named) != 1:
        names = ", ".join(info.filename[:-4][:40] for info in members[:8])
        return mask.fail("unsupported", f"{len(members):,} arrays, and it is not clear which holds the masks: {names}")
    info = members[0] if len(members) == 1 else named[0]
    size, packed = info.file_size, info.compress_size
    if size > MAX_UNPACKED:
        return mask.fail("too-large", f"it unpacks to {size:,} bytes; no more than {MAX_UNPACKED:,} are read")
    if info.compress_type not in (0, 8):
        return mask.fail("unsupported", "it is packed by a method that numpy does not use")
    if size > MAX_RATIO * max(packed, 1):
        return mask.fail("corrupt", f"it says that {packed:,} bytes unpack to {size:,}")
    with archive.open(info) as file:
        return _read_stream(file, size, mask, room)


def _read_stream(file: IO[bytes], size: int, mask: MaskFile, room: Room | None) -> None:
    head = file.read(10)
    if head[:6] != b"\x93NUMPY":
        return mask.fail("corrupt", "it holds no array")
    if head[6] != 1:
        head += file.read(2)
    head += file.read(min(MAX_HEADER, int.from_bytes(head[8:], "little")))
    layout = read_layout(head, mask)
    if layout is None or not fits(layout, mask, size - layout.offset, MAX_UNPACKED):
        return None
    buffer: NDArray[np.uint8] = room.take(layout.length) if room is not None else np.empty(layout.length, np.uint8)
    at = 0
    while at < layout.length and (piece := file.read(min(_PIECE, layout.length - at))):
        buffer[at : at + len(piece)] = np.frombuffer(piece, np.uint8)
        at += len(piece)
    if at < layout.length or file.read(1):
        return mask.fail("corrupt", "it unpacks to another size than it says")
    return place(buffer.view(layout.dtype).reshape(layout.shape, order="F" if layout.fortran else "C"), mask)
