"""Headers of images, against PIL and against what was written."""

from __future__ import annotations

import io
import struct
import zlib
from pathlib import Path

import pytest
from PIL import Image

from datacheck.files.pictures import MAX_PIXELS, Header, read_header
from tests.hostile.made import FileCase, blob, chunk, photo, png, saved
from tests.hostile.pictures import stored

STORED: dict[str, FileCase] = dict(stored())
REAL = Path(__file__).parents[2] / "sample_data"


def header_of(folder: Path, content: bytes) -> Header:
    (folder / "file").write_bytes(content)
    return read_header(str(folder / "file"))


def turned(orientation: int) -> Image.Exif:
    exif = Image.Exif()
    exif[274] = orientation
    exif[271], exif[305] = "a camera", "a program"
    return exif


@pytest.mark.parametrize("name", list(STORED))
def test_size_orientation_and_frames_are_those_of_pil(name: str, tmp_path: Path) -> None:
    path = STORED[name].put(tmp_path)
    header = read_header(str(path))
    with Image.open(path) as image:
        assert (header.width, header.height) == image.size
        assert header.orientation == image.getexif().get(274)
        assert header.frame_count == getattr(image, "n_frames", 1)
    assert header.size_bytes == path.stat().st_size


MODES = {
    "1": ("bilevel", 1), "L": ("grey", 8), "LA": ("grey-alpha", 8), "P": ("palette", 8), "RGB": ("rgb", 8),
    "RGBA": ("rgba", 8), "CMYK": ("cmyk", 8), "I;16": ("grey", 16),
}  # fmt: skip


@pytest.mark.parametrize(
    ("kind", "mode"),
    [(kind, mode) for kind, modes in {
        "PNG": ("1", "L", "LA", "P", "RGB", "RGBA", "I;16"), "JPEG": ("L", "RGB", "CMYK"), "GIF": ("P",),
        "WEBP": ("RGB", "RGBA"), "BMP": ("1", "L", "P", "RGB", "RGBA"), "TIFF": tuple(MODES),
    }.items() for mode in modes],
)  # fmt: skip
def test_how_pixels_are_stored_is_told(kind: str, mode: str, tmp_path: Path) -> None:
    image = photo(33, 21)
    image = image.convert(mode) if mode != "I;16" else image.convert("I").convert("I;16")
    if mode == "RGBA":
        image.putalpha(blob(33, 21))
    header = header_of(tmp_path, saved(image, kind))
    assert (header.state, header.width, header.height) == ("ok", 33, 21)
    assert (header.mode, header.bit_depth) == MODES[mode]


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "TIFF"])
@pytest.mark.parametrize("orientation", range(10))
def test_orientation_is_read_where_it_is_one(kind: str, orientation: int, tmp_path: Path) -> None:
    header = header_of(tmp_path, saved(photo(30, 20), kind, exif=turned(orientation)))
    assert header.orientation == (orientation if 1 <= orientation <= 8 else None)
    assert (header.width, header.height) == (30, 20), "the size as stored"


def exif_of(order: str, entries: list[tuple[int, int, int, int]]) -> bytes:
    intro = (b"II*\0" if order == "<" else b"MM\0*") + struct.pack(order + "IH", 8, len(entries))
    return intro + b"".join(struct.pack(order + "HHIHH", *entry, 0) for entry in entries) + bytes(4)


def with_exif(jpeg: bytes, exif: bytes) -> bytes:
    body = b"Exif\0\0" + exif
    return jpeg[:2] + b"\xff\xe1" + struct.pack(">H", len(body) + 2) + body + jpeg[2:]


@pytest.mark.parametrize("order", ["<", ">"])
def test_orientation_is_found_among_other_tags_and_behind_much(order: str, tmp_path: Path) -> None:
    jpeg = saved(photo(), "JPEG")
    entries = [(256 + n, 3, 1, 274) for n in range(18)] + [(274, 3, 1, 3), (282, 3, 1, 1)]
    exif = exif_of(order, entries)
    assert header_of(tmp_path, with_exif(jpeg, exif)).orientation == 3
    far = struct.pack(order + "I", 60_000)
    assert header_of(tmp_path, with_exif(jpeg, exif[:4] + far + bytes(59_992) + exif[8:])).orientation == 3
    assert header_of(tmp_path, with_exif(with_exif(jpeg, exif), bytes(50_000))).orientation == 3
    assert header_of(tmp_path, with_exif(jpeg, exif[:40])).orientation is None
    assert header_of(tmp_path, with_exif(jpeg, exif[:4] + b"\xff" * 4)).orientation is None


def test_a_thumbnail_within_a_jpeg_is_not_its_picture(tmp_path: Path) -> None:
    thumbnail = saved(photo(16, 12), "JPEG")
    jpeg = with_exif(saved(photo(300, 200), "JPEG", quality=95), exif_of("<", [(274, 3, 1, 6)]) + thumbnail)
    header = header_of(tmp_path, jpeg)
    assert (header.width, header.height, header.state) == (300, 200, "ok")
    cut = header_of(tmp_path, jpeg[:-3000])
    assert (cut.width, cut.height, cut.state) == (300, 200, "truncated"), "the thumbnail's end is not the picture's"


@pytest.mark.parametrize("behind", [b"\0" * 5000, b"\xff" * 9, b"\r\n", b"SEFT" * 40_000, b"ftyp" + bytes(3_000_000)])
def test_what_cameras_put_behind_a_picture_is_no_fault(behind: bytes, tmp_path: Path) -> None:
    for kind in ("JPEG", "PNG"):
        whole = saved(photo(), kind)
        assert header_of(tmp_path, whole + behind).state == "ok"
        assert header_of(tmp_path, whole[:-40] + behind).state == "truncated"


def test_a_file_cut_at_any_byte_is_no_good_file(tmp_path: Path) -> None:
    for kind in ("JPEG", "PNG", "WEBP", "BMP", "TIFF"):
        whole = saved(photo(24, 16), kind)
        for length in range(1, len(whole) - 2, 7):
            header = header_of(tmp_path, whole[:length])
            assert header.state != "ok", (kind, length)
            assert header.detail


def test_a_webp_without_its_last_byte_of_padding_is_whole(tmp_path: Path) -> None:
    whole = saved(photo(), "WEBP")
    assert header_of(tmp_path, whole[:-1]).state == "ok"
    assert header_of(tmp_path, whole[:-2]).state == "truncated"


def test_a_png_is_read_whatever_comes_before_its_pixels(tmp_path: Path) -> None:
    packed = zlib.compress(bytes(20))
    exif = exif_of(">", [(274, 3, 1, 5)])
    before = [(b"iCCP", bytes(70_000)), (b"acTL", struct.pack(">II", 7, 0)), (b"tEXt", b"a\0b"), (b"eXIf", exif)]
    header = header_of(tmp_path, png(4, 4, packed, before=before))
    assert (header.state, header.frame_count, header.orientation) == ("ok", 7, 5)
    spoilt = png(4, 4, packed).replace(chunk(b"IDAT", packed), chunk(b"IDAT", packed, crc=7))
    assert header_of(tmp_path, spoilt).state == "ok", "pixels are not looked at"


def test_frames_of_a_gif_are_counted_over_blocks_of_any_length(tmp_path: Path) -> None:
    frames = [photo(300, 200).convert("P"), blob(300, 200).convert("P"), Image.new("P", (300, 200))]
    for count in (1, 2, 3):
        gif = saved(frames[0], "GIF", save_all=True, append_images=frames[1:count])
        assert header_of(tmp_path, gif).frame_count == count


def test_a_size_that_pil_refuses_is_too_large(tmp_path: Path) -> None:
    assert 2 * (Image.MAX_IMAGE_PIXELS or 0) == MAX_PIXELS
    wide = 13_377
    small, large = (png(wide, height, b"x") for height in (MAX_PIXELS // wide, MAX_PIXELS // wide + 1))
    assert header_of(tmp_path, small).state == "ok"
    header = header_of(tmp_path, large)
    assert (header.state, header.width) == ("too-large", wide)
    with pytest.raises(Image.DecompressionBombError):
        Image.open(io.BytesIO(large))


def test_tiffs_of_both_orders_and_widths_are_read(tmp_path: Path) -> None:
    for order, big in (("<", False), (">", False), ("<", True), (">", True)):
        header = header_of(tmp_path, tiff(order, big))
        assert (header.state, header.width, header.height, header.mode) == ("ok", 5, 3, "grey"), header.detail
        assert (header.bit_depth, header.orientation, header.frame_count) == (16, 2, 1)


def tiff(order: str, big: bool) -> bytes:
    """A TIFF of one strip of 16-bit greys."""
    tags = {256: 5, 257: 3, 258: 16, 259: 1, 262: 1, 273: 0, 274: 2, 277: 1, 279: 30}
    mark = b"II" if order == "<" else b"MM"
    intro = struct.pack(order + "HHHQ", 43, 8, 0, 16) if big else struct.pack(order + "HI", 42, 8)
    count, entry, end = ("Q", "HHQQ", "Q") if big else ("H", "HHII", "I")
    start = len(mark + intro) + struct.calcsize(order + count + entry * len(tags) + end)
    tags[273] = start
    entries: bytes = b"".join(
        struct.pack(order + entry, tag, 4 if not big else 16, 1, value) for tag, value in tags.items()
    )
    directory: bytes = struct.pack(order + count, len(tags)) + entries + struct.pack(order + end, 0)
    return mark + intro + directory + bytes(30)
