"""Names that can be read in more than one way: which part of them is the image, and which the object."""

from __future__ import annotations

import os
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from datacheck.errors import UsageError
from datacheck.folders.find import MaskOptions, find_mask_folders
from tests.folders.test_folders import found, summary
from tests.masks.drawn import draw_ids, draw_photos
from tests.masks.layouts import binary, label_map, objects, palette_image, save


def draw_objects(folder: Path, names: list[str]) -> None:
    for number, name in enumerate(names):
        save(binary(objects(number % 12)[number % 5]), folder / f"{name}.png")


@pytest.mark.parametrize("count", [4, 8, 12])
def test_folders_named_nearly_as_images_hold_the_objects_of_these(count: int, tmp_path: Path) -> None:
    draw_photos(tmp_path / "images", [f"img_{number}" for number in range(8)])
    for number in range(8):
        draw_objects(tmp_path / "masks" / f"img_{number:03}", [str(item) for item in range(count)])
    (mask,) = found(tmp_path)
    assert (mask.layout, mask.pattern) == ("object-masks", "{stem}/{object}.png")
    assert mask.stems[0] == "img_000"
    assert mask.image_stems == [f"img_{number}" for number in range(8)]


def test_padded_numbers_of_images_are_no_objects(tmp_path: Path) -> None:
    draw_photos(tmp_path / "images", [str(number) for number in range(8)])
    for number in range(8):
        draw_objects(tmp_path / "masks" / f"{number:03}", ["0", "1", "2", "3"])
    (mask,) = found(tmp_path)
    assert mask.pattern == "{stem}/{object}.png"


def test_objects_of_one_video_are_still_read_as_folders(tmp_path: Path) -> None:
    frames = [f"{number:05}" for number in range(8)]
    draw_photos(tmp_path / "frames" / "clip_a", frames)
    for item in range(8):
        draw_objects(tmp_path / "masks" / f"{item:03}", frames)
    (mask,) = found(tmp_path)
    assert (mask.pattern, set(mask.stems)) == ("{object}/{stem}.png", set(frames))
    assert set(mask.image_stems) == set(frames)


@pytest.mark.parametrize("kind", ["palette", "binary"])
@pytest.mark.parametrize("videos", [("bear", "dog"), ("dog",)])
def test_videos_whose_images_are_gone_are_no_objects(kind: str, videos: tuple[str, ...], tmp_path: Path) -> None:
    frames = [f"{number:05}" for number in range(12)]
    draw_photos(tmp_path / "JPEGImages" / "480p" / "dog", frames)
    for video in videos:
        for number, frame in enumerate(frames):
            path = tmp_path / "Annotations" / "480p" / video / f"{frame}.png"
            save(palette_image(label_map(number)) if kind == "palette" else binary(objects(number)[0]), path)
    (tmp_path / "Annotations" / "480p" / videos[-1] / "00003.png").unlink()
    (mask,) = found(tmp_path)
    assert mask.layout == "label-maps"
    paired = set(mask.stems) & set(mask.image_stems)
    assert len(paired) == (11 if "dog" in videos else 0)


def test_files_with_several_ids_in_numbered_folders_are_label_maps(tmp_path: Path) -> None:
    for video in ("001", "002"):
        for number in range(8):
            save(palette_image(label_map(number)), tmp_path / "masks" / video / f"{number:05}.png")
    (mask,) = found(tmp_path)
    assert (mask.layout, mask.pattern) == ("label-maps", "{dir}/{stem}.png")


def test_soft_masks_of_objects_stay_masks_of_objects(tmp_path: Path) -> None:
    draw_photos(tmp_path / "images", ["a", "b", "c"])
    for number, stem in enumerate("abc"):
        for item in range(3):
            small = Image.fromarray(binary(objects(number)[item])).resize((32, 24))
            save(
                np.asarray(small.resize((64, 48), Image.Resampling.BICUBIC)), tmp_path / "masks" / stem / f"{item}.png"
            )
    (mask,) = found(tmp_path)
    assert (mask.layout, mask.pattern) == ("object-masks", "{stem}/{object}.png")


def test_names_of_another_split_are_not_cut_until_they_fit(tmp_path: Path) -> None:
    for split, other in (("train", "val"), ("val", "train")):
        names = [str(number) for number in range(8)]
        draw_photos(tmp_path / "images" / split, [split + name for name in names])
        draw_ids(tmp_path / "masks" / split, [other + name for name in names])
    masks = found(tmp_path)
    assert [(mask.path, mask.pattern) for mask in masks] == [
        ("masks/train", "{stem}.png"), ("masks/val", "{stem}.png"),
    ]  # fmt: skip
    for mask in masks:
        assert mask.images_folder is not None
        assert not set(mask.stems) & set(mask.image_stems)


# names of folders


@pytest.mark.parametrize("name", ["preds", "pred", "outputs", "output", "out", "predictions", "results"])
def test_what_a_model_wrote_is_found_where_it_meets_images(name: str, tmp_path: Path) -> None:
    draw_photos(tmp_path / "images")
    draw_ids(tmp_path / name)
    assert summary(tmp_path) == [(name, "{stem}.png", "images")]


@pytest.mark.parametrize("name", ["preds", "outputs", "out", "pred"])
@pytest.mark.parametrize("videos", [("v1", "v2"), ("v1",), ("bear", "dog")])
def test_objects_of_videos_that_a_model_wrote_are_found(name: str, videos: tuple[str, ...], tmp_path: Path) -> None:
    frames = [f"{number:05}" for number in range(12)]
    for video in videos:
        draw_photos(tmp_path / "frames" / video, frames)
        for item in ("001", "002", "003"):
            draw_objects(tmp_path / name / video / item, frames)
    (mask,) = found(tmp_path)
    assert (mask.layout, len(mask.files), len(set(mask.stems))) == ("object-masks", 36 * len(videos), 12 * len(videos))
    assert set(mask.stems) == set(mask.image_stems)


def test_plots_that_a_model_wrote_are_no_masks(tmp_path: Path) -> None:
    draw_photos(tmp_path / "images")
    draw_ids(tmp_path / "outputs", ["loss", "accuracy"])
    assert not found(tmp_path)


def test_train_and_train_gt(tmp_path: Path) -> None:
    draw_photos(tmp_path / "train")
    draw_ids(tmp_path / "train_gt")
    assert summary(tmp_path) == [("train_gt", "{stem}.png", "train")]


def test_train_and_val_with_gt_of_each(tmp_path: Path) -> None:
    for split in ("train", "val"):
        draw_photos(tmp_path / split)
        draw_ids(tmp_path / f"{split}_gt")
    assert summary(tmp_path) == [("train_gt", "{stem}.png", "train"), ("val_gt", "{stem}.png", "val")]


def test_labels_that_are_called_approved(tmp_path: Path) -> None:
    names = [f"0016E5_{number:05}" for number in range(12)]
    for number, name in enumerate(names):
        save(
            Image.fromarray(np.asarray(palette_image(label_map(number)).convert("RGB"))),
            tmp_path / "LabeledApproved_full" / f"{name}_L.png",
        )
        save(
            np.random.default_rng(number).integers(0, 255, (48, 64, 3)).astype(np.uint8),
            tmp_path / "701_StillsRaw_full" / f"{name}.png",
        )
    assert summary(tmp_path) == [("LabeledApproved_full", "{stem}_L.png", "701_StillsRaw_full")]


def test_pictures_of_masks_for_people_are_neither_masks_nor_images(tmp_path: Path) -> None:
    draw_photos(tmp_path / "ds" / "img", ending=".png")
    draw_ids(tmp_path / "ds" / "masks_machine")
    draw_photos(tmp_path / "ds" / "masks_human", ending=".png")
    assert summary(tmp_path) == [("ds/masks_machine", "{stem}.png", "ds/img")]


def test_masks_of_humans_are_masks(tmp_path: Path) -> None:
    draw_photos(tmp_path / "images")
    draw_objects(tmp_path / "masks_human", [f"{number:04}" for number in range(8)])
    assert summary(tmp_path) == [("masks_human", "{stem}.png", "images")]


def test_coloured_pictures_of_labels_are_no_images(tmp_path: Path) -> None:
    for name in (f"aachen_{number:06}_000019_gtFine" for number in range(8)):
        draw_ids(tmp_path / "gtFine" / "train" / "aachen", [f"{name}_labelIds", f"{name}_color"])
    (mask,) = found(tmp_path)
    assert (mask.pattern, mask.images) == ("{stem}_gtFine_labelIds.png", [])


def test_a_folder_that_cannot_be_listed_is_not_said_to_be_empty(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    draw_photos(tmp_path / "images")
    masks = tmp_path / "masks"
    masks.mkdir()
    assert [mask.path for mask in find_mask_folders([str(tmp_path)], MaskOptions())] == [str(masks)]
    scandir = os.scandir

    def refuse(path: str) -> object:
        if str(path) == str(masks):
            raise PermissionError(13, "Permission denied", str(path))
        return scandir(path)

    monkeypatch.setattr(os, "scandir", refuse)
    assert not find_mask_folders([str(tmp_path)], MaskOptions())
    with pytest.raises(UsageError, match=r"--masks .*: it cannot be listed: "):
        find_mask_folders([], MaskOptions(masks=str(masks)))
