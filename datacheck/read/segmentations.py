"""Segmentations: polygons, flat lists and RLE objects told apart, and what each holds, with every wrong type as a
fault."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import msgspec
import numpy as np
import pyarrow as pa
from msgspec import UNSET, Raw

from datacheck.measure.rle import Masks
from datacheck.read.faults import Fault
from datacheck.read.lists import number_lists, parse_value, present_in, unreadable
from datacheck.read.numbers import Rings, flat_lists, of_kind, ring_lists
from datacheck.read.records import ABSENT
from datacheck.read.scalars import Columns, Report, label, not_numbers

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

KINDS = ("absent", "empty", "polygons", "flat", "rle", "rle-list", "other")
_EMPTY, _POLYGONS, _FLAT, _RLE, _RLE_LIST, _OTHER = range(1, len(KINDS))
_UNUSUAL = (msgspec.MsgspecError, RecursionError, UnicodeDecodeError)
_PLACE = "annotations", "segmentation"


def bare_masks(records: Sequence[Any], raws: list[Raw]) -> list[Raw]:
    """The segmentations; in a list of bare masks (SAM 2) a record is its own."""
    for index in np.flatnonzero(~present_in(raws)).tolist():
        record = records[index]
        if len(record.counts):
            text = b'{"size":' + (bytes(record.size) or b"null") + b',"counts":' + bytes(record.counts) + b"}"
            raws[index] = Raw(text)
    return raws


def segmentation_columns(raws: Sequence[Raw], columns: Columns, report: Report) -> tuple[Rings, Masks]:
    """Sort segmentations by kind. Adds `segmentation_kind`, `rle_height`, `rle_width`; returns what kernels measure."""
    n = len(raws)
    kinds = np.zeros(n, np.int8)
    is_present = present_in(raws)
    present, given = np.flatnonzero(is_present), of_kind(raws, is_present)
    first, second = _first_characters(given)
    listed, objects = first == ord("["), first == ord("{")
    empty, polygons = listed & (second == ord("]")), listed & (second == ord("["))
    flat = listed & ~empty & ~polygons
    kinds[present] = np.select([empty, polygons, flat, objects], [_EMPTY, _POLYGONS, _FLAT, _RLE], _OTHER)
    rings = ring_lists(of_kind(given, polygons))
    rings.owner = present[polygons][rings.owner]
    bad = np.flatnonzero(polygons)[rings.bad].tolist() + np.flatnonzero(~listed & ~objects).tolist()
    if flat.any():
        # One flat list of numbers has a rule of its own; anything else in such a list is a fault.
        bad += np.flatnonzero(flat)[flat_lists(of_kind(given, flat)).bad].tolist()
    for position in bad:
        index = int(present[position])
        kinds[index] = _OTHER
        report(unreadable(given[position], "segmentation", "annotations", index, depth=2))
    masks = _masks(of_kind(given, objects), present[objects], report)
    kinds[masks.owner] = np.where(masks.good, np.where(masks.listed, _RLE_LIST, _RLE), _OTHER)
    sizes, known = np.zeros((n, 2)), np.zeros(n, bool)
    known[masks.owner[masks.sized]] = True
    sizes[masks.owner[masks.sized]] = masks.sizes[masks.sized]
    for column, name in enumerate(("rle_height", "rle_width")):
        columns[name] = pa.array(np.ascontiguousarray(sizes[:, column]), mask=~known)
    columns["segmentation_kind"] = label(kinds, KINDS)
    return rings, masks


def _first_characters(raws: Sequence[Raw]) -> tuple[NDArray[np.uint8], NDArray[np.uint8]]:
    """The first character of each value, and the first behind it that is no white space."""
    if not raws:
        return np.empty(0, np.uint8), np.empty(0, np.uint8)
    text = b",".join(raws) + b",,"
    lengths = np.fromiter(map(len, raws), np.int64, len(raws))
    starts = np.cumsum(lengths + 1) - lengths - 1
    buffer = np.frombuffer(text, np.uint8)
    first, second = buffer[starts], buffer[starts + 1].copy()
    for index in np.flatnonzero(np.isin(second, np.frombuffer(b" \t\r\n", np.uint8))):
        start = int(starts[index])
        second[index] = text[start + 1 : start + int(lengths[index])].lstrip()[0]
    return first, second


class _Rle(msgspec.Struct, gc=False):
    size: Raw = ABSENT
    counts: Raw = ABSENT


_RLES = msgspec.json.Decoder(list[_Rle])
_TEXTS = msgspec.json.Decoder(list[str])


def _masks(raws: Sequence[Raw], owner: NDArray[np.int64], report: Report) -> Masks:
    """RLE objects: sizes and counts, each of its type; what is not is a fault, and NULL."""
    n = len(raws)
    if not n:
        return Masks.none()
    objects = _objects(raws, owner, report)
    pairs, _, _ = number_lists([o.size for o in objects], "segmentation/size", "annotations", _of(owner, report))
    sized = pairs.lengths == 2
    sizes = np.zeros((n, 2))
    sizes[sized] = pairs.values[pairs.starts[sized][:, None] + np.arange(2)] if sized.any() else 0.0
    first = [bytes(memoryview(o.counts)[:1]) for o in objects]
    listed, good = np.array([c == b"[" for c in first]), np.zeros(n, bool)
    texts = [""] * n
    strings = [i for i, c in enumerate(first) if c == b'"']
    for i, text in zip(strings, _decode_texts([objects[i].counts for i in strings]), strict=True):
        good[i], texts[i] = text is not None, text or ""
        if text is None:
            report(_counts_fault("invalid-utf-8", "segmentation.counts is not text", owner[i]))
    lists = np.flatnonzero(listed)
    raw_lists = [objects[i].counts for i in lists]
    runs, length, _ = number_lists(raw_lists, "segmentation/counts", "annotations", _of(owner[lists], report))
    good[lists] = np.asarray(length.is_valid().to_numpy(zero_copy_only=False), bool)
    for i in [i for i, c in enumerate(first) if c not in (b'"', b"[")]:
        value = parse_value(objects[i].counts) if first[i] else UNSET
        if value is UNSET:
            report(_counts_fault("missing-key", "segmentation is an object without counts", owner[i], ""))
        else:
            _of(owner, report)(not_numbers(value, "segmentation/counts", "annotations", i, depth=1))
    return Masks(owner, sizes, sized, texts, listed, good, runs)


def _counts_fault(kind: str, detail: str, owner: np.int64, tail: str = "/counts") -> Fault:
    return Fault(kind, detail, "annotations", int(owner), None, "segmentation", f"/segmentation{tail}")


def _of(owner: NDArray[np.int64], report: Report) -> Report:
    """Reports a fault of mask i as one of the record that holds it."""

    def report_mask(fault: Fault) -> None:
        ordinal = int(owner[fault.ordinal]) if fault.ordinal is not None else None
        detail = fault.detail.replace("segmentation/", "segmentation.")
        report(Fault(fault.kind, detail, fault.section, ordinal, None, "segmentation", fault.tail, fault.found))

    return report_mask


def _objects(raws: Sequence[Raw], owner: NDArray[np.int64], report: Report) -> list[_Rle]:
    try:
        return _RLES.decode(b"[" + b",".join(raws) + b"]")
    except _UNUSUAL:
        return [_object(raw, int(index), report) for raw, index in zip(raws, owner, strict=True)]


def _object(raw: Raw, index: int, report: Report) -> _Rle:
    try:
        return msgspec.json.decode(raw, type=_Rle)
    except _UNUSUAL:
        pass
    try:
        value = parse_value(raw)
    except (ValueError, RecursionError):
        report(unreadable(raw, "segmentation", "annotations", index, depth=2))
        value = {"counts": []}
    found = value if isinstance(value, dict) else {}
    return _Rle(**{key: Raw(json.dumps(found[key]).encode()) for key in ("size", "counts") if key in found})


def _decode_texts(raws: Sequence[Raw]) -> list[str | None]:
    try:
        return list(_TEXTS.decode(b"[" + b",".join(raws) + b"]"))
    except _UNUSUAL:
        return [_decode_text(raw) for raw in raws]


def _decode_text(raw: Raw) -> str | None:
    try:
        return msgspec.json.decode(raw, type=str)
    except _UNUSUAL:
        return None
