"""Panoptic files whose ids, names and PNGs are anything: each has its finding, and nothing raises."""

from __future__ import annotations

import json
import os
import struct
import zlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from tests.rules.plants_panoptic import encoded
from tests.scanning import quick_scan

Record = dict[str, Any]
WIDTH, HEIGHT = 40, 30
IDS = np.where(np.arange(HEIGHT * WIDTH).reshape(HEIGHT, WIDTH) % WIDTH < 20, 70_001, 70_002)


def segment(number: int, **more: Any) -> Record:
    own = {"id": 70_000 + number, "category_id": 1, "area": 600, "bbox": [20 * (number - 1), 0, 20, 30], "iscrowd": 0}
    return own | more


def scanned(folder: Path, **more: Any) -> dict[str, int]:
    """How often each rule has a finding that is no information. `more`: keys of the only annotation."""
    record = {"image_id": 1, "file_name": "1.png", "segments_info": [segment(1), segment(2)]} | more
    document = {
        "images": [{"id": 1, "file_name": "1.jpg", "width": WIDTH, "height": HEIGHT}],
        "annotations": [record],
        "categories": [{"id": 1, "name": "thing", "isthing": 1}],
    }
    (folder / "panoptic.json").write_text(json.dumps(document))
    codes: dict[str, int] = {}
    with quick_scan(folder / "panoptic.json") as report:
        for finding in report.findings.to_pylist():
            if finding["severity"] != "info":
                codes[finding["code"]] = codes.get(finding["code"], 0) + 1
    return codes


def with_png(folder: Path, data: bytes | None = None) -> Path:
    path = folder / "panoptic" / "1.png"
    path.parent.mkdir()
    path.write_bytes(encoded(IDS) if data is None else data)
    return path


def test_the_file_that_is_changed_below_is_clean(tmp_path: Path) -> None:
    with_png(tmp_path)
    assert scanned(tmp_path) == {}


WRONG_IDS: list[tuple[object, str]] = [
    *((own, "SEG102") for own in (70_001.5, 1e308, "70001", "x", 2**24, -1, 0)),
    *((own, "SRC110") for own in (10**30, -(10**30), 2**63)),
    (True, "SRC108"),
    ([], "SRC108"),
    ({}, "SRC108"),
    (None, "SRC109"),
]


@pytest.mark.parametrize(("own", "code"), WRONG_IDS)
def test_an_id_that_no_colour_can_have_is_a_finding(tmp_path: Path, own: object, code: str) -> None:
    with_png(tmp_path)
    assert scanned(tmp_path, segments_info=[segment(1, id=own), segment(2)]) == {code: 1}


def test_a_whole_number_with_a_point_is_an_id_of_a_colour(tmp_path: Path) -> None:
    with_png(tmp_path)
    assert scanned(tmp_path, segments_info=[segment(1, id=70_001.0), segment(2)]) == {}


def test_ids_that_come_twice_are_a_finding(tmp_path: Path) -> None:
    with_png(tmp_path)
    found = scanned(tmp_path, segments_info=[segment(1), segment(1), segment(2)])
    assert found == {"SEG101": 1}


@pytest.mark.parametrize("name", [None, 5, 1.5, [], ["1.png"], {}, True, "", " "])
def test_a_name_that_is_none_is_a_finding(tmp_path: Path, name: object) -> None:
    with_png(tmp_path)
    found = scanned(tmp_path, file_name=name)
    assert found
    assert not any(code.startswith("SEG4") for code in found)


@pytest.mark.parametrize("name", ["../panoptic/1.png", "/etc/passwd", "a\0.png", "C:\\1.png"])
def test_a_name_that_leaves_the_folder_is_a_finding(tmp_path: Path, name: str) -> None:
    with_png(tmp_path)
    assert scanned(tmp_path, file_name=name) == {"ANN606": 1}


def chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def bomb() -> bytes:
    header = struct.pack(">IIBBBBB", 60_000, 60_000, 8, 2, 0, 0, 0)
    body = chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(bytes(10**6))) + chunk(b"IEND", b"")
    return b"\x89PNG\r\n\x1a\n" + body


@pytest.mark.parametrize(
    "data",
    [
        b"",
        encoded(IDS)[:90],
        encoded(IDS)[:-20],
        b"<!DOCTYPE html><title>404</title>",
        b"version https://git-lfs.github.com/spec/v1\noid sha256:00\nsize 9\n",
        bomb(),
        b"\x80\x04\x95",
        os.urandom(500),
    ],
)
def test_a_png_that_cannot_be_read_is_a_finding(tmp_path: Path, data: bytes) -> None:
    with_png(tmp_path, data)
    assert scanned(tmp_path) == {"ANN607": 1}


@pytest.mark.parametrize(
    "make", [os.mkfifo, os.mkdir, lambda path: path.symlink_to(path), lambda p: p.symlink_to("/dev/zero")]
)
def test_what_is_no_file_is_a_finding(tmp_path: Path, make: Callable[[Path], None]) -> None:
    path = with_png(tmp_path)
    path.unlink()
    make(path)
    assert scanned(tmp_path) == {"ANN607": 1}


@pytest.mark.parametrize("mode", ["L", "P", "I;16", "1", "LA"])
def test_a_png_of_greys_or_a_palette_has_other_ids(tmp_path: Path, mode: str) -> None:
    path = with_png(tmp_path)
    greys = Image.fromarray((IDS - 70_000).astype(np.uint16 if mode == "I;16" else np.uint8))
    (greys if mode == "I;16" else greys.convert(mode)).save(path)
    found = scanned(tmp_path)
    assert found.pop("ANN611" if mode != "1" else next(iter(found))) == 1
    assert found.keys() <= {"SEG401"}
    assert scanned(tmp_path, segments_info=[segment(1, id=1), segment(2, id=2)]) == {} or mode in ("P", "1")


def test_a_png_of_16_bits_a_channel_raises_nothing(tmp_path: Path) -> None:
    import cv2

    path = with_png(tmp_path)
    colours = np.stack([IDS >> 16, IDS >> 8 & 255, IDS & 255], axis=2).astype(np.uint16) * 257
    assert cv2.imwrite(str(path), colours)
    assert scanned(tmp_path) == {}


@pytest.mark.parametrize("own", [None, 5, "x", {}, [None], [[]], [5], ["x"], [[[]]], [{}], [{"id": None}]])
def test_segments_that_are_none_are_a_finding(tmp_path: Path, own: object) -> None:
    with_png(tmp_path)
    assert scanned(tmp_path, segments_info=own)


def test_a_png_behind_a_link_to_a_folder_is_not_checked(tmp_path: Path) -> None:
    with_png(tmp_path)
    (tmp_path / "far").mkdir()
    (tmp_path / "panoptic" / "1.png").rename(tmp_path / "far" / "2.png")
    (tmp_path / "panoptic" / "far").symlink_to(tmp_path / "far")
    (tmp_path / "panoptic" / "1.png").symlink_to(tmp_path / "far" / "2.png")
    assert scanned(tmp_path) == {}
    other = {"image_id": 1, "file_name": "far/2.png", "segments_info": [segment(1), segment(2)]}
    document = json.loads((tmp_path / "panoptic.json").read_text())
    document["annotations"].append(other)
    (tmp_path / "panoptic.json").write_text(json.dumps(document))
    with quick_scan(tmp_path / "panoptic.json") as report:
        codes = {code for code in report.findings.column("code").to_pylist() if code.startswith(("ANN60", "SRC41"))}
        reasons = {one.code: one.reason for one in report.not_checked}
    assert codes == set()
    assert "link to a folder" in reasons["ANN605"]
