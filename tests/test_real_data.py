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
        images = report.query("SELECT row, image_id FROM annotations").to_pylist()
    of = {f"/annotations/{row['row']}": row["image_id"] for row in images}
    assert len(findings) == 13
    assert {finding["name"] for finding in findings} == {"box-differs-from-segmentation"}
    assert {of["/".join(finding["pointer"].split("/")[:3])] for finding in findings} == {179898, 443426, 464824}
