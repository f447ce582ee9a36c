"""Images without masks: which of them are meant to have none, and which was only named otherwise."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from tests.masks import small
from tests.masks.small import STEMS, Files, blob, png
from tests.masks.test_planted_masks import write
from tests.scanning import quick_scan


def lonely(folder: Path, files: Files) -> list[dict[str, Any]]:
    """The sets of images without masks."""
    with quick_scan(write(folder, files)) as report:
        rows: list[dict[str, Any]] = report.query(
            "SELECT stem, nearest, masked_elsewhere AS elsewhere, folder_has_masks AS beside FROM mask_sets "
            "WHERE file_count = 0 ORDER BY row"
        ).to_pylist()
    return rows


def test_images_with_masks_have_neither(tmp_path: Path) -> None:
    with quick_scan(write(tmp_path, small.salient())) as report:
        rows = report.query("SELECT DISTINCT masked_elsewhere, folder_has_masks FROM mask_sets").to_pylist()
    assert rows == [{"masked_elsewhere": None, "folder_has_masks": None}]


def test_an_image_that_was_forgotten_lies_beside_others(tmp_path: Path) -> None:
    files = small.salient()
    del files["masks/0003.png"]
    assert lonely(tmp_path, files) == [{"stem": "0003", "nearest": None, "elsewhere": False, "beside": True}]


def test_an_image_may_have_its_mask_in_another_folder(tmp_path: Path) -> None:
    files = small.images()
    files |= {f"train_masks/{stem}.png": png(blob(int(stem))) for stem in STEMS[:8]}
    files |= {f"val_masks/{stem}.png": png(blob(int(stem))) for stem in STEMS[8:]}
    rows = lonely(tmp_path, files)
    assert len(rows) == len(STEMS)
    assert {row["elsewhere"] for row in rows} == {True}


def test_a_folder_of_images_may_have_no_masks_at_all(tmp_path: Path) -> None:
    files = small.defect_folders()
    stains = [name for name in files if name.startswith("ground_truth/stain")]
    for name in [*stains, "ground_truth/hole/001_mask.png"]:
        del files[name]
    beside = {row["stem"]: row["beside"] for row in lonely(tmp_path, files)}
    assert beside == {"hole/001": True, **{f"stain/{number:03d}": False for number in (2, 5, 8, 11)}}


def test_of_several_images_that_a_mask_may_belong_to_one_is_named(tmp_path: Path) -> None:
    files = small.salient()
    del files["masks/0003.png"]
    files["masks/00012.png"] = files.pop("masks/0012.png")
    rows = {row["stem"]: row["nearest"] for row in lonely(tmp_path, files)}
    assert rows == {"0003": None, "0012": "00012"}
