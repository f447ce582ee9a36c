"""Faults of the masks of one image: SA-1B documents and segment-anything's lists, alone and many in a folder."""

from __future__ import annotations

import json
import math
from collections.abc import Callable
from copy import deepcopy
from pathlib import Path
from typing import Any

from tests.rules import mutations as m
from tests.rules.clean import Document
from tests.rules.mutations import Plant, Record, Write

MANY: dict[str, object] = {"min-segments": 16}


def masks_of(document: Document) -> list[Record]:
    found: list[Record] = document if isinstance(document, list) else document["annotations"]
    return found


def keep(number: int) -> Callable[[Document], Document]:
    """Leave this many masks."""

    def mutate(document: Document) -> Document:
        del masks_of(document)[number:]
        return document

    return mutate


def emptied(document: Document) -> Document:
    for record in masks_of(document):
        height, width = record["segmentation"]["size"]
        record["segmentation"]["counts"] = [height * width]
        record |= {"bbox": [0, 0, 0, 0], "area": 0}
    return document


def copied(document: Document) -> Document:
    """The third mask once more, as the last."""
    record = deepcopy(masks_of(document)[2])
    masks_of(document).append(record | ({"id": 999} if "id" in record else {}))
    return document


def same(document: Document) -> Document:
    return document


def folder(*changes: Callable[[Document], Document]) -> Callable[[Document], Write]:
    """A folder with a file for each of these changes of the document, each of an image of its own."""

    def mutate(document: Document) -> Write:
        def make(path: Path) -> None:
            path.mkdir()
            for number, change in enumerate(changes):
                own = deepcopy(document)
                if not isinstance(own, list):
                    own["image"] |= {"image_id": number, "file_name": f"sa_{number}.jpg"}
                (path / f"sa_{number}.json").write_text(json.dumps(change(own)))

        return Write(make)

    return mutate


def beside(*pictures: str) -> Callable[[Document], Write]:
    """The document as sa_7.json in a folder with images of these names."""

    def mutate(document: Document) -> Write:
        def make(path: Path) -> None:
            from PIL import Image

            path.mkdir()
            (path / "sa_7.json").write_text(json.dumps(document))
            for name in pictures:
                Image.new("RGB", (640, 480), "green").save(path / name)

        return Write(make)

    return mutate


def scores(**values: object) -> Callable[[Document], Any]:
    def mutate(document: Document) -> Document:
        masks_of(document)[5] |= values
        return document

    return mutate


PLANTS_SAM: list[Plant] = [
    Plant("SRC440", "sa-1b", folder(*[keep(1)] * 3)),
    Plant("SRC440", "amg", folder(*[keep(1)] * 3)),
    Plant("SRC440", "amg", folder(*[keep(1)] * 19, same, same)),
    Plant("SRC440", "sa-1b", folder(*[keep(1)] * 3), expect=MANY),
    Plant("SRC440", "amg", folder(*[keep(1)] * 3), expect=MANY),
    Plant("SRC441", "sa-1b", folder(*[keep(9)] * 3), expect=MANY),
    Plant("SRC441", "amg", folder(*[keep(9)] * 3), expect=MANY),
    Plant("SRC442", "sa-1b", folder(*[emptied] * 3)),
    Plant("SRC442", "amg", folder(*[emptied] * 3)),
    Plant("SRC443", "sa-1b", keep(1)),
    Plant("SRC443", "amg", keep(1)),
    Plant("SRC443", "amg", folder(keep(1), same, same)),
    Plant("SRC444", "amg", keep(9), expect=MANY),
    Plant("SRC444", "amg", folder(keep(1), same, same), expect=MANY),
    Plant("IMG403", "sa-1b", folder(keep(1), same, same), expect=MANY),
    Plant("ANN360", "sa-1b", folder(emptied, same, same), count=20),
    Plant("ANN211", "sa-1b", copied),
    Plant("ANN211", "amg", copied),
    Plant("ANN806", "sa-1b", scores(predicted_iou=9)),
    Plant("ANN806", "amg", scores(stability_score=96.5)),
    Plant("SRC106", "sa-1b", scores(predicted_iou=math.nan)),
    Plant("SRC109", "sa-1b", scores(stability_score=None)),
    Plant("SRC108", "amg", scores(predicted_iou="high")),
    Plant("IMG307", "sa-1b", beside("sa_8.jpg")),
    Plant("IMG307", "sa-1b", m.both(lambda d: d["image"].update(file_name="img_1.jpg") or d, beside("sa_7.jpg"))),
    Plant("ANN305", "instances", m.annotation(segmentation=[[700.0, 9, 760, 9, 760, 60, 700, 60]]), severity="error"),
]
