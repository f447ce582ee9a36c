"""Expectations: their values, their forms on the command line, and which source they hold for."""

from __future__ import annotations

from pathlib import Path

import pytest

from datacheck.errors import UsageError
from datacheck.expect import Expectations, SourceExpectation, check, matches, parse
from datacheck.tables import SOURCES


@pytest.mark.parametrize(
    ("text", "means"),
    [
        ("masks", {"masks": True}),
        ("masks=false", {"masks": False}),
        ("task=instances", {"task": "instances"}),
        ("boxes=normalised-cxcywh", {"boxes": "normalised-cxcywh"}),
        ("classes=80", {"classes": 80}),
        ("classes=cat,dog , cat", {"classes": ("cat", "dog")}),
        ("segments>=2", {"min-segments": 2}),
        ("min-segments=2", {"min-segments": 2}),
        ("min_segments=2", {"min-segments": 2}),
        ("keypoints", {"keypoints": True}),
        ("keypoints=17", {"keypoints": 17}),
        ("splits=train,val", {"splits": ("train", "val")}),
        ("coco-evaluation", {"coco-evaluation": True}),
    ],
)
def test_forms(text: str, means: dict[str, object]) -> None:
    assert parse([text]) == means


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("taks=instances", "Did you mean task?"),
        ("task=instnces", "Did you mean instances?"),
        ("task", "task must be one of"),
        ("masks=3", "masks must be true or false, not 3"),
        ("masks>=3", ">= is for segments only"),
        ("segments>=x", "min-segments must be a whole number"),
        ("segments>=-1", "min-segments must be a whole number"),
        ("keypoints=99999999999999999999999", "keypoints must be a whole number"),
        ("classes=", "classes must be a list of names"),
        ("classes", "classes must be a list of names or how many"),
        ("!", "write it as masks"),
    ],
)
def test_errors(text: str, says: str) -> None:
    with pytest.raises(UsageError) as caught:
        parse([text])
    assert says in str(caught.value)
    assert f"--expect {text}" in str(caught.value)


def test_layers() -> None:
    expectations = Expectations(
        general=check({"masks": True, "task": "instances", "splits": ["train", "val"]}),
        by_glob=[
            ("val/*.json", check({"masks": False, "boxes": "xyxy"})),
            ("val/b.json", check({"boxes": "cxcywh"})),
        ],
        command=check({"classes": ["cat", "dog"]}),
    )
    assert expectations.splits == ("train", "val")
    train = expectations.for_source("train/a.json")
    assert (train.task, train.masks, train.boxes) == ("instances", True, None)
    assert (train.class_count, train.classes) == (2, ("cat", "dog"))
    assert expectations.for_source("val/a.json").boxes == "xyxy"
    last = expectations.for_source("./val/b.json")
    assert (last.masks, last.boxes) == (False, "cxcywh")  # the later glob wins


def test_keypoints_true_is_any_number_and_false_is_none() -> None:
    assert Expectations(command={"keypoints": True}).for_source("x").keypoints == 0
    assert Expectations(command={"keypoints": 17}).for_source("x").keypoints == 17
    assert Expectations(general={"keypoints": 17}, command={"keypoints": False}).for_source("x").keypoints is None


def test_columns_are_those_of_sources() -> None:
    columns = SourceExpectation().columns()
    assert set(columns) == {name for name in SOURCES.by_name if name.startswith("expect_")}
    assert columns["expect_masks"] is False
    assert columns["expect_task"] is None


@pytest.mark.parametrize(
    ("glob", "path", "does"),
    [
        ("**/instances_val.json", "a/b/instances_val.json", True),
        ("**/instances_val.json", "instances_val.json", True),
        ("instances_*.json", "a/instances_val.json", True),  # no slash: the file's name is enough
        ("a/*.json", "a/x.json", True),
        ("a/*.json", "./a/x.json", True),
        ("./a/*.json", "a/x.json", True),
        ("a/*.json", "a/b/x.json", False),
        ("a/**", "a/b/x.json", True),
        ("a/", "a/b/x.json", True),
        ("a/?.json", "a/x.json", True),
        ("a/[xy].json", "a/y.json", True),
        ("a/[!xy].json", "a/y.json", False),
        ("a/[z-a].json", "a/z.json", False),
        ("a.json", "aXjson", False),
    ],
)
def test_globs(glob: str, path: str, does: bool) -> None:
    assert matches(glob, path) is does


def test_globs_relative_to_the_configuration(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "work").mkdir()
    monkeypatch.chdir(tmp_path / "work")
    assert matches("data/*.json", "../data/x.json", str(tmp_path))
    assert not matches("data/*.json", "../data/x.json", str(tmp_path / "work"))
    assert matches(f"{tmp_path}/data/*.json".replace("\\", "/"), "../data/x.json")
