"""Folders that segment-anything's amg.py wrote, with and without their metadata.csv; and panoptic PNGs."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from tests.folders.test_folders import found
from tests.masks.drawn import draw_colours, draw_ids, draw_photos
from tests.masks.layouts import label_map, palette_image, save, write_amg_folder

BROKEN = {"empty": b"", "zeros": bytes(200), "binary": b"PK\3\4" + bytes(range(256)) * 8, "blank": b" \n\n"}


def write_dog(folder: Path, state: str) -> None:
    draw_photos(folder, ["dog"])
    write_amg_folder(folder / "dog", 0)
    path = folder / "dog" / "metadata.csv"
    text = path.read_text()
    path.unlink()
    if state == "folder":
        path.mkdir()
    elif state == "headless":
        path.write_text(text.partition("\n")[2])
    elif state in BROKEN:
        path.write_bytes(BROKEN[state])


@pytest.mark.parametrize("state", [*BROKEN, "headless"])
def test_a_folder_of_amg_is_one_whatever_became_of_its_metadata_csv(state: str, tmp_path: Path) -> None:
    write_dog(tmp_path, state)
    (mask,) = found(tmp_path)
    assert (mask.path, mask.layout, mask.pattern) == (".", "amg", "{stem}/{object}.png")
    assert (set(mask.stems), mask.image_stems, list(mask.metadata)) == ({"dog"}, ["dog"], ["dog"])
    (mask,) = found(tmp_path, "dog")
    assert (mask.path, mask.layout, mask.pattern, mask.required) == ("dog", "amg", "{object}.png", True)


@pytest.mark.parametrize("state", ["missing", "folder"])
def test_without_metadata_csv_it_holds_masks_of_objects(state: str, tmp_path: Path) -> None:
    write_dog(tmp_path, state)
    (mask,) = found(tmp_path)
    assert (mask.path, mask.layout, mask.pattern) == (".", "object-masks", "{stem}/{object}.png")
    assert (set(mask.stems), mask.image_stems, mask.metadata) == ({"dog"}, ["dog"], {})
    (mask,) = found(tmp_path, "dog")
    assert (mask.path, mask.layout, mask.pattern, mask.required) == ("dog", "object-masks", "{object}.png", True)
    assert (set(mask.stems), mask.objects) == ({"dog"}, ["0", "1", "2", "3", "4"])
    (mask,) = found(tmp_path, "dog", "dog.jpg")
    assert set(mask.stems) == {"dog"}


def test_numbered_pictures_beside_any_metadata_csv_are_no_masks(tmp_path: Path) -> None:
    draw_photos(tmp_path / "train", [str(number) for number in range(8)], ".png")
    (tmp_path / "train" / "metadata.csv").write_text("file_name,text\n0.png,a dog\n")
    assert not found(tmp_path)
    assert not found(tmp_path, "train")
    (tmp_path / "train" / "metadata.csv").write_text("")
    assert not found(tmp_path)


def test_numbered_label_maps_are_no_objects(tmp_path: Path) -> None:
    draw_ids(tmp_path / "dog", [str(number) for number in range(8)])
    assert [mask.layout for mask in found(tmp_path, "dog")] in ([], ["label-maps"])


def test_a_folder_that_has_lost_all_its_masks_keeps_its_metadata_csv(tmp_path: Path) -> None:
    draw_photos(tmp_path / "in", ["a", "b"])
    for number, name in enumerate("abc"):
        write_amg_folder(tmp_path / "out" / name, number)
    for path in (tmp_path / "out" / "c").glob("*.png"):
        path.unlink()
    (mask,) = found(tmp_path)
    assert (set(mask.stems), sorted(mask.metadata)) == ({"a", "b"}, ["a", "b", "c"])


# panoptic PNGs

JSON = b'{"images":[],"annotations":[{"image_id":1,"file_name":"a.png","segments_info":[]}]}'


@pytest.mark.parametrize("kind", ["grey", "palette", "colours"])
@pytest.mark.parametrize("name", ["examples", "panoptic_val2017"])
def test_pngs_of_a_panoptic_json_are_no_masks_whatever_they_are(kind: str, name: str, tmp_path: Path) -> None:
    draw_photos(tmp_path / "images")
    names = [f"{number:04}" for number in range(8)]
    if kind == "colours":
        draw_colours(tmp_path / "annotations" / name)
    for number, stem in enumerate(names if kind != "colours" else []):
        map_ = label_map(number)
        save(
            palette_image(map_) if kind == "palette" else np.asarray(map_, np.uint8),
            tmp_path / "annotations" / name / f"{stem}.png",
        )
    (tmp_path / "annotations" / f"{name}.json").write_bytes(JSON)
    assert not found(tmp_path)


def test_label_maps_beside_a_json_of_their_name_that_is_not_panoptic_are_masks(tmp_path: Path) -> None:
    draw_photos(tmp_path / "images")
    draw_ids(tmp_path / "masks")
    (tmp_path / "masks.json").write_bytes(b'{"images":[],"annotations":[{"segmentation":[]}]}')
    (mask,) = found(tmp_path)
    assert mask.path == "masks"


def test_a_json_with_many_images_before_its_segments_is_known(tmp_path: Path) -> None:
    draw_photos(tmp_path / "images")
    draw_ids(tmp_path / "val")
    blank = b" " * (3 << 20)
    (tmp_path / "val.json").write_bytes(b'{"images":[' + blank + b'],"annotations":[{"segments_info":[]}]}')
    assert not found(tmp_path)
