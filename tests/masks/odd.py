"""Contents of files that are no good masks or images, or odd ones."""

from __future__ import annotations

import io
import os
import struct
import zlib
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

from tests.masks import small
from tests.masks.small import HEIGHT, WIDTH, Ids, blob, photo, png

LFS = b"version https://git-lfs.github.com/spec/v1\noid sha256:" + b"4d7a" * 16 + b"\nsize 12345\n"
AVIF = b"\0\0\0\x20ftypavif\0\0\0\0avifmif1miafMA1B" + bytes(200)
HTML = b"<!DOCTYPE html><html><head><title>404 Not Found</title></head><body>Not Found</body></html>"


class Fifo(bytes):
    """Stands for a pipe."""

    def make(self, path: Path) -> None:
        os.mkfifo(path)


def large(number: int = 0, value: int = 1) -> Ids:
    """One segment of 61.6 % of the frame, at a place of its own."""
    ids = np.zeros((HEIGHT, WIDTH), np.uint8)
    ids.reshape(-1)[number : number + round(0.616 * ids.size)] = value
    return ids


def full(value: int = 255) -> bytes:
    return png(np.full((HEIGHT, WIDTH), value, np.uint8))


def zero() -> bytes:
    return full(0)


def soft(seed: int) -> bytes:
    picture = Image.fromarray(blob(seed, 255, 4 * WIDTH, 4 * HEIGHT))
    return png(np.asarray(picture.resize((WIDTH, HEIGHT), Image.Resampling.BILINEAR)))


def grey_photo(seed: int) -> bytes:
    return png(np.asarray(Image.fromarray(photo(seed)).convert("L")))


def coloured(ids: Ids) -> bytes:
    table = np.random.default_rng(5).integers(0, 255, (256, 3), dtype=np.uint8)
    table[0] = 0
    return png(table[ids])


def gap(seed: int) -> bytes:
    ids = small.cells(seed, 14)
    ids[(ids == 5) | (ids == 9)] = 0
    return png(ids.astype(np.uint8))


def damaged(content: bytes) -> bytes:
    """A PNG whose pixels do not unpack."""
    at = content.index(b"IDAT") + 12
    return content[:at] + bytes(255 - byte for byte in content[at : at + 20]) + content[at + 20 :]


def raw_png(width: int, height: int, depth: int, rows: bytes) -> bytes:
    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    header = struct.pack(">IIBBBBB", width, height, depth, 0, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        [chunk(b"IHDR", header), chunk(b"IDAT", zlib.compress(rows)), chunk(b"IEND", b"")]
    )


def endless(content: bytes) -> bytes:
    """A JPEG whose frame is said to be 60,000 x 60,000."""
    at = content.index(b"\xff\xc0") + 5
    return content[:at] + struct.pack(">HH", 60000, 60000) + content[at + 4 :]


def four_bits() -> bytes:
    ids = np.minimum(small.cells(3), 15).astype(np.uint8)
    packed = (ids[:, ::2] << 4 | ids[:, 1::2]).astype(np.uint8)
    return raw_png(WIDTH, HEIGHT, 4, b"".join(b"\0" + row.tobytes() for row in packed))


def frames(form: str) -> bytes:
    target = io.BytesIO()
    first, *others = (Image.fromarray(blob(n)) for n in range(3))
    first.save(target, form, save_all=True, append_images=others)
    return target.getvalue()


def specks() -> bytes:
    noise = np.random.default_rng(1).random((HEIGHT, WIDTH)) > 0.94
    return png(np.where(noise, 255, 0).astype(np.uint8))


def overlapping(stack: Any) -> Any:
    stack[1, 0, 0] = stack[2, 0, 0] = True
    return stack


def gapped(stack: Any) -> Any:
    stack[:, :2, :2] = False
    return stack


def constant(stack: Any) -> Any:
    stack[0] |= stack[2]
    stack[2] = False
    return stack


def scores(stack: Any) -> Any:
    return np.random.default_rng(3).random(stack.shape, np.float32)


def logits(stack: Any) -> Any:
    return np.random.default_rng(3).normal(0, 1, stack.shape).astype(np.float32)


def numbered(stack: Any) -> Any:
    return np.broadcast_to(np.arange(1, len(stack) + 1, dtype=np.uint8)[:, None, None], stack.shape)
