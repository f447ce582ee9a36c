"""Small clean documents of every kind, made by rule: nothing in them is worth more than information.

Each call makes a new document, so a plant may change it in place. All numbers are fixed: nothing here is random.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from typing import Any

Document = Any
SIZES = ((640, 480), (480, 640), (800, 600), (500, 375))
IMAGES = 30
NAMES = ("cat", "dog", "horse")
JOINTS = ("nose", "left_hand", "right_hand", "left_foot", "right_foot")


def images() -> list[dict[str, Any]]:
    """Thirty images, none of them square."""
    return [
        {"id": n + 1, "file_name": f"{n + 1:06d}.jpg", "width": SIZES[n % 4][0], "height": SIZES[n % 4][1]}
        for n in range(IMAGES)
    ]


def categories() -> list[dict[str, Any]]:
    """Three categories with ids from 1."""
    return [{"id": n + 1, "name": name, "supercategory": "animal"} for n, name in enumerate(NAMES)]


def boxes(number: int, width: int, height: int) -> Iterator[tuple[float, float, float, float]]:
    """Five boxes on image `number`: one in each corner, some of which touch an edge, and one in the middle."""
    w, h = round(width * 0.3 + number % 7, 2), round(height * 0.25 + number % 5, 2)
    yield (0.0 if number % 3 == 0 else 7.25), 9.5, w, h
    yield (width - w if number % 2 == 0 else width - w - 6.5), 11.75, w, h
    yield 12.5, height - h - 8.25, w, h
    yield width - w - 10.75, (height - h if number % 5 == 0 else height - h - 5.5), w, h
    yield round(width * 0.36, 2), round(height * 0.37, 2), w, h


def ellipse(x: float, y: float, w: float, h: float) -> list[float]:
    """A polygon of 12 corners that touches all four sides of the box."""
    points = [
        (x + w / 2 + w / 2 * math.cos(math.tau * k / 12), y + h / 2 + h / 2 * math.sin(math.tau * k / 12))
        for k in range(12)
    ]
    return [round(value, 2) for point in points for value in point]


def polygon_area(ring: list[float]) -> float:
    """The shoelace formula, px²."""
    x, y = ring[0::2], ring[1::2]
    return abs(sum(x[k - 1] * y[k] - x[k] * y[k - 1] for k in range(len(x)))) / 2


def rectangle_runs(x: int, y: int, w: int, h: int, width: int, height: int) -> list[int]:
    """Runs of the mask that is one in [x, x + w) x [y, y + h), down the columns, zeros first."""
    runs = [x * height + y]
    for column in range(w):
        runs += [h, height - h] if column < w - 1 else [h]
    return [*runs, (width - x - w) * height + height - y - h]


def compressed(runs: list[int]) -> str:
    """COCO's text for runs: from the fourth on the difference to the run two before, 5 bits a character."""
    text = ""
    for index, run in enumerate(runs):
        value = run - runs[index - 2] if index > 2 else run
        while True:
            bits, value = value & 0x1F, value >> 5
            done = value == (-1 if bits & 0x10 else 0)
            text += chr(48 + (bits if done else bits | 0x20))
            if done:
                break
    return text


def mask(x: int, y: int, w: int, h: int, image: dict[str, Any], *, listed: bool = False) -> dict[str, Any]:
    """An RLE of a rectangle on `image`."""
    runs = rectangle_runs(x, y, w, h, image["width"], image["height"])
    return {"size": [image["height"], image["width"]], "counts": runs if listed else compressed(runs)}


def instances() -> Document:
    """150 annotations: of each image's five the third is a compressed RLE, on every tenth image a crowd as list RLE.

    Sections stand in the order images, categories, annotations, so that what is cut off at the end are annotations.
    """
    pictures = images()
    annotations: list[dict[str, Any]] = []
    for number, image in enumerate(pictures):
        for place, (x, y, w, h) in enumerate(boxes(number, image["width"], image["height"])):
            one: dict[str, Any] = {
                "id": len(annotations) + 1,
                "image_id": image["id"],
                "category_id": (number + place) % 3 + 1,
            }
            if place == 2:
                whole = (int(x), int(y), int(w), int(h))
                crowd = number % 10 == 0
                one |= {"bbox": list(map(float, whole)), "segmentation": mask(*whole, image, listed=crowd)}
                one |= {"area": float(whole[2] * whole[3]), "iscrowd": int(crowd)}
            else:
                ring = ellipse(x, y, w, h)
                one |= {
                    "bbox": [round(v, 2) for v in (x, y, w, h)],
                    "segmentation": [ring],
                    "area": polygon_area(ring),
                    "iscrowd": 0,
                }
            annotations.append(one)
    return {"info": {"year": 2024}, "images": pictures, "categories": categories(), "annotations": annotations}


def keypoints() -> Document:
    """Two persons an image, five keypoints each; the last is not labelled."""
    document = instances()
    document["categories"] = [
        {"id": 1, "name": "person", "keypoints": list(JOINTS), "skeleton": [[1, 2], [1, 3], [2, 4], [3, 5]]}
    ]
    kept = []
    for one in document["annotations"]:
        if one["id"] % 5 not in (1, 2):
            continue
        x, y, w, h = one["bbox"]
        one["category_id"] = 1
        places = ((0.5, 0.1, 2), (0.2, 0.4, 2), (0.8, 0.4, 1), (0.3, 0.9, 2))
        points = [[round(x + a * w, 1), round(y + b * h, 1), v] for a, b, v in places]
        one |= {"keypoints": [value for point in (*points, [0, 0, 0]) for value in point], "num_keypoints": 4}
        kept.append(one)
    document["annotations"] = kept
    return document


def panoptic() -> Document:
    """Four segments an image: two things, two stuff. The images are small: their PNGs are read again and again."""
    pictures = [i | {"width": i["width"] // 4, "height": i["height"] // 4} for i in images()]
    kinds = [
        {"id": n + 1, "name": name, "supercategory": "any", "isthing": int(n < 2)}
        for n, name in enumerate(("cat", "dog", "sky", "grass"))
    ]
    annotations = []
    for image in pictures:
        w, h = image["width"] // 2, image["height"] // 2
        segments = [
            {
                "id": 1000 * image["id"] + n + 1,
                "category_id": n + 1,
                "iscrowd": 0,
                "bbox": [n % 2 * w, n // 2 * h, w, h],
                "area": w * h - 100,
            }
            for n in range(4)
        ]
        annotations.append({"image_id": image["id"], "file_name": f"{image['id']:06d}.png", "segments_info": segments})
    return {"images": pictures, "categories": kinds, "annotations": annotations}


def captions() -> Document:
    """Two captions an image."""
    pictures = images()
    annotations = [
        {"id": 2 * image["id"] + n, "image_id": image["id"], "caption": f"{what} number {image['id']}"}
        for image in pictures
        for n, what in enumerate(("A cat on a chair", "A dog in the grass"))
    ]
    return {"images": pictures, "annotations": annotations}


def image_info() -> Document:
    """Images and categories without annotations, as COCO publishes for its test images."""
    return {"images": images(), "categories": categories()}


def results() -> Document:
    """A list of detections."""
    return [
        {"image_id": image["id"], "category_id": n % 3 + 1, "bbox": list(box), "score": round(0.9 - 0.01 * n, 3)}
        for image in images()
        for n, box in enumerate(boxes(image["id"], image["width"], image["height"]))
    ]


def lvis() -> Document:
    """LVIS: no iscrowd, and what was looked for on each image."""
    document = instances()
    for image in document["images"]:
        image |= {"neg_category_ids": [1], "not_exhaustive_category_ids": []}
    for category in document["categories"]:
        category |= {"frequency": "f", "synset": f"{category['name']}.n.01"}
    for one in document["annotations"]:
        del one["iscrowd"]
    return document


def sa_1b() -> Document:
    """One image with its masks; boxes are last minus first pixel, as segment-anything writes them."""
    image = {"image_id": 7, "width": 640, "height": 480, "file_name": "sa_7.jpg"}
    annotations = []
    for n in range(20):
        x, y, w, h = 20 + 25 * n, 30 + 15 * n, 40, 1 if n == 3 else 60
        annotations.append(
            {
                "id": 500 + n, "segmentation": mask(x, y, w, h, image), "bbox": [x, y, w - 1, h - 1], "area": w * h,
                "predicted_iou": 1.01, "stability_score": 0.97, "crop_box": [0, 0, 640, 480],
                "point_coords": [[x + 1.0, y + 1.0]],
            }
        )  # fmt: skip
    return {"image": image, "annotations": annotations}


def amg() -> Document:
    """segment-anything's list: no image, no ids."""
    document = sa_1b()
    return [{key: value for key, value in one.items() if key != "id"} for one in document["annotations"]]


def roboflow() -> Document:
    """Boxes only: ids from 0, category 0 an unused parent, empty segmentations."""
    document = instances()
    document["categories"] = [
        {"id": 0, "name": "animals", "supercategory": "none"},
        *({"id": n + 1, "name": name, "supercategory": "animals"} for n, name in enumerate(NAMES)),
    ]
    for one in document["annotations"]:
        w, h = one["bbox"][2:]
        one |= {"id": one["id"] - 1, "segmentation": [], "area": w * h, "iscrowd": 0}
    return document


CLEAN: dict[str, Callable[[], Document]] = {
    "instances": instances, "keypoints": keypoints, "panoptic": panoptic, "captions": captions,
    "image-info": image_info, "results": results, "lvis": lvis, "sa-1b": sa_1b, "amg": amg, "roboflow": roboflow,
}  # fmt: skip
