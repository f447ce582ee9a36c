"""The masks of one image, and the image they belong to."""

from __future__ import annotations

from pathlib import Path

import datacheck
from tests.masks import small
from tests.masks.drawn import draw_ids, draw_photos
from tests.masks.small import jpeg, photo, png
from tests.masks.test_planted_masks import write
from tests.scanning import quick_scan


def test_two_images_of_one_name_are_counted_and_said(tmp_path: Path) -> None:
    files = small.salient() | {"images/0003.png": png(photo(3, 90, 80)), "images/0099.jpg": jpeg(photo(9))}
    with quick_scan(write(tmp_path, files)) as report:
        rows = report.query("SELECT stem, image_count AS n FROM mask_sets WHERE image_count <> 1").to_pylist()
        codes = {row["code"]: row["message"] for row in report.findings.to_pylist()}
    assert rows == [{"stem": "0003", "n": 2}]
    assert codes.keys() == {"MSK101", "MSK124"}
    assert codes["MSK124"] == "2 images have the name 0003; the mask was compared with 0003.jpg only"


def test_a_mask_without_an_image_has_none(tmp_path: Path) -> None:
    with quick_scan(write(tmp_path, small.alone())) as report:
        assert report.query("SELECT DISTINCT image_count AS n FROM mask_sets").to_pylist() == [{"n": 0}]


def test_an_image_of_several_folders_of_masks_is_judged_once(tmp_path: Path) -> None:
    for folder in ("masks_a", "masks_b", "masks_c"):
        draw_ids(tmp_path / folder)
    draw_photos(tmp_path / "images")
    (tmp_path / "images" / "0003.jpg").write_text("<!DOCTYPE html><html>gone</html>")
    with datacheck.scan(tmp_path) as report:
        found = [one["code"] for one in report.findings.to_pylist() if one["severity"] == "error"]
        [row] = report.query("SELECT count(*) AS sets FROM mask_sets WHERE image_file.width > 0").to_pylist()
    assert found == ["IMG504"]
    assert row == {"sets": 21}
