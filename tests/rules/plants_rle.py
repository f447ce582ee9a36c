"""Faults of RLE masks: counts that cannot be laid out, and masks that are laid out and cannot be right."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from itertools import groupby
from typing import Any

from tests.rules import mutations as m
from tests.rules.clean import Document, compressed
from tests.rules.mutations import Plant, Record

Pixels = set[tuple[int, int]]


def runs_of(flat: Iterable[bool]) -> list[int]:
    """Run lengths, zeros first."""
    groups = [(value, sum(1 for _ in group)) for value, group in groupby(flat)]
    return [0] * groups[0][0] + [length for _, length in groups]


def rectangle(record: Record) -> Pixels:
    """The pixels of a clean mask, which are those of its area from its box's corner on."""
    x, y, w, h = (round(value) for value in record["bbox"])
    w = round(record["area"] / h) if record["area"] != w * h else w
    return {(x + a, y + b) for a in range(w) for b in range(h)}


def draw(pixels: Callable[[Record, int, int], Pixels], *, by_row: bool = False) -> Callable[[Record], None]:
    """Let the mask of a record be of other pixels, and its area theirs; by_row: read them in the wrong order."""

    def change(record: Record) -> None:
        height, width = record["segmentation"]["size"]
        own = pixels(record, height, width)
        columns = (((x, y) in own) for x in range(width) for y in range(height))
        rows = (((x, y) in own) for y in range(height) for x in range(width))
        record["segmentation"]["counts"] = compressed(runs_of(rows if by_row else columns))
        record["area"] = float(len(own))

    return change


def same(record: Record, height: int, width: int) -> Pixels:
    return rectangle(record)


def whole(record: Record, height: int, width: int) -> Pixels:
    record["bbox"] = [0.0, 0.0, float(width), float(height)]
    return {(x, y) for x in range(width) for y in range(height)}


def specks(record: Record, height: int, width: int) -> Pixels:
    """Blocks of 5 x 5 pixels, 5 apart, in the same box."""
    x, y, w, h = (round(value) for value in record["bbox"])
    own = {p for p in rectangle(record) if (p[0] - x) % 10 < 5 and (p[1] - y) % 10 < 5}
    return own | {(x, y + h - 1), (x + w - 1, y)}


def lines(record: Record, height: int, width: int) -> Pixels:
    """Every second row of the box."""
    x, y, w, h = (round(value) for value in record["bbox"])
    return {p for p in rectangle(record) if (p[1] - y) % 2 == 0} | {(x, y + h - 1), (x + w - 1, y + h - 1)}


def moved(record: Record) -> None:
    x, y, w, h = record["bbox"]
    record["bbox"] = [x, y - 40, w, h]


def shorter(record: Record) -> None:
    x, y, w, h = record["bbox"]
    record["bbox"] = [x, y, w, h - 9]


def single(record: Record) -> None:
    record["iscrowd"] = 0


def of(index: int, change: Callable[[Record], Any]) -> Callable[[Document], Document]:
    return m.one("annotations", index, change)


PLANTS_RLE: list[Plant] = [
    Plant("ANN350", "instances", m.rle(m.COMPRESSED, size=[0, 640])),
    Plant("ANN350", "instances", m.rle(m.COMPRESSED, size=[-480, -640])),
    Plant("ANN350", "instances", m.rle(m.COMPRESSED, size=[480.5, 640])),
    Plant("ANN351", "instances", of(m.CROWD, m.half_size)),
    Plant("ANN352", "instances", of(m.COMPRESSED, lambda record: record["segmentation"]["size"].reverse())),
    Plant("ANN353", "instances", of(m.CROWD, m.longer_run(-3))),
    Plant("ANN354", "instances", of(m.CROWD, m.longer_run(3))),
    Plant("ANN354", "instances", of(m.CROWD, m.longer_run(2**32))),
    Plant("ANN355", "instances", of(m.CROWD, m.negative_run)),
    Plant("ANN356", "instances", m.rle(m.COMPRESSED, counts="0é~")),
    Plant(
        "ANN357",
        "instances",
        of(m.COMPRESSED, lambda r: r["segmentation"].update(counts=str(r["segmentation"]["counts"].encode()))),
    ),
    Plant("ANN358", "instances", m.rle(m.COMPRESSED, counts="")),
    Plant("ANN359", "amg", m.one("", 0, lambda record: record["segmentation"].update(size=[10**6, 10**6]))),
    Plant("ANN360", "instances", of(m.CROWD, m.empty_mask)),
    Plant("ANN361", "sa-1b", of(4, draw(whole))),
    Plant("ANN361", "amg", m.one("", 4, draw(whole))),
    Plant("ANN362", "instances", of(m.COMPRESSED, moved)),
    Plant("ANN362", "sa-1b", of(4, shorter)),
    Plant("ANN362", "amg", m.one("", 4, moved)),
    Plant("ANN363", "instances", of(m.COMPRESSED, draw(specks))),
    Plant("ANN364", "instances", of(m.COMPRESSED, draw(same, by_row=True))),
    Plant("ANN364", "instances", of(m.COMPRESSED, draw(lines))),
    Plant("ANN364", "sa-1b", of(4, draw(same, by_row=True))),
    Plant("ANN365", "instances", of(m.CROWD, single), severity="info"),
    # A picture of one thing: the box says so as well.
    Plant("ANN366", "instances", of(m.COMPRESSED, draw(whole)), severity="info", also=("ANN206",)),
]
