"""Real files that nobody made for this project: clean ones give no error and no warning, known faults are found.

They are not part of the repository. DATACHECK_REAL_DATA names the folder that holds coco_tiny/, lvis/, taco/, ...;
without it `../shared/data/real` beside the repository is tried.
"""

from __future__ import annotations

import os
from collections import Counter
from pathlib import Path

import pytest

import datacheck
from tests.conftest import REPOSITORY

REAL = Path(os.environ.get("DATACHECK_REAL_DATA") or REPOSITORY.parent / "shared" / "data" / "real")

pytestmark = pytest.mark.skipif(not REAL.is_dir(), reason="needs real data: set DATACHECK_REAL_DATA to its folder")


def serious(folder: str) -> Counter[str]:
    """Errors and warnings by the name of their rule."""
    with datacheck.scan(REAL / folder) as report:
        findings = report.findings.to_pylist()
    return Counter(finding["name"] for finding in findings if finding["severity"] != "info")


@pytest.mark.parametrize("folder", ["coco_tiny", "coco_mini", "panoptic", "cocoapi_results"])
def test_clean_data_gives_no_error_and_no_warning(folder: str) -> None:
    assert serious(folder) == Counter()


def test_lvis_gives_its_13_misplaced_boxes_and_nothing_else() -> None:
    with datacheck.scan(REAL / "lvis") as report:
        findings = [finding for finding in report.findings.to_pylist() if finding["severity"] != "info"]
        image_ids = report.query("SELECT ordinal, image_id FROM annotations").to_pylist()
    image_of = {f"/annotations/{row['ordinal']}/bbox": row["image_id"] for row in image_ids}
    assert len(findings) == 13
    names = Counter(finding["name"] for finding in findings)
    assert names == {"polygon-outside-box": 10, "box-differs-from-segmentation": 3}
    assert {image_of[finding["pointer"]] for finding in findings} == {179898, 443426, 464824}


def test_taco_gives_its_known_faults() -> None:
    with datacheck.scan(REAL / "taco") as report:
        findings = report.findings.to_pylist()
    found = Counter((finding["name"], finding["key"]) for finding in findings if finding["severity"] != "info")
    # Of seven boxes that leave their image, six do so by at most a pixel.
    assert found.pop(("box-outside-image", "1777")) == 1
    assert found == {("duplicate-annotation-id", "309"): 1, ("duplicate-annotation-id", "4040"): 1}
    assert [finding["name"] for finding in findings].count("unused-category") == 1


def test_every_panoptic_segment_agrees_with_its_png() -> None:
    with datacheck.scan(REAL / "panoptic") as report:
        pngs = report.query("SELECT png_state, png_unlisted_count FROM annotations WHERE has_segments_info").to_pylist()
        agreeing = report.query(
            "SELECT count(*) AS n FROM segments WHERE area = png_area"
            " AND [box_x, box_y, box_w, box_h] = [png_x, png_y, png_w, png_h]"
        ).to_pylist()
        folders = [source["png_folder"] for source in report.sources.to_pylist()]
    assert pngs == [{"png_state": "ok", "png_unlisted_count": 0}] * 2
    assert agreeing == [{"n": 50}]
    assert [folder for folder in folders if folder] == [str(REAL / "panoptic" / "panoptic_examples")]


@pytest.mark.parametrize(("folder", "pairs", "most"), [("coco_tiny", 0, 0), ("lvis", 1, 0.1), ("taco", 1, 0.7)])
def test_instances_of_one_class_hardly_overlap(folder: str, pairs: int, most: float) -> None:
    with datacheck.scan(REAL / folder) as report:
        (found,) = report.query(
            "SELECT count(overlap_ordinal) AS pairs, coalesce(max(overlap_iou), 0) AS iou FROM annotations"
        ).to_pylist()
    assert found["pairs"] == pairs
    assert found["iou"] <= most


def test_polygons_drawn_to_pixels_cover_some() -> None:
    for folder in ("coco_tiny", "lvis", "taco"):
        with datacheck.scan(REAL / folder) as report:
            smallest = report.query("SELECT min(raster_area) AS area FROM annotations").to_pylist()
        assert smallest[0]["area"] in (None, 2.0)


def test_images_without_annotations_are_no_fault() -> None:
    with datacheck.scan(REAL / "coco_mini") as report:
        findings = report.findings.to_pylist()
    people = [finding for finding in findings if finding["name"] == "image-without-annotations"]
    assert len(people) == 40
    assert {finding["severity"] for finding in people} == {"info"}


def test_panoptic_pngs_alone_are_nothing_that_is_recognised() -> None:
    assert serious("panoptic/panoptic_examples") == {"nothing-recognised": 1}


@pytest.mark.parametrize("folder", ["sam_amg", "sam_amg/dog"])
def test_masks_of_segment_anything_agree_with_their_records(folder: str) -> None:
    with datacheck.scan(REAL / folder) as report:
        assert len(report.findings) == 0
        assert len(report.folded) == 0
        [row] = report.query(
            "SELECT count(*) AS files, count_if(readable) AS readable, count_if(recorded_area = area) AS areas, "
            "count_if(recorded_x = mask_x AND recorded_y = mask_y AND recorded_w = mask_w - 1 "
            "AND recorded_h = mask_h - 1) AS boxes FROM mask_files"
        ).to_pylist()
    assert row == {"files": 66, "readable": 66, "areas": 66, "boxes": 66}
