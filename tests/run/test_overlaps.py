"""Overlapping instances of whole files, against the bitmaps of every pair."""

from __future__ import annotations

import json
import time
import warnings
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from pycocotools import mask as coco

from datacheck.measure.overlaps import LEAST_BOX_IOU
from datacheck.run import overlaps
from datacheck.run.overlaps import LEAST_AREA_RATIO
from datacheck.run.scan import ScanOptions, read_tables
from tests.scanning import quick_scan

Record = dict[str, Any]
WIDTH, HEIGHT = 90, 70
NEEDED = [
    ("annotations", name) for name in ("overlap_iou", "overlap_ordinal", "overlap_complete", "polygon_area", "rle_area")
]


def scanned(path: Path, records: list[Record], **document: Any) -> list[tuple[float | None, int | None]]:
    """(overlap_iou, overlap_ordinal) of each annotation."""
    return [(iou, ordinal) for iou, ordinal, _ in in_full(path, records, **document)]


def in_full(path: Path, records: list[Record], **document: Any) -> list[tuple[float | None, int | None, bool | None]]:
    """The same with overlap_complete."""
    images = [{"id": n, "file_name": f"{n}.jpg", "width": WIDTH, "height": HEIGHT} for n in range(3)]
    whole = {"images": images, "annotations": records, "categories": [{"id": n, "name": str(n)} for n in range(3)]}
    path.write_text(json.dumps(whole | document))
    result = read_tables(ScanOptions([str(path)], jobs=1, needed=NEEDED))
    try:
        table = result.tables["annotations"]
        return [
            tuple(row.values())
            for row in table.select(["overlap_iou", "overlap_ordinal", "overlap_complete"]).to_pylist()
        ]
    finally:
        result.close()


def bitmap(record: Record) -> NDArray[np.bool_]:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)  # pycocotools 2.0.11 with numpy 2
        own = record["segmentation"]
        if isinstance(own, list):
            return np.asarray(coco.decode(coco.merge(coco.frPyObjects(own, HEIGHT, WIDTH))), bool)
        whole = coco.frPyObjects(own, HEIGHT, WIDTH) if isinstance(own["counts"], list) else own
        return np.asarray(coco.decode(whole), bool)


def rectangle(x: float, y: float, w: float, h: float, **more: Any) -> Record:
    ring = [x, y, x + w, y, x + w, y + h, x, y + h]
    return {"image_id": 0, "category_id": 0, "bbox": [x, y, w, h], "area": w * h, "iscrowd": 0} | {
        "segmentation": [ring], **more
    }  # fmt: skip


def as_runs(record: Record, *, listed: bool = True) -> Record:
    """The same with its mask as RLE."""
    flat = bitmap(record).T.ravel()
    edges = np.flatnonzero(np.diff(np.concatenate([[False], flat, [flat[-1]]]).astype(int)))
    counts = np.diff(np.concatenate([[0], edges, [flat.size]])).tolist()
    own: Any = {"size": [HEIGHT, WIDTH], "counts": counts}
    if not listed:
        own = coco.frPyObjects(own, HEIGHT, WIDTH)
        own["counts"] = own["counts"].decode()
    return {**record, "segmentation": own}


def slowly(records: list[Record]) -> list[tuple[float | None, int | None]]:
    found: list[tuple[float | None, int | None]] = []
    for second, two in enumerate(records):
        best: tuple[float | None, int | None] = (None, None)
        for first, one in enumerate(records[:second]):
            if any(one[key] != two[key] for key in ("image_id", "category_id")) or one["bbox"] == two["bbox"]:
                continue
            box_iou = float(coco.iou([one["bbox"]], [two["bbox"]], [0])[0, 0])
            masks = bitmap(one), bitmap(two)
            areas = sorted(polygon_area(r) for r in (one, two))
            if (
                1 in (one["iscrowd"], two["iscrowd"])
                or box_iou < LEAST_BOX_IOU
                or areas[0] < LEAST_AREA_RATIO * areas[1]
            ):
                continue
            iou = float((masks[0] & masks[1]).sum() / max((masks[0] | masks[1]).sum(), 1))
            if best[0] is None or iou > best[0]:
                best = (iou, first)
        found.append(best)
    return found


def polygon_area(record: Record) -> float:
    if not isinstance(record["segmentation"], list):
        return float(bitmap(record).sum())
    rings = [np.reshape(ring, (-1, 2)) for ring in record["segmentation"]]
    return sum(abs(float(np.sum(r[:, 0] * np.roll(r[:, 1], -1) - np.roll(r[:, 0], -1) * r[:, 1]))) / 2 for r in rings)


@settings(max_examples=40)
@given(st.integers(0, 10_000))
def test_the_largest_overlap_is_that_of_bitmaps(tmp_path_factory: pytest.TempPathFactory, seed: int) -> None:
    rng = np.random.default_rng(seed)
    records: list[Record] = []
    for number in range(14):
        x, y = rng.uniform(-3, 40, 2).round(1).tolist()
        w, h = rng.uniform(15, 45, 2).round(1).tolist()
        if number and rng.random() < 0.7:
            x, y, w, h = (v + float(rng.integers(-3, 4)) for v in records[int(rng.integers(number))]["bbox"])
        corners = rng.uniform(0, 1, (int(rng.integers(3, 8)), 2)) * (w, h) + (x, y)
        rings = [corners.ravel().tolist()] if rng.random() < 0.7 else rectangle(x, y, w, h)["segmentation"]
        own = rectangle(x, y, w, h, segmentation=rings, id=number + 1, iscrowd=int(rng.random() < 0.1))
        own |= {"image_id": int(rng.integers(0, 2)), "category_id": int(rng.integers(0, 2))}
        kind = rng.random()
        records.append(own if kind < 0.6 else as_runs(own, listed=kind < 0.8))
    found = scanned(tmp_path_factory.mktemp("file") / "a.json", records)
    for (iou, ordinal), (expected, other) in zip(found, slowly(records), strict=True):
        assert ordinal == other or (iou == expected == 0)
        assert iou == (expected if expected is None else pytest.approx(expected))


BASE = rectangle(10, 10, 40, 30, id=1)
NEAR = rectangle(11, 10, 40, 30, id=2)


def test_the_second_of_two_names_the_first(tmp_path: Path) -> None:
    found = scanned(tmp_path / "a.json", [BASE, NEAR])
    assert found == [(None, None), (pytest.approx(39 / 41), 0)]


@pytest.mark.parametrize(
    "other",
    [
        {**NEAR, "image_id": 1},
        {**NEAR, "category_id": 1},
        {**NEAR, "iscrowd": 1},
        {**NEAR, "bbox": BASE["bbox"]},
        {**NEAR, "image_id": 77},
        {**NEAR, "category_id": 77},
        {**NEAR, "bbox": [11, 10, 40, 0]},
        {**NEAR, "segmentation": []},
        {k: v for k, v in NEAR.items() if k != "segmentation"},
        {k: v for k, v in NEAR.items() if k != "bbox"},
        rectangle(30, 10, 40, 30, id=2),
    ],
)
def test_other_images_classes_crowds_and_equal_boxes_are_no_pair(tmp_path: Path, other: Record) -> None:
    assert scanned(tmp_path / "a.json", [BASE, other]) == [(None, None)] * 2


def _size(**values: Any) -> Record:
    own = as_runs(NEAR)
    return {**own, "segmentation": own["segmentation"] | values}


@pytest.mark.parametrize(
    "other",
    [
        _size(size=[WIDTH, HEIGHT]),
        _size(size=[HEIGHT * 2, WIDTH // 2]),
        _size(counts=[1, 2, 3]),
        _size(counts=[-5, 5]),
        _size(counts="not counts"),
        _size(counts="b'abc'"),
        _size(size=[10**6, 10**6]),
        {**NEAR, "segmentation": [[11.0, 10.0, 51.0, 10.0]]},
        {**NEAR, "segmentation": [[11.0, 10.0, 51.0, 10.0, 51.0, 40.0, 9.0]]},
        {**NEAR, "segmentation": [[1e30, 10.0, 51.0, 10.0, 51.0, 40.0]]},
        {**NEAR, "segmentation": [[float("nan"), 10.0, 51.0, 10.0, 51.0, 40.0]]},
        {**NEAR, "segmentation": [[11.0, 10.0, 9e6, 10.0, 51.0, 40.0]]},
    ],
)
def test_a_mask_that_is_not_proven_is_not_drawn_and_the_pair_is_not_compared(tmp_path: Path, other: Record) -> None:
    for pair in ([BASE, other], [other, BASE]):
        assert scanned(tmp_path / "a.json", pair) in ([(None, None), (None, 0)], [(None, None)] * 2)


def test_an_image_without_a_usable_size_is_not_drawn_on(tmp_path: Path) -> None:
    for size in (
        {},
        {"width": 90},
        {"width": 90, "height": -1},
        {"width": 90.5, "height": 70},
        {"width": 1e9, "height": 9},
    ):
        images = [{"id": 0, "file_name": "0.jpg", **size}]
        assert scanned(tmp_path / "a.json", [BASE, NEAR], images=images) == [(None, None), (None, 0)]


def test_results_and_bare_masks_are_not_looked_at(tmp_path: Path) -> None:
    records = [{**record, "score": 0.5} for record in (BASE, NEAR)]
    (tmp_path / "a.json").write_text(json.dumps(records))
    result = read_tables(ScanOptions([str(tmp_path / "a.json")], jobs=1, needed=NEEDED))
    assert result.tables["annotations"].column("overlap_ordinal").null_count == 2
    result.close()


def test_pairs_beyond_the_cap_are_seen_and_marked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    records = [rectangle(10 + n / 4, 10, 40, 30, id=n + 1) for n in range(4)]
    whole = in_full(tmp_path / "a.json", records)
    assert [ordinal for _, ordinal, _ in whole] == [None, 0, 1, 2]
    assert [complete for *_, complete in whole] == [True] * 4
    monkeypatch.setattr(overlaps, "MOST_PAIRS", 2)
    capped = in_full(tmp_path / "a.json", records)
    assert [iou is None for iou, *_ in capped] == [True, False, False, True]
    assert [ordinal is None for _, ordinal, _ in capped] == [True, False, False, False]
    assert [complete for *_, complete in capped] == [True, True, None, None]
    monkeypatch.setattr(overlaps, "MOST_PAIRS", 20_000)
    for name in ("MOST_COST", "MOST_TEXT", "MOST_TEXT_OF_IMAGE"):
        with monkeypatch.context() as patch:
            patch.setattr(overlaps, name, 100)
            found = in_full(tmp_path / "a.json", records)
            assert [iou for iou, *_ in found] == [None] * 4
            assert [complete for *_, complete in found] == [True, None, None, None]
    monkeypatch.setattr(overlaps, "DRAWN_TOGETHER", 1)
    assert in_full(tmp_path / "a.json", records) == whole


def test_where_no_annotation_has_a_box_or_a_mask_nothing_was_left_out(tmp_path: Path) -> None:
    for key in ("bbox", "segmentation"):
        records = [{k: v for k, v in record.items() if k != key} for record in (BASE, NEAR)]
        assert in_full(tmp_path / "a.json", records) == [(None, None, True)] * 2


def strips(count: int) -> list[Record]:
    """Boxes between those of `far_pair`, whose masks are strips that share nothing."""
    records = []
    for n in range(count):
        y = 50 * n / count
        ring = [20, y, 100, y, 100, y + 40 / count, 20, y + 40 / count]
        records.append(rectangle(11 + 7 * n / count, 0, 100, 50, segmentation=[ring], id=n + 10))
    return records


FAR_PAIR = [rectangle(10, 0, 100, 50, id=1), rectangle(19, 0, 100, 50, id=2)]


def test_a_pair_that_was_never_compared_is_not_called_clean(tmp_path: Path) -> None:
    images = [{"id": 0, "file_name": "0.jpg", "width": 200, "height": 60}]
    alone = in_full(tmp_path / "a.json", FAR_PAIR, images=images)
    assert alone == [(None, None, True), (pytest.approx(91 / 109), 0, True)]
    first, second, *others = in_full(tmp_path / "a.json", [*FAR_PAIR, *strips(8000)], images=images)
    assert (first[2], second[2]) == (None, None) or second == alone[1]
    assert any(complete is None for *_, complete in others)


def test_a_crowd_in_one_image_leaves_the_others_their_pairs(tmp_path: Path) -> None:
    crowd = [rectangle(10 + n / 100, 10, 40, 30, id=n + 1) for n in range(400)]
    pairs = [
        rectangle(x, 10, 40, 30, id=1000 + 2 * n + k, image_id=n + 1) for n in range(50) for k, x in enumerate((10, 12))
    ]
    images = [{"id": n, "file_name": f"{n}.jpg", "width": WIDTH, "height": HEIGHT} for n in range(51)]
    found = in_full(tmp_path / "a.json", crowd + pairs, images=images)
    for n, (iou, ordinal, complete) in enumerate(found[401::2]):
        assert iou == pytest.approx(38 / 42)
        assert (ordinal, complete) == (400 + 2 * n, True)
    assert sum(complete is None for *_, complete in found[:400]) > 100
    assert all(complete for *_, complete in found[400:])


def test_what_was_left_out_is_not_checked_and_says_why(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(overlaps, "MOST_PAIRS", 2)
    records = [rectangle(10 + n * 3, 10, 40, 30, id=n + 1) for n in range(4)]
    images = [{"id": 0, "file_name": "0.jpg", "width": WIDTH, "height": HEIGHT}]
    document = {"images": images, "annotations": records, "categories": [{"id": 0, "name": "a"}]}
    (tmp_path / "a.json").write_text(json.dumps(document))
    with quick_scan(tmp_path / "a.json") as report:
        own = [(one.count, one.reason) for one in report.not_checked if one.code == "ANN210"]
        flagged = [code for code in report.findings.column("code").to_pylist() if code == "ANN210"]
    assert len(flagged) == 1
    assert own == [(2, "so many annotations of a class overlap in its image that not all pairs of them were compared")]


def test_thousands_of_copies_in_one_image_take_seconds(tmp_path: Path) -> None:
    records = [rectangle(10 + n / 1000, 10, 40, 30, id=n + 1) for n in range(3000)]
    started = time.process_time()
    found = scanned(tmp_path / "a.json", records)
    assert time.process_time() - started < 10
    assert sum(ordinal is not None for _, ordinal in found) == 2999


def test_pairs_found_in_parts_are_those_of_the_whole(monkeypatch: pytest.MonkeyPatch) -> None:
    chance, n = np.random.default_rng(0), 6000
    image = chance.integers(0, 300, n)
    group = image * 5 + chance.integers(0, 5, n)
    box = chance.uniform([[0], [0], [20], [20]], [[60], [60], [40], [40]], (4, n)).astype(np.float32)
    usable = np.flatnonzero(chance.random(n) < 0.9)
    whole = overlaps._in_parts(usable, image, group, box)
    monkeypatch.setattr(overlaps, "PART", 700)
    parts = overlaps._in_parts(usable, image, group, box)
    assert len(whole.first) > 100
    assert np.array_equal([whole.first, whole.second], [parts.first, parts.second])
    assert np.array_equal(whole.left_out, parts.left_out)
