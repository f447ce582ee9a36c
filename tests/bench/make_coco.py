"""Writes a clean COCO instances file of any size, the same bytes for the same arguments.

The defaults have the shape of train2017: 118,287 images, 860,001 annotations, 80 categories, about 47.5 million polygon
numbers of up to two decimals, 1 % crowds as list RLE, and the layout of its text. Clean means that boxes are the
extents of their polygons, areas are the polygons' own, everything lies inside its image and every id is unique.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import numpy.typing as npt

IMAGES, ANNOTATIONS = 118_287, 860_001
CHUNK = 20_000
SIZES = np.array([(640, 480), (480, 640), (640, 427), (427, 640), (640, 426), (500, 375), (640, 360), (612, 612)])
SIZE_SHARES = np.array([0.34, 0.12, 0.2, 0.08, 0.1, 0.08, 0.05, 0.03])
CATEGORY_NAMES = {
    "person": "person",
    "vehicle": "bicycle,car,motorcycle,airplane,bus,train,truck,boat",
    "outdoor": "traffic light,fire hydrant,,stop sign,parking meter,bench",
    "animal": "bird,cat,dog,horse,sheep,cow,elephant,bear,zebra,giraffe",
    "accessory": ",backpack,umbrella,,,handbag,tie,suitcase",
    "sports": "frisbee,skis,snowboard,sports ball,kite,baseball bat,baseball glove,skateboard,surfboard,tennis racket",
    "kitchen": "bottle,,wine glass,cup,fork,knife,spoon,bowl",
    "food": "banana,apple,sandwich,orange,broccoli,carrot,hot dog,pizza,donut,cake",
    "furniture": "chair,couch,potted plant,bed,,dining table,,,toilet",
    "electronic": ",tv,laptop,mouse,remote,keyboard,cell phone",
    "appliance": "microwave,oven,toaster,sink,refrigerator",
    "indoor": ",book,clock,vase,scissors,teddy bear,hair drier,toothbrush",
}
"""The 80 things of COCO by group; an empty name is one of the ten ids that COCO leaves out."""

Ints = npt.NDArray[np.int64]


def categories() -> list[dict[str, object]]:
    records: list[dict[str, object]] = []
    number = 0
    for supercategory, names in CATEGORY_NAMES.items():
        for name in names.split(","):
            number += 1
            if name:
                records.append({"supercategory": supercategory, "id": number, "name": name})
    return records


def hundredths(limit: int) -> npt.NDArray[np.object_]:
    """The text of i / 100 for every i below `limit`, as short as COCO writes it: 12.5, 7, 0.25."""
    return np.array([f"{i / 100:.2f}".rstrip("0").rstrip(".") for i in range(limit)], dtype=object)


def image_records(ids: Ints, sizes: Ints) -> Iterator[str]:
    for number, (image_id, (width, height)) in enumerate(zip(ids.tolist(), sizes.tolist(), strict=True)):
        name = f"{image_id:012d}.jpg"
        yield (
            f'{{"license": {number % 8 + 1},"file_name": "{name}","coco_url": "http://images.example.org/train2017/{name}",'
            f'"height": {height},"width": {width},"date_captured": "2013-11-{number % 28 + 1:02d} 17:02:52",'
            f'"flickr_url": "http://photos.example.org/{image_id % 10_000:04d}/{image_id * 7919:012d}_z.jpg",'
            f'"id": {image_id}}}'
        )


def polygon_records(
    rng: np.random.Generator,
    texts: npt.NDArray[np.object_],
    sizes: Ints,
    image_ids: Ints,
    category_ids: Ints,
    ids: Ints,
) -> list[str]:
    """One annotation a row of the arguments: one to three star-shaped rings side by side in a box inside the image."""
    count = len(ids)
    extent = np.exp(rng.normal(4.2, 0.8, (count, 2)))
    extent[:, 1] = np.clip(extent[:, 1], extent[:, 0] / 6, extent[:, 0] * 6)
    extent = np.clip(extent, 16, sizes * 0.85)
    corner = rng.random((count, 2)) * (sizes - extent - 2) + 1
    rings = np.where((extent[:, 0] > 60) & (rng.random(count) < 0.14), rng.integers(2, 4, count), 1)

    owner = np.repeat(np.arange(count), rings)
    first = np.cumsum(rings) - rings
    strip = np.arange(len(owner)) - first[owner]
    half = np.stack([extent[owner, 0] / rings[owner], extent[owner, 1]], axis=1) / 2
    centre = corner[owner] + half
    centre[:, 0] += strip * 2 * half[:, 0]
    points = np.clip(np.exp(rng.normal(3.045, 0.62, len(owner))), 4, 300).astype(np.int64)

    ring = np.repeat(np.arange(len(owner)), points)
    ring_start = np.cumsum(points) - points
    order = np.arange(len(ring)) - ring_start[ring]
    angle = 2 * np.pi * (order + 0.7 * rng.random(len(ring))) / points[ring]
    radius = 0.55 + 0.43 * rng.random(len(ring))
    xy = np.empty((len(ring), 2), dtype=np.int64)
    xy[:, 0] = np.rint(100 * (centre[ring, 0] + half[ring, 0] * radius * np.cos(angle)))
    xy[:, 1] = np.rint(100 * (centre[ring, 1] + half[ring, 1] * radius * np.sin(angle)))

    following = np.arange(1, len(ring) + 1)
    following[ring_start + points - 1] = ring_start
    cross = xy[:, 0] * xy[following, 1] - xy[following, 0] * xy[:, 1]
    areas = np.add.reduceat(np.abs(np.add.reduceat(cross, ring_start)), first) / 20_000
    annotation_start = ring_start[first]
    low = np.minimum.reduceat(xy, annotation_start)
    boxes = np.concatenate([low, np.maximum.reduceat(xy, annotation_start) - low], axis=1)

    flat: list[str] = texts[xy.ravel()].tolist()
    ends = (2 * (ring_start + points)).tolist()
    ring_texts = [",".join(flat[start:end]) for start, end in zip((2 * ring_start).tolist(), ends, strict=True)]
    segmentations = [
        "],[".join(ring_texts[start : start + n]) for start, n in zip(first.tolist(), rings.tolist(), strict=True)
    ]
    return [
        f'{{"segmentation": [[{segmentation}]],"area": {area!r},"iscrowd": 0,"image_id": {image_id},'
        f'"bbox": [{box[0]},{box[1]},{box[2]},{box[3]}],"category_id": {category_id},"id": {annotation_id}}}'
        for segmentation, area, image_id, box, category_id, annotation_id in zip(
            segmentations,
            areas.tolist(),
            image_ids.tolist(),
            texts[boxes].tolist(),
            category_ids.tolist(),
            ids.tolist(),
            strict=True,
        )
    ]


def crowd_record(
    rng: np.random.Generator, width: int, height: int, image_id: int, category_id: int, number: int
) -> str:
    """A crowd as list RLE: one run of ones in each of some neighbouring columns."""
    columns = int(rng.integers(20, int(width * 0.7)))
    left = int(rng.integers(0, width - columns))
    walks = np.cumsum(rng.integers(-3, 4, (2, columns)), axis=1)  # neighbouring columns nearly agree, as in a region
    tops = np.clip(height // 4 + walks[0], 1, height // 2 - 1)
    lengths = np.clip(height // 4 + walks[1], 5, height // 2 - 2)
    starts = (left + np.arange(columns)) * height + tops
    bounds = np.stack([starts, starts + lengths], axis=1).ravel()
    runs = np.diff(bounds, prepend=0, append=width * height)
    top, bottom = int(tops.min()), int((tops + lengths).max())
    return (
        f'{{"segmentation": {{"counts": [{",".join(map(str, runs.tolist()))}],"size": [{height},{width}]}},'
        f'"area": {int(lengths.sum())},"iscrowd": 1,"image_id": {image_id},'
        f'"bbox": [{left},{top},{columns},{bottom - top}],"category_id": {category_id},'
        f'"id": {900_100_000_000 + number}}}'
    )


def write_coco(path: Path, images: int = IMAGES, annotations: int = ANNOTATIONS, seed: int = 2017) -> None:
    """Writes the file in one pass; needs about 0.3 GB of memory whatever the size."""
    rng = np.random.default_rng(seed)
    texts = hundredths(70_000)
    things = categories()
    image_ids = np.sort(rng.choice(np.arange(1, images * 5), images, replace=False))
    sizes = SIZES[rng.choice(len(SIZES), images, p=SIZE_SHARES)]
    shares = np.exp(rng.normal(0, 0.9, images))
    per_image = 1 + rng.multinomial(annotations - images, shares / shares.sum())
    image_of = rng.permutation(np.repeat(np.arange(images), per_image))
    thing_ids = np.array([thing["id"] for thing in things])
    popularity = 1 / np.arange(1, len(things) + 1) ** 0.8
    category_of = thing_ids[rng.choice(len(things), annotations, p=popularity / popularity.sum())]
    is_crowd = rng.random(annotations) < 0.01
    ids = rng.permutation(np.arange(1, annotations + 1)) + 100

    with path.open("w", encoding="ascii", newline="") as out:
        info = {"description": "made by tests/bench/make_coco.py", "version": "1.0", "year": 2017}
        licences = [{"url": f"http://licenses.example.org/{n}", "id": n, "name": f"License {n}"} for n in range(1, 9)]
        out.write(f'{{"info": {json.dumps(info)},"licenses": {json.dumps(licences)},"images": [')
        out.write(",".join(image_records(image_ids, sizes)))
        out.write('],"annotations": [')
        for start in range(0, annotations, CHUNK):
            chosen = np.arange(start, min(start + CHUNK, annotations))
            plain = chosen[~is_crowd[chosen]]
            of = image_of[plain]
            records = polygon_records(rng, texts, sizes[of], image_ids[of], category_of[plain], ids[plain])
            for row in chosen[is_crowd[chosen]].tolist():
                width, height = sizes[image_of[row]].tolist()
                image_id, category_id = int(image_ids[image_of[row]]), int(category_of[row])
                records.append(crowd_record(rng, width, height, image_id, category_id, row))
            out.write(("," if start else "") + ",".join(records))
        out.write(f'],"categories": {json.dumps(things)}}}')
