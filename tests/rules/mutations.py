"""What a plant is, and the small changes that plants are made of."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tests.rules.clean import Document

Record = dict[str, Any]


@dataclass(frozen=True)
class Write:
    """A planted input that is no plain JSON file: `make` creates it at the path that it is given."""

    make: Callable[[Path], None]


@dataclass(frozen=True)
class Plant:
    """One planted fault.

    mutate: gets a fresh clean document of kind `base`; returns the spoilt one, the bytes of the file, or a `Write`.
    count: how many findings of `code` there must be.
    also: codes of all other findings there must be, one entry each: those of a second fault that was planted, and that
        the first must not hide.
    severity: what they must have; None: whatever the rule says.
    expect: expectations for the scan, also for that of the clean document.
    beside: the clean document of this kind is scanned with it.
    pngs: changes the panoptic PNGs beside a panoptic document, by name.
    """

    code: str
    base: str
    mutate: Callable[[Document], Document | bytes | Write]
    count: int = 1
    severity: str | None = None
    expect: Mapping[str, object] = field(default_factory=dict)
    beside: str = ""
    file_name: str = ""
    also: tuple[str, ...] = ()
    pngs: Callable[[dict[str, bytes]], Any] | None = None


def both(*changes: Callable[[Document], Any]) -> Callable[[Document], Any]:
    """Plant several faults, one after the other; only the last may return bytes."""

    def mutate(document: Document) -> Any:
        for change in changes:
            document = change(document)
        return document

    return mutate


def each(section: str, change: Callable[[Record], object]) -> Callable[[Document], Document]:
    """Change every record of a section in place."""

    def mutate(document: Document) -> Document:
        for record in document if isinstance(document, list) else document[section]:
            change(record)
        return document

    return mutate


def one(section: str, index: int, change: Callable[[Record], object]) -> Callable[[Document], Document]:
    """Change one record of a section in place."""

    def mutate(document: Document) -> Document:
        change((document if isinstance(document, list) else document[section])[index])
        return document

    return mutate


def annotation(**values: object) -> Callable[[Document], Document]:
    """Set keys of the seventh annotation, which has a polygon that touches no edge."""
    return one("annotations", PLAIN, lambda record: record.update(values))


def without(section: str, key: str) -> Callable[[Document], Document]:
    return one(section, PLAIN, lambda record: record.pop(key))


def image(**values: object) -> Callable[[Document], Document]:
    return one("images", PLAIN, lambda record: record.update(values))


def category(**values: object) -> Callable[[Document], Document]:
    return one("categories", 0, lambda record: record.update(values))


def add(section: str, **values: object) -> Callable[[Document], Document]:
    """Append a copy of one record, with other values."""

    def mutate(document: Document) -> Document:
        document[section].append({**document[section][0 if section == "categories" else PLAIN], **values})
        return document

    return mutate


def rle(index: int, **values: object) -> Callable[[Document], Document]:
    """Change the RLE of one annotation."""
    return one("annotations", index, lambda record: record["segmentation"].update(values))


def segment(index: int = 0, **values: object) -> Callable[[Document], Document]:
    return one("annotations", PLAIN, lambda record: record["segments_info"][index].update(values))


def text(old: str, new: str) -> Callable[[Document], bytes]:
    """Replace text of the file, once."""

    def mutate(document: Document) -> bytes:
        text = json.dumps(document)
        assert old in text
        return text.replace(old, new, 1).encode()

    return mutate


def raw(change: Callable[[bytes], bytes]) -> Callable[[Document], bytes]:
    return lambda document: change(json.dumps(document).encode())


PLAIN, COMPRESSED, CROWD = 6, 7, 2
"""Annotations of the clean instances: a polygon away from all edges, a compressed RLE, a crowd as list RLE."""


def cut_gzip(document: Document) -> Write:
    import gzip

    packed = gzip.compress(json.dumps(document).encode(), mtime=0)

    def make(path: Path) -> None:
        path.write_bytes(packed[: len(packed) * 2 // 3])

    return Write(make)


def fifo(_: Document) -> Write:
    import os

    return Write(os.mkfifo)


def nested(document: Document) -> bytes:
    deep = "[" * 50_000 + "]" * 50_000
    return json.dumps(document).replace('"iscrowd": 0', f'"iscrowd": 0, "segmentation": {deep}', 1).encode()


def by_size(document: Document, change: Callable[[Record, int, int], object]) -> Document:
    """Change every annotation, given the size of its image."""
    sizes = {image["id"]: (image["width"], image["height"]) for image in document["images"]}
    for record in document["annotations"]:
        change(record, *sizes[record["image_id"]])
    return document


def normalised_box(record: Record, width: int, height: int) -> None:
    x, y, w, h = record["bbox"]
    record["bbox"] = [x / width, y / height, w / width, h / height]


def normalised_polygons(record: Record, width: int, height: int) -> None:
    if isinstance(record["segmentation"], list):
        record["segmentation"] = [
            [v / (height if k % 2 else width) for k, v in enumerate(ring)] for ring in record["segmentation"]
        ]


def normalised_keypoints(record: Record, width: int, height: int) -> None:
    record["keypoints"] = [v / (width, height, 1)[k % 3] for k, v in enumerate(record["keypoints"])]


def box(change: Callable[[float, float, float, float], list[float]]) -> Callable[[Record], None]:
    def apply(record: Record) -> None:
        record["bbox"] = change(*record["bbox"])

    return apply


def doubled(record: Record) -> None:
    """Box, polygons and area of a picture twice as large."""
    record |= {"bbox": [2 * value for value in record["bbox"]], "area": 4 * record["area"]}
    if isinstance(record["segmentation"], list):
        record["segmentation"] = [[2 * value for value in ring] for ring in record["segmentation"]]
    else:
        record["area"] /= 4  # The mask stays as it is, and so does its area.


def swapped(record: Record) -> None:
    record["width"], record["height"] = record["height"], record["width"]


def drawn(box: tuple[float, float, float, float]) -> Callable[[Document], Document]:
    """Another object with this box, drawn as a rectangle."""
    x, y, w, h = box
    ring = [x, y, x + w, y, x + w, y + h, x, y + h]
    return add("annotations", id=999, bbox=list(box), segmentation=[ring], area=w * h)


def sliver(document: Document) -> Document:
    """Another object, which lies between two rows of pixel middles."""
    ring = [100.0, 100.6, 112.0, 100.6, 112.0, 101.2, 100.0, 101.2]
    return add("annotations", id=999, bbox=[100, 100.4, 12, 1], segmentation=[ring], area=7.2)(document)


def keypoint(number: int, *values: float) -> Callable[[Document], Document]:
    """Set [x, y, v] of one keypoint of one annotation."""

    def change(record: Record) -> None:
        record["keypoints"][3 * number : 3 * number + 3] = values

    return one("annotations", PLAIN, change)


def drop(*numbers: int) -> Callable[[Record], None]:
    def change(record: Record) -> None:
        record["keypoints"] = [v for k, v in enumerate(record["keypoints"]) if k not in numbers]

    return change


def drop_annotations(document: Document) -> Document:
    """Take all annotations but one from the second image."""
    own = [record for record in document["annotations"] if record["image_id"] == 2]
    document["annotations"] = [r for r in document["annotations"] if r["image_id"] != 2 or r is own[0]]
    return document


def misplaced(record: Record) -> None:
    record["bboxes"] = [record.pop("bbox")]


def misplaced_mask(record: Record) -> None:
    record["masks"] = record.pop("segmentation")


def two_comma_categories(document: Document) -> bytes:
    """A comma too many after the first category."""
    return json.dumps(document).replace('"name": "cat", "supercategory": "animal"}, ', '"name": "cat"},, ', 1).encode()


def flat(record: Record) -> None:
    record["segmentation"] = record["segmentation"][0]


def longer_run(step: int) -> Callable[[Record], None]:
    def change(record: Record) -> None:
        record["segmentation"]["counts"][-1] += step

    return change


def negative_run(record: Record) -> None:
    runs = record["segmentation"]["counts"]
    runs[0], runs[2] = -5, runs[2] + runs[0] + 5


def half_size(record: Record) -> None:
    height, width = record["segmentation"]["size"]
    record["segmentation"]["size"] = [height // 2, width // 2]


def far_vertex(record: Record) -> None:
    record["segmentation"][0] += [-60.0, -40.0]


def far_box(record: Record) -> None:
    """The box lies below the polygon."""
    x, y, w, h = record["bbox"]
    record["bbox"] = [x, y + h + 40, w, h]


def nearly_again(document: Document) -> Document:
    """An object is there twice, the second time two pixels further to the left."""
    found = document["annotations"][PLAIN]
    x, y, w, h = found["bbox"]
    ring = [value - (0 if k % 2 else 2) for k, value in enumerate(found["segmentation"][0])]
    return add("annotations", id=999, bbox=[x - 2, y, w, h], segmentation=[ring])(document)


def moved(record: Record) -> None:
    x, y, w, h = record["bbox"]
    record["bbox"] = [x - 60, y, w, h]


def empty_mask(record: Record) -> None:
    height, width = record["segmentation"]["size"]
    record["segmentation"]["counts"] = [height * width]


def two_segments(record: Record) -> None:
    del record["segments_info"][2:]


def line_object(record: Record) -> None:
    """The whole object is a vertical line: its box, its polygon and its area."""
    x, y, _, h = record["bbox"]
    record |= {"bbox": [x, y, 0.0, h], "segmentation": [[x, y, x, y + h, x, y + h / 2]], "area": 0.0}


def moved_object(record: Record) -> None:
    """The whole object lies to the right of its image."""
    x, y, w, h = record["bbox"]
    ring = [value + (0 if k % 2 else 700) for k, value in enumerate(record["segmentation"][0])]
    record |= {"bbox": [x + 700, y, w, h], "segmentation": [ring]}


def normalised_object(record: Record) -> None:
    """The whole object is in [0, 1]: its box, its polygon and its area."""
    x, y, w, h = record["bbox"]
    ring = [value / 800 for value in record["segmentation"][0]]
    record |= {"bbox": [x / 800, y / 800, w / 800, h / 800], "segmentation": [ring], "area": record["area"] / 800**2}


def huge_record(document: Document) -> bytes:
    """One record of 70 MiB."""
    note = '"note": "' + "a" * (70 << 20) + '", "id": 9,'
    return json.dumps(document).replace('"id": 9,', note, 1).encode()
