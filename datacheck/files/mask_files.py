"""One file of masks, opened so that nothing in it can crash, hang, run code or fill the memory.

The header is read first, and what it asks for is judged before anything is decoded: at most `MAX_PNG_PIXELS` pixels of
a PNG (4 bytes each of colours, 1 or 2 of greys, decoded in place), `MAX_PIXELS` of the other kinds (twice 4 bytes, in
Pillow and here, and 6 more of a progressive JPEG), files of at most `MAX_FILE` bytes, arrays as `arrays.py` says. So
one file takes under 1 GB and, on a core of its own, under 5 s.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from mmap import MADV_DONTNEED, mmap
from typing import TYPE_CHECKING

from datacheck.files.decode import Room, decode_other, decode_png
from datacheck.files.header import HEAD, Header, Window, open_regular, reason_of
from datacheck.files.kinds import PICKLE, Kind, kind_of
from datacheck.files.pictures import READERS, judge_size, not_a_picture
from datacheck.files.png import read_chunks

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from datacheck.files.tensors import Tensors

MAX_FILE = 128 << 20
MAX_PNG_PIXELS = 100_000_000
MAX_PIXELS = 50_000_000
MAX_DEEP_PIXELS = 25_000_000
"""Of colours of 16 bits a channel, which are decoded twice."""
MAX_SCANNED = 250_000_000
"""Pixels times scans of a progressive JPEG: each scan goes over all of them."""

INTERNAL = "internal error of datacheck, please report it"
SURVIVED: tuple[type[Exception], ...] = (Exception,)
"""What must not end a scan: a fault of this program's own, as decoders' errors are caught where they are called. Tests
empty this, so that such a fault is seen."""

_READ_AT_ONCE = 1 << 16
_ARRAY_HEAD = 1 << 14
_ARRAYS = (".npy", ".npz")
"""Of files with these names only the header is read at first: their values are read into place."""


@dataclass(slots=True)
class MaskFile(Header):
    """One file of masks. `state` is a word of `tables.MASK_FILES`; if it is ok, either `pixels` or `stack` is there."""

    dtype: str | None = None
    shape: str | None = None
    pixels: NDArray[np.generic] | None = None
    """[H, W], of any type of integer, float or bool, and in any order in memory."""
    stack: NDArray[np.generic] | None = None
    """[N, H, W], the same."""
    colours: bool = False
    """`pixels` are colours, as R + 256 G + 65536 B."""
    mapped: mmap | None = None
    """The file, where the array is read from it only as far as it is looked at."""

    def release(self) -> None:
        """Give back the memory of what was looked at so far; it is read again if it is looked at again."""
        if self.mapped is not None:
            self.mapped.madvise(MADV_DONTNEED)


def open_mask(path: str) -> MaskFile:
    """Decode the masks in a file. Whatever the file is, this raises nothing."""
    for mask in open_masks([path], None):
        return mask
    raise AssertionError


def open_masks(paths: Iterable[str], room: Room | None) -> Iterator[MaskFile]:
    """Decode the files one after the other. With `room`, the pixels of one are gone when the next is asked for; one
    process serves all files of torch.save."""
    from datacheck.files.tensors import Tensors

    with Tensors() as tensors:
        for path in paths:
            yield _open(path, room, tensors)


def _open(path: str, room: Room | None, tensors: Tensors) -> MaskFile:
    mask = MaskFile()
    fd, size, refused = open_regular(path)
    if refused:
        mask.fail("unreadable", refused)
        return mask
    mask.size_bytes = size
    try:
        _read(path, fd, mask, room, tensors)
    except OSError as error:
        mask.fail("unreadable", reason_of(error))
        mask.size_bytes = None
    except MemoryError:
        mask.fail("too-large", "there is no memory for it")
    except SURVIVED as error:
        mask.fail("corrupt", f"{INTERNAL}: {type(error).__name__}: {str(error)[:200]}")
    finally:
        os.close(fd)
    if mask.state != "ok":
        mask.pixels = mask.stack = None
    return mask


def _read(path: str, fd: int, mask: MaskFile, room: Room | None, tensors: Tensors) -> None:
    size = mask.size_bytes or 0
    head = os.pread(fd, min(size, _ARRAY_HEAD if path.endswith(_ARRAYS) else _READ_AT_ONCE) + 1, 0)
    if not head:
        return mask.fail("empty", "it has no bytes")
    kind = kind_of(head[:HEAD])
    mask.kind = kind.name
    if kind.name == "png":
        _read_png(fd, head, mask, room)
    elif kind.name in READERS:
        _read_other(fd, head, mask)
    elif kind.name in ("npy", "npz"):
        from datacheck.files.arrays import read_npy, read_npz

        if kind.name == "npy":
            read_npy(fd, head, mask, room)
        else:
            read_npz(fd, mask, room)
    elif kind.name == "pt" or (kind is PICKLE and path.lower().endswith((".pt", ".pth"))):
        mask.kind = "pt"
        tensors.read(path, fd, mask)
    else:
        _refuse(kind, mask)
    return None


def _refuse(kind: Kind, mask: MaskFile) -> None:
    if kind is PICKLE:
        mask.fail("pickled", "it is a Python pickle: reading it would run whatever code it names")
    else:
        mask.fail(*not_a_picture(kind, "not-a-mask"))


def _whole(fd: int, head: bytes, mask: MaskFile) -> bytes | None:
    """All bytes of the file; None if they are too many."""
    size = mask.size_bytes or 0
    if size <= len(head):
        return head
    if size > MAX_FILE:
        mask.fail("too-large", f"a picture of {size:,} bytes; no more than {MAX_FILE:,} are read")
        return None
    data = os.pread(fd, size, 0)
    while len(data) < size and (more := os.pread(fd, size - len(data), len(data))):
        data += more
    return data


def _too_many(mask: MaskFile, most: int) -> bool:
    width, height = mask.width or 0, mask.height or 0
    if not 0 < width * height <= most:
        judge_size(mask, width, height, most, "no more are decoded")
    return mask.state != "ok"


def _read_png(fd: int, head: bytes, mask: MaskFile, room: Room | None) -> None:
    data = _whole(fd, head, mask)
    if data is None:
        return
    pixels = read_chunks(data, mask)
    most = MAX_DEEP_PIXELS if mask.bit_depth == 16 and mask.mode in ("rgb", "rgba") else MAX_PNG_PIXELS
    if pixels is None or _too_many(mask, most):
        if mask.state == "truncated" and mask.width is not None:  # A bomb is one even where it was cut off.
            _too_many(mask, most)
        return
    mask.pixels = decode_png(pixels, mask, room)
    mask.colours = mask.mode in ("rgb", "rgba") and mask.pixels is not None and mask.pixels.dtype.itemsize == 4


def _read_other(fd: int, head: bytes, mask: MaskFile) -> None:
    READERS[mask.kind or ""](Window(head, mask.size_bytes or 0, fd), mask)
    if mask.width is None or mask.state not in ("ok", "truncated"):
        return
    if _too_many(mask, MAX_PIXELS):
        return
    if mask.kind == "tiff" and (mask.bit_depth or 0) > 8 and mask.mode in ("rgb", "rgba", "cmyk"):
        mask.fail("unsupported", f"a TIFF of {mask.bit_depth} bits a channel, of which Pillow reads the upper 8")
        return
    data = _whole(fd, head, mask)
    if data is None:
        return
    scans = data.count(b"\xff\xda") if mask.kind == "jpeg" else 1
    if scans * mask.width * (mask.height or 0) > MAX_SCANNED:
        mask.fail("too-large", f"a JPEG of {mask.width:,} × {mask.height or 0:,} pixels in {scans:,} scans")
        return
    mask.pixels = decode_other(data, mask)
    mask.colours = mask.mode in ("rgb", "rgba", "cmyk")
