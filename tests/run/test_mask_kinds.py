"""What folders of masks have in common, counted over small datasets whose numbers are known."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tests.masks import small
from tests.masks.layouts import LAYOUTS
from tests.masks.odd import LFS
from tests.masks.small import STEMS, Files, blob, jpeg, npy, photo, png
from tests.masks.test_planted_masks import write
from tests.scanning import quick_scan


def source(folder: Path, files: Files) -> dict[str, Any]:
    """The one row of `sources`."""
    with quick_scan(write(folder, files)) as report:
        rows: list[dict[str, Any]] = report.sources.to_pylist()
    [row] = rows
    return row


def _soft(files: Files) -> None:
    files["masks/0001.png"] = small.mattes()["masks/0001.png"]


def _jpegs(files: Files) -> None:
    files["masks/0001.png"] = jpeg(blob(1), mode="L")
    files["masks/0002.png"] = jpeg(photo(2), mode="L")


def _copies(files: Files) -> None:
    files["masks/0002.png"] = files["masks/0005.png"] = files["masks/0001.png"]
    for stem in STEMS[6:]:
        files[f"masks/{stem}.png"] = png(np.zeros((48, 64), np.uint8))


def _turned(files: Files) -> None:
    for stem in STEMS[:3]:
        files[f"masks/{stem}.png"] = png(np.ascontiguousarray(blob(int(stem)).T))
    files["images/0001.jpg"] = jpeg(photo(1), 6)


def _scaled(files: Files) -> None:
    files["masks/0001.png"] = png(blob(1)[::2, ::2])
    files["masks/0002.png"] = png(blob(2)[:40])
    files["masks/0003.png"] = png(blob(3, width=21, height=16))


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        (_soft, {"soft_mask_count": 1, "lossy_mask_count": 0, "stack_count": 0, "most_copied_count": 1}),
        (_jpegs, {"lossy_mask_count": 1}),
        (_copies, {"most_copied_count": 3, "empty_mask_count": 6}),
        (_turned, {"size_swapped_set_count": 3, "exif_swapped_set_count": 1, "aspect_differs_set_count": 0}),
        (_scaled, {"size_differs_set_count": 3, "exif_swapped_set_count": 0, "aspect_differs_set_count": 1}),
    ],
)
def test_files_are_counted_by_kind(
    change: Callable[[Files], None], expected: dict[str, object], tmp_path: Path
) -> None:
    files = small.salient()
    change(files)
    row = source(tmp_path, files)
    assert {name: row[name] for name in expected} == expected


def test_stacks_are_counted_by_what_is_odd_in_them(tmp_path: Path) -> None:
    stack = np.zeros((3, 48, 64), bool)
    stack[0, :24], stack[1, 24:], stack[2, :0] = True, True, True
    overlapping, gapped = stack.copy(), stack.copy()
    overlapping[2, 20:30] = True
    gapped[0, 0, 0] = False
    stacks = [stack, overlapping, gapped, gapped]
    files = small.images() | {f"masks/{stem}.npy": npy(own) for stem, own in zip(STEMS, stacks, strict=False)}
    row = source(tmp_path, files)
    names = ("stack_count", "overlapping_stack_count", "gapped_stack_count", "constant_stack_count")
    assert [row[name] for name in names] == [4, 1, 2, 3]


def test_the_median_of_the_largest_share_leaves_empty_masks_out(tmp_path: Path) -> None:
    files = small.images()
    for stem, rows in zip(STEMS, (0, 0, 12, 24, 36), strict=False):
        ids = np.zeros((48, 64), np.uint8)
        ids[:rows] = 1
        files[f"masks/{stem}.png"] = png(ids)
    assert source(tmp_path, files)["median_largest_share"] == 0.5


def test_a_mask_that_cannot_be_read_is_not_readable(tmp_path: Path) -> None:
    files = small.salient() | {"masks/0003.png": b""}
    with quick_scan(write(tmp_path, files)) as report:
        rows = report.query("SELECT name FROM mask_files WHERE NOT readable").to_pylist()
    assert rows == [{"name": "0003.png"}]


def test_masks_that_take_a_library_which_is_missing_are_not_checked(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pytest.importorskip("torch")
    LAYOUTS["pt"](tmp_path)
    monkeypatch.setattr("datacheck.files.tensors.find_spec", lambda name: None)
    monkeypatch.setattr("datacheck.run.masks.only_pngs", lambda paths: True)  # read here, not in another process
    with quick_scan(tmp_path) as report:
        assert len(report.findings) == 0
        reasons = {(one.code, one.count): one.reason for one in report.not_checked}
    assert "datacheck[batches]" in reasons["MSK210", 12]


@pytest.mark.parametrize(("same", "expected"), [(True, [False, True]), (False, [False, False])])
def test_copies_within_an_image_are_told_from_those_of_another(
    same: bool, expected: list[bool], tmp_path: Path
) -> None:
    files = small.folders_of_objects()
    files["masks/0003/2.png"] = files["masks/0003/1.png" if same else "masks/0007/1.png"]
    with quick_scan(write(tmp_path, files)) as report:
        rows = report.query(
            "SELECT copy_first <> row AS later, copy_in_image AS own FROM mask_files WHERE copy_count > 1 ORDER BY row"
        ).to_pylist()
    assert [row["later"] and row["own"] for row in rows] == expected


def test_stacks_are_counted_by_what_is_no_mask_in_them(tmp_path: Path) -> None:
    stack = np.zeros((2, 48, 64), np.float32)
    stack[0, :20], stack[1, 30:] = 1, 1
    ids = np.stack([np.full((48, 64), 1), np.full((48, 64), 2)]).astype(np.uint8)
    wide = np.arange(2 * 300 * 300, dtype=np.int32).reshape(2, 300, 300)
    stacks = [stack, 255 * stack, stack - 1, 0.5 * stack, ids, wide, 0 * stack, stack + 1, np.ones_like(stack)]
    files = small.images() | {f"masks/{stem}.npy": npy(own) for stem, own in zip(STEMS, stacks, strict=False)}
    row = source(tmp_path, files)
    names = ("stack_count", "fractional_stack_count", "many_valued_stack_count")
    assert [row[name] for name in names] == [9, 1, 4]


def test_copies_of_other_images_and_pointers_are_counted(tmp_path: Path) -> None:
    files = small.folders_of_objects()
    files["masks/0003/2.png"] = files["masks/0003/1.png"]
    files["masks/0004/2.png"] = files["masks/0005/2.png"] = files["masks/0007/1.png"]
    files["masks/0006/1.png"] = files["images/0006.jpg"] = LFS
    row = source(tmp_path, files)
    assert [row[name] for name in ("copied_mask_count", "lfs_mask_count", "lfs_image_count")] == [2, 1, 1]


def test_no_file_that_can_be_read_leaves_all_counts_at_zero(tmp_path: Path) -> None:
    files = small.images() | {f"masks/{stem}.png": LFS for stem in STEMS}
    row = source(tmp_path, files)
    names = ("copied_mask_count", "stack_count", "many_valued_stack_count", "size_differs_set_count")
    assert [row[name] for name in names] == [0, 0, 0, 0]
    assert row["lfs_mask_count"] == 12
