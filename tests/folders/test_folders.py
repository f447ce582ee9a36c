"""Which folders are taken for masks, and which images belong to them."""

from __future__ import annotations

import os
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from datacheck.folders.find import MaskFolder, MaskOptions, find_mask_folders
from tests.masks.drawn import (
    NAMES,
    draw_colours,
    draw_depth,
    draw_grey_photos,
    draw_ids,
    draw_photos,
    write_arrays,
    write_bytes,
)  # fmt: skip
from tests.masks.layouts import LAYOUTS, binary, label_map, objects, save, write_amg_folder

LFS = b"version https://git-lfs.github.com/spec/v1\noid sha256:12\nsize 1234\n"


def found(folder: Path, *paths: str) -> list[MaskFolder]:
    """Masks in `folder`, or in these paths below it; their own paths are made relative to it."""
    masks = find_mask_folders([str(folder / path) for path in paths or ("",)], MaskOptions())
    for mask in masks:
        mask.path = os.path.relpath(mask.path, folder)
        mask.images_folder = os.path.relpath(mask.images_folder, folder) if mask.images_folder else None
    return masks


def summary(folder: Path) -> list[tuple[str, str, str | None]]:
    """(folder, pattern, folder of images)"""
    return [(mask.path, mask.pattern, mask.images_folder) for mask in found(folder)]


@pytest.mark.parametrize("name", LAYOUTS)
def test_every_layout_is_found_with_its_images(name: str, tmp_path: Path) -> None:
    if name == "pt":
        pytest.importorskip("torch")
    data = tmp_path / "d"
    data.mkdir()
    expected = LAYOUTS[name](data)
    (mask,) = found(data)
    assert (mask.path, mask.layout, mask.pattern) == (expected.path, expected.layout, expected.pattern)
    assert mask.images_folder == expected.images
    assert (len(mask.files), len(set(mask.stems)), len(mask.images)) == (
        expected.files, expected.sets, expected.image_count,
    )  # fmt: skip
    assert mask.expects_many == expected.expects_many
    assert set(mask.stems) == set(mask.image_stems)
    assert len(set(mask.image_stems)) == len(mask.image_stems)
    assert mask.required == (expected.path == ".")
    _check_lists(mask, data)


def _check_lists(mask: MaskFolder, data: Path) -> None:
    assert mask.names == sorted(mask.names)
    assert mask.image_names == sorted(mask.image_names)
    assert len(mask.names) == len(mask.files) == len(mask.stems) == len(mask.objects)
    assert len(mask.images) == len(mask.image_names) == len(mask.image_stems)
    assert mask.files == [str(data / mask.path / name) for name in mask.names]
    assert all(map(os.path.isfile, [*mask.files, *mask.images, *mask.metadata.values()]))
    assert mask.images == [str(data / (mask.images_folder or "") / name) for name in mask.image_names]


# what is no mask


def test_pictures_are_no_masks(tmp_path: Path) -> None:
    draw_photos(tmp_path / "a")
    draw_photos(tmp_path / "b", ending=".png")
    draw_grey_photos(tmp_path / "c")
    draw_photos(tmp_path / "labels")
    assert not found(tmp_path)


def test_features_are_no_masks(tmp_path: Path) -> None:
    draw_photos(tmp_path / "images")
    write_arrays(tmp_path / "feats")
    write_arrays(tmp_path / "x")
    write_arrays(tmp_path / "sam")
    write_bytes(tmp_path / "segment" / "weights", ["best.pt", "last.pt"], b"PK\x03\x04" + bytes(40))
    assert not found(tmp_path)


def test_depth_is_no_mask_whatever_its_folder_is_called(tmp_path: Path) -> None:
    draw_photos(tmp_path / "rgb")
    for folder in ("depth", "range", "depth/gt", "disparity"):
        draw_depth(tmp_path / folder)
    assert not found(tmp_path)


def test_targets_of_restoration_are_no_masks(tmp_path: Path) -> None:
    for folder in ("input", "gt", "train/lq", "train/gt"):
        draw_photos(tmp_path / folder, ending=".png")
    draw_photos(tmp_path / "blur")
    draw_photos(tmp_path / "gt2" / "gt")
    assert not found(tmp_path)


def test_hidden_folders_packages_and_thumbnails_are_passed_over(tmp_path: Path) -> None:
    draw_photos(tmp_path / "images")
    for folder in ("node_modules/masks", ".cache/masks", "__MACOSX/masks", "thumbnails", "masks_overlay"):
        draw_ids(tmp_path / folder)
    draw_ids(tmp_path / "x", ["._0000", ".0001"])
    assert not found(tmp_path)


def test_folders_of_classes_are_no_masks(tmp_path: Path) -> None:
    for digit in range(10):
        draw_ids(tmp_path / "training" / str(digit), [str(digit + 10 * n) for n in range(4)])
    assert not found(tmp_path)


def test_drawings_of_a_web_site_are_no_masks(tmp_path: Path) -> None:
    draw_ids(tmp_path / "static" / "img", ["a", "b"])
    draw_ids(tmp_path / "assets", ["logo", "bar"])
    draw_colours(tmp_path / "docs" / "labels", ["x", "y"])
    assert not found(tmp_path)


def test_what_a_training_run_leaves_is_no_mask(tmp_path: Path) -> None:
    run = tmp_path / "runs" / "segment" / "train"
    draw_photos(run, ["confusion_matrix", "results"], ".png")
    draw_photos(run, ["labels", "val_batch0_labels", "val_batch0_pred", "train_batch0"])
    draw_photos(tmp_path / "images" / "train")
    write_bytes(tmp_path / "labels" / "train", [f"{name}.txt" for name in NAMES], b"0 0.5 0.5 0.1 0.1\n")
    assert not found(tmp_path)


def test_panoptic_pngs_belong_to_their_json(tmp_path: Path) -> None:
    draw_photos(tmp_path / "train2017")
    draw_colours(tmp_path / "annotations" / "panoptic_train2017")
    draw_colours(tmp_path / "annotations" / "segments")
    write_bytes(tmp_path / "annotations", ["panoptic_train2017.json", "segments.json"], b"{}")
    assert not found(tmp_path)
    draw_ids(tmp_path / "annotations" / "panoptic_semseg_train2017")
    (mask,) = found(tmp_path)
    assert mask.path == "annotations/panoptic_semseg_train2017"
    assert not mask.expects_many


def test_an_empty_folder_and_a_path_that_is_not_there_give_nothing(tmp_path: Path) -> None:
    (tmp_path / "masks").mkdir()
    assert not found(tmp_path)
    assert not found(tmp_path, "nothing")
    assert not find_mask_folders(["a\0b"], MaskOptions())


# what is


def test_masks_without_any_image_are_found_by_the_name_of_their_folder(tmp_path: Path) -> None:
    draw_ids(tmp_path / "masks")
    assert summary(tmp_path) == [("masks", "{stem}.png", None)]


def test_pointers_and_empty_files_in_a_folder_of_masks_are_masks(tmp_path: Path) -> None:
    draw_photos(tmp_path / "images")
    write_bytes(tmp_path / "masks", [f"{name}.png" for name in NAMES[:4]], LFS)
    write_bytes(tmp_path / "masks", [f"{name}.png" for name in NAMES[4:]])
    assert summary(tmp_path) == [("masks", "{stem}.png", "images")]


def test_photos_in_a_folder_of_masks_are_taken_so_that_a_rule_can_say_so(tmp_path: Path) -> None:
    draw_photos(tmp_path / "images")
    draw_grey_photos(tmp_path / "masks")
    assert summary(tmp_path) == [("masks", "{stem}.png", "images")]


def test_jpegs_are_masks_where_the_folder_says_so(tmp_path: Path) -> None:
    draw_photos(tmp_path / "images")
    draw_photos(tmp_path / "masks")
    assert summary(tmp_path) == [("masks", "{stem}.jpg", "images")]


def test_scores_are_masks_where_the_folder_says_so(tmp_path: Path) -> None:
    draw_photos(tmp_path / "images")
    write_arrays(tmp_path / "masks")
    write_arrays(tmp_path / "x", make=lambda number: label_map(number).astype(np.float64))
    assert summary(tmp_path) == [("masks", "{stem}.npy", "images"), ("x", "{stem}.npy", "images")]


def test_ids_beside_photos_of_the_same_names_need_no_name(tmp_path: Path) -> None:
    draw_photos(tmp_path / "a")
    draw_ids(tmp_path / "a")
    assert summary(tmp_path) == [("a", "{stem}.png", "a")]


def test_an_empty_folder_of_masks_beside_images_is_found(tmp_path: Path) -> None:
    draw_photos(tmp_path / "images")
    (tmp_path / "sam_masks").mkdir()
    (mask,) = found(tmp_path)
    assert (mask.path, mask.files, len(mask.images), mask.expects_many) == ("sam_masks", [], 8, True)


# their images


def test_masks_that_match_no_image_still_get_the_folder_beside_them(tmp_path: Path) -> None:
    draw_photos(tmp_path / "images", [f"IMG_{n}" for n in "abcdefgh"])
    draw_ids(tmp_path / "masks", [f"{n}" for n in range(3, 11)])
    (mask,) = found(tmp_path)
    assert (mask.path, mask.images_folder, len(mask.images)) == ("masks", "images", 8)
    assert not set(mask.stems) & set(mask.image_stems)


def test_leading_zeros_do_not_part_masks_from_their_images(tmp_path: Path) -> None:
    draw_photos(tmp_path / "x", [f"img_{n:03}" for n in range(1, 9)])
    draw_ids(tmp_path / "labels", [f"img_{n}" for n in range(1, 9)])
    (mask,) = found(tmp_path)
    assert (mask.images_folder, mask.stems[0], mask.image_stems[0]) == ("x", "img_1", "img_001")


@pytest.mark.parametrize("order", ["{kind}/{split}", "{split}/{kind}"])
def test_splits_stay_apart_though_their_files_have_the_same_names(order: str, tmp_path: Path) -> None:
    for split in ("train", "val"):
        draw_photos(tmp_path / order.format(kind="images", split=split))
        draw_ids(tmp_path / order.format(kind="masks", split=split))
    assert summary(tmp_path) == sorted(
        (order.format(kind="masks", split=split), "{stem}.png", order.format(kind="images", split=split))
        for split in ("train", "val")
    )


def test_another_split_is_no_counterpart(tmp_path: Path) -> None:
    draw_photos(tmp_path / "images" / "train")
    draw_ids(tmp_path / "masks" / "val")
    assert summary(tmp_path) == [("masks/val", "{stem}.png", None)]


def test_data_sets_beside_one_another_keep_their_images(tmp_path: Path) -> None:
    for data_set in ("a", "b", "c"):
        draw_photos(tmp_path / data_set / "images")
        draw_ids(tmp_path / data_set / "masks")
        draw_photos(tmp_path / f"{data_set}x" / "p")
        draw_ids(tmp_path / f"{data_set}x" / "q")
    assert summary(tmp_path) == sorted(
        pair for d in ("a", "b", "c")
        for pair in ((f"{d}/masks", "{stem}.png", f"{d}/images"), (f"{d}x/q", "{stem}.png", f"{d}x/p"))
    )  # fmt: skip


def test_many_scenes_are_one_source(tmp_path: Path) -> None:
    for scene in "abcdef":
        draw_photos(tmp_path / scene / "images", NAMES[:3])
        draw_ids(tmp_path / scene / "masks", NAMES[:3])
    assert summary(tmp_path) == [(".", "{dir}/masks/{stem}.png", ".")]


def test_clips_are_matched_clip_by_clip(tmp_path: Path) -> None:
    for clip in ("clip_01", "clip_02"):
        draw_photos(tmp_path / "clips" / clip)
        draw_ids(tmp_path / "sam_masks" / clip)
    (mask,) = found(tmp_path)
    assert (mask.path, mask.pattern, mask.images_folder) == ("sam_masks", "{dir}/{stem}.png", "clips")
    assert mask.stems == mask.image_stems
    assert mask.stems[0] == "clip_01/0000"


def test_nothing_outside_of_what_was_named_is_read(tmp_path: Path) -> None:
    draw_photos(tmp_path / "images")
    draw_ids(tmp_path / "masks")
    (mask,) = found(tmp_path, "masks")
    assert (mask.path, mask.images_folder, mask.images, mask.required) == ("masks", None, [], True)
    (mask,) = found(tmp_path, "masks", "images")
    assert (mask.path, mask.images_folder, mask.required) == ("masks", "images", True)


# public data sets, by the names of their folders


def test_voc(tmp_path: Path) -> None:
    draw_photos(tmp_path / "VOC2012" / "JPEGImages")
    draw_ids(tmp_path / "VOC2012" / "SegmentationClass", NAMES[:3])
    draw_ids(tmp_path / "VOC2012" / "SegmentationObject", NAMES[:3])
    masks = found(tmp_path)
    assert [(m.path, m.images_folder, m.expects_many) for m in masks] == [
        ("VOC2012/SegmentationClass", "VOC2012/JPEGImages", False),
        ("VOC2012/SegmentationObject", "VOC2012/JPEGImages", True),
    ]


def test_coco_stuff(tmp_path: Path) -> None:
    for split in ("train2017", "val2017"):
        draw_photos(tmp_path / split)
        draw_ids(tmp_path / "stuffthingmaps" / split)
    assert summary(tmp_path) == [
        (f"stuffthingmaps/{split}", "{stem}.png", split) for split in ("train2017", "val2017")
    ]  # fmt: skip


def test_kitti(tmp_path: Path) -> None:
    draw_photos(tmp_path / "training" / "image_2", ending=".png")
    draw_ids(tmp_path / "training" / "semantic")
    draw_ids(tmp_path / "training" / "instance")
    draw_colours(tmp_path / "training" / "semantic_rgb")
    assert summary(tmp_path) == [
        ("training/instance", "{stem}.png", "training/image_2"),
        ("training/semantic", "{stem}.png", "training/image_2"),
    ]


def test_camvid_with_colours_and_a_suffix_of_its_own(tmp_path: Path) -> None:
    draw_photos(tmp_path / "train", ending=".png")
    draw_colours(tmp_path / "train_labels", [f"{name}_L" for name in NAMES])
    assert summary(tmp_path) == [("train_labels", "{stem}_L.png", "train")]


def test_drive_whose_names_have_nothing_but_a_number_in_common(tmp_path: Path) -> None:
    for number in range(21, 30):
        save(Image.fromarray(label_map(number)), tmp_path / "training" / "images" / f"{number}_training.tif")
        mask = Image.fromarray(binary(objects(number)[0]))
        save(mask, tmp_path / "training" / "1st_manual" / f"{number}_manual1.gif")
        save(mask, tmp_path / "training" / "mask" / f"{number}_training_mask.gif")
    assert summary(tmp_path) == [
        ("training/1st_manual", "{stem}_manual1.gif", "training/images"),
        ("training/mask", "{stem}_mask.gif", "training/images"),
    ]


def test_deep_globe_with_both_suffixes_in_one_folder(tmp_path: Path) -> None:
    draw_photos(tmp_path / "train", [f"{name}_sat" for name in NAMES])
    draw_colours(tmp_path / "train", [f"{name}_mask" for name in NAMES])
    (mask,) = found(tmp_path)
    assert (mask.path, mask.pattern, mask.stems) == ("train", "{stem}_mask.png", NAMES)
    assert mask.image_stems == NAMES
    assert mask.image_pattern == "{stem}_sat.jpg"


def test_the_pattern_of_images_shows_what_their_names_have_besides_the_stem(tmp_path: Path) -> None:
    draw_photos(tmp_path / "frames", [f"frame_{name}" for name in NAMES])
    draw_ids(tmp_path / "masks")
    (mask,) = found(tmp_path)
    assert (mask.pattern, mask.image_pattern, mask.stems) == ("{stem}.png", "frame_{stem}.jpg", mask.image_stems)


def test_busi_with_further_masks_of_some_images(tmp_path: Path) -> None:
    names = [f"benign ({number})" for number in range(1, 9)]
    draw_photos(tmp_path / "benign", names, ".png")
    draw_ids(tmp_path / "benign", [f"{name}_mask" for name in names])
    draw_ids(tmp_path / "benign", ["benign (3)_mask_1", "benign (4)_mask_1"])
    (mask,) = found(tmp_path)
    assert (mask.pattern, len(mask.files), len(mask.images)) == ("{stem}_mask.png", 10, 8)
    assert set(mask.stems) == set(mask.image_stems)
    assert mask.objects[mask.names.index("benign (3)_mask_1.png")] == "1"


def test_mvtec_with_good_images_that_have_no_mask(tmp_path: Path) -> None:
    for kind in ("broken", "good", "small"):
        draw_photos(tmp_path / "bottle" / "test" / kind, ending=".png")
    draw_photos(tmp_path / "bottle" / "train" / "good", ending=".png")
    for kind in ("broken", "small"):
        draw_ids(tmp_path / "bottle" / "ground_truth" / kind, [f"{name}_mask" for name in NAMES])
    assert summary(tmp_path) == [("bottle/ground_truth", "{dir}/{stem}_mask.png", "bottle/test")]


def test_labelme(tmp_path: Path) -> None:
    for name in NAMES:
        draw_ids(tmp_path / f"{name}_json", ["label"])
        draw_photos(tmp_path / f"{name}_json", ["img"], ".png")
        draw_colours(tmp_path / f"{name}_json", ["label_viz"])
    assert summary(tmp_path) == [(".", "{stem}/label.png", ".")]


def test_a_mask_of_each_class(tmp_path: Path) -> None:
    draw_photos(tmp_path / "images")
    draw_ids(tmp_path / "masks" / "cat", NAMES[:5])
    draw_ids(tmp_path / "masks" / "dog", NAMES[2:])
    (mask,) = found(tmp_path)
    assert (mask.layout, mask.pattern, set(mask.objects)) == ("object-masks", "{object}/{stem}.png", {"cat", "dog"})


# objects


def test_names_alone_tell_objects_from_frames(tmp_path: Path) -> None:
    for video in ("a", "b", "c"):
        draw_ids(tmp_path / "1" / "sam_masks" / video, ["0", "1", "2"])
        draw_ids(tmp_path / "2" / "Annotations" / video, ["00000", "00001", "00002"])
        draw_ids(tmp_path / "3" / "masks" / video / "000", ["00000", "00004"])
        draw_ids(tmp_path / "3" / "masks" / video / "001", ["00000", "00004"])
    assert [(m.path, m.layout, m.pattern) for m in found(tmp_path)] == [
        ("1/sam_masks", "object-masks", "{stem}/{object}.png"),
        ("2/Annotations", "label-maps", "{dir}/{stem}.png"),
        ("3/masks", "object-masks", "{dir}/{object}/{stem}.png"),
    ]


def test_objects_in_folders_without_any_name_that_says_so(tmp_path: Path) -> None:
    draw_photos(tmp_path, ["dog", "cat"])
    for name in ("dog", "cat"):
        draw_ids(tmp_path / name, ["0", "1", "2"])
    assert summary(tmp_path) == [(".", "{stem}/{object}.png", ".")]


def test_frames_that_are_numbered_are_not_taken_for_objects(tmp_path: Path) -> None:
    draw_photos(tmp_path / "images", [f"frame_{n}" for n in range(8)])
    draw_ids(tmp_path / "masks", [f"frame_{n}" for n in range(8)])
    draw_ids(tmp_path / "other" / "masks", [f"frame_{n}" for n in range(8)])
    assert {mask.layout for mask in found(tmp_path)} == {"label-maps"}


def test_masks_of_several_formats_are_one_source_unless_they_are_of_the_same_images(tmp_path: Path) -> None:
    draw_photos(tmp_path / "1" / "images")
    draw_ids(tmp_path / "1" / "masks", NAMES[:5])
    write_arrays(tmp_path / "1" / "masks", NAMES[5:], label_map)
    draw_photos(tmp_path / "2" / "images")
    draw_ids(tmp_path / "2" / "masks")
    write_arrays(tmp_path / "2" / "masks", make=label_map)
    masks = found(tmp_path)
    assert [(m.path, m.pattern, len(m.files)) for m in masks] == [
        ("1/masks", "{stem}.png", 8),
        ("2/masks", "{stem}.npy", 8),
        ("2/masks", "{stem}.png", 8),
    ]


def test_a_mask_that_is_named_unlike_the_others_is_kept(tmp_path: Path) -> None:
    draw_photos(tmp_path / "images")
    draw_ids(tmp_path / "masks", [f"{name}_mask" for name in NAMES[:-1]])
    draw_ids(tmp_path / "masks", ["stray"])
    (mask,) = found(tmp_path)
    assert (mask.pattern, mask.stems) == ("{stem}_mask.png", [*NAMES[:-1], "stray"])


# what segment-anything's amg.py writes


def test_a_folder_of_amg_without_a_good_metadata_csv_is_still_one_beside_others(tmp_path: Path) -> None:
    draw_photos(tmp_path / "images", ["a", "b", "c", "d", "e"])
    for number, name in enumerate("abcde"):
        write_amg_folder(tmp_path / "out" / name, number)
    (tmp_path / "out" / "b" / "metadata.csv").unlink()
    (tmp_path / "out" / "c" / "metadata.csv").write_text("")
    (tmp_path / "out" / "d" / "metadata.csv").write_bytes(b"PK\3\4" + bytes(99))
    for path in (tmp_path / "out" / "e").glob("*.png"):
        path.unlink()
    draw_ids(tmp_path / "out" / "f" / "x", ["0", "1"])
    mask = found(tmp_path)[0]
    assert (mask.path, mask.layout, mask.images_folder) == ("out", "amg", "images")
    assert (sorted(set(mask.stems)), sorted(mask.metadata)) == (["a", "b", "c", "d"], ["a", "c", "d", "e"])
    assert mask.image_stems == ["a", "b", "c", "d", "e"]


def test_folders_of_numbered_masks_without_any_good_metadata_csv_hold_object_masks(tmp_path: Path) -> None:
    draw_photos(tmp_path / "images", ["a", "b"])
    for number, name in enumerate("ab"):
        write_amg_folder(tmp_path / "out" / name, number)
        (tmp_path / "out" / name / "metadata.csv").write_text("file_name,text\n")
    (mask,) = found(tmp_path)
    assert (mask.layout, mask.pattern, mask.metadata) == ("object-masks", "{stem}/{object}.png", {})


def test_one_folder_of_amg_that_was_named_itself_has_no_images(tmp_path: Path) -> None:
    draw_photos(tmp_path, ["dog"])
    write_amg_folder(tmp_path / "dog", 0)
    (mask,) = found(tmp_path, "dog")
    assert (mask.path, mask.pattern, mask.required) == ("dog", "{object}.png", True)
    assert (set(mask.stems), mask.objects, mask.images) == ({"dog"}, ["0", "1", "2", "3", "4"], [])
    assert list(mask.metadata) == ["dog"]
    (mask,) = found(tmp_path, "dog", "dog.jpg")
    assert (set(mask.stems), list(mask.metadata)) == ({"dog"}, ["dog"])
    (mask,) = found(tmp_path)
    assert (mask.path, mask.pattern, mask.image_stems) == (".", "{stem}/{object}.png", ["dog"])


def test_folders_of_amg_that_a_shell_has_listed_are_one_source(tmp_path: Path) -> None:
    for number, name in enumerate("abc"):
        write_amg_folder(tmp_path / "out" / name, number)
    (mask,) = found(tmp_path, "out/a", "out/b", "out/c")
    assert (mask.path, mask.pattern, len(mask.metadata)) == ("out", "{stem}/{object}.png", 3)


# files that were named themselves


def test_a_single_mask_file_is_a_source(tmp_path: Path) -> None:
    draw_ids(tmp_path, ["a"])
    write_arrays(tmp_path, ["b"], label_map)
    write_bytes(tmp_path, ["c.png"], LFS)
    for name in ("a.png", "b.npy", "c.png"):
        (mask,) = found(tmp_path, name)
        assert (mask.path, mask.layout, mask.pattern, mask.names) == (name, "label-maps", name, [name])
        assert mask.required


def test_a_single_picture_is_none(tmp_path: Path) -> None:
    draw_photos(tmp_path, ["a"])
    draw_photos(tmp_path, ["b"], ".png")
    write_arrays(tmp_path, ["c"])
    write_bytes(tmp_path, ["d.pt"], b"PK\x03\x04" + bytes(40))
    assert not found(tmp_path, "a.jpg")
    assert not found(tmp_path, "b.png")
    assert not found(tmp_path, "c.npy")
    assert not found(tmp_path, "d.pt")


def test_files_that_a_shell_has_listed_are_one_source(tmp_path: Path) -> None:
    draw_photos(tmp_path / "images")
    draw_ids(tmp_path / "masks")
    (mask,) = found(tmp_path, *(f"masks/{name}.png" for name in NAMES[:5]), *(f"images/{name}.jpg" for name in NAMES))
    assert (mask.path, len(mask.files), len(mask.images), mask.required) == ("masks", 5, 8, True)


def test_paths_are_those_that_were_typed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    draw_photos(tmp_path / "images")
    draw_ids(tmp_path / "masks")
    monkeypatch.chdir(tmp_path)
    for typed, path, first in ((".", "masks", "masks/0000.png"), ("./masks", "./masks", "./masks/0000.png")):
        (mask,) = find_mask_folders([typed], MaskOptions())
        assert (mask.path, mask.files[0]) == (path, first)
    monkeypatch.chdir(tmp_path / "masks")
    (mask,) = find_mask_folders(["."], MaskOptions())
    assert (mask.path, mask.files[0], mask.required) == (".", "0000.png", True)


def test_paths_that_hold_one_another_are_searched_once(tmp_path: Path) -> None:
    draw_photos(tmp_path / "images")
    draw_ids(tmp_path / "masks")
    (mask,) = found(tmp_path, "", "masks", "masks/0000.png", "images")
    assert (mask.images_folder, mask.required, len(mask.files)) == ("images", True, 8)
