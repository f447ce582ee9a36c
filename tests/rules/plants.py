"""Mutations: one planted fault in a clean document gives exactly the finding of its rule, and nothing else.

A plant takes a clean document, spoils one record of it (for a systematic rule: every record in the same way) and says
which rule must fire, and how often. Symptoms that fold under the cause do not count; a finding that does not fold does.
"""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tests.rules.clean import CLEAN, Document, ellipse, instances, mask

__all__ = ["CLEAN", "NOT_PLANTED", "PLANTS", "Plant", "Write"]

Record = dict[str, Any]


@dataclass(frozen=True)
class Write:
    """A planted input that is no plain JSON file: `make` creates it at the path that it is given."""

    make: Callable[[Path], None]


@dataclass(frozen=True)
class Plant:
    """One planted fault.

    mutate: gets a fresh clean document of kind `base`; returns the spoilt document, the bytes of the file, or a `Write`.
    count: how many findings of `code` there must be; others none.
    severity: what they must have; None: whatever the rule says.
    expect: expectations for the scan, also for that of the clean document.
    beside: a clean file is scanned with it, so that the dataset is not empty.
    """

    code: str
    base: str
    mutate: Callable[[Document], Document | bytes | Write]
    count: int = 1
    severity: str | None = None
    expect: Mapping[str, object] = field(default_factory=dict)
    beside: bool = False
    file_name: str = ""


NOT_PLANTED = {
    "SRC117": "takes a record of over 64 MiB; see test_record_too_large in this folder",
    "SRC119": "takes a process that dies while it reads",
}
"""Rules without a plant, with the reason."""


def _each(section: str, change: Callable[[Record], object]) -> Callable[[Document], Document]:
    """Change every record of a section in place."""

    def mutate(document: Document) -> Document:
        for record in document if isinstance(document, list) else document[section]:
            change(record)
        return document

    return mutate


def _one(section: str, index: int, change: Callable[[Record], object]) -> Callable[[Document], Document]:
    """Change one record of a section in place."""

    def mutate(document: Document) -> Document:
        change((document if isinstance(document, list) else document[section])[index])
        return document

    return mutate


def _ann(**values: object) -> Callable[[Document], Document]:
    """Set keys of the seventh annotation, which has a polygon that touches no edge."""
    return _one("annotations", PLAIN, lambda record: record.update(values))


def _without(section: str, key: str) -> Callable[[Document], Document]:
    return _one(section, PLAIN, lambda record: record.pop(key))


def _image(**values: object) -> Callable[[Document], Document]:
    return _one("images", PLAIN, lambda record: record.update(values))


def _category(**values: object) -> Callable[[Document], Document]:
    return _one("categories", 0, lambda record: record.update(values))


def _add(section: str, **values: object) -> Callable[[Document], Document]:
    """Append a copy of one record, with other values."""

    def mutate(document: Document) -> Document:
        document[section].append({**document[section][0 if section == "categories" else PLAIN], **values})
        return document

    return mutate


def _rle(index: int, **values: object) -> Callable[[Document], Document]:
    """Change the RLE of one annotation."""
    return _one("annotations", index, lambda record: record["segmentation"].update(values))


def _segment(index: int = 0, **values: object) -> Callable[[Document], Document]:
    return _one("annotations", PLAIN, lambda record: record["segments_info"][index].update(values))


def _text(old: str, new: str) -> Callable[[Document], bytes]:
    """Replace text of the file, once."""

    def mutate(document: Document) -> bytes:
        text = json.dumps(document)
        assert old in text
        return text.replace(old, new, 1).encode()

    return mutate


def _bytes(change: Callable[[bytes], bytes]) -> Callable[[Document], bytes]:
    return lambda document: change(json.dumps(document).encode())


PLAIN, COMPRESSED, CROWD = 6, 7, 2
"""Annotations of the clean instances: a polygon away from all edges, a compressed RLE, a crowd as list RLE."""


def _cut_gzip(document: Document) -> Write:
    import gzip

    packed = gzip.compress(json.dumps(document).encode(), mtime=0)
    return Write(lambda path: path.write_bytes(packed[: len(packed) * 2 // 3]) and None)


def _fifo(_: Document) -> Write:
    import os

    return Write(os.mkfifo)


def _nested(document: Document) -> bytes:
    deep = "[" * 50_000 + "]" * 50_000
    return json.dumps(document).replace('"iscrowd": 0', f'"iscrowd": 0, "segmentation": {deep}', 1).encode()


def _by_size(document: Document, change: Callable[[Record, int, int], object]) -> Document:
    """Change every annotation, given the size of its image."""
    sizes = {image["id"]: (image["width"], image["height"]) for image in document["images"]}
    for record in document["annotations"]:
        change(record, *sizes[record["image_id"]])
    return document


def _normalised_box(record: Record, width: int, height: int) -> None:
    x, y, w, h = record["bbox"]
    record["bbox"] = [x / width, y / height, w / width, h / height]


def _normalised_polygons(record: Record, width: int, height: int) -> None:
    if isinstance(record["segmentation"], list):
        record["segmentation"] = [
            [v / (height if k % 2 else width) for k, v in enumerate(ring)] for ring in record["segmentation"]
        ]


def _normalised_keypoints(record: Record, width: int, height: int) -> None:
    record["keypoints"] = [v / (width, height, 1)[k % 3] for k, v in enumerate(record["keypoints"])]


def _box(change: Callable[[float, float, float, float], list[float]]) -> Callable[[Record], None]:
    def apply(record: Record) -> None:
        record["bbox"] = change(*record["bbox"])

    return apply


def _swapped(record: Record) -> None:
    record["width"], record["height"] = record["height"], record["width"]


def _object(box: tuple[float, float, float, float]) -> Callable[[Document], Document]:
    """Another object with this box, drawn as a rectangle."""
    x, y, w, h = box
    ring = [x, y, x + w, y, x + w, y + h, x, y + h]
    return _add("annotations", id=999, bbox=list(box), segmentation=[ring], area=w * h)


def _keypoint(number: int, *values: float) -> Callable[[Document], Document]:
    """Set [x, y, v] of one keypoint of one annotation."""

    def change(record: Record) -> None:
        record["keypoints"][3 * number : 3 * number + 3] = values

    return _one("annotations", PLAIN, change)


def _drop(*numbers: int) -> Callable[[Record], None]:
    def change(record: Record) -> None:
        record["keypoints"] = [v for k, v in enumerate(record["keypoints"]) if k not in numbers]

    return change


def _drop_annotations(document: Document) -> Document:
    """Take all annotations but one from the second image."""
    own = [record for record in document["annotations"] if record["image_id"] == 2]
    document["annotations"] = [r for r in document["annotations"] if r["image_id"] != 2 or r is own[0]]
    return document


def _misplaced(record: Record) -> None:
    record["bboxes"] = [record.pop("bbox")]


def _flat(record: Record) -> None:
    record["segmentation"] = record["segmentation"][0]


def _longer_run(step: int) -> Callable[[Record], None]:
    def change(record: Record) -> None:
        record["segmentation"]["counts"][-1] += step

    return change


def _negative_run(record: Record) -> None:
    runs = record["segmentation"]["counts"]
    runs[0], runs[2] = -5, runs[2] + runs[0] + 5


def _half_size(record: Record) -> None:
    height, width = record["segmentation"]["size"]
    record["segmentation"]["size"] = [height // 2, width // 2]


def _far_vertex(record: Record) -> None:
    record["segmentation"][0] += [-60.0, -40.0]


def _moved(record: Record) -> None:
    x, y, w, h = record["bbox"]
    record["bbox"] = [x - 60, y, w, h]


def _empty_mask(record: Record) -> None:
    height, width = record["segmentation"]["size"]
    record["segmentation"]["counts"] = [height * width]


def _two_segments(record: Record) -> None:
    del record["segments_info"][2:]


_NO_SPLIT = {"splits": ["holdout"]}
_MASKS: dict[str, object] = {"masks": True}
_EVALUATION: dict[str, object] = {"coco-evaluation": True}

PLANTS: list[Plant] = [
    # the dataset and its files
    Plant("SRC001", "instances", lambda d: Write(Path.mkdir)),
    Plant("SRC002", "instances", lambda d: {"name": "package", "version": 1}, severity="error", beside=True),
    Plant("SRC003", "instances", lambda d: d | {"images": []}),
    Plant("SRC004", "instances", lambda d: d | {"annotations": []}),
    Plant("SRC005", "instances", lambda d: d | {"categories": []}),
    Plant("SRC305", "instances", lambda d: d, expect=_NO_SPLIT),
    # what cannot be read
    Plant("SRC101", "instances", _text('"id": 9, ', '"id" 9, ')),
    Plant("SRC102", "instances", _bytes(lambda text: text[: len(text) * 3 // 4])),
    Plant("SRC103", "instances", _bytes(lambda text: text + b"\n" + text)),
    Plant("SRC104", "instances", _text('"images": ', '"info": {}, "images": ')),
    Plant("SRC105", "instances", _nested),
    Plant("SRC106", "instances", _ann(bbox=[math.nan, 5, 50, 50])),
    Plant("SRC106", "instances", _ann(area=math.inf)),
    Plant("SRC107", "instances", _without("annotations", "image_id")),
    Plant("SRC107", "results", _one("", 3, lambda record: record.pop("image_id"))),
    Plant("SRC108", "instances", _ann(bbox="12, 8, 50, 50")),
    Plant("SRC108", "instances", _image(width="640")),
    Plant("SRC109", "instances", _ann(segmentation=None)),
    Plant("SRC109", "keypoints", _ann(num_keypoints=None)),
    Plant("SRC110", "instances", _ann(id=2**70)),
    Plant("SRC111", "instances", _bytes(lambda text: b"\xef\xbb\xbf" + text)),
    Plant("SRC112", "instances", _bytes(lambda text: text.decode().encode("utf-16"))),
    Plant("SRC113", "instances", _bytes(lambda text: text.replace(b"000009.jpg", b"00\xff09.jpg", 1))),
    Plant("SRC114", "instances", _cut_gzip, beside=True, file_name="instances.json.gz"),
    Plant("SRC115", "instances", _one("annotations", PLAIN, _misplaced)),
    Plant("SRC115", "instances", lambda d: {"images": d["images"], "bboxes": [r["bbox"] for r in d["annotations"]]}),
    Plant("SRC116", "instances", lambda d: b" \n", beside=True),
    Plant("SRC118", "instances", lambda d: d["annotations"].insert(5, 7) or d),
    Plant("SRC120", "instances", _fifo, beside=True),
    Plant("SRC121", "instances", lambda d: d | {"categories": {c["id"]: c for c in d["categories"]}}),
    Plant("SRC122", "instances", _ann(bbox=[[12.0, 8.0, 50.0, 50.0]])),
    # ids
    Plant("SRC201", "instances", _each("images", lambda record: record.update(id=str(record["id"])))),
    Plant("SRC201", "instances", _ann(image_id="2")),
    Plant("SRC202", "instances", _each("categories", lambda record: record.update(id=str(record["id"])))),
    Plant("SRC219", "instances", _each("annotations", lambda record: record.update(id=1))),
    Plant("SRC220", "instances", _each("annotations", lambda record: record.pop("id"))),
    Plant("IMG101", "instances", _add("images"), count=2),
    Plant("IMG102", "image-info", _image(id=2**53 + 1)),
    Plant("CAT101", "instances", _add("categories"), count=2),
    Plant("CAT102", "image-info", _category(id=-1)),
    Plant("ANN101", "instances", _ann(id=12), count=2),
    Plant("ANN101", "instances", _add("annotations"), count=2),
    Plant("ANN102", "instances", _ann(image_id=999)),
    Plant("ANN102", "captions", _ann(image_id=999)),
    Plant("ANN103", "instances", _ann(category_id=99)),
    Plant("ANN104", "instances", _ann(id=0), severity="info"),
    Plant("ANN104", "instances", _ann(id=0), severity="error", expect=_EVALUATION),
    Plant("ANN105", "instances", _ann(id=2**53 + 1)),
    # systematic faults of boxes, polygons, keypoints
    Plant("SRC210", "instances", lambda d: _by_size(d, _normalised_box)),
    Plant("SRC211", "instances", _each("annotations", _box(lambda x, y, w, h: [x, y, x + w, y + h]))),
    Plant("SRC212", "instances", _each("annotations", _box(lambda x, y, w, h: [x + w / 2, y + h / 2, w, h]))),
    Plant("SRC213", "instances", _each("images", _swapped)),
    Plant("SRC214", "instances", _each("annotations", _box(lambda x, y, w, h: [x + 1, y + 1, w, h]))),
    Plant("SRC215", "instances", lambda d: _by_size(d, _normalised_polygons)),
    Plant("SRC216", "keypoints", lambda d: _by_size(d, _normalised_keypoints)),
    Plant("SRC217", "instances", _each("annotations", lambda record: record.update(iscrowd=1))),
    Plant("SRC218", "instances", _each("annotations", lambda record: record.pop("bbox"))),
    Plant("SRC221", "instances", _each("annotations", lambda record: record.pop("area"))),
    Plant("SRC222", "instances", _each("annotations", lambda record: record.pop("iscrowd"))),
    Plant("SRC223", "instances", _each("annotations", lambda record: record.update(segmentation=[])), severity="info"),
    Plant(
        "SRC223",
        "instances",
        _each("annotations", lambda record: record.pop("segmentation")),
        severity="error",
        expect=_MASKS,
    ),
    # expectations
    Plant("SRC301", "instances", lambda d: d, expect={"task": "keypoints"}),
    Plant("SRC302", "instances", lambda d: d, expect={"classes": ["cat", "dog", "horse", "zebra"]}),
    Plant("SRC303", "instances", lambda d: d, expect={"classes": ["cat", "dog"]}),
    Plant("SRC304", "instances", lambda d: d, expect={"classes": 5}),
    Plant("SRC306", "instances", lambda d: d, expect={"keypoints": 5}),
    Plant("SRC307", "instances", lambda d: d, expect={"boxes": "normalised"}),
    # images
    Plant("IMG201", "instances", _one("images", PLAIN, lambda record: record.pop("height"))),
    Plant("IMG202", "instances", _image(width=-1, height=-1)),
    Plant("IMG202", "image-info", _image(width=0)),
    Plant("IMG203", "image-info", _image(width=10**7)),
    Plant("IMG300", "instances", _without("images", "file_name")),
    Plant("IMG301", "instances", _image(file_name="000001.jpg"), count=2),
    Plant("IMG302", "instances", _image(file_name="/home/me/000007.jpg")),
    Plant("IMG302", "instances", _image(file_name="D:\\images\\000007.jpg")),
    Plant("IMG303", "instances", _image(file_name="images\\000007.jpg")),
    Plant("IMG304", "instances", _image(file_name="../000007.jpg")),
    Plant("IMG305", "instances", _image(file_name="https://example.org/000007.jpg")),
    Plant("IMG306", "instances", _image(file_name="")),
    Plant("IMG401", "instances", _add("images", id=31, file_name="31.jpg"), severity="info"),
    Plant("IMG402", "captions", _add("images", id=31, file_name="31.jpg"), severity="info"),
    Plant("IMG403", "instances", _drop_annotations, expect={"min-segments": 3}),
    Plant("IMG404", "panoptic", _add("annotations")),
    # categories
    Plant("CAT200", "instances", lambda d: d["categories"][1].pop("name") and d),
    Plant("CAT201", "instances", _category(name="dog"), count=2),
    Plant("CAT202", "instances", _category(name="Dog"), count=2),
    Plant("CAT203", "instances", _category(name="cat ")),
    Plant("CAT204", "instances", _category(name="")),
    Plant("CAT301", "instances", _add("categories", id=4, name="cow"), severity="info"),
    Plant("CAT401", "keypoints", _category(skeleton=[[0, 1], [0, 2], [1, 3], [2, 4]])),
    Plant("CAT402", "keypoints", _category(keypoints=["nose", "hand", "hand", "left_foot", "right_foot"])),
    # boxes and areas
    Plant("ANN200", "instances", _without("annotations", "bbox")),
    Plant("ANN201", "instances", _ann(bbox=[12.0, 8.0, 50.0, 50.0, 0.3])),
    Plant("ANN202", "instances", _ann(bbox=[300.0, 200.0, -50.0, 40.0])),
    Plant("ANN203", "instances", _one("annotations", PLAIN, _box(lambda x, y, w, h: [x + 300, y, w, h]))),
    Plant("ANN203", "sa-1b", _one("annotations", PLAIN, _box(lambda x, y, w, h: [x + 600, y, w, h]))),
    Plant("ANN204", "instances", _one("annotations", PLAIN, _box(lambda x, y, w, h: [x, y, 0, h]))),
    Plant("ANN205", "instances", _add("annotations", id=999)),
    Plant("ANN206", "instances", _object((0, 0, 480, 640)), severity="info"),
    Plant("ANN207", "instances", _object((20, 20, 400, 9)), severity="info"),
    Plant("ANN221", "instances", _one("annotations", PLAIN, _box(lambda x, y, w, h: [x, y, 0.4, h]))),
    Plant("ANN240", "instances", _one("annotations", PLAIN, lambda record: record.update(area=record["area"] * 2.5))),
    Plant(
        "ANN240", "instances", _one("annotations", COMPRESSED, lambda record: record.update(area=record["area"] / 2))
    ),
    Plant("ANN241", "instances", _without("annotations", "area")),
    Plant("ANN242", "instances", _ann(area=0)),
    Plant(
        "ANN243",
        "instances",
        _one("annotations", PLAIN, lambda r: r.update(area=r["bbox"][2] * r["bbox"][3])),
        severity="info",
    ),
    # polygons
    Plant("ANN300", "instances", _ann(segmentation=[]), severity="info"),
    Plant("ANN300", "instances", _ann(segmentation=[]), severity="error", expect=_MASKS),
    Plant("ANN301", "instances", _without("annotations", "segmentation"), severity="info"),
    Plant("ANN302", "instances", _one("annotations", PLAIN, _flat)),
    Plant("ANN303", "instances", _ann(segmentation=[[20.0, 20.0, 90.0, 90.0]])),
    Plant("ANN304", "instances", _one("annotations", PLAIN, lambda record: record["segmentation"][0].pop())),
    Plant("ANN305", "instances", _one("annotations", PLAIN, _far_vertex)),
    Plant("ANN306", "instances", _ann(segmentation=[[20.0, 20.0, 40.0, 40.0, 90.0, 90.0]]), severity="error"),
    Plant(
        "ANN306",
        "instances",
        _one("annotations", PLAIN, lambda r: r["segmentation"].append([5.0, 5.0] * 3)),
        severity="warning",
    ),
    Plant("ANN307", "instances", _one("annotations", PLAIN, _moved)),
    # run lengths
    Plant("ANN350", "instances", _rle(COMPRESSED, size=[0, 640])),
    Plant("ANN351", "instances", _one("annotations", CROWD, _half_size)),
    Plant(
        "ANN352", "instances", _one("annotations", COMPRESSED, lambda record: record["segmentation"]["size"].reverse())
    ),
    Plant("ANN353", "instances", _one("annotations", CROWD, _longer_run(-3))),
    Plant("ANN354", "instances", _one("annotations", CROWD, _longer_run(3))),
    Plant("ANN355", "instances", _one("annotations", CROWD, _negative_run)),
    Plant("ANN356", "instances", _rle(COMPRESSED, counts="0é~")),
    Plant(
        "ANN357",
        "instances",
        _one(
            "annotations",
            COMPRESSED,
            lambda r: r["segmentation"].update(counts=str(r["segmentation"]["counts"].encode())),
        ),
    ),
    Plant("ANN358", "instances", _rle(COMPRESSED, counts="")),
    Plant("ANN359", "amg", _one("", 0, lambda record: record["segmentation"].update(size=[10**6, 10**6]))),
    Plant("ANN360", "instances", _one("annotations", CROWD, _empty_mask)),
    # crowds
    Plant("ANN400", "instances", _without("annotations", "iscrowd")),
    Plant("ANN401", "instances", _ann(iscrowd=2)),
    Plant("ANN402", "instances", _ann(iscrowd=1)),
    # keypoints
    Plant("ANN501", "keypoints", _one("annotations", PLAIN, _drop(12))),
    Plant("ANN502", "keypoints", _one("annotations", PLAIN, _drop(12, 13, 14))),
    Plant("ANN503", "keypoints", _one("annotations", PLAIN, lambda record: record["keypoints"].__setitem__(2, 3))),
    Plant("ANN504", "keypoints", _ann(num_keypoints=0)),
    Plant("ANN505", "keypoints", _without("annotations", "num_keypoints"), severity="info"),
    Plant("ANN506", "keypoints", _keypoint(0, 900, 20, 2)),
    Plant("ANN507", "keypoints", _keypoint(0, 300, 300, 2)),
    Plant("ANN508", "keypoints", _keypoint(0, 300, 300, 1), severity="info"),
    Plant(
        "ANN509",
        "keypoints",
        _one("annotations", PLAIN, lambda r: (r.pop("keypoints"), r.pop("num_keypoints"))),
        expect={"keypoints": 5},
    ),
    # panoptic
    Plant("ANN601", "panoptic", _without("annotations", "segments_info")),
    Plant("ANN602", "panoptic", _ann(segments_info=[])),
    Plant("ANN603", "panoptic", _one("annotations", PLAIN, _two_segments), expect={"min-segments": 3}),
    Plant("ANN604", "panoptic", _without("annotations", "file_name")),
    Plant("SEG101", "panoptic", _segment(id=7002), count=2),
    Plant("SEG102", "panoptic", _segment(id=0)),
    Plant("SEG102", "panoptic", _segment(id=2**24)),
    Plant("SEG103", "panoptic", _segment(category_id=99)),
    Plant("SEG201", "panoptic", _segment(bbox=[1, 2, 3])),
    Plant("SEG202", "panoptic", _segment(bbox=[1, 2, 0, 9])),
    Plant("SEG203", "panoptic", _segment(bbox=[900, 2, 320, 240])),
    Plant("SEG204", "panoptic", _segment(area=0)),
    Plant("SEG205", "panoptic", _segment(area=10**6)),
    Plant("SEG301", "panoptic", _segment(iscrowd=2)),
    # captions and results
    Plant("ANN701", "captions", _ann(caption="  ")),
    Plant("ANN801", "results", _one("", 3, lambda record: record.pop("score"))),
    Plant("ANN802", "results", _one("", 3, lambda record: record.update(score=97.0))),
]
