"""What metadata.csv says of the masks of a folder that segment-anything wrote."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa

from datacheck.folders.amg import Metadata, read_metadata
from datacheck.run.mask_sets import equals, numbers_of
from datacheck.tables import TABLES

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from datacheck.folders.find import MaskFolder
    from datacheck.run.assemble import Parts

RECORDED = {
    "recorded_area": "area", "recorded_x": "bbox_x0", "recorded_y": "bbox_y0", "recorded_w": "bbox_w",
    "recorded_h": "bbox_h", "predicted_iou": "predicted_iou", "stability_score": "stability_score",
}  # fmt: skip
"""Columns of `mask_files` by the columns of metadata.csv that they come from."""
SHOWN = 3
"""Absent files that are named."""
SLACK = 0.5
"""Pixels that area and box may be off; amg.py writes whole numbers."""


def join_records(
    parts: dict[str, Parts], folders: Sequence[MaskFolder], run: Callable[..., Iterator[list[Metadata]]]
) -> None:
    """Fill `recorded_*`, `has_record` ... of mask files, and what metadata.csv lacks or has too much, of their sets."""
    files, sets = parts["mask_files"], parts["mask_sets"]
    amg = [i for i, folder in enumerate(folders) if folder.layout == "amg"]
    if not amg or not len(sets):
        return
    first = int(sets.source[0])
    wanted = [(first + i, stem, path) for i in amg for stem, path in sorted(folders[i].metadata.items())]
    found = [one for part in run(_read, [path for *_, path in wanted], _dead) for one in part]
    by_set = {(source, stem): one for (source, stem, _), one in zip(wanted, found, strict=True)}
    is_amg = np.isin(sets.source, first + np.array(amg))
    rows = _Rows(len(files), len(sets))
    objects = files.columns["object"].to_pylist()
    order = np.argsort(np.asarray(files.numpy("set_row"), np.int64), kind="stable")
    starts = np.searchsorted(np.asarray(files.numpy("set_row"), np.int64)[order], np.arange(len(sets) + 1))
    stems, sources = sets.columns["stem"].to_pylist(), sets.source.tolist()
    for number in np.flatnonzero(is_amg).tolist():
        own, metadata = order[starts[number] : starts[number + 1]], by_set.get((sources[number], stems[number]))
        if len(own) or metadata is not None:
            rows.take(number, metadata, own, [objects[i] for i in own])
    for name, (values, valid) in rows.files.items():
        files.columns[name] = pa.chunked_array([_array("mask_files", name, values, valid)])
    for name, listed in rows.sets.items():
        sets.columns[name] = pa.chunked_array([pa.array(listed, TABLES["mask_sets"].by_name[name].arrow)])
    _count(
        files, sets, np.array([state not in (None, "missing", "unreadable") for state in rows.sets["metadata_state"]])
    )


def _count(files: Parts, sets: Parts, read: NDArray[np.bool_]) -> None:
    """Fill the counts of sets over what metadata.csv says of their masks."""
    off, said = np.zeros(len(files), bool), np.zeros(len(files), bool)
    empty = numbers_of(files, "area") == 0
    for name, column, add, slack in (
        ("recorded_area", "area", 0.0, SLACK),
        ("recorded_x", "mask_x", 0.0, SLACK), ("recorded_y", "mask_y", 0.0, SLACK),
        # amg.py writes right-most less left-most pixel, others one more.
        ("recorded_w", "mask_w", -0.5, SLACK + 0.5), ("recorded_h", "mask_h", -0.5, SLACK + 0.5),
    ):  # fmt: skip
        here = files.valid(name) & ((column == "area") | ~empty)
        off |= here & (np.abs(numbers_of(files, name) - numbers_of(files, column) - add) > slack)
        said |= here
    said &= equals(files, "state", "ok")
    own = np.asarray(files.numpy("set_row"), np.int64)
    for name, where in (
        ("recorded_count", said), ("record_differs_count", said & off),
        ("bad_record_count", numbers_of(files, "bad_number_count") > 0),
    ):  # fmt: skip
        sets.put(name, np.bincount(own[where], minlength=len(sets)), ~read)


def _read(paths: Sequence[str]) -> list[Metadata]:
    return [read_metadata(path) for path in paths]


def _dead(_path: str) -> list[Metadata]:
    return [Metadata(state="unreadable", detail="the process that read this file died")]


def _array(table: str, name: str, values: NDArray[Any], valid: NDArray[np.bool_]) -> pa.Array:
    return pa.array(values, TABLES[table].by_name[name].arrow, mask=~valid)


class _Rows:
    """Columns of mask files and sets, filled one metadata.csv after the other."""

    def __init__(self, files: int, sets: int) -> None:
        types = dict.fromkeys(RECORDED, np.float64) | {"bad_number_count": np.int64, "has_record": np.bool_}
        self.files = {name: (np.zeros(files, kind), np.zeros(files, bool)) for name, kind in types.items()}
        names = ("metadata_state", "metadata_detail", "unlisted_count", "absent_count", "absent")
        self.sets: dict[str, list[Any]] = {name: [None] * sets for name in names}

    def take(self, number: int, found: Metadata | None, own: NDArray[np.int64], objects: Sequence[str | None]) -> None:
        """The metadata of set `number`, whose files are at `own`."""
        self.sets["metadata_state"][number] = "missing" if found is None else found.state
        if found is None:
            return
        self.sets["metadata_detail"][number] = found.detail
        names = set(found.id) - {""}
        if not names and found.state != "ok":
            return
        # Of an id that stands in two rows, and of rows whose fields may have shifted, nobody knows what they say.
        count = Counter(found.id)
        place = {
            text: at
            for at, (text, whole) in enumerate(zip(found.id, found.whole.tolist(), strict=True))
            if whole and count[text] == 1
        }
        at = np.array([place.get(name or "", -1) for name in objects], np.int64)
        listed = np.array([name in names for name in objects], bool)
        use = at >= 0
        for name, key in RECORDED.items():
            self._put(name, own[use], np.asarray(getattr(found, key), np.float64)[at[use]])
        self._put("bad_number_count", own[use], np.asarray(found.bad_number_count, np.int64)[at[use]])
        certain = listed | (not found.cut)
        self._put("has_record", own[certain], listed[certain])
        there = set(objects)
        absent = [text for text in dict.fromkeys(found.id) if text in names and text not in there]
        self.sets["unlisted_count"][number] = None if found.cut else int((~listed).sum())
        self.sets["absent_count"][number] = len(absent)
        more = ", …" if len(absent) > SHOWN else ""
        self.sets["absent"][number] = ", ".join(f"{name}.png" for name in absent[:SHOWN]) + more if absent else None

    def _put(self, name: str, rows: NDArray[np.int64], values: NDArray[Any]) -> None:
        column, valid = self.files[name]
        good = np.isfinite(values)
        column[rows[good]] = values[good]
        valid[rows[good]] = True
