"""Small datasets on disk for the tests of commands."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

SQUARE = [[10, 10, 30, 10, 30, 30, 10, 30]]


def coco(size: int = 4, /, **changes: Mapping[int, Mapping[str, Any]]) -> dict[str, Any]:
    """A clean COCO document; `annotations={3: {"bbox": ...}}` changes record 3 of that section."""
    document: dict[str, Any] = {
        "info": {"description": "made by a test"},
        "images": [
            {"id": n + 1, "file_name": f"{n + 1:06d}.jpg", "width": 100, "height": 80} for n in range(size)
        ],
        "annotations": [
            {"id": n + 1, "image_id": n // 2 + 1, "category_id": n % 2 + 1, "bbox": [10 + n, 10, 20, 20], "area": 400,
             "iscrowd": 0, "segmentation": [[10 + n, 10, 30 + n, 10, 30 + n, 30, 10 + n, 30]]}
            for n in range(2 * size)
        ],
        "categories": [{"id": 1, "name": "cat"}, {"id": 2, "name": "dog"}],
    }  # fmt: skip
    for section, records in changes.items():
        for number, fields in records.items():
            document[section][number].update(fields)
    return document


def write(file: Path, document: object) -> Path:
    """One record a line, so that lines mean something."""
    file.parent.mkdir(parents=True, exist_ok=True)
    if isinstance(document, dict):
        sections = []
        for key, value in document.items():
            text = json.dumps(value)
            if isinstance(value, list):
                text = "[\n" + ",\n".join(json.dumps(record) for record in value) + "\n]"
            sections.append(f"{json.dumps(key)}: {text}")
        file.write_text("{\n" + ",\n".join(sections) + "\n}\n", encoding="utf-8")
    else:
        file.write_text(json.dumps(document), encoding="utf-8")
    return file


OUTSIDE = {"bbox": [90, 10, 20, 20], "segmentation": [[90, 10, 110, 10, 110, 30, 90, 30]]}


def clean(folder: Path) -> Path:
    """A dataset without a fault."""
    return write(folder / "annotations" / "instances_train.json", coco())


def faulty(folder: Path) -> Path:
    """Two boxes that leave their image, and a file of no known format beside it."""
    write(folder / "notes.json", {"name": "x"})
    return write(folder / "annotations" / "instances_val.json", coco(annotations={2: OUTSIDE, 5: OUTSIDE}))


WIDE = (
    "code: ANN990\nname: wide-box\ntable: annotations\nseverity: error\nstatus: stable\n"
    "when: box_w > $most\nparams:\n  most: {type: number, default: 1, doc: Most.}\n"
    'message: "{box_w} px"\nwhy: w\nfix: f\n'
    "tests:\n  - flags: {box_w: 2}\n  - passes: {box_w: 1}\n  - unknown: {box_w: null}\n"
)
"""A rule that finds every box wider than 1 px."""


def own_rules(folder: Path, text: str = WIDE) -> Path:
    """A pack with that rule, or with another text of it."""
    (folder / "annotations").mkdir(parents=True, exist_ok=True)
    (folder / "annotations" / "ANN990-wide-box.yaml").write_text(text)
    return folder
