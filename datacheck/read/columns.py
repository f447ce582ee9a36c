"""Records to columns: what a record says, field by field, with every field that failed its type as a fault.

The columns that a kernel measures (polygons, RLE, keypoints) are added for the kernels that are planned.
"""

from __future__ import annotations

from operator import attrgetter
from typing import TYPE_CHECKING, Any

import msgspec
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from msgspec import UNSET, Raw

from datacheck.measure.registry import KERNELS
from datacheck.read.faults import Fault, shorten
from datacheck.read.lists import number_lists, present_in
from datacheck.read.records import ABSENT
from datacheck.read.scalars import Columns, Report, identity, numbers, texts
from datacheck.read.segmentations import bare_masks, segmentation_columns

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from numpy.typing import NDArray

SCORES = ("predicted_iou", "stability_score")
_FAR = 1 << 62
"""Indices past it are as wrong as it is, and still fit a column of integers."""
_MEANT = {
    "bboxes": "bbox",
    "boxes": "bbox",
    "box": "bbox",
    "masks": "segmentation",
    "mask": "segmentation",
    "segmentations": "segmentation",
}


def _values(records: Sequence[Any], name: str) -> list[Any]:
    return list(map(attrgetter(name), records))


def image_columns(records: Sequence[Any], report: Report) -> Columns:
    columns = identity(_values(records, "id"), "id", "images", report)
    columns["file_name"], columns["has_file_name"] = texts(_values(records, "file_name"), "file_name", "images", report)
    urls = _values(records, "coco_url")
    columns["has_url"] = pa.array([isinstance(url, str) and url != "" for url in urls])
    columns["width"], has_width = numbers(_values(records, "width"), "width", "images", report)
    columns["height"], has_height = numbers(_values(records, "height"), "height", "images", report)
    columns["has_size"] = pa.array(_bools(has_width) & _bools(has_height))
    _misplaced(records, ("bboxes", "boxes", "masks"), "images", report)
    return columns


def category_columns(records: Sequence[Any], report: Report) -> Columns:
    columns = identity(_values(records, "id"), "id", "categories", report)
    columns["name"], columns["has_name"] = texts(_values(records, "name"), "name", "categories", report)
    supers = [s if isinstance(s, str) else None for s in _values(records, "supercategory")]
    columns["supercategory"] = pa.array(supers, pa.string())
    columns["isthing"], _ = numbers(_values(records, "isthing"), "isthing", "categories", report)
    counts: dict[str, list[int | None]] = {
        name: []
        for name in ("keypoint_count", "duplicate_keypoint_count", "skeleton_count", "skeleton_min", "skeleton_max")
    }
    for index, record in enumerate(records):
        names = _list_of(record.keypoints, str, "keypoints", index, report)
        counts["keypoint_count"].append(None if names is None else len(names))
        counts["duplicate_keypoint_count"].append(None if names is None else len(names) - len(set(names)))
        pairs = _list_of(record.skeleton, list[int], "skeleton", index, report)
        flat = None if pairs is None else [max(-_FAR, min(_FAR, joint)) for pair in pairs for joint in pair]
        counts["skeleton_count"].append(None if pairs is None else len(pairs))
        counts["skeleton_min"].append(min(flat) if flat else None)
        counts["skeleton_max"].append(max(flat) if flat else None)
    for name, values in counts.items():
        columns[name] = pa.array(values, pa.int64())
    return columns


def _list_of(raw: Raw, item: Any, name: str, index: int, report: Report) -> list[Any] | None:
    if not len(raw):
        return None
    try:
        found: list[Any] = msgspec.json.decode(raw, type=list[item])
        return found
    except (msgspec.MsgspecError, RecursionError, UnicodeDecodeError) as error:
        kind = "nesting" if isinstance(error, RecursionError) else "wrong-type"
        report(Fault(kind, f"{name} cannot be read", "categories", index, None, name, f"/{name}", shorten(str(error))))
        return None


def _bools(array: pa.Array) -> NDArray[np.bool_]:
    return np.asarray(array.to_numpy(zero_copy_only=False), bool)


def _misplaced(records: Sequence[Any], names: Sequence[str], section: str, report: Report) -> None:
    for name in names:
        present = present_in(_values(records, name))
        if not present.any():
            continue
        meant = _MEANT[name]
        for index in np.flatnonzero(present).tolist():
            own = getattr(records[index], meant, ABSENT)
            if not len(own):
                where = "annotations[]." if section == "images" else ""
                detail = f"{name} is no key of the format: {where}{meant} was meant"
                report(Fault("misplaced-key", detail, section, int(index), None, name, f"/{name}", None))


def box_columns(raws: Sequence[Raw], section: str, report: Report) -> Columns:
    boxes, length, has = number_lists(raws, "bbox", section, report)
    n = len(raws)
    four = boxes.lengths == 4
    columns: Columns = {"has_bbox": has, "bbox_length": length}
    if four.all():
        parts = boxes.values.reshape(-1, 4)
    else:
        parts = np.zeros((n, 4))
        first = boxes.starts[four]
        parts[four] = boxes.values[first[:, None] + np.arange(4)] if len(first) else 0.0
    for column, name in enumerate(("box_x", "box_y", "box_w", "box_h")):
        columns[name] = pa.array(np.ascontiguousarray(parts[:, column]), mask=~four)
    return columns


def _area_columns(records: Sequence[Any], section: str, report: Report) -> Columns:
    columns: Columns = {}
    columns["area"], columns["has_area"] = numbers(_values(records, "area"), "area", section, report)
    columns["iscrowd"], columns["has_iscrowd"] = numbers(_values(records, "iscrowd"), "iscrowd", section, report)
    return columns


def segment_columns(records: Sequence[Any], report: Report) -> Columns:
    """Columns of segments_info records; ordinals in faults count segments, and are mended by the caller."""
    columns = identity(_values(records, "id"), "id", "segments", report)
    columns |= identity(_values(records, "category_id"), "category_id", "segments", report)
    columns |= box_columns(_values(records, "bbox"), "segments", report)
    return columns | _area_columns(records, "segments", report)


def annotation_columns(records: Sequence[Any], kernels: Collection[str], report: Report) -> Columns:
    """Every column of `annotations` that one record alone decides."""
    section, n = "annotations", len(records)
    columns: Columns = {}
    for name in ("id", "image_id", "category_id"):
        columns |= identity(_values(records, name), name, section, report)
    columns |= box_columns(_values(records, "bbox"), section, report)
    columns |= _area_columns(records, section, report)
    for name in ("num_keypoints", "score"):
        columns[name], columns[f"has_{name}"] = numbers(_values(records, name), name, section, report)
    # segment-anything's records name no image: COCO's, which have no such scores, must not pay for them.
    if columns["image_id_key"].null_count or any(
        getattr(one, name) is not UNSET for one in records[:1] for name in SCORES
    ):
        for name in SCORES:
            columns[name], _ = numbers(_values(records, name), name, section, report)
    captions, columns["has_caption"] = texts(_values(records, "caption"), "caption", section, report)
    columns["caption_length"] = pc.utf8_length(pc.utf8_trim_whitespace(captions))
    columns["file_name"], _ = texts(_values(records, "file_name"), "file_name", section, report)
    triplets, columns["keypoints_length"], columns["has_keypoints"] = number_lists(
        _values(records, "keypoints"), "keypoints", section, report
    )
    segmentations = bare_masks(records, _values(records, "segmentation"))
    for meant, present in (("bbox", columns["has_bbox"]), ("segmentation", pa.array(present_in(segmentations)))):
        if pc.any(pc.invert(present)).as_py():
            _misplaced(records, [name for name, own in _MEANT.items() if own == meant], section, report)
    rings, masks = segmentation_columns(segmentations, columns, report)
    parts: dict[str, object] = {"rings": rings, "masks": masks, "keypoints": triplets, "n": n}
    for name, kernel in KERNELS.items():
        if name in kernels:
            columns |= kernel.run(*(columns[i] if i in columns else parts[i] for i in kernel.inputs))
    columns["has_segments_info"] = pa.array(present_in(_values(records, "segments_info")))
    return columns
