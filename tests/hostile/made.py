"""Single files for the hostile corpus, and pictures put together byte by byte."""

from __future__ import annotations

import io
import struct
import zlib
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw

Write = Callable[[Path], None]
Chunk = tuple[bytes, bytes]


@dataclass(frozen=True)
class FileCase:
    """One file: its bytes, or a function that puts it at a path.

    `mask`: its state in `mask_files`; `image`: its state in `image_files`, by its header; `content`: its content as a
    mask. `heavy`: takes seconds or hundreds of megabytes, and is measured in a process of its own.
    """

    name: str
    content_bytes: bytes | Write
    mask: str = "ok"
    image: str = "ok"
    content: str | None = None
    heavy: bool = False

    def put(self, folder: Path) -> Path:
        path = folder / self.name
        if isinstance(self.content_bytes, bytes):
            path.write_bytes(self.content_bytes)
        else:
            self.content_bytes(path)
        return path


def chunk(name: bytes, content: bytes, crc: int | None = None) -> bytes:
    """One chunk of a PNG."""
    crc = zlib.crc32(name + content) if crc is None else crc
    return struct.pack(">I", len(content)) + name + content + struct.pack(">I", crc)


def png(
    width: int,
    height: int,
    packed: bytes,
    *,
    depth: int = 8,
    colour: int = 0,
    interlace: int = 0,
    before: Iterable[Chunk] = (),
    end: bool = True,
) -> bytes:
    """A PNG of any header around packed pixels."""
    header = struct.pack(">IIBBBBB", width, height, depth, colour, 0, 0, interlace)
    parts = [b"\x89PNG\r\n\x1a\n", chunk(b"IHDR", header), *(chunk(*one) for one in before), chunk(b"IDAT", packed)]
    return b"".join([*parts, chunk(b"IEND", b"") if end else b""])


def rows(values: NDArray[Any]) -> bytes:
    """Packed rows without a filter."""
    return zlib.compress(b"".join(b"\0" + row.tobytes() for row in values))


def saved(image: Image.Image, kind: str, **options: Any) -> bytes:
    out = io.BytesIO()
    image.save(out, kind, **options)
    return out.getvalue()


def blob(width: int = 64, height: int = 48) -> Image.Image:
    """A mask of 0 and 255."""
    image = Image.new("L", (width, height))
    ImageDraw.Draw(image).ellipse((10, 8, 40, 36), fill=255)
    return image


def photo(width: int = 64, height: int = 48) -> Image.Image:
    values = np.random.default_rng(0).integers(0, 256, (height, width, 3))
    return Image.fromarray(values.astype(np.uint8))


def zeros(count: int) -> bytes:
    """So many zeros, packed; without holding them."""
    stream, parts = zlib.compressobj(1), []
    piece = bytes(1 << 20)
    for _ in range(count >> 20):
        parts.append(stream.compress(piece))
    return b"".join([*parts, stream.compress(piece[: count % (1 << 20)]), stream.flush()])


def large(width: int, height: int, **header: Any) -> Write:
    """A PNG of one colour; made when it is written."""
    bits = header.get("depth", 8) * {0: 1, 2: 3, 3: 1, 4: 2, 6: 4}[header.get("colour", 0)]
    packed = (1 + (width * bits + 7) // 8) * height
    return lambda path: void(path.write_bytes(png(width, height, zeros(packed), **header)))


def noise(width: int, height: int, **header: Any) -> Write:
    """A PNG of noise, packed by nothing."""

    def write(path: Path) -> None:
        bits = header.get("depth", 8) * {0: 1, 2: 3, 3: 1, 4: 2, 6: 4}[header.get("colour", 0)]
        length = (width * bits + 7) // 8
        values = np.random.default_rng(0).integers(0, 256, (height, 1 + length), np.uint8)
        values[:, 0] = 0
        path.write_bytes(png(width, height, zlib.compress(values.data, 0), **header))

    return write


def void(_: object) -> None:
    return None
