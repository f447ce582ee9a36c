"""Which files to look at, and which format a file has, told from its keys and its first records."""

from __future__ import annotations

import os
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from datacheck.errors import UsageError
from datacheck.folders.tree import Walker, join, walk
from datacheck.read.faults import Fault

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

SECTIONS = ("images", "annotations", "categories")
MISPLACED = ("bboxes", "boxes", "masks", "segmentations")
_SUFFIXES = (".json", ".json.gz")

TASKS = {
    "coco-instances": "instances",
    "coco-keypoints": "keypoints",
    "coco-panoptic": "panoptic",
    "coco-captions": "captions",
    "coco-image-info": "image-info",
    "lvis": "instances",
    "roboflow": "instances",
    "results": "results",
    "sa-1b": "masks",
    "amg-rle": "masks",
    "sam2-masks": "masks",
    "label-maps": "masks",
    "object-masks": "masks",
    "amg": "masks",
}
"""Every format that is known, with its task."""

REQUIRED_KEYS: dict[str, dict[str, tuple[str, ...]]] = {
    "coco-instances": {"images": ("id",), "annotations": ("id", "image_id", "category_id"), "categories": ("id",)},
    "coco-panoptic": {
        "images": ("id",),
        "annotations": ("image_id",),
        "categories": ("id",),
        "segments": ("id", "category_id"),
    },
    "coco-captions": {"images": ("id",), "annotations": ("id", "image_id")},
    "coco-image-info": {"images": ("id",), "categories": ("id",)},
    "results": {"annotations": ("image_id",)},
    "sa-1b": {"images": ("id",), "annotations": ("id",)},
}
for _format in ("coco-keypoints", "lvis", "roboflow"):
    REQUIRED_KEYS[_format] = REQUIRED_KEYS["coco-instances"]


@dataclass
class Seen:
    """What reading a source has shown of it."""

    is_list: bool = False
    keys: list[str] = field(default_factory=list)
    lists: dict[str, bool] = field(default_factory=dict)
    elements: dict[str, bytes] = field(default_factory=dict)
    """The first character of each key's value, or, of a list, of its first element."""
    features: frozenset[str] = frozenset()
    generations: dict[str, int] = field(default_factory=dict)
    counts: dict[str, int] = field(default_factory=lambda: {"images": 0, "annotations": 0, "categories": 0})
    sam2: tuple[str, int] | None = None
    found: str | None = None
    layout: str | None = None
    """Of a folder of masks: its format."""
    cut_off: bool = False
    """The file ends too early."""
    cut_sections: set[str] = field(default_factory=set)
    """Sections that end before their closing bracket, or are no list."""
    damaged: bool = False
    """Text was passed over at the top level: a section may have been in it."""

    def is_sam2(self) -> bool:
        """SAM 2 video files: {"masklet": [...]}, or {"masks": [...]} and no other key that holds annotations."""
        return "masklet" in self.keys or (
            "masks" in self.keys and not {*SECTIONS, "image", "bboxes", "boxes"} & set(self.keys)
        )

    def has(self, section: str, *names: str) -> bool:
        return any(f"{section}.{name}" in self.features for name in names)


def format_of(path: str, seen: Seen) -> str | None:
    """The format, or None where nothing that is known was seen."""
    return _list_format(seen) if seen.is_list else _object_format(path, seen)


def _list_format(seen: Seen) -> str | None:
    if "frames" in seen.features or (seen.has("annotations", "counts") and not seen.has("annotations", "image_id")):
        return "sam2-masks"
    if seen.has("annotations", "image_id") and seen.has(
        "annotations", "bbox", "segmentation", "keypoints", "caption", "score"
    ):
        return "results"
    if seen.has("annotations", "segmentation") and seen.has("annotations", "predicted_iou", "bbox", "area"):
        return "amg-rle"
    return None


def _object_format(path: str, seen: Seen) -> str | None:
    keys = set(seen.keys)
    if "videos" in keys:
        return None  # YT-VIS and its relatives, which are not known yet.
    if seen.sam2 and seen.is_sam2():
        return "sam2-masks" if "frames" in seen.features or seen.has("annotations", "counts", "segmentation") else None
    if "image" in keys and "annotations" in keys and "images" not in keys:
        named = seen.has("images", "image_id", "file_name", "width")
        if named or (seen.elements["image"] == b"n" and seen.has("annotations", "segmentation", "bbox")):
            return "sa-1b"
    annotated = seen.has(
        "annotations",
        "image_id",
        "category_id",
        "bbox",
        "segmentation",
        "segments_info",
        "caption",
        "keypoints",
        *MISPLACED,
    )
    pictured = seen.has("images", "id", "file_name", "width", "coco_url")
    # Empty lists, objects and nulls stand where records were meant; lists of texts and numbers are something else.
    plausible = sum(seen.elements.get(key) in (b"]", b"{", b"n", b"[") for key in SECTIONS)
    cut_section = seen.cut_off and any(seen.lists.get(key) for key in SECTIONS)
    if not annotated and not pictured and not cut_section and plausible < 2 and not any(_misplaced(seen)):
        return None
    if seen.has("annotations", "segments_info"):
        return "coco-panoptic"
    if seen.has("annotations", "caption") and not seen.has("annotations", "bbox"):
        return "coco-captions"
    if os.path.basename(path).endswith("_annotations.coco.json"):
        return "roboflow"
    if seen.has("images", "neg_category_ids") or seen.has("categories", "frequency"):
        return "lvis"
    if seen.has("annotations", "keypoints") or seen.has("categories", "keypoints"):
        return "coco-keypoints"
    if "annotations" not in keys and not any(_misplaced(seen)):
        return "coco-image-info"
    return "coco-instances"


def annotations_pointer(seen: Seen) -> str:
    """JSON pointer to the list that holds the annotations."""
    if seen.is_list:
        return ""
    return f"/{seen.sam2[0]}" if seen.sam2 and seen.is_sam2() else "/annotations"


def _misplaced(seen: Seen) -> Iterator[str]:
    """Top-level keys that hold what was meant to be in annotations: lists of boxes, or of masks beside images."""
    for key in MISPLACED:
        if not seen.lists.get(key) or (seen.sam2 and seen.is_sam2()):
            continue
        beside = {"image", "images", "annotations", "bboxes", "boxes"} & set(seen.keys) - {key}
        if seen.elements[key] in (b"[", b"{") and (key in ("bboxes", "boxes") or beside):
            yield key


def misplaced_keys(seen: Seen) -> Iterator[Fault]:
    """Faults for such keys."""
    for key in _misplaced(seen):
        meant = "bbox" if key in ("bboxes", "boxes") else "segmentation"
        detail = f"the top-level key {key} is no key of the format: annotations[].{meant} was meant"
        yield Fault("misplaced-key", detail, None, None, None, key, f"/{key}")


def find_files(paths: Sequence[str], walker: Walker = walk) -> Iterator[tuple[str, bool]]:
    """(file, whether it was named itself), each once, folders in sorted order. Raises UsageError for a path that is
    not there."""
    done: set[str] = set()
    for path in paths:
        if os.path.isdir(path):
            found: Iterator[tuple[str, bool]] = ((f, False) for f in _in_folder(path, walker))
        elif os.path.lexists(path):
            found = iter([(path, True)])
        else:
            raise UsageError(f"no such file or folder: {path}")
        for file, named in found:
            real = os.path.realpath(file)
            if real not in done:
                done.add(real)
                yield file, named


def _in_folder(top: str, walker: Walker) -> Iterator[str]:
    """Files that may be annotations; also folders that cannot be listed, for reading to say so."""
    closed: list[str] = []
    for folder, _, files in walker(top, closed):
        yield from (join(folder, name) for name in files if name.lower().endswith(_SUFFIXES))
    yield from closed
