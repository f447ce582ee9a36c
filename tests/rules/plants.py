"""Mutations: one planted fault in a clean document gives exactly the finding of its rule, and nothing else.

A plant takes a clean document, spoils one record of it (for a systematic rule: every record in the same way) and says
which rule must fire, and how often. Symptoms that fold under the cause do not count; a finding that does not fold does.
"""

from __future__ import annotations

import math
from pathlib import Path

from tests.rules import mutations as m
from tests.rules.clean import CLEAN
from tests.rules.mutations import Plant, Write
from tests.rules.plants_panoptic import PLANTS_PANOPTIC
from tests.rules.plants_rle import PLANTS_RLE
from tests.rules.plants_sam import PLANTS_SAM

__all__ = ["CLEAN", "NOT_PLANTED", "PLANTS"]

NOT_PLANTED = {"SRC119": "takes a process that dies while it reads"}
"""Rules without a plant, with the reason."""

MASKS: dict[str, object] = {"masks": True}
EVALUATION: dict[str, object] = {"coco-evaluation": True}

PLANTS: list[Plant] = [
    # the dataset and its files
    Plant("SRC001", "instances", lambda d: Write(Path.mkdir)),
    Plant("SRC002", "instances", lambda d: {"name": "package", "version": 1}, severity="error"),
    Plant("SRC003", "instances", lambda d: d | {"images": []}),
    Plant("SRC004", "instances", lambda d: d | {"annotations": []}),
    Plant("SRC005", "instances", lambda d: d | {"categories": []}),
    Plant("SRC305", "instances", lambda d: d, expect={"splits": ["holdout"]}),
    # what cannot be read
    Plant("SRC101", "instances", m.text('"id": 9, ', '"id" 9, ')),
    Plant("SRC101", "instances", m.text('"id": 40, ', '"id" 40, ')),
    Plant("SRC102", "instances", m.raw(lambda text: text[: len(text) * 3 // 4])),
    Plant("SRC103", "instances", m.raw(lambda text: text + b"\n" + text)),
    Plant("SRC104", "instances", m.text('"images": ', '"info": {}, "images": ')),
    Plant("SRC105", "instances", m.nested),
    Plant("SRC106", "instances", m.annotation(bbox=[math.nan, 5, 50, 50])),
    Plant("SRC106", "instances", m.annotation(area=math.inf)),
    Plant("SRC107", "instances", m.without("annotations", "image_id")),
    Plant("SRC107", "results", m.one("", 3, lambda record: record.pop("image_id"))),
    Plant("SRC108", "instances", m.annotation(bbox="12, 8, 50, 50")),
    Plant("SRC108", "instances", m.image(width="640")),
    Plant("SRC109", "instances", m.annotation(segmentation=None)),
    Plant("SRC109", "keypoints", m.annotation(num_keypoints=None)),
    Plant("SRC110", "instances", m.annotation(id=2**70)),
    Plant("SRC110", "instances", m.annotation(image_id=2**70)),
    Plant("SRC110", "instances", m.annotation(category_id=2**70)),
    Plant("SRC111", "instances", m.raw(lambda text: b"\xef\xbb\xbf" + text)),
    Plant("SRC112", "instances", m.raw(lambda text: text.decode().encode("utf-16"))),
    Plant("SRC113", "instances", m.raw(lambda text: text.replace(b"000009.jpg", b"00\xff09.jpg", 1))),
    Plant("SRC114", "instances", m.cut_gzip, file_name="instances.json.gz"),
    Plant("SRC115", "instances", m.each("annotations", m.misplaced)),
    # Of one record among many nobody can tell whether its bbox is the one that stands under the other key.
    Plant("SRC115", "instances", m.one("annotations", m.PLAIN, m.misplaced), also=("ANN200",)),
    Plant("SRC115", "instances", lambda d: {"images": d["images"], "bboxes": [r["bbox"] for r in d["annotations"]]}),
    Plant("SRC123", "instances", m.each("annotations", m.misplaced_mask)),
    Plant("SRC123", "instances", m.each("annotations", m.misplaced_mask), expect=MASKS),
    Plant("SRC116", "instances", lambda d: b" \n"),
    Plant("SRC117", "captions", m.huge_record),
    Plant("SRC118", "instances", lambda d: d["annotations"].insert(5, 7) or d),
    Plant("SRC120", "instances", m.fifo),
    Plant("SRC121", "instances", lambda d: d | {"categories": {c["id"]: c for c in d["categories"]}}),
    Plant("SRC122", "instances", m.annotation(bbox=[[12.0, 8.0, 50.0, 50.0]])),
    # ids
    Plant("SRC201", "instances", m.each("images", lambda record: record.update(id=str(record["id"])))),
    Plant("SRC203", "instances", m.annotation(image_id="2"), severity="error"),
    Plant("SRC203", "instances", m.annotation(category_id="2"), severity="error"),
    Plant("SRC203", "instances", m.annotation(id="seven"), severity="warning"),
    Plant("SRC203", "image-info", m.image(id="x"), severity="warning"),
    Plant("SRC202", "instances", m.each("categories", lambda record: record.update(id=str(record["id"])))),
    Plant("SRC219", "instances", m.each("annotations", lambda record: record.update(id=1))),
    Plant("SRC220", "instances", m.each("annotations", lambda record: record.pop("id"))),
    Plant("IMG101", "instances", m.add("images")),
    Plant("IMG102", "image-info", m.image(id=2**53 + 1)),
    Plant("CAT101", "instances", m.add("categories")),
    Plant("CAT403", "panoptic", m.category(isthing=2)),
    Plant("SRC446", "panoptic", m.each("categories", lambda record: record.pop("isthing"))),
    Plant("CAT102", "image-info", m.category(id=-1)),
    Plant("ANN101", "instances", m.annotation(id=12)),
    Plant("ANN101", "instances", m.add("annotations")),
    Plant("ANN102", "instances", m.annotation(image_id=999)),
    Plant("ANN102", "captions", m.annotation(image_id=999)),
    Plant("ANN103", "instances", m.annotation(category_id=99)),
    Plant("ANN104", "instances", m.annotation(id=0), severity="info"),
    Plant("ANN104", "instances", m.annotation(id=0), severity="error", expect=EVALUATION),
    Plant("ANN105", "instances", m.annotation(id=2**53 + 1)),
    # systematic faults of boxes, polygons, keypoints
    Plant("SRC210", "instances", lambda d: m.by_size(d, m.normalised_box)),
    Plant("SRC211", "instances", m.each("annotations", m.box(lambda x, y, w, h: [x, y, x + w, y + h]))),
    Plant("SRC212", "instances", m.each("annotations", m.box(lambda x, y, w, h: [x + w / 2, y + h / 2, w, h]))),
    Plant("SRC213", "instances", m.each("images", m.swapped)),
    Plant("IMG204", "instances", m.one("images", 4, m.swapped)),
    Plant("SRC214", "instances", m.each("annotations", m.box(lambda x, y, w, h: [x + 1, y + 1, w, h]))),
    Plant("SRC215", "instances", lambda d: m.by_size(d, m.normalised_polygons)),
    Plant("SRC210", "instances", lambda d: m.by_size(m.by_size(d, m.normalised_box), m.normalised_polygons)),
    Plant("SRC216", "keypoints", lambda d: m.by_size(d, m.normalised_keypoints)),
    Plant("SRC224", "instances", m.each("annotations", m.doubled)),
    Plant("SRC217", "instances", m.each("annotations", lambda record: record.update(iscrowd=1))),
    Plant("SRC218", "instances", m.each("annotations", lambda record: record.pop("bbox"))),
    Plant("SRC221", "instances", m.each("annotations", lambda record: record.pop("area"))),
    Plant("SRC222", "instances", m.each("annotations", lambda record: record.pop("iscrowd"))),
    Plant("SRC223", "instances", m.each("annotations", lambda record: record.update(segmentation=[])), severity="info"),
    Plant(
        "SRC223",
        "instances",
        m.each("annotations", lambda record: record.pop("segmentation")),
        severity="error",
        expect=MASKS,
    ),
    # a fault beside one that it must not hide
    Plant("SRC101", "instances", m.both(m.annotation(image_id=999), m.two_comma_categories), also=("ANN102",)),
    Plant(
        "SRC101",
        "instances",
        m.both(m.annotation(image_id=999, category_id=99), m.text('"id": 40, ', '"id" 40, ')),
        also=("ANN102", "ANN103"),
    ),
    Plant(
        "SRC101", "instances", m.both(lambda d: d | {"images": []}, m.text('"id": 9, ', '"id" 9, ')), also=("SRC003",)
    ),
    Plant(
        "SRC101",
        "instances",
        m.both(lambda d: d | {"categories": []}, m.text('"id": 9, ', '"id" 9, ')),
        also=("SRC005",),
    ),
    Plant(
        "SRC101",
        "instances",
        m.both(m.add("images", id=31, file_name="31.jpg"), m.two_comma_categories),
        also=("IMG401",),
    ),
    Plant(
        "SRC101",
        "instances",
        m.both(m.add("categories", id=4, name="cow"), m.text('"file_name"', '"file_name')),
        also=("CAT301",),
    ),
    Plant(
        "SRC118", "panoptic", m.both(m.segment(category_id=99), lambda d: d["images"].append(7) or d), also=("SEG103",)
    ),
    Plant("SRC118", "instances", lambda d: d["images"].__setitem__(6, 7) or d),
    Plant(
        "SRC118",
        "instances",
        m.both(m.annotation(image_id=999), lambda d: d["images"].__setitem__(6, 7) or d),
        also=("ANN102",) * 6,
    ),
    Plant("SRC109", "instances", m.image(id=None)),
    Plant("SRC109", "instances", m.both(m.annotation(image_id=999), m.image(id=None)), also=("ANN102",) * 6),
    Plant(
        "SRC106",
        "instances",
        m.both(m.annotation(image_id=999), m.one("annotations", 9, lambda r: r.update(area=math.inf))),
        also=("ANN102",),
    ),
    Plant(
        "SRC115",
        "instances",
        m.both(m.one("annotations", m.PLAIN, m.misplaced), m.one("annotations", 30, lambda r: r.pop("bbox"))),
        also=("ANN200",) * 2,
    ),
    Plant(
        "SRC115",
        "instances",
        m.both(m.each("annotations", m.misplaced), m.each("annotations", lambda r: r.pop("segmentation"))),
        also=("SRC223",),
    ),
    Plant(
        "IMG204",
        "instances",
        m.both(m.one("images", 4, m.swapped), m.one("annotations", 30, m.moved_object)),
        also=("ANN203",),
    ),
    Plant(
        "IMG204",
        "instances",
        m.both(m.one("images", 4, m.swapped), m.one("annotations", 22, m.box(lambda x, y, w, h: [x + 900, y, w, h]))),
        also=("ANN203",),
    ),
    Plant(
        "SRC203",
        "instances",
        m.both(m.annotation(image_id=999), m.add("images", id="x", file_name="x.jpg")),
        severity="warning",
        also=("ANN102", "IMG401"),
    ),
    Plant(
        "SRC203",
        "instances",
        m.both(m.annotation(image_id="2"), m.one("annotations", 30, lambda r: r.update(image_id=999))),
        severity="error",
        also=("ANN102",),
    ),
    # expectations
    Plant("SRC301", "instances", lambda d: d, expect={"task": "keypoints"}),
    Plant("SRC302", "instances", lambda d: d, expect={"classes": ["cat", "dog", "horse", "zebra"]}),
    Plant("SRC303", "instances", lambda d: d, expect={"classes": ["cat", "dog"]}),
    Plant("SRC304", "instances", lambda d: d, expect={"classes": 5}),
    Plant("SRC306", "instances", lambda d: d, expect={"keypoints": 5}),
    Plant("SRC307", "instances", lambda d: d, expect={"boxes": "normalised"}),
    # images
    Plant("IMG201", "instances", m.one("images", m.PLAIN, lambda record: record.pop("height"))),
    Plant("IMG202", "instances", m.image(width=-1, height=-1)),
    Plant("IMG202", "image-info", m.image(width=0)),
    Plant("IMG203", "image-info", m.image(width=10**7)),
    Plant("IMG300", "instances", m.without("images", "file_name")),
    Plant("IMG301", "instances", m.image(file_name="000001.jpg")),
    Plant("IMG302", "instances", m.image(file_name="/home/me/000007.jpg")),
    Plant("IMG302", "instances", m.image(file_name="D:\\images\\000007.jpg")),
    Plant("IMG303", "instances", m.image(file_name="images\\000007.jpg")),
    Plant("IMG304", "instances", m.image(file_name="../000007.jpg")),
    Plant("IMG305", "instances", m.image(file_name="https://example.org/000007.jpg")),
    Plant("IMG306", "instances", m.image(file_name="")),
    Plant("IMG401", "instances", m.add("images", id=31, file_name="31.jpg"), severity="info"),
    Plant("IMG402", "captions", m.add("images", id=31, file_name="31.jpg"), severity="info"),
    Plant("IMG403", "instances", m.drop_annotations, expect={"min-segments": 3}),
    Plant("IMG404", "panoptic", m.add("annotations")),
    # categories
    Plant("CAT200", "instances", lambda d: d["categories"][1].pop("name") and d),
    Plant("CAT201", "instances", m.category(name="dog")),
    Plant("CAT202", "instances", m.category(name="Dog")),
    Plant("CAT203", "instances", m.category(name="cat ")),
    Plant("CAT204", "instances", m.category(name="")),
    Plant("CAT301", "instances", m.add("categories", id=4, name="cow"), severity="info"),
    Plant("CAT401", "keypoints", m.category(skeleton=[[0, 1], [0, 2], [1, 3], [2, 4]])),
    Plant("CAT402", "keypoints", m.category(keypoints=["nose", "hand", "hand", "left_foot", "right_foot"])),
    # boxes and areas
    Plant("ANN200", "instances", m.without("annotations", "bbox")),
    Plant("ANN201", "instances", m.annotation(bbox=[12.0, 8.0, 50.0, 50.0, 0.3])),
    Plant("ANN202", "instances", m.annotation(bbox=[300.0, 200.0, -50.0, 40.0])),
    Plant("ANN203", "instances", m.one("annotations", m.PLAIN, m.box(lambda x, y, w, h: [x + 300, y, w, h]))),
    Plant("ANN203", "sa-1b", m.one("annotations", m.PLAIN, m.box(lambda x, y, w, h: [x + 600, y, w, h]))),
    Plant("ANN204", "instances", m.one("annotations", m.PLAIN, m.box(lambda x, y, w, h: [x, y, 0, h]))),
    Plant("ANN205", "instances", m.add("annotations", id=999)),
    Plant("ANN206", "instances", m.drawn((0, 0, 480, 640)), severity="info"),
    Plant("ANN207", "instances", m.drawn((20, 20, 400, 9)), severity="info"),
    Plant("ANN221", "instances", m.one("annotations", m.PLAIN, m.box(lambda x, y, w, h: [x, y, 0.4, h]))),
    Plant(
        "ANN240", "instances", m.one("annotations", m.PLAIN, lambda record: record.update(area=record["area"] * 2.5))
    ),
    Plant(
        "ANN244", "instances", m.one("annotations", m.COMPRESSED, lambda record: record.update(area=record["area"] / 2))
    ),
    Plant("ANN241", "instances", m.without("annotations", "area")),
    Plant("ANN242", "instances", m.annotation(area=0)),
    Plant(
        "ANN243",
        "instances",
        m.one("annotations", m.PLAIN, lambda r: r.update(area=r["bbox"][2] * r["bbox"][3])),
        severity="info",
    ),
    # whole objects that are wrong in one way
    Plant("ANN203", "instances", m.one("annotations", m.PLAIN, m.moved_object)),
    Plant("ANN204", "instances", m.one("annotations", m.PLAIN, m.line_object)),
    Plant("ANN221", "instances", m.one("annotations", m.PLAIN, m.normalised_object)),
    # polygons
    Plant("ANN300", "instances", m.annotation(segmentation=[]), severity="info"),
    Plant("ANN300", "instances", m.annotation(segmentation=[]), severity="error", expect=MASKS),
    Plant("ANN301", "instances", m.without("annotations", "segmentation"), severity="info"),
    Plant("ANN302", "instances", m.one("annotations", m.PLAIN, m.flat)),
    Plant("ANN303", "instances", m.annotation(segmentation=[[20.0, 20.0, 90.0, 90.0]])),
    Plant("ANN304", "instances", m.one("annotations", m.PLAIN, lambda record: record["segmentation"][0].pop())),
    Plant("ANN305", "instances", m.one("annotations", m.PLAIN, m.far_vertex)),
    Plant("ANN306", "instances", m.annotation(segmentation=[[20.0, 20.0, 40.0, 40.0, 90.0, 90.0]]), severity="error"),
    Plant(
        "ANN306",
        "instances",
        m.one("annotations", m.PLAIN, lambda r: r["segmentation"].append([5.0, 5.0] * 3)),
        severity="warning",
    ),
    Plant("ANN307", "instances", m.one("annotations", m.PLAIN, m.moved)),
    Plant("ANN210", "instances", m.nearly_again),
    Plant("ANN308", "instances", m.sliver),
    Plant("ANN309", "instances", m.one("annotations", m.PLAIN, m.far_box)),
    # crowds
    Plant("ANN400", "instances", m.without("annotations", "iscrowd")),
    Plant("ANN401", "instances", m.annotation(iscrowd=2)),
    Plant("ANN402", "instances", m.annotation(iscrowd=1)),
    # keypoints
    Plant("ANN501", "keypoints", m.one("annotations", m.PLAIN, m.drop(12))),
    Plant("ANN502", "keypoints", m.one("annotations", m.PLAIN, m.drop(12, 13, 14))),
    Plant("ANN503", "keypoints", m.one("annotations", m.PLAIN, lambda record: record["keypoints"].__setitem__(2, 3))),
    Plant("ANN504", "keypoints", m.annotation(num_keypoints=0)),
    Plant("ANN505", "keypoints", m.without("annotations", "num_keypoints"), severity="info"),
    Plant("ANN506", "keypoints", m.keypoint(0, 900, 20, 2)),
    Plant("ANN507", "keypoints", m.keypoint(0, 300, 300, 2)),
    Plant("ANN508", "keypoints", m.keypoint(0, 300, 300, 1), severity="info"),
    Plant(
        "ANN509",
        "keypoints",
        m.one("annotations", m.PLAIN, lambda r: (r.pop("keypoints"), r.pop("num_keypoints"))),
        expect={"keypoints": 5},
    ),
    Plant("ANN510", "keypoints", m.one("annotations", m.PLAIN, m.drop(12, 13, 14)), expect={"keypoints": 5}),
    *PLANTS_PANOPTIC,
    # captions and results
    Plant("ANN701", "captions", m.annotation(caption="  ")),
    Plant("ANN801", "results", m.one("", 3, lambda record: record.pop("score"))),
    Plant("ANN805", "results", m.one("", 3, lambda record: record.pop("bbox"))),
    Plant("ANN702", "captions", m.one("annotations", 3, lambda record: record.pop("caption"))),
    Plant("ANN511", "keypoints", m.one("annotations", 3, lambda record: record.pop("keypoints")), severity="error"),
    Plant("ANN803", "results", m.one("", 3, lambda record: record.update(image_id=987654)), beside="instances"),
    Plant("ANN804", "results", m.one("", 3, lambda record: record.update(category_id=0)), beside="instances"),
    Plant("ANN802", "results", m.one("", 3, lambda record: record.update(score=97.0))),
    *PLANTS_RLE,
    *PLANTS_SAM,
]
