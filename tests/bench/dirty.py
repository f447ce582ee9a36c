"""Damaged copies of a COCO file, written as a stream: a reader must survive them at nearly the clean file's speed."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from pathlib import Path

BLOCK = 16 << 20
ID = re.compile(rb'("(?:id|image_id|category_id)": )(\d+)')


def _blocks(path: Path) -> Iterator[bytes]:
    """The file in blocks that end between two values, so that no key and no number is cut."""
    rest = b""
    with path.open("rb") as source:
        while block := source.read(BLOCK):
            cut = block.rfind(b",") + 1
            yield rest + block[:cut]
            rest = block[cut:]
    yield rest


def one_nan(clean: Path, dirty: Path) -> None:
    """The first number of one bbox in the middle of the file becomes NaN."""
    middle = clean.stat().st_size // 2
    done = False
    with dirty.open("wb") as out:
        position = 0
        for block in _blocks(clean):
            position += len(block)
            if not done and position > middle:
                block, replaced = re.subn(rb'("bbox": \[)[^,]+', rb"\1NaN", block, count=1)
                done = bool(replaced)
            out.write(block)


def truncated_tail(clean: Path, dirty: Path) -> None:
    """The last thousandth of the file is missing, and with it the end of a record and all categories."""
    keep = clean.stat().st_size * 999 // 1000
    with clean.open("rb") as source, dirty.open("wb") as out:
        while keep > 0 and (block := source.read(min(BLOCK, keep))):
            keep -= out.write(block)


def string_ids(clean: Path, dirty: Path) -> None:
    """Every id is a string: "17"."""
    _rewrite_ids(clean, dirty, rb'\1"\2"')


def float_ids(clean: Path, dirty: Path) -> None:
    """Every id is a float: 17.0."""
    _rewrite_ids(clean, dirty, rb"\1\2.0")


def _rewrite_ids(clean: Path, dirty: Path, replacement: bytes) -> None:
    with dirty.open("wb") as out:
        for block in _blocks(clean):
            out.write(ID.sub(replacement, block))


VARIANTS: dict[str, Callable[[Path, Path], None]] = {
    "nan": one_nan,
    "truncated": truncated_tail,
    "string_ids": string_ids,
    "float_ids": float_ids,
}
