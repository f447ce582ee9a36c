"""Panoptic PNGs beside the clean document, and their faults."""

from __future__ import annotations

import io
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from tests.rules import mutations as m
from tests.rules.clean import Document, panoptic
from tests.rules.mutations import Plant, Record

Ids = NDArray[np.int64]
Pictures = dict[str, bytes]
NAME = "000007.png"
"""The PNG of the seventh annotation, which plants change; its four segments are 7001 to 7004."""


def drawn(record: Record, width: int, height: int) -> Ids:
    """Each segment fills its box but for ten by ten pixels in the middle, which are void."""
    ids = np.zeros((height, width), np.int64)
    for segment in record["segments_info"]:
        x, y, w, h = segment["bbox"]
        ids[y : y + h, x : x + w] = segment["id"]
        ids[y + h // 2 : y + h // 2 + 10, x + w // 2 : x + w // 2 + 10] = 0
    return ids


def encoded(ids: Ids) -> bytes:
    """A PNG whose colours are R + 256 G + 65,536 B = id."""
    out = io.BytesIO()
    Image.fromarray(np.stack([ids & 255, ids >> 8 & 255, ids >> 16], axis=2).astype(np.uint8)).save(
        out, "PNG", compress_level=1
    )
    return out.getvalue()


def decoded(data: bytes) -> Ids:
    with Image.open(io.BytesIO(data)) as picture:
        colours = np.asarray(picture).astype(np.int64)
    return colours[..., 0] | colours[..., 1] << 8 | colours[..., 2] << 16


@cache
def _clean() -> tuple[tuple[str, bytes], ...]:
    document = panoptic()
    sizes = {image["id"]: (image["width"], image["height"]) for image in document["images"]}
    return tuple(
        (record["file_name"], encoded(drawn(record, *sizes[record["image_id"]]))) for record in document["annotations"]
    )


def write_pictures(path: Path, change: Callable[[Pictures], Any] | None) -> None:
    """Write the PNGs of the clean document into a folder named as the file `path`, changed in place by `change`."""
    pictures = dict(_clean())
    if change is not None:
        change(pictures)
    for name, data in pictures.items():
        target = path.with_suffix("") / name
        target.parent.mkdir(exist_ok=True)
        target.write_bytes(data)


def picture(change: Callable[[Ids], Ids | None], name: str = NAME) -> Callable[[Pictures], None]:
    """Change one picture: in place, or by giving another."""

    def apply(pictures: Pictures) -> None:
        ids = decoded(pictures[name])
        changed = change(ids)
        pictures[name] = encoded(ids if changed is None else changed)

    return apply


def pictures(change: Callable[[Ids], Ids | None]) -> Callable[[Pictures], None]:
    """Change all pictures."""

    def apply(own: Pictures) -> None:
        for name in own:
            picture(change, name)(own)

    return apply


def recoloured(before: int, after: int) -> Callable[[Pictures], None]:
    def change(ids: Ids) -> None:
        ids[ids == before] = after

    return picture(change)


def red_and_blue_exchanged(ids: Ids) -> Ids:
    return (ids & 255) << 16 | ids & 0xFF00 | ids >> 16


def nothing(own: Pictures) -> None:
    own.clear()


def only(*kept: str) -> Callable[[Pictures], None]:
    def change(own: Pictures) -> None:
        for name in [name for name in own if name not in kept]:
            del own[name]

    return change


def cut(own: Pictures) -> None:
    own[NAME] = own[NAME][: len(own[NAME]) // 2]


def replaced(data: bytes) -> Callable[[Pictures], None]:
    return lambda own: own.__setitem__(NAME, data)


def stuff_in_two(document: Document) -> Document:
    """The fourth segment, grass, becomes sky, as the third is."""
    return m.segment(3, category_id=3)(document)


def two_segments_void(ids: Ids) -> None:
    ids[(ids == 7003) | (ids == 7004)] = 0


def same(document: Document) -> Document:
    return document


PLANTS_PANOPTIC: list[Plant] = [
    Plant("ANN601", "panoptic", m.without("annotations", "segments_info")),
    Plant("ANN602", "panoptic", m.annotation(segments_info=[])),
    Plant(
        "ANN603",
        "panoptic",
        m.one("annotations", m.PLAIN, m.two_segments),
        expect={"min-segments": 3},
        pngs=picture(two_segments_void),
    ),
    Plant("ANN604", "panoptic", m.without("annotations", "file_name")),
    # the PNG as a file
    Plant("ANN605", "panoptic", m.annotation(file_name="no.png")),
    Plant("ANN605", "panoptic", same, pngs=lambda own: own.pop(NAME)),
    Plant("ANN606", "panoptic", m.annotation(file_name=f"../planted/{NAME}")),
    Plant("ANN606", "panoptic", m.annotation(file_name=f"/data/{NAME}")),
    Plant("ANN607", "panoptic", same, pngs=cut),
    Plant("ANN607", "panoptic", same, pngs=replaced(b"")),
    Plant("ANN607", "panoptic", same, pngs=replaced(b"<!DOCTYPE html><title>404</title>")),
    Plant("ANN607", "panoptic", same, pngs=replaced(b"version https://git-lfs.github.com/spec/v1\noid sha256:00\n")),
    Plant("ANN608", "panoptic", same, pngs=picture(lambda ids: ids[::2, ::2])),
    Plant("ANN608", "panoptic", same, pngs=picture(lambda ids: np.pad(ids, ((0, 3), (0, 0))))),
    Plant("ANN609", "panoptic", same, pngs=picture(lambda ids: ids.T)),
    # ids in the PNG and in segments_info
    Plant("ANN610", "panoptic", m.one("annotations", m.PLAIN, lambda record: record["segments_info"].pop())),
    Plant("ANN610", "panoptic", same, pngs=picture(lambda ids: ids.__setitem__((slice(3), slice(3)), 5)), also=()),
    Plant("ANN611", "panoptic", same, pngs=picture(red_and_blue_exchanged)),
    Plant("ANN611", "panoptic", same, pngs=picture(lambda ids: ids // 7)),
    Plant("ANN612", "panoptic", same, pngs=picture(lambda ids: ids * 0)),
    Plant(
        "ANN613",
        "panoptic",
        m.one(
            "annotations",
            m.PLAIN,
            lambda r: r.update(segments_info=[{**r["segments_info"][0], "area": 25, "bbox": [0, 0, 5, 5]}]),
        ),
        pngs=picture(lambda ids: np.pad(np.full((5, 5), 7001), ((0, ids.shape[0] - 5), (0, ids.shape[1] - 5)))),
    ),
    Plant("SEG101", "panoptic", m.segment(id=7002), pngs=recoloured(7001, 7002)),
    Plant("SEG102", "panoptic", m.segment(id=0)),
    Plant("SEG102", "panoptic", m.segment(id=2**24)),
    Plant("SEG102", "panoptic", m.segment(id=7001.5)),
    Plant("SEG102", "panoptic", m.segment(id="7001")),
    Plant("SEG401", "panoptic", same, pngs=recoloured(7001, 0)),
    Plant(
        "SEG401",
        "panoptic",
        m.one("annotations", m.PLAIN, lambda r: r["segments_info"].append({**r["segments_info"][0], "id": 9})),
    ),
    # what is recorded of a segment
    Plant("SEG103", "panoptic", m.segment(category_id=99)),
    Plant("SEG201", "panoptic", m.segment(bbox=[1, 2, 3])),
    Plant("SEG202", "panoptic", m.segment(bbox=[1, 2, 0, 9])),
    Plant("SEG203", "panoptic", m.segment(bbox=[900, 2, 320, 240])),
    Plant("SEG204", "panoptic", m.segment(area=0)),
    Plant("SEG205", "panoptic", m.segment(area=10**6), pngs=nothing, also=("SRC410",)),
    Plant("SEG301", "panoptic", m.segment(iscrowd=2)),
    Plant("SEG402", "panoptic", m.segment(area=10**6)),
    Plant("SEG402", "panoptic", m.segment(area=5000)),
    Plant("SEG403", "panoptic", m.segment(bbox=[20, 10, 50, 40])),
    Plant("SEG404", "panoptic", m.segment(2, iscrowd=1)),
    Plant("SEG405", "panoptic", stuff_in_two),
    # all of them
    Plant("SRC410", "panoptic", same, pngs=nothing),
    Plant("SRC411", "panoptic", same, pngs=only(*(f"{number:06d}.png" for number in range(1, 9)))),
    Plant("SRC412", "panoptic", same, pngs=pictures(red_and_blue_exchanged)),
]
