"""Images and masks that are broken, or meant to break what reads them; each with the states it must be given."""

from __future__ import annotations

import os
import random
import socket
import struct
import zlib
from collections.abc import Iterator
from pathlib import Path

import numpy as np
from PIL import Image

from tests.hostile.made import FileCase, blob, chunk, large, noise, photo, png, rows, saved, zeros

BLOB = saved(blob(), "PNG")
POINTER = b"version https://git-lfs.github.com/spec/v1\noid sha256:4d7a2146\nsize 12345\n"
PAGE = b"<!DOCTYPE html>\n<html><head><title>404</title></head><body>Not found</body></html>"


def nothing_to_decode() -> Iterator[tuple[str, FileCase]]:
    """Files that are none, or no pictures."""
    other = ("not-a-mask", "not-an-image")
    yield "no-bytes", FileCase("a.png", b"", "empty", "empty")
    yield "html-named-jpg", FileCase("a.jpg", PAGE, *other)
    yield "html-behind-space", FileCase("a.png", b"\r\n <html lang=en>\n<h1>502", *other)
    yield "text-named-png", FileCase("a.png", b"file not found\n", *other)
    yield "json-named-png", FileCase("a.png", b'{"error": 404}', *other)
    yield "html-behind-comments", FileCase("a.png", b"<!-- a --> <!--b-->\n<!DOCTYPE\nhtml>", *other)
    yield "comments-without-a-page", FileCase("a.png", b"<!---->" * 290, *other)
    yield "comments-half-open", FileCase("a.png", b"<!--" * 1000, *other)
    yield "comments-and-spaces", FileCase("a.png", b"<!-- -->   " * 370, *other)
    yield "spaces", FileCase("a.png", b" " * 4000 + b"<", *other)
    yield "half-a-doctype", FileCase("a.png", b"<!doctype" + b" " * 4000, *other)
    yield "svg-named-png", FileCase("a.png", b"<svg xmlns='http://www.w3.org/2000/svg'/>", *other)
    yield "utf-16-text", FileCase("a.png", "nothing".encode("utf-16"), *other)
    yield "git-lfs-pointer", FileCase("a.png", POINTER, "lfs-pointer", "lfs-pointer")
    yield "git-annex-pointer", FileCase("a.png", b"/annex/objects/SHA256E-s1--0.png\n", "lfs-pointer", "lfs-pointer")
    yield "zip-named-png", FileCase("a.png", b"PK\5\6" + bytes(18), *other)
    yield "gzip-named-png", FileCase("a.png", b"\x1f\x8b\x08\0\0\0\0\0\0\3", *other)
    yield "pdf-named-jpg", FileCase("a.jpg", b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n", *other)
    yield "zeros", FileCase("a.png", bytes(10_000), "corrupt", "corrupt")
    yield "noise", FileCase("a.png", random.Random(0).randbytes(5000), *other)
    yield "one-byte", FileCase("a.png", b"\x89", *other)
    yield "avif", FileCase("a.avif", b"\0\0\0\x20ftypavif" + bytes(20), "unsupported", "unsupported")
    yield "heic-named-jpg", FileCase("a.jpg", b"\0\0\0\x18ftypheic" + bytes(20), "unsupported", "unsupported")
    yield "sound-named-webp", FileCase("a.webp", b"RIFF\x24\0\0\0WAVEfmt " + bytes(20), *other)
    yield "folder", FileCase("a.png", Path.mkdir, "unreadable", "unreadable")
    yield "fifo", FileCase("a.png", lambda path: os.mkfifo(path), "unreadable", "unreadable")
    yield "socket", FileCase("a.png", _socket, "unreadable", "unreadable")
    yield "device", FileCase("a.png", lambda path: path.symlink_to("/dev/zero"), "unreadable", "unreadable")
    yield "dangling-link", FileCase("a.png", lambda path: path.symlink_to("none"), "unreadable", "unreadable")
    yield "link-to-itself", FileCase("a.png", lambda path: path.symlink_to(path), "unreadable", "unreadable")
    if os.geteuid() != 0:  # root may read everything
        yield "no-permission", FileCase("a.png", _locked, "unreadable", "unreadable")
    yield "name-not-utf-8", FileCase(os.fsdecode(b"caf\xe9.p\xffg"), BLOB, content="binary")
    yield "name-with-newline", FileCase("a\n.png", BLOB, content="binary")


def _socket(path: Path) -> None:
    here = Path.cwd()
    os.chdir(path.parent)  # The path of a socket must be short.
    try:
        with socket.socket(socket.AF_UNIX) as end:
            end.bind(path.name)
    finally:
        os.chdir(here)


def _locked(path: Path) -> None:
    path.write_bytes(BLOB)
    path.chmod(0)


def pngs() -> Iterator[tuple[str, FileCase]]:
    """PNGs."""
    middle = len(BLOB) // 2
    packed = rows(np.asarray(blob()))
    yield "png", FileCase("a.png", BLOB, content="binary")
    yield "png-cut-in-its-pixels", FileCase("a.png", BLOB[:middle], "truncated", "truncated")
    yield "png-cut-in-its-header", FileCase("a.png", BLOB[:20], "truncated", "truncated")
    yield "png-of-its-signature", FileCase("a.png", BLOB[:8], "truncated", "truncated")
    yield "png-without-end", FileCase("a.png", BLOB[:-12], "truncated", "truncated")
    yield "png-with-half-an-end", FileCase("a.png", BLOB[:-3], "truncated", "truncated")
    yield "png-padded", FileCase("a.png", BLOB + bytes(1000), content="binary")
    yield "png-with-a-zip-behind", FileCase("a.png", BLOB + b"PK\3\4" * 5000, content="binary")
    flipped = bytearray(BLOB)
    flipped[-20] ^= 4
    yield "png-with-a-wrong-checksum", FileCase("a.png", bytes(flipped), "corrupt")
    header = bytearray(BLOB)
    header[19] ^= 1
    yield "png-with-a-wrong-header", FileCase("a.png", bytes(header), "corrupt", "corrupt")
    yield "png-lacking-rows", FileCase("a.png", png(64, 48, rows(np.asarray(blob())[:30])), "truncated")
    yield "png-lacking-a-row-of-zeros", FileCase("a.png", png(64, 48, rows(np.asarray(blob())[:47])), "truncated")
    yield "png-lacking-half-a-row", FileCase("a.png", png(64, 2, zlib.compress(bytes(100))), "truncated")
    yield "png-of-one-pixel-lacking", FileCase("a.png", png(1, 1, zlib.compress(b"")), "truncated")
    yield "png-of-an-unlucky-pixel", FileCase("a.png", png(1, 1, zlib.compress(b"\0\xa5")), content="binary")
    yield "png-with-rows-too-many", FileCase("a.png", png(64, 30, packed), content="binary")
    yield "png-interlaced-lacking-rows", FileCase("a.png", png(64, 48, packed[:40], interlace=1), "truncated")
    yield (
        "png-interlaced-too-short",
        FileCase("a.png", png(64, 48, zlib.compress(bytes(500)), interlace=1), "truncated"),
    )
    whole = zlib.compress(bytes(2000 * 1024))
    yield "png-interlaced", FileCase("a.png", png(640, 480, whole, interlace=1), content="empty")
    yield "png-packed-by-nobody", FileCase("a.png", png(64, 48, b"\x78\x9cnonsense" * 9), "corrupt")
    yield "png-with-an-unknown-filter", FileCase("a.png", png(4, 4, zlib.compress(b"\x09abcd" * 4)), "corrupt")
    yield "png-without-pixels", FileCase("a.png", png(4, 4, b""), "truncated")
    nothing = png(4, 4, b"").replace(chunk(b"IDAT", b""), b"")
    yield "png-without-idat", FileCase("a.png", nothing, "corrupt", "corrupt")
    yield "png-of-no-width", FileCase("a.png", png(0, 4, packed), "corrupt", "corrupt")
    yield "png-of-no-height", FileCase("a.png", png(4, 0, packed), "corrupt", "corrupt")
    yield "png-of-3-bits", FileCase("a.png", png(4, 4, packed, depth=3), "corrupt", "corrupt")
    yield "png-of-colour-type-5", FileCase("a.png", png(4, 4, packed, colour=5), "corrupt", "corrupt")
    yield "png-bomb-60000", FileCase("a.png", png(60_000, 60_000, zeros(1 << 24), depth=1), "too-large", "too-large")
    yield "png-bomb-cut-off", FileCase("a.png", png(60_000, 60_000, b"", end=False), "too-large", "too-large")
    yield "png-of-2-billion", FileCase("a.png", png(2**31 - 1, 2**31 - 1, b"x"), "too-large", "too-large")
    yield "png-20000", FileCase("a.png", large(20_000, 20_000), "too-large", "too-large", heavy=True)
    yield "png-9999-of-zeros", FileCase("a.png", large(9_999, 9_999), content="empty", heavy=True)
    yield "png-of-colours-9999", FileCase("a.png", large(9_999, 9_999, colour=2), content="empty", heavy=True)
    yield "png-one-row-of-100000000", FileCase("a.png", large(100_000_000, 1), content="empty", heavy=True)
    yield "png-one-column-of-20000000", FileCase("a.png", large(1, 20_000_000), content="empty", heavy=True)
    yield "png-8000-of-noise", FileCase("a.png", noise(8_000, 8_000), content="continuous", heavy=True)
    yield "png-8000-of-16-bit-noise", FileCase("a.png", noise(7_000, 7_000, depth=16), content="continuous", heavy=True)
    yield (
        "png-6000-of-coloured-noise",
        FileCase("a.png", noise(6_000, 6_000, colour=2), content="continuous", heavy=True),
    )
    yield "png-9999-of-bits", FileCase("a.png", noise(9_999, 9_999, depth=1), content="binary", heavy=True)
    yield (
        "png-5000-of-deep-noise",
        FileCase("a.png", noise(4_600, 4_600, depth=16, colour=2), "unsupported", heavy=True),
    )
    yield (
        "png-5000-of-deep-zeros",
        FileCase("a.png", large(5_000, 5_000, depth=16, colour=6), content="empty", heavy=True),
    )
    yield "png-6000-of-deep-zeros", FileCase("a.png", large(6_000, 6_000, depth=16, colour=6), "too-large", heavy=True)
    bomb = zeros(1 << 28)
    text = [(b"zTXt", b"k\0\0" + bomb), (b"iCCP", b"p\0\0" + bomb), (b"iTXt", b"k\0\1\0\0\0" + bomb)]
    yield "png-with-text-bombs", FileCase("a.png", png(64, 48, packed, before=text), content="binary")
    many = [(b"tEXt", b"k\0v")] * 110_000
    yield "png-of-110000-chunks", FileCase("a.png", png(64, 48, packed, before=many), "corrupt", "ok")
    huge = (
        b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", struct.pack(">IIBBBBB", 4, 4, 8, 0, 0, 0, 0)) + b"\xff\xff\xff\xffIDATxx"
    )
    yield "png-with-a-chunk-of-4-gb", FileCase("a.png", huge, "truncated", "truncated")
    crushed = BLOB.replace(b"IHDR", b"CgBI", 1)
    yield "png-of-apple", FileCase("a.png", crushed, "unsupported", "unsupported")


def stored() -> Iterator[tuple[str, FileCase]]:
    """Good pictures of every way to store pixels."""
    ids = np.arange(48 * 64).reshape(48, 64) // 320
    grey = Image.fromarray(ids.astype(np.uint8))
    palette = grey.convert("P")
    palette.putpalette([n * 37 % 256 for n in range(768)])
    colour = Image.fromarray(np.stack([ids * 20, ids * 7, ids * 3], -1).astype(np.uint8))
    exif = Image.Exif()
    exif[274] = 6
    yield (
        "png-of-16-bits",
        FileCase("a.png", saved(Image.fromarray((ids * 1000).astype(np.uint16)), "PNG"), content="labels"),
    )
    yield "png-of-a-palette", FileCase("a.png", saved(palette, "PNG"), content="labels")
    yield "png-of-a-palette-of-4-bits", FileCase("a.png", saved(palette, "PNG", bits=4), content="labels")
    yield "png-of-1-bit", FileCase("a.png", saved(blob().convert("1"), "PNG"), content="binary")
    yield "png-of-colours", FileCase("a.png", saved(colour, "PNG"), content="colours")
    yield "png-of-grey-as-colours", FileCase("a.png", saved(blob().convert("RGB"), "PNG"), content="binary")
    yield "png-with-alpha", FileCase("a.png", saved(colour.convert("RGBA"), "PNG"), content="colours")
    yield "png-of-grey-and-alpha", FileCase("a.png", saved(blob().convert("LA"), "PNG"), content="binary")
    deep = png(4, 4, zlib.compress((b"\0" + bytes(range(24))) * 4), depth=16, colour=2)
    yield "png-of-colours-of-16-bits", FileCase("a.png", deep, "unsupported")
    wide = np.repeat(np.asarray(colour).astype(">u2"), 2, axis=0) * np.uint16(257)
    yield (
        "png-of-8-bits-made-16",
        FileCase("a.png", png(64, 96, rows(wide.astype(">u2")), depth=16, colour=2), content="colours"),
    )
    greys = np.repeat((ids * 1000)[:, :, None], 3, axis=2).astype(">u2")
    yield (
        "png-of-16-bit-grey-as-colours",
        FileCase("a.png", png(64, 48, rows(greys), depth=16, colour=2), content="labels"),
    )
    yield "png-turned-by-exif", FileCase("a.png", saved(blob(), "PNG", exif=exif), content="binary")
    moving = saved(blob(), "PNG", save_all=True, append_images=[grey])
    yield "png-animated", FileCase("a.png", moving, content="binary")
    yield "png-of-a-photo", FileCase("a.png", saved(photo(300, 300), "PNG"), content="continuous")
    yield "jpeg", FileCase("a.jpg", saved(photo(), "JPEG"), content="continuous")
    yield "jpeg-of-a-mask", FileCase("a.jpg", saved(blob(), "JPEG"), content="soft")
    yield "jpeg-of-a-mask-in-colour", FileCase("a.jpg", saved(blob().convert("RGB"), "JPEG"), content="soft")
    yield "jpeg-progressive", FileCase("a.jpg", saved(photo(), "JPEG", progressive=True), content="continuous")
    yield "jpeg-cmyk", FileCase("a.jpg", saved(photo().convert("CMYK"), "JPEG"), content="continuous")
    yield "jpeg-turned-by-exif", FileCase("a.jpg", saved(photo(), "JPEG", exif=exif), content="continuous")
    yield "jpeg-padded", FileCase("a.jpg", saved(photo(), "JPEG") + bytes(5000), content="continuous")
    yield "gif", FileCase("a.gif", saved(palette, "GIF"), content="labels")
    yield (
        "gif-animated",
        FileCase("a.gif", saved(grey, "GIF", save_all=True, append_images=[blob()] * 3), content="labels"),
    )
    yield "webp", FileCase("a.webp", saved(blob(), "WEBP", lossless=True), content="binary")
    yield "webp-lossy", FileCase("a.webp", saved(photo(), "WEBP"), content="continuous")
    yield (
        "webp-animated",
        FileCase(
            "a.webp", saved(colour, "WEBP", save_all=True, append_images=[photo()], lossless=True), content="colours"
        ),
    )
    yield "bmp", FileCase("a.bmp", saved(blob(), "BMP"), content="binary")
    yield "bmp-of-1-bit", FileCase("a.bmp", saved(blob().convert("1"), "BMP"), content="binary")
    yield "tiff", FileCase("a.tif", saved(grey, "TIFF"), content="labels")
    yield "tiff-packed", FileCase("a.tif", saved(grey, "TIFF", compression="tiff_lzw"), content="labels")
    yield "tiff-of-16-bits", FileCase("a.tif", saved(Image.fromarray(ids.astype(np.uint16)), "TIFF"), content="labels")
    yield "tiff-of-32-bits", FileCase("a.tif", saved(Image.fromarray(ids.astype(np.int32)), "TIFF"), content="labels")
    yield (
        "tiff-of-floats",
        FileCase("a.tif", saved(Image.fromarray((ids / 20).astype(np.float32)), "TIFF"), content="soft"),
    )
    yield (
        "tiff-of-pages",
        FileCase("a.tif", saved(grey, "TIFF", save_all=True, append_images=[blob()]), content="labels"),
    )
    yield "tiff-big", FileCase("a.tif", saved(grey, "TIFF", big_tiff=True), content="labels")


def others() -> Iterator[tuple[str, FileCase]]:
    """Broken files of the other kinds."""
    jpeg, gif = saved(photo(), "JPEG"), saved(blob(), "GIF")
    webp, bmp, tiff = saved(photo(), "WEBP"), saved(blob(), "BMP"), saved(blob(), "TIFF")
    yield "jpeg-cut", FileCase("a.jpg", jpeg[: len(jpeg) // 2], "truncated", "truncated")
    yield "jpeg-cut-in-its-header", FileCase("a.jpg", jpeg[:100], "truncated", "truncated")
    yield "jpeg-of-its-signature", FileCase("a.jpg", jpeg[:3], "truncated", "truncated")
    yield "jpeg-without-a-frame", FileCase("a.jpg", jpeg[:20] + b"\xff\xd9", "truncated", "truncated")
    yield "jpeg-of-one-byte-over-and-over", FileCase("a.jpg", b"\xff\xd8" + b"\xff" * 100_000, "truncated", "truncated")
    yield "jpeg-of-empty-segments", FileCase("a.jpg", b"\xff\xd8" + b"\xff\xe0\0\2" * 3_000_000, "corrupt", "corrupt")
    yield "jpeg-with-a-short-segment", FileCase("a.jpg", jpeg[:4] + b"\0\0" + jpeg[6:], "corrupt", "corrupt")
    frame = jpeg.index(b"\xff\xc0") + 5
    wide = jpeg[:frame] + struct.pack(">HH", 65_500, 65_500) + jpeg[frame + 4 :]
    yield "jpeg-bomb", FileCase("a.jpg", wide, "too-large", "too-large")
    flat = jpeg[:frame] + struct.pack(">HH", 0, 64) + jpeg[frame + 4 :]
    yield "jpeg-of-no-height", FileCase("a.jpg", flat, "corrupt", "corrupt")
    scans = saved(photo(2000, 2000), "JPEG", progressive=True)
    start = scans.rindex(b"\xff\xda")
    many = scans[:start] + scans[start:-2] * 100 + scans[-2:]
    yield "jpeg-of-very-many-scans", FileCase("a.jpg", many, "too-large")
    yield "jpeg-lossless", FileCase("a.jpg", jpeg.replace(b"\xff\xc0", b"\xff\xc3", 1), "unsupported", "unsupported")
    yield "gif-cut", FileCase("a.gif", gif[: len(gif) // 2], "truncated", "truncated")
    yield "gif-without-frames", FileCase("a.gif", gif[:10] + b"\0\0\0;", "corrupt", "corrupt")
    yield "gif-bomb", FileCase("a.gif", gif[:6] + b"\xff\xff\xff\xff" + gif[10:], "too-large", "too-large")
    yield "gif-of-no-width", FileCase("a.gif", gif[:6] + b"\0\0" + gif[8:], "corrupt", "corrupt")
    yield "webp-cut", FileCase("a.webp", webp[:-20], "truncated", "truncated")
    yield "webp-cut-in-its-header", FileCase("a.webp", webp[:25], "truncated", "truncated")
    yield "webp-of-no-picture", FileCase("a.webp", webp[:12] + b"ABCD" + webp[16:], "corrupt", "corrupt")
    bomb = b"RIFF\x16\0\0\0WEBPVP8X\x0a\0\0\0\0\0\0\0\xff\xff\xff\xff\xff\xff"
    yield "webp-bomb", FileCase("a.webp", bomb, "too-large", "too-large")
    yield "bmp-cut", FileCase("a.bmp", bmp[:-100], "truncated", "truncated")
    yield (
        "bmp-bomb",
        FileCase("a.bmp", bmp[:18] + struct.pack("<ii", 60_000, -60_000) + bmp[26:], "too-large", "too-large"),
    )
    yield "bmp-of-no-header", FileCase("a.bmp", bmp[:14] + b"\x28\0\0\1" + bmp[18:], "corrupt", "corrupt")
    yield "bmp-of-9-bits", FileCase("a.bmp", bmp[:28] + b"\x09\0" + bmp[30:], "corrupt", "corrupt")
    yield "tiff-cut", FileCase("a.tif", tiff[: len(tiff) // 2], "truncated", "truncated")
    yield "tiff-of-8-bytes", FileCase("a.tif", tiff[:8], "truncated", "truncated")
    yield "tiff-without-directory", FileCase("a.tif", tiff[:4] + b"\0\0\0\xff", "truncated", "truncated")
    ring = saved(blob(), "TIFF", save_all=True, append_images=[blob()])
    yield "tiff-in-a-ring", FileCase("a.tif", _ring(ring))


def _ring(tiff: bytes) -> bytes:
    """The TIFF with its last directory pointing to the first."""
    first = at = struct.unpack_from("<I", tiff, 4)[0]
    while True:
        end = at + 2 + 12 * struct.unpack_from("<H", tiff, at)[0]
        following = struct.unpack_from("<I", tiff, end)[0]
        if not following:
            return tiff[:end] + struct.pack("<I", first) + tiff[end + 4 :]
        at = following


def pictures() -> dict[str, FileCase]:
    """All of them, by name."""
    return {name: case for group in (nothing_to_decode, pngs, stored, others) for name, case in group()}
