"""Pixels of mask files: exactly those that were stored, whatever Pillow would make of them."""

from __future__ import annotations

import os
import struct
import zlib
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from numpy.typing import NDArray
from PIL import Image

import datacheck.files.decode as decode
import datacheck.files.mask_files as mask_files
from datacheck.files.decode import Room
from datacheck.files.mask_files import MaskFile, open_mask, open_masks
from tests.hostile.made import blob, chunk, photo, png, saved

Values = NDArray[np.int64]
CHANNELS = {0: 1, 2: 3, 3: 1, 4: 2, 6: 4}
PASSES = ((0, 0, 8, 8), (4, 0, 8, 8), (0, 4, 4, 8), (2, 0, 4, 4), (0, 2, 2, 4), (1, 0, 2, 2), (0, 1, 1, 2))
KINDS = [(0, d) for d in (1, 2, 4, 8, 16)] + [(3, d) for d in (1, 2, 4, 8)]
KINDS += [(2, 8), (4, 8), (4, 16), (6, 8)]
RELAXED = settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


def opened(folder: Path, content: bytes, name: str = "a.png") -> MaskFile:
    (folder / name).write_bytes(content)
    return open_mask(str(folder / name))


def row_bytes(row: Values, depth: int) -> bytes:
    """The samples of a row, packed from the highest bit on."""
    if depth >= 8:
        return row.astype(f">u{depth // 8}").tobytes()
    bits = np.unpackbits(row.astype(np.uint8)[:, None], axis=1)[:, 8 - depth :]
    return np.packbits(bits.reshape(-1)).tobytes()


def encoded(samples: Values, depth: int, colour: int, interlace: int) -> bytes:
    """A PNG of samples [H, W, C], written here, so that nothing of Pillow is taken for granted."""
    height, width = samples.shape[:2]
    steps = PASSES if interlace else ((0, 0, 1, 1),)
    data = b""
    for x, y, step_x, step_y in steps:
        part = samples[y::step_y, x::step_x]
        if part.size:
            data += b"".join(b"\0" + row_bytes(row.reshape(-1), depth) for row in part)
    before = [(b"PLTE", bytes(range(256)) * 3)] if colour == 3 else []
    return png(width, height, zlib.compress(data), depth=depth, colour=colour, interlace=interlace, before=before)


@pytest.mark.parametrize(("colour", "depth"), KINDS)
@RELAXED
@given(data=st.data(), interlace=st.booleans())
def test_a_png_gives_the_values_that_are_stored(
    colour: int, depth: int, data: st.DataObject, interlace: bool, tmp_path: Path
) -> None:
    shape = (data.draw(st.integers(1, 19)), data.draw(st.integers(1, 19)), CHANNELS[colour])
    samples = data.draw(hnp.arrays(np.int64, shape, elements=st.integers(0, 2**depth - 1)))
    mask = opened(tmp_path, encoded(samples, depth, colour, interlace))
    assert (mask.state, mask.height, mask.width, mask.bit_depth) == ("ok", *shape[:2], depth), mask.detail
    expected = samples[:, :, 0] if colour in (0, 3, 4) else samples[:, :, :3] @ [1, 256, 65536]
    assert mask.pixels is not None
    assert np.array_equal(mask.pixels, expected)
    assert mask.colours == (colour in (2, 6))


@pytest.mark.parametrize("colour", [2, 6])
@RELAXED
@given(data=st.data(), interlace=st.booleans(), halves=st.sampled_from(("narrow", "doubled", "shifted", "grey", "all")))
def test_colours_of_16_bits_are_read_where_nothing_of_them_is_lost(
    colour: int, data: st.DataObject, interlace: bool, halves: str, tmp_path: Path
) -> None:
    shape = (data.draw(st.integers(1, 9)), data.draw(st.integers(1, 9)), CHANNELS[colour])
    values = data.draw(hnp.arrays(np.int64, shape, elements=st.integers(0, 255)))
    samples = values * {"narrow": 1, "doubled": 257, "shifted": 256, "grey": 251, "all": 251}[halves]
    samples[:, :, 3:] = 65535
    if halves == "grey":
        samples[:, :, :3] = samples[:, :, :1]
    mask = opened(tmp_path, encoded(samples, 16, colour, interlace))
    channels = samples[:, :, :3]
    grey = bool((channels == channels[:, :, :1]).all()) and bool((channels > 255).any())
    packed = next(
        (channels // by for by in (1, 257, 256) if not (channels % by).any() and channels.max() < 256 * by), None
    )
    assert mask.mode == ("rgb" if colour == 2 else "rgba")
    if not grey and packed is None:
        assert (mask.state, mask.pixels) == ("unsupported", None)
        assert "16 bits a channel" in (mask.detail or "")
        return
    assert (mask.state, mask.detail, mask.colours) == ("ok", None, not grey)
    expected = channels[:, :, 0] if grey or packed is None else packed @ [1, 256, 65536]
    assert np.array_equal(np.asarray(mask.pixels), expected)


def test_a_tiff_of_16_bits_a_channel_is_not_read_by_halves(tmp_path: Path) -> None:
    values = np.random.default_rng(0).integers(0, 65536, (9, 7, 3)).astype(np.uint16)
    cv2.imwrite(str(tmp_path / "b.tif"), values)
    assert np.asarray(Image.open(tmp_path / "b.tif")).dtype == np.uint8
    mask = open_mask(str(tmp_path / "b.tif"))
    assert (mask.state, mask.pixels) == ("unsupported", None)
    assert "16 bits a channel" in (mask.detail or "")
    cv2.imwrite(str(tmp_path / "c.tif"), values[:, :, 0])
    assert np.array_equal(np.asarray(open_mask(str(tmp_path / "c.tif")).pixels), values[:, :, 0])


def test_what_pillow_and_cv2_would_change_is_kept(tmp_path: Path) -> None:
    """What the docstring of decode.py says of others is so."""
    ids = (np.arange(40 * 30).reshape(40, 30, 1) // 100).astype(np.int64)
    path = tmp_path / "a.png"
    path.write_bytes(encoded(ids, 4, 0, 0))
    assert np.asarray(Image.open(path)).max() == 17 * ids.max()
    assert np.array_equal(open_mask(str(path)).pixels, ids[:, :, 0])  # type: ignore[arg-type]
    path.write_bytes(encoded(ids, 8, 3, 0))
    coloured = cv2.imread(str(path), cv2.IMREAD_UNCHANGED)
    assert coloured is not None
    assert coloured.ndim == 3
    assert np.array_equal(open_mask(str(path)).pixels, ids[:, :, 0])  # type: ignore[arg-type]


@pytest.mark.parametrize("missing", [1, 5, 29])
def test_a_png_that_lacks_rows_is_cut_off_and_pillow_does_not_notice(missing: int, tmp_path: Path) -> None:
    values = np.full((30, 8), 9, np.uint8)
    packed = zlib.compress(b"".join(b"\0" + row.tobytes() for row in values[missing:]))
    mask = opened(tmp_path, png(8, 30, packed))
    assert mask.state == "truncated"
    assert f"{30 - missing} of 30 rows" in (mask.detail or "")
    assert np.asarray(Image.open(tmp_path / "a.png"))[-1].max() == 0


def test_rows_that_look_as_if_they_were_missing_are_not(tmp_path: Path) -> None:
    values = np.full((6, 5), decode._UNTOUCHED, np.uint8)
    mask = opened(tmp_path, saved(Image.fromarray(values), "PNG"))
    assert (mask.state, mask.pixels is not None) == ("ok", True)


def test_every_checksum_is_checked_and_pillow_checks_few(tmp_path: Path) -> None:
    packed = zlib.compress(b"\0" + bytes(4)) * 1
    whole = png(4, 1, packed)
    wrong = whole.replace(chunk(b"IDAT", packed), chunk(b"IDAT", packed, crc=1))
    assert opened(tmp_path, whole).state == "ok"
    mask = opened(tmp_path, wrong)
    assert (mask.state, mask.detail) == ("corrupt", "the checksum of a chunk at byte 33 (IDAT) is wrong")
    with Image.open(tmp_path / "a.png") as image:
        image.load()
    text = whole.replace(chunk(b"IEND", b""), chunk(b"tEXt", b"a\0b", crc=1) + chunk(b"IEND", b""))
    assert opened(tmp_path, text).state == "corrupt"


def test_pixels_in_any_number_of_parts_are_one_picture(tmp_path: Path) -> None:
    packed = zlib.compress(b"".join(b"\0" + bytes([n] * 9) for n in range(7)), 0)
    whole = png(9, 7, packed)
    parts = b"".join(chunk(b"IDAT", packed[n : n + 3]) for n in range(0, len(packed), 3)) + chunk(b"IDAT", b"")
    mask = opened(tmp_path, whole.replace(chunk(b"IDAT", packed), parts))
    assert mask.pixels is not None
    assert mask.pixels[:, 0].tolist() == list(range(7))


def test_a_pillow_that_decodes_into_memory_of_its_own_gives_the_same(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from_bytes = Image.Image.frombytes

    def on_a_copy(self: Image.Image, *args: Any, **options: Any) -> None:
        self.load()
        self._copy()
        from_bytes(self, *args, **options)

    monkeypatch.setattr(Image.Image, "frombytes", on_a_copy)
    values = np.arange(12).reshape(3, 4, 1)
    mask = opened(tmp_path, encoded(values, 8, 0, 0))
    assert mask.pixels is not None
    assert np.array_equal(mask.pixels, values[:, :, 0])
    short = png(4, 3, zlib.compress(bytes(10)))
    assert opened(tmp_path, short).state == "truncated"


@pytest.mark.parametrize(
    ("mode", "kind"),
    [(mode, kind) for kind in ("BMP", "TIFF") for mode in ("1", "L", "P", "RGB")]
    + [("P", "GIF"), ("RGB", "WEBP"), ("CMYK", "TIFF"), ("RGBA", "TIFF"), ("RGBA", "WEBP"), ("LA", "TIFF")],
)
def test_other_kinds_give_the_values_that_are_stored(mode: str, kind: str, tmp_path: Path) -> None:
    image = photo(23, 17).convert(mode)
    if mode == "RGBA":
        image.putalpha(blob(23, 17))
    values = np.asarray(image)
    options: dict[str, Any] = {"WEBP": {"lossless": True, "exact": True}, "GIF": {"optimize": False}}.get(kind, {})
    mask = opened(tmp_path, saved(image, kind, **options))
    if mode == "CMYK":
        expected = values.astype(np.int64) @ [1, 256, 65536, 1 << 24]
    elif mode == "LA":
        expected = values[:, :, 0]
    else:
        expected = values.astype(np.int64)[:, :, :3] @ [1, 256, 65536] if values.ndim == 3 else values
    assert (mask.state, mask.frame_count) == ("ok", 1), mask.detail
    assert mask.pixels is not None
    assert np.array_equal(mask.pixels, expected)


def test_large_pictures_of_other_kinds_are_read_in_strips(tmp_path: Path) -> None:
    values = np.random.default_rng(0).integers(0, 256, (1500, 3000, 3)).astype(np.uint8)
    mask = opened(tmp_path, saved(Image.fromarray(values), "BMP"), "a.bmp")
    assert mask.pixels is not None
    assert np.array_equal(mask.pixels, values.astype(np.int64) @ [1, 256, 65536])


def test_alpha_is_noted_where_it_is_not_the_same_everywhere(tmp_path: Path) -> None:
    image = photo().convert("RGBA")
    assert opened(tmp_path, saved(image, "PNG")).detail is None
    image.putalpha(blob())
    mask = opened(tmp_path, saved(image, "PNG"))
    assert (mask.state, mask.mode) == ("ok", "rgba")
    assert "alpha" in (mask.detail or "")


def test_the_first_frame_of_an_animation_is_read(tmp_path: Path) -> None:
    first, second = blob(), Image.new("L", blob().size, 255)
    for kind, name in (("PNG", "a.png"), ("GIF", "a.gif")):
        mask = opened(tmp_path, saved(first, kind, save_all=True, append_images=[second]), name)
        assert mask.frame_count == 2
        assert mask.pixels is not None
        assert np.array_equal(mask.pixels != 0, np.asarray(first) != 0)


def test_memory_is_used_again_only_where_it_may_be(tmp_path: Path) -> None:
    paths = []
    for value in (3, 4):
        Image.new("L", (50, 40), value).save(tmp_path / f"{value}.png")
        paths.append(str(tmp_path / f"{value}.png"))
    one, other = (mask.pixels for mask in open_masks(paths, None))
    assert one is not None
    assert other is not None
    assert (one.max(), other.max()) == (3, 4)
    shared = [mask.pixels for mask in open_masks(paths, Room())]
    assert np.shares_memory(*shared)  # type: ignore[arg-type]


def test_a_fifo_is_refused_at_once(tmp_path: Path) -> None:
    import time

    os.mkfifo(tmp_path / "a.png")
    start = time.monotonic()
    assert open_mask(str(tmp_path / "a.png")).state == "unreadable"
    assert time.monotonic() - start < 1


def test_a_fault_of_our_own_is_told_and_does_not_end_the_scan(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def faulty(*_: object) -> None:
        raise KeyError("nothing")

    monkeypatch.setattr(mask_files, "read_chunks", faulty)
    with pytest.raises(KeyError):
        opened(tmp_path, saved(blob(), "PNG"))
    monkeypatch.setattr(mask_files, "SURVIVED", (Exception,))
    mask = opened(tmp_path, saved(blob(), "PNG"))
    assert (mask.state, mask.detail) == ("corrupt", f"{mask_files.INTERNAL}: KeyError: 'nothing'")


def test_libtiff_is_not_heard_and_standard_error_is_left_alone(
    tmp_path: Path, capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    packed = bytearray(saved(photo(), "TIFF", compression="tiff_lzw"))
    start = struct.unpack_from("<I", packed, 4)[0]
    for spoilt in range(20, min(len(packed), 200), 3):
        if not start <= spoilt:
            packed[spoilt] ^= 0x55
    touched: list[object] = []
    with monkeypatch.context() as patched:
        patched.setattr(os, "dup2", lambda *ends: touched.append(ends))
        opened(tmp_path, bytes(packed), "a.tif")
    assert not touched
    assert capfd.readouterr().err == ""
