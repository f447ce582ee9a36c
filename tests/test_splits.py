"""Which split a path names."""

from __future__ import annotations

from pathlib import Path

import pytest

import datacheck
from datacheck.splits import missing_splits, role_of


@pytest.mark.parametrize(
    ("path", "role"),
    [
        ("a/instances_train2017.json", "train"),
        ("a/valid/_annotations.coco.json", "val"),
        ("train/test.json", "test"),
        ("a/latest.json", "latest"),
        ("a/trainer_notes.v2.json.gz", "trainer_notes"),
        ("C:\\data\\x.json", "x"),
        ("train/x/a.json", "a"),  # only the last two parts count
        ("test/x/instances_train.json", "train"),
        ("image_info_test-dev2017.json", "test"),
        ("dev/a.json", "val"),
        (".json", "json"),
        ("train/./a.json", "train"),
        ("", ""),
    ],
)
def test_roles(path: str, role: str) -> None:
    assert role_of(path) == role


@pytest.mark.parametrize(
    ("split", "path", "named"),
    [
        ("train", "evaluation/only_train.json", True),
        ("val", "evaluation/only_train.json", False),
        ("VAL", "a/Val.json", True),
        ("val", "a/instances_val2017.json", True),
        ("val", "valid/_annotations.coco.json", True),
        ("test", "a/latest.json", False),
        ("test-dev", "a/image_info_test-dev2017.json", True),
        ("test-dev", "a/test.json", False),
        ("train2017", "instances_train2017.json", True),
        ("train2014", "instances_train2017.json", False),
        ("fold1", "fold10.json", False),
        ("holdout", "root/holdout/x/y/a.json", True),  # below the given folder every part counts
        ("train", "train/root/x/a.json", False),
        ("train", "/train/a.json", True),
        ("json", "a/b.json", False),
    ],
)
def test_splits(split: str, path: str, named: bool) -> None:
    assert missing_splits([split], [path], ["root", "train/root"]) == ([] if named else [split])


def test_no_path_names_no_split() -> None:
    assert missing_splits(["train"], [], ["."]) == ["train"]
    assert missing_splits(["-"], ["a.json"], ["."]) == ["-"]


def test_a_scan_names_the_splits_that_are_missing(tmp_path: Path) -> None:
    folder = tmp_path / "evaluation"
    folder.mkdir()
    (folder / "only_train.json").write_text('{"images": [], "annotations": [], "categories": []}')
    with datacheck.scan(tmp_path, expect={"splits": ["train", "val"]}) as report:
        assert report.tables["datasets"]["missing_splits"].to_pylist() == ["val"]
