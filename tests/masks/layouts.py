"""Small clean data sets of masks, one in every layout that is known: `LAYOUTS[name](folder)` writes one.

Each has twelve images of 64 x 48 pixels with five objects (the salient ones: one object), drawn from the number of the
image alone, so that two runs write the same bytes. No mask is empty, full, or the same as another.
"""

from __future__ import annotations

import csv
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image

WIDTH, HEIGHT, OBJECTS, COUNT = 64, 48, 5, 12

Mask = NDArray[np.bool_]
Ids = NDArray[np.uint8]


@dataclass(frozen=True)
class Expected:
    """What is to be found in the folder that was written. Paths are below it."""

    path: str
    layout: str
    pattern: str
    images: str | None
    files: int
    sets: int = COUNT
    expects_many: bool = False
    image_count: int = COUNT


def objects(number: int) -> list[Mask]:
    """Five ellipses that do not touch, one in each of five cells of the frame: bool, [H, W]."""
    random = np.random.default_rng(number)
    y, x = np.mgrid[:HEIGHT, :WIDTH]
    found = []
    for cell in range(OBJECTS):
        column, row = cell % 3, cell // 3
        cx, cy = 11 + 21 * column + random.uniform(-1.5, 1.5), 12 + 24 * row + random.uniform(-2, 2)
        rx, ry = random.uniform(4, 8), random.uniform(4, 8)
        found.append(((x - cx) / rx) ** 2 + ((y - cy) / ry) ** 2 <= 1)
    return found


def label_map(number: int) -> Ids:
    """The same objects as ids 1 to 5 on 0: uint8, [H, W]."""
    ids = np.zeros((HEIGHT, WIDTH), np.uint8)
    for value, mask in enumerate(objects(number), 1):
        ids[mask] = value
    return ids


def photo(number: int) -> Image.Image:
    """An image on which the objects can be seen; it has the noise of a photograph."""
    random = np.random.default_rng(1000 + number)
    pixels = np.linspace(60, 200, WIDTH)[None, :, None] + random.normal(0, 12, (HEIGHT, WIDTH, 3))
    for mask in objects(number):
        pixels[mask] += random.uniform(-60, 60, 3)
    return Image.fromarray(pixels.clip(0, 255).astype(np.uint8))


def palette_image(ids: Ids) -> Image.Image:
    """Ids as a palette PNG, with the colours of VOC and DAVIS."""
    image = Image.fromarray(ids)
    image.putpalette([value for index in range(256) for value in voc_colour(index)])
    return image


def voc_colour(index: int) -> tuple[int, int, int]:
    """Colour of an id: its bits, dealt to red, green and blue in turn, the lowest to the highest bit of each."""
    colour = [0, 0, 0]
    for bit in range(8):
        colour[bit % 3] |= (index >> bit & 1) << (7 - bit // 3)
    return colour[0], colour[1], colour[2]


def save(image: Image.Image | NDArray[np.uint8] | NDArray[np.uint16], path: Path) -> None:
    """Write one picture, with the folders it lies in."""
    path.parent.mkdir(parents=True, exist_ok=True)
    (image if isinstance(image, Image.Image) else Image.fromarray(image)).save(path)


def binary(mask: Mask) -> NDArray[np.uint8]:
    return mask.astype(np.uint8) * 255


def stems() -> list[str]:
    """Names of the images: numbers with leading zeros, and gaps."""
    return [f"{1000 + 7 * number:06}" for number in range(COUNT)]


def photos(folder: Path, ending: str = ".jpg", prefix: str = "") -> None:
    for number, stem in enumerate(stems()):
        save(photo(number), folder / f"{prefix}{stem}{ending}")


# one file an object


def write_amg_folder(folder: Path, number: int) -> None:
    """What segment-anything's amg.py writes for one image."""
    rows = []
    for item, mask in enumerate(objects(number)):
        save(binary(mask), folder / f"{item}.png")
        y, x = np.nonzero(mask)
        x0, y0 = int(x.min()), int(y.min())
        box = [x0, y0, int(x.max()) - x0, int(y.max()) - y0]
        point = [float(x.mean()), float(y.mean())]
        scores = [1.01 - 0.01 * item, 0.97 + 0.001 * number]
        rows.append([item, int(mask.sum()), *box, *point, *scores, 0, 0, WIDTH, HEIGHT])
    with open(folder / "metadata.csv", "w", newline="") as file:
        names = "id,area,bbox_x0,bbox_y0,bbox_w,bbox_h,point_input_x,point_input_y,predicted_iou,stability_score"
        file.write(names + ",crop_box_x0,crop_box_y0,crop_box_w,crop_box_h\n")
        csv.writer(file, lineterminator="\n").writerows(rows)


def amg(folder: Path) -> Expected:
    photos(folder / "images")
    for number, stem in enumerate(stems()):
        write_amg_folder(folder / "sam_out" / stem, number)
    return Expected("sam_out", "amg", "{stem}/{object}.png", "images", COUNT * OBJECTS, expects_many=True)


def amg_beside(folder: Path) -> Expected:
    photos(folder)
    for number, stem in enumerate(stems()):
        write_amg_folder(folder / stem, number)
    return Expected(".", "amg", "{stem}/{object}.png", ".", COUNT * OBJECTS, expects_many=True)


def object_folders(folder: Path) -> Expected:
    photos(folder / "images")
    for number, stem in enumerate(stems()):
        for item, mask in enumerate(objects(number)):
            save(binary(mask), folder / "masks" / stem / f"{item}.png")
    return Expected("masks", "object-masks", "{stem}/{object}.png", "images", COUNT * OBJECTS, expects_many=True)


def object_files(folder: Path) -> Expected:
    photos(folder / "images")
    for number, stem in enumerate(stems()):
        for item, mask in enumerate(objects(number)):
            save(binary(mask), folder / "masks" / f"{stem}_{item}.png")
    return Expected("masks", "object-masks", "{stem}_{object}.png", "images", COUNT * OBJECTS, expects_many=True)


def sa_v(folder: Path) -> Expected:
    """Three videos of four frames."""
    for number in range(COUNT):
        video, frame = f"sav_00{number // 4}", f"{number % 4 * 4:05}"
        save(photo(number), folder / "frames" / video / f"{frame}.jpg")
        for item, mask in enumerate(objects(number)):
            save(binary(mask), folder / "masks" / video / f"{item:03}" / f"{frame}.png")
    pattern = "{dir}/{object}/{stem}.png"
    return Expected("masks", "object-masks", pattern, "frames", COUNT * OBJECTS, expects_many=True)


def bowl(folder: Path) -> Expected:
    """A folder an image, with its image and the masks of its nuclei, as in the Data Science Bowl 2018."""
    for number, stem in enumerate(stems()):
        save(photo(number), folder / stem / "images" / f"{stem}.png")
        for item, mask in enumerate(objects(number)):
            name = f"{(number * OBJECTS + item + 1) * 0x9E3779B97F4A7C15 % 2**64:016x}"
            save(binary(mask), folder / stem / "masks" / f"{name}.png")
    return Expected(".", "object-masks", "{stem}/masks/{object}.png", ".", COUNT * OBJECTS, expects_many=True)


# one file an image


def grey(folder: Path) -> Expected:
    photos(folder / "images")
    for number, stem in enumerate(stems()):
        save(label_map(number), folder / "masks" / f"{stem}.png")
    return Expected("masks", "label-maps", "{stem}.png", "images", COUNT)


def palette(folder: Path) -> Expected:
    """As Pascal VOC."""
    photos(folder / "JPEGImages")
    for number, stem in enumerate(stems()):
        save(palette_image(label_map(number)), folder / "SegmentationObject" / f"{stem}.png")
    return Expected("SegmentationObject", "label-maps", "{stem}.png", "JPEGImages", COUNT, expects_many=True)


def sixteen_bit(folder: Path) -> Expected:
    """Ids past 255."""
    photos(folder / "rgb")
    for number, stem in enumerate(stems()):
        ids = label_map(number).astype(np.uint16)
        save(np.where(ids > 0, ids * np.uint16(300), np.uint16(0)), folder / "instance" / f"{stem}.png")
    return Expected("instance", "label-maps", "{stem}.png", "rgb", COUNT, expects_many=True)


def salient(folder: Path) -> Expected:
    """One object an image, 0 and 255, as DUTS."""
    photos(folder / "DUTS-TR-Image")
    for number, stem in enumerate(stems()):
        save(binary(objects(number)[number % OBJECTS]), folder / "DUTS-TR-Mask" / f"{stem}.png")
    return Expected("DUTS-TR-Mask", "label-maps", "{stem}.png", "DUTS-TR-Image", COUNT)


def bilevel(folder: Path) -> Expected:
    """1-bit PNGs in a folder whose name says nothing."""
    photos(folder / "x")
    for number, stem in enumerate(stems()):
        save(Image.fromarray(objects(number)[0]), folder / "y" / f"{stem}.png")
    return Expected("y", "label-maps", "{stem}.png", "x", COUNT)


def davis(folder: Path) -> Expected:
    """Three videos of four frames, one palette PNG a frame."""
    for number in range(COUNT):
        name = f"{('bear', 'camel', 'dog')[number // 4]}/{number % 4:05}"
        save(photo(number), folder / "JPEGImages" / "480p" / f"{name}.jpg")
        save(palette_image(label_map(number)), folder / "Annotations" / "480p" / f"{name}.png")
    return Expected("Annotations/480p", "label-maps", "{dir}/{stem}.png", "JPEGImages/480p", COUNT)


def same_folder(folder: Path) -> Expected:
    photos(folder / "data")
    for number, stem in enumerate(stems()):
        save(label_map(number), folder / "data" / f"{stem}_mask.png")
    return Expected("data", "label-maps", "{stem}_mask.png", "data", COUNT)


def same_folder_png(folder: Path) -> Expected:
    """Images and masks are both PNGs."""
    photos(folder / "data", ".png")
    for number, stem in enumerate(stems()):
        save(label_map(number), folder / "data" / f"{stem}_mask.png")
    return Expected("data", "label-maps", "{stem}_mask.png", "data", COUNT)


def suffix(folder: Path) -> Expected:
    photos(folder / "images")
    for number, stem in enumerate(stems()):
        save(label_map(number), folder / "labels" / f"{stem}_seg.png")
    return Expected("labels", "label-maps", "{stem}_seg.png", "images", COUNT)


def prefix(folder: Path) -> Expected:
    photos(folder / "images", prefix="img_")
    for number, stem in enumerate(stems()):
        save(label_map(number), folder / "masks" / f"mask_{stem}.png")
    return Expected("masks", "label-maps", "mask_{stem}.png", "images", COUNT)


def cityscapes(folder: Path) -> Expected:
    for number in range(COUNT):
        city = ("aachen", "bochum")[number % 2]
        name = f"{city}_{number:06}_000019"
        save(photo(number), folder / "leftImg8bit" / "train" / city / f"{name}_leftImg8bit.png")
        below = folder / "gtFine" / "train" / city
        save(label_map(number), below / f"{name}_gtFine_labelIds.png")
        colours = np.array([voc_colour(value) for value in range(256)], np.uint8)
        save(colours[label_map(number)], below / f"{name}_gtFine_color.png")
    pattern = "{dir}/{stem}_gtFine_labelIds.png"
    return Expected("gtFine/train", "label-maps", pattern, "leftImg8bit/train", COUNT)


# arrays


def npy(folder: Path) -> Expected:
    photos(folder / "frames")
    (folder / "sam_masks").mkdir()
    for number, stem in enumerate(stems()):
        np.save(folder / "sam_masks" / f"{stem}.npy", label_map(number))
    return Expected("sam_masks", "label-maps", "{stem}.npy", "frames", COUNT, expects_many=True)


def npz(folder: Path) -> Expected:
    photos(folder / "images")
    (folder / "masks").mkdir()
    for number, stem in enumerate(stems()):
        np.savez_compressed(folder / "masks" / f"{stem}.npz", mask=label_map(number))
    return Expected("masks", "label-maps", "{stem}.npz", "images", COUNT)


def one_hot(folder: Path) -> Expected:
    """[N, H, W] of bool, the first being what no object covers."""
    photos(folder / "images")
    (folder / "masks").mkdir()
    for number, stem in enumerate(stems()):
        ids = label_map(number)
        np.save(folder / "masks" / f"{stem}.npy", np.stack([ids == value for value in range(OBJECTS + 1)]))
    return Expected("masks", "label-maps", "{stem}.npy", "images", COUNT)


def pt(folder: Path) -> Expected:
    import torch

    photos(folder / "images")
    (folder / "masks").mkdir()
    for number, stem in enumerate(stems()):
        torch.save(torch.from_numpy(label_map(number)), folder / "masks" / f"{stem}.pt")
    return Expected("masks", "label-maps", "{stem}.pt", "images", COUNT)


LAYOUTS: dict[str, Callable[[Path], Expected]] = {
    "amg": amg,
    "amg-beside": amg_beside,
    "object-folders": object_folders,
    "object-files": object_files,
    "sa-v": sa_v,
    "bowl": bowl,
    "grey": grey,
    "palette": palette,
    "16-bit": sixteen_bit,
    "salient": salient,
    "1-bit": bilevel,
    "davis": davis,
    "same-folder": same_folder,
    "same-folder-png": same_folder_png,
    "suffix": suffix,
    "prefix": prefix,
    "cityscapes": cityscapes,
    "npy": npy,
    "npz": npz,
    "one-hot": one_hot,
    "pt": pt,
}
"""Every layout by its name; `pt` needs torch."""
