"""The records of COCO-family files as msgspec decodes them: wide types, so that a wrong type is data and not an
exception.

An absent key is `UNSET` (scalars) or an empty `Raw` (lists and objects): both differ from null.
"""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

import msgspec
from msgspec import UNSET, Raw, UnsetType

if TYPE_CHECKING:
    from collections.abc import Mapping

Scalar = int | float | str | bool | None | UnsetType
ABSENT = Raw()


class Record(msgspec.Struct, gc=False):
    """Base of all records; `gc=False` since none can hold a reference to itself."""


class Annotation(Record):
    id: Scalar = UNSET
    image_id: Scalar = UNSET
    category_id: Scalar = UNSET
    area: Scalar = UNSET
    iscrowd: Scalar = UNSET
    num_keypoints: Scalar = UNSET
    score: Scalar = UNSET
    caption: Scalar = UNSET
    file_name: Scalar = UNSET
    predicted_iou: Scalar = UNSET
    stability_score: Scalar = UNSET
    bbox: Raw = ABSENT
    segmentation: Raw = ABSENT
    keypoints: Raw = ABSENT
    segments_info: Raw = ABSENT
    bboxes: Raw = ABSENT
    boxes: Raw = ABSENT
    box: Raw = ABSENT
    masks: Raw = ABSENT
    mask: Raw = ABSENT
    segmentations: Raw = ABSENT
    # One object of a SAM 2 list is the mask itself.
    size: Raw = ABSENT
    counts: Raw = ABSENT


class Segment(Record):
    id: Scalar = UNSET
    category_id: Scalar = UNSET
    area: Scalar = UNSET
    iscrowd: Scalar = UNSET
    bbox: Raw = ABSENT


class Image(Record):
    id: Scalar = UNSET
    image_id: Scalar = UNSET
    file_name: Scalar = UNSET
    coco_url: Scalar = UNSET
    width: Scalar = UNSET
    height: Scalar = UNSET
    neg_category_ids: Raw = ABSENT
    bboxes: Raw = ABSENT
    boxes: Raw = ABSENT
    masks: Raw = ABSENT


class Category(Record):
    id: Scalar = UNSET
    name: Scalar = UNSET
    supercategory: Scalar = UNSET
    isthing: Scalar = UNSET
    frequency: Scalar = UNSET
    keypoints: Raw = ABSENT
    skeleton: Raw = ABSENT


SECTION_TYPES: dict[str, type[Record]] = {
    "images": Image,
    "annotations": Annotation,
    "categories": Category,
    "segments": Segment,
}

# SAM 2 writes null for an absent mask, so an annotation may be null; what a frame holds is looked at later.
_LIST_DECODERS: dict[str, msgspec.json.Decoder[Any]] = {
    "images": msgspec.json.Decoder(list[Image]),
    "annotations": msgspec.json.Decoder(list[Annotation | None]),
    "categories": msgspec.json.Decoder(list[Category]),
    "segments": msgspec.json.Decoder(list[Segment]),
    "frames": msgspec.json.Decoder(list[Raw]),
}
_DECODERS = {name: msgspec.json.Decoder(type_) for name, type_ in SECTION_TYPES.items()}
_RAW_FIELDS = {
    name: frozenset(f.encode_name for f in msgspec.structs.fields(type_) if f.type is Raw)
    for name, type_ in SECTION_TYPES.items()
}


def decode_list(section: str, text: bytes) -> list[Any]:
    """All records of a JSON list. Raises msgspec's errors, RecursionError and UnicodeDecodeError on anything
    unusual."""
    records: list[Any] = _LIST_DECODERS[section].decode(text)
    return records


def decode_one(section: str, text: bytes) -> tuple[Any, str | None]:
    """One record from the `text` of an entry that is known to parse, and what is wrong with its characters, if
    anything.

    Where strict decoding refuses it, Python's tolerant parser reads it: values of any type stay, for their column to
    find.
    """
    if section == "frames":
        return Raw(text), None
    if text == b"null":
        return None, None
    try:
        if not text.isascii():
            text.decode()  # Strict decoding does not look at what it passes over.
        return _DECODERS[section].decode(text), None
    except (msgspec.MsgspecError, RecursionError, UnicodeDecodeError):
        problem = None
        try:
            decoded = text.decode()
        except UnicodeDecodeError as error:
            problem = f"byte {error.start:,} of the record is not UTF-8"
            decoded = text.decode("utf-8", "replace")
        parsed = tolerant(decoded)
        if not problem and SURROGATE.search(decoded) and _has_surrogate(parsed):
            problem = "a text holds a lone surrogate"
        return from_object(section, parsed), problem


SURROGATE = re.compile(r"\\u[dD][89a-fA-F]")


def _has_surrogate(parsed: Mapping[str, object]) -> bool:
    return any(isinstance(v, str) and any("\ud800" <= c <= "\udfff" for c in v) for v in parsed.values())


def parse_int(text: str) -> int | float:
    """An integer of any length that Python agrees to convert; infinity for the rest."""
    return int(text) if len(text) <= 4000 else float("-inf" if text[0] == "-" else "inf")


def tolerant(text: str) -> Any:
    """What Python's parser makes of `text`: NaN and Infinity are let through. Raises ValueError and RecursionError."""
    return json.loads(text, parse_int=parse_int)


def from_object(section: str, parsed: Mapping[str, object]) -> Any:
    """A record from an object that was parsed tolerantly."""
    type_ = SECTION_TYPES[section]
    raws = _RAW_FIELDS[section]
    values: dict[str, Any] = {}
    for name in type_.__struct_fields__:
        if name in parsed:
            value = parsed[name]
            if name in raws:
                value = Raw(json.dumps(value).encode())
            elif isinstance(value, str):
                value = value.encode("utf-8", "backslashreplace").decode()
            values[name] = value
    return type_(**values)
