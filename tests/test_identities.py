"""Fingerprints of findings in folders of masks: the same wherever the dataset lies, other ones in each folder."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

import datacheck
from datacheck.identities import Identities
from tests.masks import small
from tests.masks.odd import full, zero
from tests.masks.small import Files
from tests.masks.test_planted_masks import write
from tests.scanning import quick_scan


def prints(*paths: Path) -> list[str]:
    """The fingerprints of the findings below these paths, in the order of what they are on."""
    with datacheck.scan([*map(str, paths)], jobs=1) if len(paths) > 1 else quick_scan(paths[0]) as report:
        return [row["fingerprint"] for row in report.findings.to_pylist()]


def spoiled() -> Files:
    return small.salient() | {"masks/0003.png": zero(), "masks/0004.png": full(), "images/0005.jpg": b""}


def test_a_dataset_that_was_moved_keeps_its_fingerprints(tmp_path: Path) -> None:
    first = write(tmp_path / "old", {f"a_set/{name}": content for name, content in spoiled().items()})
    before = prints(first)
    assert len(before) == 3
    second = tmp_path / "far" / "away, and more"
    shutil.move(first, second)
    assert prints(second) == before


def test_a_dataset_scanned_from_within_keeps_its_fingerprints(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    root = write(tmp_path / "dataset", spoiled())
    before = prints(root)
    monkeypatch.chdir(root)
    assert prints(Path()) == before


@pytest.mark.parametrize("together", [True, False], ids=["one path", "two paths"])
def test_equal_faults_of_sibling_folders_have_different_fingerprints(together: bool, tmp_path: Path) -> None:
    for name in ("a_set", "b_set"):
        write(tmp_path / "data" / name, spoiled())
    root = tmp_path / "data"
    found = prints(root) if together else prints(root / "a_set", root / "b_set")
    assert len(found) == len(set(found)) == 6


def test_two_folders_of_masks_of_the_same_images_are_told_apart(tmp_path: Path) -> None:
    files = small.images()
    for name in ("masks_a", "masks_b"):
        files |= {f"{name}/{stem}.png": small.png(small.blob(int(stem))) for stem in small.STEMS}
        files[f"{name}/0003.png"] = zero()
    found = prints(write(tmp_path, files))
    assert len(found) == len(set(found)) == 2


def of(scanned: str, path: str, pattern: str | None = "{stem}.png") -> str:
    made = Identities(scanned, [path], ["masks"], ["label-maps"], [pattern])
    made.of_rule("MSK113")
    return made.fingerprint(0, "003", None, "003.png", symptom=False)


def test_a_folder_is_known_by_its_path_below_what_was_scanned() -> None:
    assert of("/a/b", "/a/b/set/masks") == of("/c", "/c/set/masks") == of("/c/", "/c/set/masks")
    assert of("/a/b", "/a/b/set/masks") != of("/a", "/a/b/set/masks")
    assert of("/x/a, b", "/x/a, b/set/masks") == of("/a/b", "/a/b/set/masks")
    assert of("/x/a/b, /x/a/c", "/x/a/b/masks") == of("/y/b, /y/c", "/y/b/masks")


def test_layouts_and_names_in_one_folder_are_told_apart() -> None:
    assert of("/a", "/a/masks") != of("/a", "/a/masks", "{stem}_mask.png")


def test_a_document_is_known_by_its_name_whatever_was_scanned() -> None:
    assert of("/a/b", "/a/b/set/masks", None) == of("/a", "/a/b/masks", None)
