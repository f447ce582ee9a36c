"""--masks, --images and --pattern, and what is said where they are wrong."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from datacheck.errors import UsageError
from datacheck.folders.find import MaskFolder, MaskOptions, find_mask_folders
from tests.masks import layouts
from tests.masks.drawn import NAMES, draw_ids, draw_photos


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder to stand in, with masks whose names say nothing: y, and their images: x."""
    folder = tmp_path / "d"
    draw_photos(folder / "x")
    draw_ids(folder / "y")
    monkeypatch.chdir(folder)
    return folder


def found(*paths: str, masks: str | None = None, images: str | None = None, pattern: str | None = None) -> MaskFolder:
    (mask,) = find_mask_folders(paths, MaskOptions(masks, images, pattern))
    return mask


@pytest.mark.parametrize("pattern", [None, "{stem}.png"])
def test_a_folder_that_is_given_is_taken_whatever_it_is_called(here: Path, pattern: str | None) -> None:
    mask = found(masks="y", pattern=pattern)
    assert (mask.path, mask.pattern, mask.required, mask.images_folder) == ("y", "{stem}.png", True, None)
    mask = found(masks="y", images="x", pattern=pattern)
    assert (mask.images_folder, mask.image_stems) == ("x", mask.stems)
    assert found(".", masks="y", pattern=pattern) == mask
    assert found("y", masks="y", images="x/", pattern=pattern).images_folder == "x/"


def test_photos_are_masks_where_they_are_given(here: Path) -> None:
    mask = found(masks="x")
    assert (mask.pattern, len(mask.files)) == ("{stem}.jpg", 8)


def test_images_may_be_given_alone(here: Path) -> None:
    draw_photos(here / "z")
    assert found(".", images="z").images_folder == "z"


def test_images_that_match_nothing_are_taken_where_they_are_given(here: Path) -> None:
    draw_photos(here / "z", list("abcdefgh"))
    mask = found(masks="y", images="z")
    assert (mask.images_folder, len(mask.images)) == ("z", 8)
    mask = found(masks="y", images="z", pattern="{stem}.png")
    assert (mask.images_folder, len(mask.images)) == ("z", 8)


def test_an_empty_folder_of_masks_is_a_source_without_files(here: Path) -> None:
    (here / "none").mkdir()
    mask = found(masks="none", images="x")
    assert (mask.path, mask.files, len(mask.images), mask.required) == ("none", [], 8, True)


def test_the_rest_of_the_scan_is_searched_as_ever(here: Path) -> None:
    draw_ids(here / "masks")
    masks = find_mask_folders(["."], MaskOptions(masks="y"))
    assert [(mask.path, mask.required) for mask in masks] == [("masks", False), ("y", True)]
    masks = find_mask_folders(["."], MaskOptions(masks="y", pattern="{stem}.png"))
    assert [(mask.path, mask.required) for mask in masks] == [("masks", False), ("y", True)]


@pytest.mark.parametrize(
    ("name", "pattern"),
    [
        ("davis", "{dir}/{stem}.png"),
        ("cityscapes", "{dir}/{stem}_gtFine_labelIds.png"),
        ("object-folders", "{stem}/{object}.png"),
        ("object-files", "{stem}_{object}.png"),
        ("amg", "{stem}/{object}.png"),
        ("sa-v", "{dir}/{object}/{stem}.png"),
        ("bowl", "{stem}/masks/{object}.png"),
        ("prefix", "mask_{stem}.png"),
        ("same-folder", "{stem}_mask.png"),
        ("suffix", "{stem}_*.png"),
    ],
)
@pytest.mark.parametrize("images", [True, False])
def test_a_pattern_reads_the_names_as_the_search_does(
    name: str, pattern: str, images: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "d"
    folder.mkdir()
    expected = layouts.LAYOUTS[name](folder)
    monkeypatch.chdir(folder)
    alone = found(".")
    given = found(".", masks=expected.path, images=expected.images if images else None, pattern=pattern)
    assert (given.path, given.layout, given.required) == (expected.path, expected.layout, True)
    assert (given.files, given.objects) == (alone.files, alone.objects)
    assert set(given.image_stems) >= set(given.stems)
    assert given.expects_many == alone.expects_many
    assert given.metadata == alone.metadata


@pytest.mark.parametrize("name", layouts.LAYOUTS)
def test_every_layout_can_be_given_without_a_pattern(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    if name == "pt":
        pytest.importorskip("torch")
    folder = tmp_path / "d"
    folder.mkdir()
    expected = layouts.LAYOUTS[name](folder)
    monkeypatch.chdir(folder)
    mask = found(masks=expected.path, images=expected.images)
    assert (mask.path, mask.layout, len(mask.files)) == (expected.path, expected.layout, expected.files)
    assert set(mask.stems) <= set(mask.image_stems)


def test_a_pattern_without_a_folder_is_looked_for_in_the_paths(here: Path) -> None:
    mask = found(".", pattern="y/{stem}.png")
    assert (mask.path, mask.names[0], mask.images_folder, mask.required) == (".", "y/0000.png", "x", False)


def test_a_pattern_that_says_nothing_of_folders_keeps_roles_apart(tmp_path: Path) -> None:
    layouts.LAYOUTS["cityscapes"](tmp_path)
    for split in ("train", "val"):
        draw_photos(tmp_path / "more" / "images" / split, ending=".png")
        draw_ids(tmp_path / "more" / "masks" / split)
    options = MaskOptions(pattern="{stem}_gtFine_labelIds.png")
    some = [mask for mask in find_mask_folders([str(tmp_path)], options) if mask.pattern == options.pattern]
    assert some
    assert all(set(mask.stems) == set(mask.image_stems) for mask in some)
    for mask in some:
        assert mask.images_folder is not None
        assert Path(mask.images_folder).name == Path(mask.path).name
    masks = find_mask_folders([str(tmp_path / "more")], MaskOptions(pattern="{stem}.png"))
    assert [os.path.relpath(mask.path, tmp_path) for mask in masks] == ["more/masks/train", "more/masks/val"]
    assert all(set(mask.stems) == set(mask.image_stems) for mask in masks)


def test_where_images_are_given_the_folder_that_is_scanned_holds_masks(here: Path) -> None:
    draw_photos(here / "z", ending=".png")
    (here / "empty").mkdir()
    for path, count in (("z", 8), ("empty", 0)):
        mask = found(path, images="x")
        assert (mask.path, mask.required, len(mask.files), len(mask.images)) == (path, True, count, 8)
    for paths in (["x"], [".", "x"]):
        assert all(mask.path == "y" for mask in find_mask_folders(paths, MaskOptions(images="x")))
    (here / "z" / "instances.json").write_text("{}")
    assert not find_mask_folders(["z"], MaskOptions(images="x"))


@pytest.mark.parametrize("listed", [True, False])
def test_one_folder_of_amg_takes_its_image_from_those_that_are_given(listed: bool, tmp_path: Path) -> None:
    draw_photos(tmp_path / "in", ["cat", "dog"])
    layouts.write_amg_folder(tmp_path / "out" / "dog", 0)
    if not listed:
        (tmp_path / "out" / "dog" / "metadata.csv").unlink()
    mask = found(str(tmp_path / "out" / "dog"), images=str(tmp_path / "in"))
    assert (set(mask.stems), mask.image_stems, mask.image_names) == ({"dog"}, ["dog"], ["dog.jpg"])


def test_files_that_a_pattern_has_taken_leave_no_empty_folder(tmp_path: Path) -> None:
    draw_photos(tmp_path / "images")
    draw_ids(tmp_path / "masks")
    for pattern, path in (("{stem}.png", "masks"), ("masks/{stem}.png", ".")):
        (mask,) = find_mask_folders([str(tmp_path)], MaskOptions(pattern=pattern))
        assert (os.path.relpath(mask.path, tmp_path), len(mask.files), len(mask.images)) == (path, 8, 8)


@pytest.mark.parametrize("options", [{"pattern": "{stem}.png"}, {"images": "x"}])
def test_a_folder_of_masks_that_is_scanned_needs_no_option_of_its_own(here: Path, options: dict[str, str]) -> None:
    mask = found("y", **options)
    assert (mask.path, mask.required, len(mask.files)) == ("y", True, 8)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"masks": "nope"}, "--masks nope: no such folder"),
        ({"masks": "y/0000.png"}, "--masks y/0000.png: it is no folder"),
        ({"images": "nope"}, "--images nope: no such folder"),
        ({"masks": "y", "pattern": "mask.png"}, 'it needs {stem}, the name of the image, as in "{stem}_mask.png"'),
        ({"masks": "y", "pattern": ""}, "it needs {stem}"),
        ({"masks": "y", "pattern": "{name}.png"}, "{name} means nothing. Use {stem} (of the image), {object}, {dir}"),
        ({"masks": "y", "pattern": "../{stem}.png"}, "it is the name of a file below the folder of masks"),
        ({"masks": "y", "pattern": "****{stem}.png"}, "it is the name of a file below the folder of masks"),
        (
            {"masks": "y", "pattern": "{stem}_mask.png"},
            "--pattern {stem}_mask.png fits no file in y: the files there are called 0000.png, 0001.png, 0002.png",
        ),
        ({"pattern": "{stem}_mask.png"}, "fits no file in .: the files there are called x/0000.jpg, "),
    ],
)
def test_a_wrong_option_is_one_line_with_a_remedy(here: Path, options: dict[str, str], message: str) -> None:
    with pytest.raises(UsageError) as caught:
        find_mask_folders(["."], MaskOptions(**options))
    assert message in str(caught.value)
    assert "\n" not in str(caught.value)


def test_names_that_are_no_text_stay_on_one_line(here: Path) -> None:
    for name in (b"\xff.png", b"a\nb.png"):
        (here / "z").mkdir(exist_ok=True)
        (here / "z" / os.fsdecode(name)).write_bytes(b"")
    with pytest.raises(UsageError) as caught:
        find_mask_folders([], MaskOptions(masks="z", pattern="{stem}_mask.png"))
    assert str(caught.value).endswith("a\\nb.png, \\udcff.png")


def test_a_pattern_takes_the_longest_stem(here: Path) -> None:
    draw_ids(here / "z", ["a_b_1", "a_b_2"])
    mask = found(masks="z", pattern="{stem}_{object}.png")
    assert (mask.stems, mask.objects) == (["a_b", "a_b"], ["1", "2"])


def test_a_pattern_may_name_the_stem_twice(here: Path) -> None:
    for name in NAMES:
        draw_ids(here / "z" / name, [f"{name}_mask", "other_mask"])
    mask = found(masks="z", pattern="{stem}/{stem}_mask.png")
    assert (mask.stems, mask.layout) == (NAMES, "label-maps")
