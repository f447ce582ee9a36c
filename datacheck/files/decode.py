"""Pixels of mask pictures, exactly as stored: indices of a palette, unscaled greys of 1 to 16 bits, colours as ids.

Pillow decodes, but is given what was checked before: the size, the checksums, the length of what is packed. Left to
itself it scales greys of 2 and 4 bits, turns a PNG that lacks rows into one with rows of zeros, and accepts pixels with
a wrong checksum; `cv2.imread` turns palette indices into colours, whatever it is asked for.
"""

from __future__ import annotations

import warnings
from functools import cache
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from datacheck.files.png import Pixels, count_unpacked, unpacked_size

if TYPE_CHECKING:
    from PIL.Image import Image

    from datacheck.files.header import Header

Pixel = NDArray[np.generic]

KEPT = 16 << 20
"""Bytes of a decoded mask whose memory is used again for the next: fresh memory costs as much as decoding."""

_CODECS = {
    (0, 1): ("P", "P;1", 1), (0, 2): ("P", "P;2", 1), (0, 4): ("P", "P;4", 1), (0, 8): ("L", "L", 1),
    (0, 16): ("I;16", "I;16B", 2),
    (3, 1): ("P", "P;1", 1), (3, 2): ("P", "P;2", 1), (3, 4): ("P", "P;4", 1), (3, 8): ("P", "P", 1),
    (2, 8): ("RGBX", "RGB", 4), (2, 16): ("RGBX", "RGB;16B", 4),
    (4, 8): ("RGBA", "LA", 4), (4, 16): ("RGBA", "RGBA", 4),
    (6, 8): ("RGBA", "RGBA", 4), (6, 16): ("RGBA", "RGBA;16B", 4),
}  # fmt: skip
"""(colour type, bits) of a PNG: how Pillow keeps a pixel in memory, how it unpacks it, bytes in memory.

Of colours of 16 bits a channel it keeps the upper 8: they are unpacked twice, the second time as if the lower byte came
first. Grey and alpha of 16 bits are four bytes, and are taken for the four of a colour.
"""

_LOWER = {2: ("RGB", "RGB;16L", "RGBX"), 6: ("RGBA", "RGBA;16L", "RGBA")}
"""By colour type: Pillow's mode, how it unpacks the lower 8 of 16 bits, and how it gives four bytes a pixel."""

DEEP = "colours of 16 bits a channel that are no 8 bits made wider: as ids they would take 48 bits"

_MODES = {
    "1": "bilevel", "L": "grey", "LA": "grey-alpha", "P": "palette", "PA": "palette", "RGB": "rgb", "RGBA": "rgba",
    "CMYK": "cmyk", "F": "float",
}  # fmt: skip
"""Pillow's modes; I and its kin are grey, what is left is converted colour."""

_UNTOUCHED = 0xA5
_STRIP = 1 << 20


class Room:
    """Memory that one mask after the other is decoded into."""

    def __init__(self) -> None:
        self._kept = np.empty(0, np.uint8)

    def take(self, size: int) -> NDArray[np.uint8]:
        """`size` bytes that are free until the next call."""
        if size > KEPT:
            return np.empty(size, np.uint8)
        if size > len(self._kept):
            self._kept = np.empty(min(KEPT, max(size, 2 * len(self._kept))), np.uint8)
        return self._kept[:size]


def decode_png(pixels: Pixels, header: Header, room: Room | None) -> Pixel | None:
    """The pixels [H, W] of a PNG whose chunks were checked: 8 or 16 bits, or colours as R + 256 G + 65536 B.

    None, and a state in the header, where they are damaged or too few. Memory of `room` holds them if it is given.
    """
    from PIL import Image

    width, height = header.width or 0, header.height or 0
    kind, depth = pixels.colour_type, header.bit_depth or 0
    mode, raw, each = _CODECS[kind, depth]
    size = width * height * each
    buffer = room.take(size) if room is not None else np.empty(size, np.uint8)
    last = buffer[-width * each :]
    last[:] = _UNTOUCHED
    packed: Any = pixels.parts[0] if len(pixels.parts) == 1 else b"".join(pixels.parts)
    failed = False
    try:
        image = Image.frombuffer(mode, (width, height), buffer, "raw", mode, 0, 1)
        image.frombytes(packed, "zip", (raw, pixels.interlaced))
        if not image.readonly:  # This Pillow decodes into memory of its own.
            buffer = np.frombuffer(image.tobytes(), np.uint8)
            last = buffer[-width * each :]
    except Exception:  # noqa: BLE001 (a decoder may raise anything)
        failed = True
    if failed or pixels.interlaced or (last == _UNTOUCHED).all():
        expected = unpacked_size(header, pixels)
        found = count_unpacked(packed, expected)
        if found is not None and found < expected:
            rows = "" if pixels.interlaced else f", {found // (expected // height):,} of {height:,} rows"
            header.fail("truncated", f"its pixels end early{rows}: decoders fail or fill the rest with zeros")
            return None
    if failed:
        header.fail("corrupt", "its packed pixels are damaged")
        return None
    if each == 1:
        return buffer.reshape(height, width)
    if each == 2:
        return buffer.view("<u2").reshape(height, width)
    if depth == 16 and kind == 4:
        return _grey_of_16(buffer, header).reshape(height, width)
    if depth == 16:
        mode, raw, four = _LOWER[kind]
        image = Image.new(mode, (width, height))
        image.frombytes(packed, "zip", (raw, pixels.interlaced))
        lower = np.frombuffer(image.tobytes("raw", four), np.uint8)
        del image
        deep = _of_16(buffer, lower, header)
        return None if deep is None else deep.reshape(height, width)
    return _colours(buffer, header).reshape(height, width)


def _grey_of_16(buffer: NDArray[np.uint8], header: Header) -> Pixel:
    """The greys of grey and alpha, 16 bits each, the upper 8 first."""
    pairs = buffer.view(">u2")
    _note_alpha(pairs[1::2], header)
    return pairs[::2].astype(np.uint16)


def _of_16(upper: NDArray[np.uint8], lower: NDArray[np.uint8], header: Header) -> Pixel | None:
    """What colours of 16 bits a channel say without a loss: greys, as 16 bits, where the channels are equal; else ids,
    as 32 bits, where the other half of each channel is zero or the same. None, and a state, where they say more."""
    high, low = upper.reshape(-1, 4), lower.reshape(-1, 4)
    grey, doubled, shifted, narrow = True, True, True, True
    for start in range(0, len(high), _STRIP):
        one, other = high[start : start + _STRIP, :3], low[start : start + _STRIP, :3]
        grey = grey and bool((one == one[:, :1]).all() and (other == other[:, :1]).all())
        doubled = doubled and bool((one == other).all())
        shifted = shifted and not other.any()
        narrow = narrow and not one.any()
        if not (grey or doubled or shifted or narrow):
            header.fail("unsupported", DEEP)
            return None
    if header.mode == "rgba":
        _note_alpha(high[:, 3], header)
    if narrow:
        return _colours(lower.copy(), header)
    if grey:
        return high[:, 0].astype(np.uint16) << np.uint16(8) | low[:, 0]
    return _colours(upper, header)


def _note_alpha(alpha: Pixel, header: Header) -> None:
    if alpha.min() != alpha.max():
        header.detail = "its alpha channel is not the same everywhere; it is left out here"


def _colours(buffer: NDArray[np.uint8], header: Header) -> Pixel:
    """Four bytes a pixel as R + 256 G + 65536 B, or as the grey of grey and alpha."""
    ids = buffer.view("<u4")
    if header.mode in ("rgba", "grey-alpha"):
        _note_alpha(buffer[3::4], header)
    if header.mode == "grey-alpha":
        return buffer[::4].copy()
    np.bitwise_and(ids, 0xFFFFFF, out=ids)
    return ids


def decode_other(data: bytes, header: Header) -> Pixel | None:
    """The pixels [H, W] of the first frame of a JPEG, GIF, WebP, BMP or TIFF whose size was judged; colours as ids.

    None, and a state in the header, where Pillow fails.
    """
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            if header.kind == "tiff":
                _silence()
            with _plugin(header.kind or "")(_stream(data)) as image:
                if image.width * image.height > 2 * (header.width or 0) * (header.height or 0):
                    header.fail("corrupt", f"its frame is of {image.width:,} × {image.height:,} pixels")
                    return None
                image.load()
                return _pixels_of(image, header)
    except Exception as error:  # noqa: BLE001 (a decoder may raise anything)
        words = str(error) or type(error).__name__
        header.fail("truncated" if "truncated" in words else "corrupt", f"PIL cannot decode it: {words[:200]}")
        return None


@cache
def _silence() -> None:
    """Keeps libtiff from writing what it thinks of a file to standard error, past Python and past whoever shares the
    process: its handlers of warnings and errors are taken away. They are found through the module of Pillow that is
    linked to it; where they are not (libtiff is a part of that module), it is heard."""
    import ctypes
    from contextlib import suppress

    from PIL import _imaging

    with suppress(OSError, AttributeError, TypeError):
        library = ctypes.CDLL(_imaging.__file__)
        for handler in (library.TIFFSetWarningHandler, library.TIFFSetErrorHandler):
            handler.argtypes, handler.restype = [ctypes.c_void_p], ctypes.c_void_p
            handler(None)


def _stream(data: bytes) -> Any:
    import io

    return io.BytesIO(data)


def _plugin(kind: str) -> Any:
    from PIL import BmpImagePlugin, GifImagePlugin, JpegImagePlugin, TiffImagePlugin, WebPImagePlugin

    return {
        "jpeg": JpegImagePlugin.JpegImageFile,
        "gif": GifImagePlugin.GifImageFile,
        "webp": WebPImagePlugin.WebPImageFile,
        "bmp": BmpImagePlugin.BmpImageFile,
        "tiff": TiffImagePlugin.TiffImageFile,
    }[kind]


def _pixels_of(image: Image, header: Header) -> Pixel:
    """The pixels of a loaded image; a strip of rows at a time, so that large ones are not in memory thrice."""
    width, height = image.size
    header.width, header.height = width, height
    header.mode = _MODES.get(image.mode, "grey" if image.mode[:1] == "I" else "rgb")
    rows = max(1, (1 << 22) // max(1, width))
    channels = 4 if image.mode == "CMYK" else 3
    if rows >= height:
        return _packed(np.asarray(image), channels)
    whole: Pixel = np.empty(0)
    for top in range(0, height, rows):
        strip = image.crop((0, top, width, min(top + rows, height)))
        piece = _packed(np.asarray(strip), channels)
        if top == 0:
            whole = np.empty((height, width), piece.dtype)
        whole[top : top + rows] = piece
    return whole


def _packed(piece: Pixel, channels: int) -> Pixel:
    """[H, W] of [H, W] or [H, W, C] of 8 bits: of grey and alpha the grey, else the first channels as an id, R + 256 G
    + 65536 B (+ 2**24 K)."""
    if piece.ndim == 2:
        return piece
    if piece.shape[2] == 2:
        return np.ascontiguousarray(piece[:, :, 0])
    ids = np.zeros(piece.shape[:2], np.uint32)
    for number in range(channels):
        ids |= piece[:, :, number].astype(np.uint32) << np.uint32(8 * number)
    return ids
