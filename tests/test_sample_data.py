"""The sample data is what its script makes, is small, and gives exactly the findings that are planted in it."""

from __future__ import annotations

import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest
from PIL import Image

import datacheck
from sample_data.make_sample_data import make

FOUND: dict[str, dict[str, int]] = {
    "detection/annotations": {
        "ANN101 duplicate-annotation-id": 1, "ANN102 dangling-image-id": 1, "ANN103 dangling-category-id": 1,
        "ANN201 bbox-length": 1, "ANN203 box-outside-image": 1, "ANN204 zero-size-box": 1, "ANN205 duplicate-box": 1,
        "ANN206 box-fills-image": 1, "ANN240 area-differs": 1, "ANN241 missing-area": 1, "ANN300 empty-segmentation": 1,
        "ANN301 missing-segmentation": 1, "ANN302 flat-segmentation": 1, "ANN303 short-polygon": 1,
        "ANN304 odd-polygon": 1, "ANN352 rle-size-swapped": 1, "ANN357 rle-bytes-repr": 1, "ANN400 missing-iscrowd": 1,
        "ANN401 iscrowd-value": 1, "CAT202 similar-category-names": 1, "CAT301 unused-category": 1,
        "IMG202 size-not-positive": 1, "IMG301 duplicate-file-name": 1, "IMG302 absolute-path": 1,
        "IMG401 image-without-annotations": 1, "SRC101 syntax": 1, "SRC104 duplicate-key": 1, "SRC106 non-finite": 1,
        "SRC107 missing-key": 1, "SRC108 wrong-type": 1,
    },
    "detection/results": {"ANN202 negative-box": 1, "ANN802 score-out-of-range": 1, "SRC109 null-value": 1},
    "keypoints": {
        "ANN501 keypoints-not-triplets": 1, "ANN503 keypoint-visibility": 1, "ANN504 num-keypoints-differs": 1,
        "CAT401 skeleton-out-of-range": 1,
    },
    "panoptic": {
        "ANN604 missing-panoptic-file-name": 1, "ANN605 panoptic-png-missing": 1, "ANN610 unlisted-segment-ids": 1,
        "SEG101 duplicate-segment-id": 1, "SEG103 dangling-segment-category": 1, "SEG204 segment-area-not-positive": 1,
        "SEG401 segment-not-in-png": 1, "SEG402 segment-area-differs": 1, "SEG403 segment-box-differs": 1,
    },
    "captions": {"ANN102 dangling-image-id": 1, "ANN701 empty-caption": 1, "SRC109 null-value": 1},
    "sa1b": {"ANN352 rle-size-swapped": 1, "ANN353 rle-too-short": 1, "ANN358 rle-without-counts": 1},
    "roboflow": {
        "ANN104 annotation-id-zero": 1, "ANN202 negative-box": 1, "IMG301 duplicate-file-name": 1, "SRC223 no-masks": 1,
    },
    "failures/001-keys": {"SRC115 misplaced-key": 1, "SRC123 misplaced-mask-key": 1},
    "failures/001-record-keys": {"SRC115 misplaced-key": 1, "SRC123 misplaced-mask-key": 1},
    "failures/001-boxes-normalised": {"SRC210 boxes-normalised": 1},
    "failures/001-boxes-xyxy": {"SRC211 boxes-xyxy": 1},
    "failures/001-boxes-xyxy-normalised": {"SRC210 boxes-normalised": 1},
    "failures/002-keypoints-outside": {"ANN506 keypoint-outside-image": 20, "ANN507 keypoint-outside-box": 4},
    "failures/002-keypoints-normalised": {"SRC216 keypoints-normalised": 1},
    "failures/002-num-keypoints": {"ANN504 num-keypoints-differs": 23},
}  # fmt: skip
"""Findings by folder, symptoms left out."""


@pytest.fixture(scope="module")
def samples(repository: Path) -> Path:
    return repository / "sample_data"


@pytest.mark.parametrize("folder", FOUND)
def test_each_folder_gives_its_findings(folder: str, samples: Path) -> None:
    with datacheck.scan(samples / folder) as report:
        findings = report.findings.to_pylist()
    assert Counter(f"{finding['code']} {finding['name']}" for finding in findings) == FOUND[folder]


def test_every_folder_is_pinned(samples: Path) -> None:
    folders = {path.parent.relative_to(samples).as_posix() for path in samples.rglob("*.json")}
    missed = {
        f for f in folders if not f.startswith("clean/") and not any(f == p or f.startswith(f"{p}/") for p in FOUND)
    }
    assert not missed


def test_clean_samples_give_no_error_and_no_warning(samples: Path) -> None:
    with datacheck.scan(samples / "clean") as report:
        findings = report.findings.to_pylist()
        sources = report.sources.to_pylist()
        not_checked = list(report.not_checked)
    assert [finding for finding in findings if finding["severity"] != "info"] == []
    assert {source["recognised"] for source in sources} == {True}
    assert len(sources) == len(list((samples / "clean").rglob("*.json")))
    assert not_checked == []


def test_all_severities_are_shown_and_the_scan_fails(samples: Path) -> None:
    with datacheck.scan(samples) as report:
        assert {finding["severity"] for finding in report.findings.to_pylist()} == {"error", "warning", "info"}
        assert report.exit_status == 1


def pixels(path: Path) -> bytes:
    """Of a PNG; how well they are compressed differs from one zlib to the next."""
    with Image.open(path) as picture:
        return picture.tobytes()


def test_the_script_makes_these_files(samples: Path, tmp_path: Path) -> None:
    make(tmp_path)
    made = {path.relative_to(tmp_path): path.read_bytes() for path in tmp_path.rglob("*.json")}
    kept = {path.relative_to(samples): path.read_bytes() for path in samples.rglob("*.json")}
    assert made == kept
    pictures = [{p.relative_to(folder): pixels(p) for p in folder.rglob("*.png")} for folder in (tmp_path, samples)]
    assert pictures[0] == pictures[1]
    assert sum(map(len, kept.values())) < 500_000


def test_the_script_runs_by_itself(samples: Path, tmp_path: Path) -> None:
    subprocess.run([sys.executable, samples / "make_sample_data.py", tmp_path], check=True)
    assert (tmp_path / "clean" / "sa1b" / "sa_1.json").is_file()
