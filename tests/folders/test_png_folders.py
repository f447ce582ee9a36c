"""The folder of a panoptic file's PNGs: found where the usual data sets keep it, and never outside what was named."""

from __future__ import annotations

import os
import time
from pathlib import Path

import pytest

from datacheck.folders import png_folders
from datacheck.folders.png_folders import Folders, png_folder

NAMES = ["000001.png", "000002.png", "000003.png"]


def make(folder: Path, names: list[str] = NAMES) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    for name in names:
        (folder / name).parent.mkdir(exist_ok=True)
        (folder / name).touch()
    return folder


def folder_of(path: Path | str, allowed: list[Path | str], names: list[str] = NAMES) -> str | None:
    folders = [os.fspath(folder) for folder in allowed]
    return png_folder(os.fspath(path), names, Folders(folders), folders)


@pytest.mark.parametrize(
    ("json", "pngs"),
    [
        ("annotations/panoptic_val2017.json", "annotations/panoptic_val2017"),  # as COCO's archives unpack
        ("annotations/panoptic_val2017.json", "panoptic_val2017"),  # where detectron2 and mmdetection look
        ("panoptic_examples.json", "panoptic_examples"),
        ("gtFine/cityscapes_panoptic_train.json", "gtFine/cityscapes_panoptic_train"),
        ("ade20k_panoptic_val.json.gz", "ade20k_panoptic_val"),
        ("training/panoptic/panoptic_2018.json", "training/panoptic"),  # Mapillary Vistas
        ("val_annotations.json", "val"),
        ("val.json", "panoptic_val"),
        ("panoptic.json", "masks"),
        ("train/_annotations.coco.json", "train/panoptic_masks"),
        ("jsons/a.json", "jsons/Panoptic_PNGs"),
        ("json/a.json", "labels"),
        ("json/a.json", "."),
    ],
)
def test_the_usual_places_are_found(tmp_path: Path, json: str, pngs: str) -> None:
    make(tmp_path / "images", ["000001.jpg"])
    (tmp_path / json).parent.mkdir(parents=True, exist_ok=True)
    make(tmp_path / pngs)
    found = folder_of(tmp_path / json, [tmp_path])
    assert found is not None
    assert Path(found).resolve() == (tmp_path / pngs).resolve()


def test_a_folder_given_by_hand_is_found_wherever_it_is(tmp_path: Path) -> None:
    given = make(tmp_path / "elsewhere" / "pngs")
    path = tmp_path / "data" / "panoptic.json"
    path.parent.mkdir()
    assert folder_of(path, [path.parent]) is None
    assert folder_of(path, [path.parent, given]) == str(given)


def test_the_likeliest_of_folders_with_equally_many_is_taken_and_else_that_with_most(tmp_path: Path) -> None:
    path = tmp_path / "panoptic_examples.json"
    make(tmp_path / "panoptic_examples_2ch_format")
    own = make(tmp_path / "panoptic_examples", NAMES[:2])
    assert folder_of(path, [tmp_path]) == str(tmp_path / "panoptic_examples_2ch_format")
    make(own)
    assert folder_of(path, [tmp_path]) == str(own)


def test_paths_are_written_as_a_person_would(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    make(tmp_path / "panoptic_val")
    make(tmp_path / "own")
    (tmp_path / "annotations").mkdir()
    monkeypatch.chdir(tmp_path)
    assert folder_of("panoptic_val.json", ["."]) == "panoptic_val"
    assert folder_of("annotations/panoptic_val.json", ["."]) == "panoptic_val"
    assert folder_of("own/panoptic.json", ["own"]) == "own"
    monkeypatch.chdir(tmp_path / "own")
    assert folder_of("panoptic.json", ["."]) == "."
    assert folder_of("panoptic_val.json", ["..", "."], ["no.png", *NAMES]) is not None
    assert Folders(["."]).find(".", NAMES[0]).path == NAMES[0]


def test_no_name_is_found_by_itself(tmp_path: Path) -> None:
    assert folder_of(tmp_path / "panoptic.json", [tmp_path]) is None
    assert folder_of(tmp_path / "panoptic.json", [tmp_path], []) is None
    assert folder_of(tmp_path / "panoptic.json", []) is None
    assert folder_of(tmp_path / "no" / "folder" / "panoptic.json", [tmp_path / "no"]) is None


def test_names_in_folders_of_their_own_are_found(tmp_path: Path) -> None:
    names = ["a/1.png", "a/2.png", "b/./3.png"]
    make(tmp_path / "panoptic_val", names)
    found = folder_of(tmp_path / "panoptic_val.json", [tmp_path], names)
    assert found == str(tmp_path / "panoptic_val")
    folders = Folders([str(tmp_path)])
    assert [folders.find(found, name).state for name in [*names, "b/4.png", "c/1.png"]] == ["ok"] * 3 + ["missing"] * 2


@pytest.mark.parametrize(
    "name",
    ["../1.png", "a/../../1.png", "a\\..\\1.png", "/etc/passwd", "\\\\host\\1.png", "C:\\1.png", "c:/1.png", "a\0.png"],
)
def test_a_name_that_leaves_its_folder_is_outside(tmp_path: Path, name: str) -> None:
    (tmp_path / "1.png").touch()
    folder = make(tmp_path / "panoptic")
    found = Folders([str(tmp_path)]).find(str(folder), name)
    assert (found.path, found.state) == (None, "outside")
    assert found.detail is not None
    assert folder_of(tmp_path / "panoptic.json", [tmp_path], [name]) is None


def test_links_to_files_are_followed_wherever_they_lead_and_links_to_folders_are_not(tmp_path: Path) -> None:
    outside, data = make(tmp_path / "outside"), tmp_path / "data"
    store, folder = make(data / "store", ["4.png"]), make(data / "panoptic", ["5.png", "own/8.png"])
    (folder / "1.png").symlink_to(outside / NAMES[0])
    (folder / "4.png").symlink_to(store / "4.png")
    (folder / "6.png").symlink_to(data / "nothing")
    (folder / "own" / "9.png").symlink_to(outside / NAMES[0])
    (folder / "far").symlink_to(outside)
    (folder / "near").symlink_to(store)
    (folder / "own" / "loop").symlink_to(folder)
    folders = Folders([str(data)])
    files = ["1.png", "4.png", "5.png", "6.png", "own/8.png", "own/9.png"]
    assert [folders.find(str(folder), name).state for name in files] == ["ok"] * 6
    behind = ["far/000001.png", "near/4.png", "near/5.png", "own/loop/5.png"]
    assert [folders.find(str(folder), name).state for name in behind] == ["linked"] * 4
    assert [folders.find(str(folder), name).state for name in ("7.png", "own/1.png", "no/1.png")] == ["missing"] * 3


@pytest.mark.parametrize("target", ["outside", "data/store"])
def test_a_folder_that_is_a_link_is_one_of_pngs_only_if_it_is_named_itself(tmp_path: Path, target: str) -> None:
    data = tmp_path / "data"
    data.mkdir()
    make(tmp_path / target)
    (data / "linked").symlink_to(tmp_path / target)
    assert folder_of(data / "linked.json", [data]) is None
    for named in (data / "linked", tmp_path / target):
        assert folder_of(data / "linked.json", [data, named]) == str(data / "linked")
    (tmp_path / "door").symlink_to(data)
    make(data / "panoptic")
    assert folder_of(tmp_path / "door" / "panoptic.json", [tmp_path / "door"]) == str(tmp_path / "door" / "panoptic")


def test_each_folder_is_listed_once_and_no_file_is_looked_at(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    names = [f"{number:06d}.png" for number in range(500)]
    folder = make(tmp_path / "panoptic", names)
    listed: list[str] = []
    scandir = os.scandir

    def counted(path: str) -> object:
        listed.append(path)
        return scandir(path)

    monkeypatch.setattr(os, "scandir", counted)
    monkeypatch.setattr(os, "stat", None)
    folders = Folders([str(tmp_path)])
    found = png_folder(str(tmp_path / "panoptic.json"), names, folders, [str(tmp_path)])
    states = {folders.find(str(folder), name).state for name in names}
    monkeypatch.undo()
    assert found == str(folder)
    assert states == {"ok"}
    assert listed == [str(folder)]


def test_a_crowd_of_folders_is_not_gone_through_to_its_end(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for number in range(30):
        (tmp_path / f"panoptic_{number:03d}").mkdir()
    make(tmp_path / "panoptic_029")
    monkeypatch.setattr(png_folders, "MOST_FOLDERS", 10)
    assert folder_of(tmp_path / "a.json", [tmp_path]) is None
    monkeypatch.setattr(png_folders, "MOST_FOLDERS", 100)
    assert folder_of(tmp_path / "a.json", [tmp_path]) == str(tmp_path / "panoptic_029")


def test_names_that_no_file_can_have_are_missing_at_once(tmp_path: Path) -> None:
    folder = make(tmp_path / "panoptic")
    names = ["a/" * 200_000 + "1.png", "x" * 300 + ".png", "\u0001.png", ".", "a//"]
    folders = Folders([str(tmp_path)])
    started = time.process_time()
    assert folder_of(tmp_path / "panoptic.json", [tmp_path], names) is None
    assert [folders.find(str(folder), name).state for name in names[:3]] == ["missing"] * 3
    assert {folders.find(str(folder), name).state for name in names} <= {"missing", "ok"}
    assert time.process_time() - started < 2


def test_folders_of_their_own_for_each_name_do_not_multiply_the_work(tmp_path: Path) -> None:
    make(tmp_path / "panoptic", ["0/0.png"])
    for number in range(50):
        (tmp_path / f"panoptic_{number}").mkdir()
    names = [f"{number}/{number}.png" for number in range(5000)]
    started = time.process_time()
    assert folder_of(tmp_path / "panoptic.json", [tmp_path], names) == str(tmp_path / "panoptic")
    assert time.process_time() - started < 2
