"""metadata.csv, which segment-anything's amg.py writes beside the masks of an image: one row a mask."""

from __future__ import annotations

import codecs
import csv
import math
import os
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

from datacheck.files.header import open_regular, reason_of

if TYPE_CHECKING:
    from numpy.typing import NDArray

COLUMNS = (
    "id", "area", "bbox_x0", "bbox_y0", "bbox_w", "bbox_h", "point_input_x", "point_input_y", "predicted_iou",
    "stability_score", "crop_box_x0", "crop_box_y0", "crop_box_w", "crop_box_h",
)  # fmt: skip
"""In the order of amg.py; any other order is read as well."""

KEPT = ("area", "bbox_x0", "bbox_y0", "bbox_w", "bbox_h", "predicted_iou", "stability_score")
NAME = "metadata.csv"

MAX_BYTES = 4 << 20
"""One image has some hundred masks, of 150 bytes each."""
MAX_ROWS = 25_000
MAX_LINE = 1 << 16
FEWEST = 4
"""So many columns of amg.py's make a header that amg.py has written, whatever became of the rest."""
FEWEST_NUMBERS = 8
"""So many numbers make a row."""


@dataclass
class Metadata:
    """One metadata.csv. The arrays are parallel to `id`: NaN where the field is missing, no number or not finite.

    bbox_w and bbox_h are in px as amg.py writes them: right-most less left-most pixel, without + 1.
    """

    state: str = "ok"
    """ok, missing, unreadable (cannot be opened, no regular file, no text) or malformed (read as far as it goes)."""
    detail: str | None = None
    id: list[str] = field(default_factory=list)
    """Which mask, as the name of its file without the ending."""
    area: NDArray[np.float64] = field(default_factory=lambda: np.empty(0))
    bbox_x0: NDArray[np.float64] = field(default_factory=lambda: np.empty(0))
    bbox_y0: NDArray[np.float64] = field(default_factory=lambda: np.empty(0))
    bbox_w: NDArray[np.float64] = field(default_factory=lambda: np.empty(0))
    bbox_h: NDArray[np.float64] = field(default_factory=lambda: np.empty(0))
    predicted_iou: NDArray[np.float64] = field(default_factory=lambda: np.empty(0))
    stability_score: NDArray[np.float64] = field(default_factory=lambda: np.empty(0))
    bad_number_count: NDArray[np.int32] = field(default_factory=lambda: np.empty(0, np.int32))
    """Fields of the row that are NaN, infinite or no number, of those columns that the header has."""
    whole: NDArray[np.bool_] = field(default_factory=lambda: np.empty(0, np.bool_))
    """The row has as many fields as the header, so that each stands in its column."""
    cut: bool = False
    """There is more than could be read."""


def read_metadata(path: str) -> Metadata:
    """All of one metadata.csv. Never raises; reads at most MAX_BYTES and MAX_ROWS, and says so where there are more."""
    try:
        text, cut = _text(path, MAX_BYTES)
    except FileNotFoundError:
        return Metadata("missing", f"there is no {NAME}")
    except (OSError, ValueError) as error:
        return Metadata("unreadable", reason_of(error))
    if text is None:
        return Metadata("unreadable", "it is no text")
    notes = [f"it is larger than {MAX_BYTES >> 20} MiB: the rest is not read"] if cut else []
    found = _table(text, notes)
    found.cut |= cut
    return found


def is_amg(path: str) -> bool:
    """Does this file have a header that amg.py has written? Reads its first line only, never raises."""
    try:
        text, _ = _text(path, 4096)
    except (OSError, ValueError):
        return False
    first = (text or "").lstrip().partition("\n")[0]
    names = {name.strip(' \t\r"').lower() for name in first.split(_separator(first))}
    return len(names.intersection(COLUMNS)) >= FEWEST and "file_name" not in names


def is_damaged(path: str) -> bool:
    """Is this what is left of a metadata.csv: empty, no text, not to be read, or rows of numbers without a header?
    Whoever names other columns has not run amg.py."""
    try:
        text, _ = _text(path, 4096)
    except FileNotFoundError:
        return False
    except (OSError, ValueError):
        return True
    return not (text or "").strip("\0 \t\r\n") or any(map(_is_row, (text or "").lstrip().split("\n")[:2]))


def _is_row(line: str) -> bool:
    fields = line.split(_separator(line))
    return len(fields) >= FEWEST_NUMBERS and not any(math.isnan(_number(field)) for field in fields)


def _text(path: str, most: int) -> tuple[str | None, bool]:
    """The text of a regular file, None if it is binary; and whether there is more than `most` bytes."""
    fd, _, reason = open_regular(path)
    if fd < 0:
        raise OSError(reason) if "\0" in path or os.path.lexists(path) else FileNotFoundError(path)
    with open(fd, "rb") as file:
        file.seek(0)
        data = file.read(most + 1)
    cut, data = len(data) > most, data[:most]
    if data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return data.decode("utf-16", "replace"), cut
    if data[:4096].count(0) > 8:
        return None, cut
    text = data.decode("utf-8-sig", "replace")
    head = text[:4096]
    odd = sum((c < " " and c not in "\t\r\n") or c == "\ufffd" for c in head)
    return (None if 10 * odd > len(head) else text), cut


def _separator(first: str) -> str:
    return max(",;\t", key=lambda mark: (first.count(mark), mark == ","))


def _table(text: str, notes: list[str]) -> Metadata:
    if not text.strip():
        return Metadata("malformed", "it is empty")
    separator = _separator(text.lstrip().partition("\n")[0])
    broken: list[str] = []
    lines = _rows(text, separator, broken)
    header = [name.strip().lower() for name in next(lines, [])]
    if len(set(header).intersection(COLUMNS)) < FEWEST and "id" not in header:
        return Metadata("malformed", f"its first row is no header of amg.py's: {_short(', '.join(header))}")
    if separator != ",":
        notes.append("its fields are not separated by commas")
    places = {name: header.index(name) for name in COLUMNS if name in header}
    if absent := [name for name in COLUMNS if name not in places]:
        notes.append(f"it has no column {' and no '.join(absent[:3])}{' and others' if len(absent) > 3 else ''}")
    rows: list[list[str]] = []
    for number, row in enumerate(lines, 2):
        if len(rows) == MAX_ROWS:
            broken.append(f"it has over {MAX_ROWS:,} rows: the rest is not read")
            break
        if not any(row):
            continue
        if len(row) != len(header) and not any(note.startswith("row ") for note in notes):
            notes.append(f"row {number} has {len(row)} fields where the header has {len(header)}")
        rows.append(row)
    found = _columns(rows, places)
    found.whole, found.cut = np.array([len(row) == len(header) for row in rows], np.bool_), bool(broken)
    notes += broken
    if copies := [(name, count) for name, count in Counter(found.id).items() if count > 1]:
        name, count = copies[0]
        more = f", and {len(copies) - 1} more ids are duplicated" if len(copies) > 1 else ""
        notes.append(f"id {_short(name)} stands in {count} rows{more}")
    if notes:
        found.state, found.detail = "malformed", "; ".join(notes)
    return found


def _rows(text: str, separator: str, notes: list[str]) -> Iterator[list[str]]:
    """Rows, until one that is no CSV."""
    reader = csv.reader(_lines(text), delimiter=separator, skipinitialspace=True, strict=True)
    done = 0
    try:
        for row in reader:
            yield row
            done = reader.line_num
    except csv.Error as error:
        reason = "a quote is never closed" if "unexpected end" in str(error) else str(error)
        notes.append(f"it cannot be read from line {done + 1} on: {reason}")


def _lines(text: str) -> Iterator[str]:
    """Lines with any kind of end, without a look at the whole text; a line beyond all measure ends the text."""
    for line in text.replace("\r\n", "\n").replace("\r", "\n").split("\n"):
        if len(line) > MAX_LINE:
            raise csv.Error(f"a line is longer than {MAX_LINE:,} characters")
        yield line


def _columns(rows: list[list[str]], places: dict[str, int]) -> Metadata:
    bad = np.zeros(len(rows), np.int32)
    found = Metadata(bad_number_count=bad)
    for name in KEPT:
        setattr(found, name, np.full(len(rows), np.nan))
    for name, place in places.items():
        texts = [row[place] if place < len(row) else "" for row in rows]
        if name == "id":
            found.id = [_name(text) for text in texts]
            continue
        try:
            values = np.array([*map(float, texts)], np.float64)
        except ValueError:
            values = np.array([*map(_number, texts)], np.float64)
        finite = np.isfinite(values)
        bad += ~finite
        if name in KEPT:
            setattr(found, name, np.where(finite, values, np.nan))
    if "id" not in places:
        found.id = [""] * len(rows)
    return found


def _number(text: str) -> float:
    try:
        return float(text)
    except ValueError:
        return math.nan


def _name(text: str) -> str:
    """An id as amg.py names the file: tools that read a table of numbers write 3 as 3.0."""
    text = text.strip()
    head, dot, tail = text.partition(".")
    return head if dot and head.isdecimal() and not tail.strip("0") else text


def _short(text: str) -> str:
    return text if len(text) <= 60 else text[:60] + "…"
