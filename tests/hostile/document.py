"""The document that every hostile input starts from, and ways to damage it.

Every case starts from `document()`, a small valid file with one planted finding: the box of annotation `PLANTED` lies
far outside its image. A case that leaves that record readable must still report it.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

PLANTED = 9
"""Ordinal of the annotation whose box leaves its image."""
PLANTED_RULE = "box-outside-image"
BAD = 4
"""Ordinal of the annotation that a case damages."""
RECORDS = 12

Record = dict[str, Any]
Write = Callable[[Path], None]


def document() -> dict[str, Any]:
    """Four images, twelve annotations, two categories; clean but for the planted box."""
    images = [{"id": n, "file_name": f"{n:03d}.jpg", "width": 640, "height": 480} for n in range(1, 5)]
    annotations: list[Record] = []
    for number in range(RECORDS):
        x, y, w, h = 20.0 + 30 * number, 30.0 + 20 * number, 90.0, 60.0
        if number == PLANTED:
            x += 900
        annotations.append(
            {
                "id": number + 1,
                "image_id": number % 4 + 1,
                "category_id": number % 2 + 1,
                "bbox": [x, y, w, h],
                "area": w * h,
                "iscrowd": 0,
                "segmentation": [[x, y, x + w, y, x + w, y + h, x, y + h]],
            }
        )
    categories = [{"id": 1, "name": "cat"}, {"id": 2, "name": "dog"}]
    return {"images": images, "annotations": annotations, "categories": categories}


def text_of(data: object) -> str:
    """One record a line."""
    if not isinstance(data, dict):
        return json.dumps(data)
    parts = []
    for key, value in data.items():
        if isinstance(value, list):
            parts.append(f"{json.dumps(key)}: [\n" + ",\n".join(json.dumps(v) for v in value) + "\n]")
        else:
            parts.append(f"{json.dumps(key)}: {json.dumps(value)}")
    return "{\n" + ",\n".join(parts) + "\n}\n"


CLEAN = text_of(document())
"""The document as text; its only finding is the planted one."""


@dataclass(frozen=True)
class Case:
    """One input: its bytes or a function that puts it at a path.

    `kinds`: fault kinds that must be reported, one of several where a tuple stands. `rules`: names of rules that must
    fire. `judged`: the planted finding must be there, and every record but `damaged` be read. `heavy`: run in a process
    of its own, with its memory measured. `entries`: how many entries of lists there are, where they are very many; of
    faults only so many are listed.
    """

    content: bytes | Write
    kinds: tuple[str | tuple[str, ...], ...] = ()
    rules: tuple[str, ...] = ()
    judged: bool = True
    heavy: bool = False
    damaged: int = BAD
    entries: int = 0
    name: str = "input.json"
    place: tuple[int, int, int] | None = field(default=None)
    """Line, column (both from 1) and byte (from 0) of the first fault, where they are promised."""

    def put(self, folder: Path) -> Path:
        path = folder / self.name
        if isinstance(self.content, bytes):
            path.write_bytes(self.content)
        else:
            self.content(path)
        return path


def place_of(text: str, fragment: str, offset: int = 0) -> tuple[int, int, int]:
    """Line, column and byte of `fragment` in ASCII text."""
    position = text.index(fragment) + offset
    line = text.count("\n", 0, position) + 1
    return line, position - text.rfind("\n", 0, position), position


def line_of(number: int) -> str:
    return json.dumps(document()["annotations"][number])


def with_line(replacement: str) -> str:
    """The document with the text of the BAD record replaced."""
    return CLEAN.replace(line_of(BAD), replacement)


def with_value(key: str, literal: str, section: str = "annotations", number: int = BAD) -> bytes:
    """The document with one value of one record replaced by `literal`, which need not be JSON."""
    data = document()
    data[section][number][key] = "@@"
    return text_of(data).replace('"@@"', literal).encode()


def lazy(make: Callable[[], bytes]) -> Write:
    """For what is too large to be kept: made when it is written."""
    return lambda path: void(path.write_bytes(make()))


def void(_: object) -> None:
    return None


def filled(template: bytes, piece: bytes, times: int, behind: bytes = b"") -> Write:
    """The template with `@@` replaced by so many pieces, and as many of `behind` after them."""
    return lazy(lambda: template.replace(b"@@", piece * times + behind * times))


def without(key: str, section: str = "annotations", number: int = BAD) -> bytes:
    data = document()
    del data[section][number][key]
    return text_of(data).encode()
