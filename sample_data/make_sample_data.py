#!/usr/bin/env python3
"""Makes everything in this folder but README.md: `python sample_data/make_sample_data.py [FOLDER]`.

No image is made: these are annotation files, and the PNGs that hold the segments of panoptic ones. Each function below
writes one folder; the comment at each planted fault says what is wrong. Needs the standard library alone and writes the
same text and the same pixels every time.
"""

from __future__ import annotations

import json
import math
import random
import struct
import sys
import zlib
from pathlib import Path
from typing import Any

Record = dict[str, Any]
Coco = dict[str, Any]

CLASSES = ("pedestrian", "cyclist", "car", "van")
KEYPOINTS = [
    *("nose", "left_eye", "right_eye", "left_ear", "right_ear", "left_shoulder", "right_shoulder", "left_elbow"),
    *("right_elbow", "left_wrist", "right_wrist", "left_hip", "right_hip", "left_knee", "right_knee"),
    *("left_ankle", "right_ankle"),
]
LIMBS = "16-14 14-12 17-15 15-13 12-13 6-12 7-13 6-7 6-8 7-9 8-10 9-11"
SKELETON = [[int(joint) for joint in limb.split("-")] for limb in LIMBS.split(" ")]


class Draw:
    """Random numbers that are the same in every version of Python: random() is, the other methods need not be."""

    def __init__(self, seed: int) -> None:
        self._random = random.Random(seed)

    def between(self, low: float, high: float) -> float:
        return low + (high - low) * self._random.random()

    def integer(self, low: int, high: int) -> int:
        """From low to high, high included."""
        return low + int(self._random.random() * (high - low + 1))


# ------------------------------------------------------------ a clean data set


def ring(draw: Draw, x: float, y: float, w: float, h: float, points: int = 8) -> list[float]:
    """A star-shaped polygon in the box."""
    numbers = []
    for number in range(points):
        angle = 2 * math.pi * (number + 0.6 * draw.between(0, 1)) / points
        radius = draw.between(0.7, 1)
        numbers.append(round(x + w / 2 * (1 + radius * math.cos(angle)), 1))
        numbers.append(round(y + h / 2 * (1 + radius * math.sin(angle)), 1))
    return numbers


def shoelace(numbers: list[float]) -> float:
    points = list(zip(numbers[::2], numbers[1::2], strict=True))
    pairs = zip(points, points[1:] + points[:1], strict=True)
    return round(abs(sum(x0 * y1 - x1 * y0 for (x0, y0), (x1, y1) in pairs)) / 2, 2)


def extent(numbers: list[float]) -> list[float]:
    x0, y0, x1, y1 = min(numbers[::2]), min(numbers[1::2]), max(numbers[::2]), max(numbers[1::2])
    return [x0, y0, round(x1 - x0, 1), round(y1 - y0, 1)]


def polygon_object(draw: Draw, image: Record, number: int, category: int) -> Record:
    width, height = image["width"], image["height"]
    w, h = draw.between(0.12, 0.4) * width, draw.between(0.15, 0.45) * height
    numbers = ring(draw, draw.between(2, width - w - 2), draw.between(2, height - h - 2), w, h)
    return {
        "id": number,
        "image_id": image["id"],
        "category_id": category,
        "bbox": extent(numbers),
        "area": shoelace(numbers),
        "iscrowd": 0,
        "segmentation": [numbers],
    }


def instances(seed: int, images: int, per_image: int = 3) -> Coco:
    draw = Draw(seed)
    coco: Coco = {"info": {"description": "datacheck sample data", "version": "1.0"}, "images": [], "annotations": []}
    for number in range(1, images + 1):
        width, height = (640, 480) if draw.between(0, 1) < 0.7 else (480, 640)
        image = {"id": number, "file_name": f"{seed:02d}{number:04d}.jpg", "width": width, "height": height}
        coco["images"].append(image)
        for _ in range(per_image):
            category = draw.integer(1, len(CLASSES))
            coco["annotations"].append(polygon_object(draw, image, len(coco["annotations"]) + 1, category))
    coco["categories"] = [
        {"id": number, "name": name, "supercategory": "road user"} for number, name in enumerate(CLASSES, start=1)
    ]
    return coco


def keypoints(seed: int, images: int, per_image: int = 2) -> Coco:
    coco = instances(seed, images, per_image)
    coco["categories"] = [
        {"id": 1, "name": "person", "supercategory": "person", "keypoints": KEYPOINTS, "skeleton": SKELETON}
    ]
    draw = Draw(seed + 1000)
    for annotation in coco["annotations"]:
        annotation["category_id"] = 1
        x, y, w, h = annotation["bbox"]
        values: list[float] = []
        labelled = 0
        for _ in KEYPOINTS:
            visibility = 2 if draw.between(0, 1) < 0.7 else draw.integer(0, 1)
            labelled += visibility > 0
            place = [int(draw.between(x + 1, x + w - 1)), int(draw.between(y + 1, y + h - 1))]
            values += [*(place if visibility else [0, 0]), visibility]
        annotation["keypoints"], annotation["num_keypoints"] = values, labelled
    return coco


def captions(seed: int, images: int) -> Coco:
    coco = instances(seed, images, 0)
    del coco["categories"]
    sentences = ("A van waits at the crossing.", "Two cyclists pass a parked car.", "A pedestrian crosses the street.")
    for image in coco["images"]:
        for sentence in sentences[: 1 + image["id"] % 3]:
            number = len(coco["annotations"]) + 1
            coco["annotations"].append({"id": number, "image_id": image["id"], "caption": sentence})
    return coco


def panoptic(seed: int, images: int) -> Coco:
    """Each image is cut into bands, one a segment."""
    coco = instances(seed, images, 0)
    coco["categories"] = [
        {"id": 1, "name": "car", "supercategory": "vehicle", "isthing": 1},
        {"id": 2, "name": "road", "supercategory": "ground", "isthing": 0},
        {"id": 3, "name": "sky", "supercategory": "nature", "isthing": 0},
    ]
    draw = Draw(seed + 1000)
    for image in coco["images"]:
        width, height = image["width"], image["height"]
        cuts = [0, draw.integer(60, height // 2 - 20), draw.integer(height // 2, height - 60), height]
        segments = [
            {
                "id": 3_000_000 + 1000 * image["id"] + category,
                "category_id": category,
                "bbox": [0, top, width, bottom - top],
                "area": width * (bottom - top),
                "iscrowd": 0,
            }
            for category, top, bottom in zip((3, 1, 2), cuts, cuts[1:], strict=False)
        ]
        name = image["file_name"].replace(".jpg", ".png")
        coco["annotations"].append({"image_id": image["id"], "file_name": name, "segments_info": segments})
    return coco


def pngs(coco: Coco) -> dict[str, bytes]:
    """The PNGs that a panoptic file names: the bands of its segments, in the colours R + 256 G + 65,536 B = id."""
    sizes = {image["id"]: (image["width"], image["height"]) for image in coco["images"]}
    found = {}
    for annotation in coco["annotations"]:
        width, height = sizes[annotation["image_id"]]
        rows = [bytes(3 * width)] * height
        for segment in annotation["segments_info"]:
            _, top, _, rows_of = segment["bbox"]
            rows[top : top + rows_of] = [segment["id"].to_bytes(3, "little") * width] * rows_of
        found[annotation["file_name"]] = png(width, height, rows)
    return found


def png(width: int, height: int, rows: list[bytes]) -> bytes:
    """A PNG of 8-bit RGB rows."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    pixels = zlib.compress(b"".join(b"\0" + row for row in rows), 9)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", pixels) + chunk(b"IEND", b"")


def compress(runs: list[int]) -> str:
    """Run lengths as COCO writes them: six bits a character, from the fourth run on as the difference to run - 2."""
    text = ""
    for index, run in enumerate(runs):
        value = run - runs[index - 2] if index > 2 else run
        while True:
            low = value & 0x1F
            value >>= 5
            more = value != (-1 if low & 0x10 else 0)
            text += chr(48 + (low | 0x20 if more else low))
            if not more:
                break
    return text


def rectangle_runs(width: int, height: int, x: int, y: int, w: int, h: int) -> list[int]:
    """Column by column, the first run counts zeros."""
    runs = [x * height + y]
    for _ in range(w - 1):
        runs += [h, height - h]
    return [*runs, h, width * height - sum(runs) - h]


def sa1b(seed: int, masks: int) -> Coco:
    draw = Draw(seed)
    width, height = 320, 240
    image = {"image_id": seed, "width": width, "height": height, "file_name": f"sa_{seed}.jpg"}
    annotations = []
    for number in range(masks):
        w, h = draw.integer(20, 120), draw.integer(20, 100)
        x, y = draw.integer(1, width - w - 1), draw.integer(1, height - h - 1)
        annotations.append(
            {
                "id": 500_000 + 100 * seed + number,
                "segmentation": {
                    "size": [height, width],
                    "counts": compress(rectangle_runs(width, height, x, y, w, h)),
                },
                "bbox": [x, y, w, h],
                "area": w * h,
                "predicted_iou": round(draw.between(0.88, 1.02), 4),
                "stability_score": round(draw.between(0.95, 0.99), 4),
                "crop_box": [0, 0, width, height],
                "point_coords": [[x + w / 2, y + h / 2]],
            }
        )
    return {"image": image, "annotations": annotations}


def detections(coco: Coco, seed: int) -> list[Record]:
    """What a good detector would say about a data set."""
    draw = Draw(seed)
    return [
        {
            "image_id": annotation["image_id"],
            "category_id": annotation["category_id"],
            "bbox": [round(value + draw.between(0, 1), 2) for value in annotation["bbox"]],
            "score": round(draw.between(0.3, 0.99), 3),
        }
        for annotation in coco["annotations"]
    ]


def roboflow(seed: int, images: int) -> Coco:
    """A box-only export: ids from 0, category 0 is the unused parent of the others, segmentations are empty."""
    coco = instances(seed, images)
    coco["categories"] = [{"id": 0, "name": "road-users", "supercategory": "none"}] + [
        {"id": number, "name": name, "supercategory": "road-users"} for number, name in enumerate(CLASSES, start=1)
    ]
    for image in coco["images"]:
        image["id"] -= 1
        image["file_name"] = f"frame-{image['id']:03d}_jpg.rf.{image['id'] * 2654435761 % 2**32:08x}.jpg"
    for annotation in coco["annotations"]:
        annotation["id"] -= 1
        annotation["image_id"] -= 1
        annotation["segmentation"] = []
        annotation["area"] = round(annotation["bbox"][2] * annotation["bbox"][3], 2)
    return coco


# ------------------------------------------------------------ planted faults


def faulty_instances() -> Coco:
    coco = instances(3, 40)
    images, annotations, categories = coco["images"], coco["annotations"], coco["categories"]
    annotations[4]["bbox"][0] = 600  # leaves its image on the right
    annotations[9]["bbox"][2] = 0  # no width
    annotations[12]["bbox"] = annotations[12]["bbox"][:3]  # three numbers
    annotations[17]["bbox"][1] = math.nan  # written as NaN, which is no JSON
    annotations[21]["area"] = str(annotations[21]["area"])  # a string where a number belongs
    annotations[25]["image_id"] = 999  # no such image
    annotations[28]["category_id"] = 17  # no such category
    annotations[33]["id"] = annotations[32]["id"]  # used twice
    annotations[37]["segmentation"] = annotations[37]["segmentation"][0]  # flat: a list of numbers, not of polygons
    annotations[41]["segmentation"] = [annotations[41]["segmentation"][0][:4]]  # two points
    annotations[44]["segmentation"][0].append(12.0)  # an odd number of numbers
    annotations[49]["area"] = round(annotations[49]["area"] * 3, 2)  # not the area of its polygon
    annotations[53]["segmentation"] = {"size": [480, 640], "counts": "b'PPYg04k>'"}  # a Python bytes literal as text
    annotations[56]["iscrowd"] = 2  # neither 0 nor 1
    annotations.append({**annotations[60], "id": 9001})  # the same object twice
    annotations[63]["bbox"] = [0, 0, images[21]["width"], images[21]["height"]]  # the whole image, which may be right
    annotations[63]["segmentation"] = []
    annotations[63]["area"] = images[21]["width"] * images[21]["height"]
    annotations[66] = {"id": annotations[66]["id"], "category_id": 2, "bbox": annotations[66]["bbox"]}  # of no image
    images[1]["file_name"] = images[0]["file_name"]  # two records of one file
    images[5]["file_name"] = "/home/someone/data/030006.jpg"  # only on one machine
    images[7]["width"] = 0  # no size
    images.append({"id": 41, "file_name": "030041.jpg", "width": 640, "height": 480})  # without annotations
    categories.append({"id": 5, "name": "Car ", "supercategory": "road user"})  # a class that differs in case and space
    return coco


def faulty_text(coco: Coco) -> str:
    """A hand edit gone wrong: a comma is missing in one record, and one key stands twice at the top level."""
    text = dump(coco)
    text = text.replace('{"id": 8, "image_id": 3,', '{"id": 8 "image_id": 3,', 1)
    return text.replace('"info": {', '"info": {"contributor": "a first info"},\n"info": {', 1)


def faulty_keypoints() -> Coco:
    coco = keypoints(5, 12)
    annotations = coco["annotations"]
    annotations[3]["keypoints"].pop()  # one number short
    annotations[7]["keypoints"][2] = 3  # v is 0, 1 or 2
    annotations[11]["num_keypoints"] += 2  # not what the keypoints say
    coco["categories"][0]["skeleton"] = [*SKELETON, [17, 18]]  # there is no keypoint 18
    return coco


def faulty_panoptic() -> tuple[Coco, dict[str, bytes]]:
    """The file, and its PNGs."""
    coco = panoptic(6, 6)
    annotations = coco["annotations"]
    annotations[2]["segments_info"][2]["id"] = annotations[2]["segments_info"][0]["id"]  # used twice in one image
    pictures = pngs(coco)
    annotations[0]["segments_info"][0]["area"] *= 2  # not what the PNG holds
    annotations[0]["segments_info"][2]["bbox"][1] -= 30  # the box of before the picture was cropped
    annotations[1]["segments_info"][1]["category_id"] = 42  # no such category
    del annotations[3]["file_name"]  # no PNG named
    annotations[4]["segments_info"][0]["area"] = 0
    annotations[4]["segments_info"][1]["id"] += 7  # no pixel of the PNG has it, and its pixels are in no record
    del pictures[annotations[5]["file_name"]]  # not there
    return coco, pictures


def faulty_captions() -> Coco:
    coco = captions(7, 6)
    coco["annotations"][2]["caption"] = "  "  # empty but for spaces
    coco["annotations"][4]["image_id"] = 70  # no such image
    coco["annotations"][5]["caption"] = None
    return coco


def faulty_results() -> list[Record]:
    records = detections(instances(4, 12), 8)
    records[3]["score"] = 87.5  # percent where a share belongs
    records[9]["score"] = None
    records[14]["bbox"] = [round(value, 2) for value in (10, 20, -30, 40)]  # a negative width
    return records


def faulty_sa1b() -> Coco:
    coco = sa1b(2, 8)
    masks = coco["annotations"]
    width, height = coco["image"]["width"], coco["image"]["height"]
    masks[2]["segmentation"]["counts"] = compress(
        rectangle_runs(width, height, 5, 5, 20, 20)[:-1]
    )  # short of the image
    masks[4]["segmentation"]["size"] = [width, height]  # width and height swapped
    masks[6]["segmentation"]["counts"] = ""
    return coco


def faulty_roboflow() -> Coco:
    coco = roboflow(9, 8)
    coco["images"][3]["file_name"] = coco["images"][2]["file_name"]  # an augmented copy that overwrote another
    coco["annotations"][10]["bbox"][3] = -4.0  # a negative height
    return coco


# ------------------------------------------------------------ training runs that failed


def keys_bboxes_masks() -> Coco:
    """Failure 001: boxes and masks under the keys that the loader looked for, not under COCO's."""
    coco = instances(11, 6)
    annotations = coco.pop("annotations")
    coco["bboxes"] = [annotation["bbox"] for annotation in annotations]
    coco["masks"] = [annotation["segmentation"] for annotation in annotations]
    coco["labels"] = [annotation["category_id"] for annotation in annotations]
    return coco


def record_keys_bboxes_masks() -> Coco:
    """Failure 001, one level down: the keys of each record are wrong."""
    coco = instances(12, 6)
    for annotation in coco["annotations"]:
        annotation["bboxes"] = annotation.pop("bbox")
        annotation["masks"] = annotation.pop("segmentation")
    return coco


def boxes(change: str) -> Coco:
    """Failure 001: boxes in another convention than COCO's [x, y, w, h] in pixels; the polygons stay right."""
    coco = instances(13, 40)
    sizes = {image["id"]: (image["width"], image["height"]) for image in coco["images"]}
    for annotation in coco["annotations"]:
        width, height = sizes[annotation["image_id"]]
        x, y, w, h = annotation["bbox"]
        if change == "normalised":
            annotation["bbox"] = [round(x / width, 5), round(y / height, 5), round(w / width, 5), round(h / height, 5)]
        elif change == "xyxy":
            annotation["bbox"] = [x, y, round(x + w, 1), round(y + h, 1)]
        else:
            corners = [x / width, y / height, (x + w) / width, (y + h) / height]
            annotation["bbox"] = [round(value, 5) for value in corners]
    return coco


def keypoints_of_another_scale() -> Coco:
    """Failure 002: keypoints in the coordinates of a 512 px copy, boxes in those of the original."""
    coco = keypoints(21, 12)
    for annotation, image in zip(coco["annotations"], [i for i in coco["images"] for _ in range(2)], strict=True):
        image_scale = (2 * 512 / image["width"], 2 * 512 / image["height"])
        values = annotation["keypoints"]
        for place in range(0, len(values), 3):
            if values[place + 2]:
                values[place] = round(values[place] * image_scale[0], 1)
                values[place + 1] = round(values[place + 1] * image_scale[1], 1)
    return coco


def keypoints_normalised() -> Coco:
    """Failure 002: keypoints in [0, 1] beside boxes in pixels."""
    coco = keypoints(22, 24)
    for annotation, image in zip(coco["annotations"], [i for i in coco["images"] for _ in range(2)], strict=True):
        values = annotation["keypoints"]
        for place in range(0, len(values), 3):
            values[place] = round(values[place] / image["width"], 5)
            values[place + 1] = round(values[place + 1] / image["height"], 5)
    return coco


def keypoints_miscounted() -> Coco:
    """Failure 002: num_keypoints counts every keypoint of the skeleton, not the labelled ones."""
    coco = keypoints(23, 12)
    for annotation in coco["annotations"]:
        annotation["num_keypoints"] = len(KEYPOINTS)
    return coco


# ------------------------------------------------------------ writing


def dump(data: Coco | list[Record]) -> str:
    """JSON with one record a line, so that a line number leads to the record."""

    def lines(values: list[Any]) -> str:
        return "[\n" + ",\n".join(json.dumps(value) for value in values) + "\n]"

    if isinstance(data, list):
        return lines(data) + "\n"
    parts = [f"{json.dumps(key)}: {lines(v) if isinstance(v, list) else json.dumps(v)}" for key, v in data.items()]
    return "{" + ",\n".join(parts) + "}\n"


def make(folder: Path) -> None:
    val, (train_panoptic, train_pngs), val_panoptic = instances(2, 15), faulty_panoptic(), panoptic(2, 6)
    files: dict[str, str] = {
        "clean/annotations/instances_train.json": dump(instances(1, 20)),
        "clean/annotations/instances_val.json": dump(val),
        "clean/annotations/person_keypoints_val.json": dump(keypoints(2, 8)),
        "clean/annotations/captions_val.json": dump(captions(2, 15)),
        "clean/annotations/panoptic_val.json": dump(val_panoptic),
        "clean/results/detections_val.json": dump(detections(val, 3)),
        "clean/sa1b/sa_1.json": dump(sa1b(1, 8)),
        "clean/roboflow/train/_annotations.coco.json": dump(roboflow(8, 8)),
        "detection/annotations/instances_train.json": dump(faulty_instances()),
        "detection/annotations/instances_val.json": faulty_text(instances(4, 12)),
        "detection/results/detections_val.json": dump(faulty_results()),
        "keypoints/person_keypoints_train.json": dump(faulty_keypoints()),
        "panoptic/panoptic_train.json": dump(train_panoptic),
        "captions/captions_train.json": dump(faulty_captions()),
        "sa1b/sa_2.json": dump(faulty_sa1b()),
        "roboflow/train/_annotations.coco.json": dump(faulty_roboflow()),
        "failures/001-keys/annotations.json": dump(keys_bboxes_masks()),
        "failures/001-record-keys/annotations.json": dump(record_keys_bboxes_masks()),
        "failures/001-boxes-normalised/annotations.json": dump(boxes("normalised")),
        "failures/001-boxes-xyxy/annotations.json": dump(boxes("xyxy")),
        "failures/001-boxes-xyxy-normalised/annotations.json": dump(boxes("xyxy-normalised")),
        "failures/002-keypoints-outside/annotations.json": dump(keypoints_of_another_scale()),
        "failures/002-keypoints-normalised/annotations.json": dump(keypoints_normalised()),
        "failures/002-num-keypoints/annotations.json": dump(keypoints_miscounted()),
    }
    for name, text in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="ascii", newline="\n")
    for folder_of, own in (
        ("clean/annotations/panoptic_val", pngs(val_panoptic)),
        ("panoptic/panoptic_train", train_pngs),
    ):
        (folder / folder_of).mkdir(parents=True, exist_ok=True)
        for name, data in own.items():
            (folder / folder_of / name).write_bytes(data)


if __name__ == "__main__":
    make(Path(sys.argv[1]) if len(sys.argv) > 1 else Path(__file__).parent)
