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
    assert {finding["name"] for finding in findings} == {"box-differs-from-segmentation"}
    assert {image_of[finding["pointer"]] for finding in findings} == {179898, 443426, 464824}


def test_taco_gives_its_known_faults() -> None:
    with datacheck.scan(REAL / "taco") as report:
        findings = report.findings.to_pylist()
    found = Counter((finding["name"], finding["key"]) for finding in findings if finding["severity"] != "info")
    # Of seven boxes that leave their image, six do so by at most a pixel.
    assert found.pop(("box-outside-image", "1777")) == 1
    assert found == {("duplicate-annotation-id", "309"): 1, ("duplicate-annotation-id", "4040"): 1}
    assert [finding["name"] for finding in findings].count("unused-category") == 1


def test_images_without_annotations_are_no_fault() -> None:
    with datacheck.scan(REAL / "coco_mini") as report:
        findings = report.findings.to_pylist()
    people = [finding for finding in findings if finding["name"] == "image-without-annotations"]
    assert len(people) == 40
    assert {finding["severity"] for finding in people} == {"info"}


def test_a_folder_without_annotation_files_says_so() -> None:
    assert serious("sam_amg") == {"nothing-recognised": 1}
