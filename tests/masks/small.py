"""Small clean datasets of every layout of masks, as bytes by path, so that a test can spoil one file of them."""

from __future__ import annotations

import io
import json
from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

Files = dict[str, bytes]
Ids = NDArray[Any]

WIDTH, HEIGHT = 64, 48
STEMS = [f"{number:04d}" for number in range(1, 13)]
METADATA = (
    "id,area,bbox_x0,bbox_y0,bbox_w,bbox_h,point_input_x,point_input_y,predicted_iou,stability_score,"
    "crop_box_x0,crop_box_y0,crop_box_w,crop_box_h"
)


def png(pixels: Ids, palette: bool = False) -> bytes:
    """8-bit grey, 16-bit grey, RGB or RGBA by type and shape; 8-bit with a palette."""
    image = Image.fromarray(pixels)
    if palette:
        image.putpalette(bytes((37 * index) % 256 for index in range(768)))
    return _saved(image, "PNG")


def jpeg(pixels: Ids, orientation: int | None = None, mode: str = "RGB") -> bytes:
    image = Image.fromarray(pixels).convert(mode)
    exif = Image.Exif()
    if orientation is not None:
        exif[0x0112] = orientation
    return _saved(image, "JPEG", exif=exif.tobytes(), quality=90)


def saved(pixels: Ids, form: str, **options: Any) -> bytes:
    return _saved(Image.fromarray(pixels), form, **options)


def _saved(image: Image.Image, form: str, **options: Any) -> bytes:
    target = io.BytesIO()
    image.save(target, form, **options)
    return target.getvalue()


def npy(array: NDArray[Any], *, pickles: bool = False) -> bytes:
    target = io.BytesIO()
    np.save(target, array, allow_pickle=pickles)
    return target.getvalue()


def photo(seed: int, width: int = WIDTH, height: int = HEIGHT) -> Ids:
    """A picture of smooth noise."""
    rng = np.random.default_rng(seed)
    small = Image.fromarray(rng.integers(0, 255, (6, 8, 3), dtype=np.uint8))
    return np.asarray(small.resize((width, height), Image.Resampling.BICUBIC))


def blob(seed: int, value: int = 255, width: int = WIDTH, height: int = HEIGHT) -> Ids:
    """One ellipse of `value`, which covers some 10 to 25 % of the frame."""
    rng = np.random.default_rng(seed)
    x, y = rng.integers(width // 3, 2 * width // 3), rng.integers(height // 3, 2 * height // 3)
    a, b = rng.integers(width // 5, width // 3), rng.integers(height // 5, height // 3)
    rows, columns = np.ogrid[:height, :width]
    inside = ((columns - x) / a) ** 2 + ((rows - y) / b) ** 2 <= 1
    return np.where(inside, value, 0).astype(np.uint8)


def cells(seed: int, count: int = 16) -> Ids:
    """Ids 1 to `count`, each a block of another size; the rest is 0."""
    rng = np.random.default_rng(seed)
    ids = np.zeros((HEIGHT, WIDTH), np.uint16)
    across = 6
    for number in range(count):
        top, left = 8 * (number // across) + 1, 10 * (number % across) + 1
        high, wide = rng.integers(4, 8), rng.integers(4, 10)
        ids[top : top + high, left : left + wide] = number + 1
    return ids


def objects(seed: int, count: int = 5) -> list[Ids]:
    """Masks of 0 and 255, nested and side by side; the first covers 60 % of the frame."""
    first = np.zeros((HEIGHT, WIDTH), np.uint8)
    first[4 + seed % 3 : 40, 2 : 50 + seed % 7] = 255
    return [first, *(blob(100 * seed + number) for number in range(1, count))]


def images(folder: str = "images") -> Files:
    return {f"{folder}/{stem}.jpg": jpeg(photo(int(stem.split("/")[-1]))) for stem in STEMS}


def salient() -> Files:
    """Masks of 0 and 255, one object an image."""
    return images() | {f"masks/{stem}.png": png(blob(int(stem))) for stem in STEMS}


def semantic() -> Files:
    """Palette images of classes with gaps, 255 around each object; one shows nothing, one a single class over all."""
    files = images("JPEGImages")
    for number, stem in enumerate(STEMS):
        ids = blob(number, 7 if number % 3 else 15)
        ids[ids == 0] = 1 if number == 5 else 0
        ids[2:12, 40:60] = 20 if number % 2 else ids[2:12, 40:60]
        ids[:, 30] = np.where(ids[:, 30] > 0, 255, ids[:, 30])
        if number == 6:
            ids[:] = 0
        if number == 7:
            ids[:] = 3
        files[f"SegmentationClass/{stem}.png"] = png(ids, palette=True)
    return files


def cityscapes() -> Files:
    """Ids from 0 to 33 on the whole frame, in the names of Cityscapes."""
    files: Files = {}
    for number, stem in enumerate(STEMS):
        ids = np.full((HEIGHT, WIDTH), 7, np.uint8)
        ids[:20] = 23
        ids[18:30, 5 + number : 25] = 26
        ids[25:35, 40 : 50 + number] = 24
        ids[-2:] = 1
        name = f"city_{stem}_000019"
        files[f"leftImg8bit/train/city/{name}_leftImg8bit.png"] = png(photo(number))
        files[f"gtFine/train/city/{name}_gtFine_labelIds.png"] = png(ids)
    return files


def sam() -> Files:
    """Label maps of 16 segments and more."""
    return images() | {
        f"sam_masks/{stem}.png": png(cells(int(stem), 15 + int(stem)).astype(np.uint8)) for stem in STEMS
    }


def unnamed() -> Files:
    """The same in a folder whose name does not say so."""
    return {name.replace("sam_masks", "masks"): content for name, content in sam().items()}


def instances() -> Files:
    """16-bit maps of 300 objects, with ids past 255."""
    files: Files = {}
    for number, stem in enumerate(STEMS):
        ids = np.arange(300, dtype=np.uint16).reshape(15, 20).repeat(12, 0).repeat(12, 1) + 1
        ids[::12, :] = ids[:, :: 11 - number % 3] = 0
        files[f"images/{stem}.jpg"] = jpeg(photo(number, ids.shape[1], ids.shape[0]))
        files[f"instance_masks/{stem}.png"] = png(ids)
    return files


def davis() -> Files:
    """Palette images of objects, a folder a video; one frame shows nothing."""
    files: Files = {}
    for video in ("bear", "goat"):
        for frame in range(5):
            ids = blob(frame, 1)
            if video == "goat":
                ids[30:40, 5 : 20 + frame] = 2
            if (video, frame) == ("bear", 4):
                ids[:] = 0
            files[f"JPEGImages/480p/{video}/{frame:05d}.jpg"] = jpeg(photo(frame))
            files[f"Annotations/480p/{video}/{frame:05d}.png"] = png(ids, palette=True)
    return files


def amg() -> Files:
    """What segment-anything writes: a folder an image, with metadata.csv."""
    files = images()
    for stem in STEMS:
        masks = objects(int(stem))
        files |= {f"sam_out/{stem}/{number}.png": png(mask) for number, mask in enumerate(masks)}
        files[f"sam_out/{stem}/metadata.csv"] = metadata(masks)
    return files


def metadata(masks: list[Ids]) -> bytes:
    lines = [METADATA]
    for number, mask in enumerate(masks):
        rows, columns = mask.nonzero()
        box = (
            (columns.min(), rows.min(), columns.max() - columns.min(), rows.max() - rows.min())
            if len(rows)
            else (0,) * 4
        )
        fields = [number, len(rows), *box, 12.5, 8.34375, 1.03417, 0.97, 0, 0, WIDTH, HEIGHT]
        lines.append(",".join(map(str, fields)))
    return ("\n".join(lines) + "\n").encode()


def folders_of_objects() -> Files:
    """A folder an image, a file an object."""
    files = images()
    for stem in STEMS:
        files |= {f"masks/{stem}/{number}.png": png(mask) for number, mask in enumerate(objects(int(stem)))}
    return files


def files_of_objects() -> Files:
    """A file an object, side by side."""
    files = images()
    for stem in STEMS:
        files |= {f"masks/{stem}_{number}.png": png(mask) for number, mask in enumerate(objects(int(stem)))}
    return files


def video_objects() -> Files:
    """SA-V: a folder an object, a file a frame; one object leaves the picture."""
    files: Files = {}
    for frame in range(8):
        name = f"{frame:05d}"
        files[f"JPEGImages/sav_1/{name}.jpg"] = jpeg(photo(frame))
        for number in range(3):
            mask = blob(10 * frame + number, 1) * (number != 2 or frame < 5)
            files[f"Annotations/sav_1/{number:03d}/{name}.png"] = png(mask.astype(np.uint8), palette=True)
    return files


def one_hot() -> Files:
    """Stacks of classes, the background first: each pixel is in one mask."""
    files = images()
    for stem in STEMS:
        ids = np.minimum(cells(int(stem), 12), 3)
        files[f"masks/{stem}.npy"] = npy(np.stack([ids == number for number in range(4)]))
    return files


def stacks() -> Files:
    """Stacks of objects that overlap, without the background."""
    files = images()
    for stem in STEMS:
        files[f"masks/{stem}.npy"] = npy(np.stack(objects(int(stem))) > 0)
    return files


def label_arrays() -> Files:
    """Label maps as .npy."""
    return images() | {f"masks/{stem}.npy": npy(cells(int(stem)).astype(np.int32)) for stem in STEMS}


def colours() -> Files:
    """Classes as colours."""
    table = np.array([[0, 0, 0], [128, 64, 128], [244, 35, 232], [70, 70, 70]], np.uint8)
    files = images()
    for stem in STEMS:
        files[f"masks/{stem}.png"] = png(table[np.minimum(cells(int(stem), 6), 3)])
    return files


def mattes() -> Files:
    """Masks with soft edges."""
    files = images()
    for stem in STEMS:
        large = Image.fromarray(blob(int(stem), 255, 4 * WIDTH, 4 * HEIGHT))
        files[f"masks/{stem}.png"] = png(np.asarray(large.resize((WIDTH, HEIGHT), Image.Resampling.BILINEAR)))
    return files


def defects() -> Files:
    """Masks of 0 and 1, most of them empty."""
    files = images()
    for number, stem in enumerate(STEMS):
        files[f"masks/{stem}.png"] = png(blob(number, 1 if number % 3 == 0 else 0))
    return files


def defect_folders() -> Files:
    """Masks of 0 and 255 in a folder for each kind of defect."""
    files: Files = {}
    for number in range(12):
        name = f"{('crack', 'hole', 'stain')[number % 3]}/{number:03d}"
        files[f"test/{name}.png"] = png(photo(number))
        files[f"ground_truth/{name}_mask.png"] = png(blob(number))
    return files


def sa_1b() -> Files:
    """A document an image, beside it."""
    from pycocotools import mask as coco

    files: Files = {}
    for number in range(1, 5):
        annotations = []
        for at, mask in enumerate(objects(number)):
            rle = coco.encode(np.asfortranarray(mask > 0))
            record = {
                "id": 100 * number + at, "segmentation": {"size": rle["size"], "counts": rle["counts"].decode()},
                "bbox": coco.toBbox(rle).tolist(), "area": int(coco.area(rle)), "predicted_iou": 0.98,
                "stability_score": 0.97, "crop_box": [0, 0, WIDTH, HEIGHT], "point_coords": [[12.5, 8.5]],
            }  # fmt: skip
            annotations.append(record)
        image = {"image_id": number, "width": WIDTH, "height": HEIGHT, "file_name": f"sa_{number}.jpg"}
        document = {"image": image, "annotations": annotations}
        files[f"sa_{number}.json"] = json.dumps(document).encode()
        files[f"sa_{number}.jpg"] = jpeg(photo(number))
    return files


def alone() -> Files:
    """Masks without any images."""
    return {f"masks/{stem}.png": png(blob(int(stem))) for stem in STEMS}


CLEAN: dict[str, Callable[[], Files]] = {
    builder.__name__: builder
    for builder in (
        salient, semantic, cityscapes, sam, unnamed, instances, davis, amg, folders_of_objects, files_of_objects,
        video_objects, one_hot, stacks, label_arrays, colours, mattes, defects, defect_folders, sa_1b, alone,
    )
}  # fmt: skip
"""Every layout by its name."""
