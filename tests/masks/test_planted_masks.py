"""Clean datasets of masks in every layout give no error and no warning; one planted fault gives its finding, once."""

from __future__ import annotations

import json
import tempfile
from collections import Counter
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import datacheck
from datacheck.judge.packs import builtin_pack_dir, load_packs
from datacheck.judge.rule import Rule
from tests.masks.layouts import LAYOUTS
from tests.masks.odd import Fifo
from tests.masks.plants import NOT_PLANTED, PLANTS, Plant
from tests.masks.small import CLEAN, Files, Ids, jpeg, npy, photo, png
from tests.scanning import quick_scan

Found = Counter[tuple[str, str]]


def write(folder: Path, files: Files) -> Path:
    for name, content in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        if isinstance(content, Fifo):
            content.make(path)
        else:
            path.write_bytes(content)
    return folder


def findings(folder: Path, expect: Mapping[str, object], select: tuple[str, ...] = ()) -> list[dict[str, Any]]:
    """The findings that are folded under no other."""
    selected = datacheck.scan(folder, expect=expect, extend_select=select, jobs=1) if select else None
    with selected or quick_scan(folder, expect) as report:
        assert report.summary.broken == []
        rows: list[dict[str, Any]] = report.findings.to_pylist()
    return rows


def counted(rows: list[dict[str, Any]]) -> Found:
    return Counter((row["code"], row["severity"]) for row in rows)


@cache
def rules() -> dict[str, Rule]:
    """The built-in rules, by code."""
    return load_packs([builtin_pack_dir()])


@cache
def of_clean(base: str, expect: str) -> Found:
    """The findings of the clean dataset; `expect` is JSON, so that many plants can share one scan."""
    with tempfile.TemporaryDirectory() as folder:
        return counted(findings(write(Path(folder) / "dataset", CLEAN[base]()), json.loads(expect)))


@pytest.mark.parametrize("base", CLEAN)
def test_a_clean_dataset_gives_no_error_and_no_warning(base: str) -> None:
    assert not [code for code, severity in of_clean(base, "{}") if severity != "info"]


@pytest.mark.parametrize("layout", LAYOUTS)
def test_a_clean_dataset_of_every_layout_gives_nothing(layout: str, tmp_path: Path) -> None:
    if layout == "pt":
        pytest.importorskip("torch")
    LAYOUTS[layout](tmp_path)
    assert {row["code"] for row in findings(tmp_path, {})} <= {"SRC407"}


def _name(plant: Plant) -> str:
    return f"{plant.code}-{plant.base}"


@pytest.mark.parametrize("plant", PLANTS, ids=_name)
def test_a_planted_fault_gives_its_finding_and_no_other(plant: Plant, tmp_path: Path) -> None:
    files = CLEAN[plant.base]()
    plant.change(files)
    rows = findings(write(tmp_path / "dataset", files), plant.expect, plant.select)
    found = counted(rows)
    if files != CLEAN[plant.base]():
        # Where nothing is changed, the expectation that the clean dataset does not meet is what was planted.
        found.subtract(of_clean(plant.base, json.dumps(dict(plant.expect))))
    expected = Counter({(plant.code, plant.severity or rules()[plant.code].severity): plant.count})
    expected.update({(code, rules()[code].severity): count for code, count in plant.also.items()})
    assert +found == expected, [f"{row['code']} {row['path']}: {row['message']}" for row in rows]
    assert {code for code, _ in -found} <= plant.gone
    assert not [row["message"] for row in rows if "?" in row["message"]]


def test_every_rule_on_masks_has_a_plant() -> None:
    planted = {plant.code for plant in PLANTS}
    mine = {code for code, rule in rules().items() if rule.table in ("mask_files", "mask_sets", "image_files")}
    mine |= {code for code in rules() if code.startswith(("SRC40", "SRC42", "SRC43"))}
    assert planted | NOT_PLANTED.keys() == mine
    assert not planted & NOT_PLANTED.keys()


def _segment(number: int) -> Ids:
    """One segment of 174,086 px, 61.6 % of 368 x 768, in another place for each number."""
    ids = np.zeros((368, 768), np.uint8)
    ids.reshape(-1)[100 * number : 100 * number + 174_086] = 1
    return ids


@pytest.mark.parametrize("expect", [{}, {"min-segments": 16}], ids=["nothing expected", "16 expected"])
@pytest.mark.parametrize("values", ["ids", "0 and 255", "arrays"])
def test_one_segment_in_every_frame_is_one_error_on_the_folder(
    values: str, expect: Mapping[str, object], tmp_path: Path
) -> None:
    files: Files = {}
    for number in range(6):
        ids = _segment(number) * (255 if values == "0 and 255" else 1)
        files[f"clip/frames/{number:05d}.jpg"] = jpeg(photo(number, 768, 368))
        content, ending = (npy(ids), "npy") if values == "arrays" else (png(ids), "png")
        files[f"clip/sam_masks/{number:05d}.{ending}"] = content
    with quick_scan(write(tmp_path, files), expect) as report:
        [finding] = report.findings.to_pylist()
        folded = Counter(row["code"] for row in report.folded.to_pylist() if row["table"] == "mask_sets")
        messages = {row["message"] for row in report.folded.to_pylist() if row["table"] == "mask_sets"}
    assert (finding["code"], finding["severity"]) == ("SRC401", "error")
    assert finding["path"].endswith("sam_masks")
    assert "6 of 6 images with masks have one segment only; it covers 61.6 % of the frame" in finding["message"]
    if expect:
        assert finding["message"].endswith("; expected at least 16 segments")
        assert folded == {"MSK110": 6}
        assert messages == {"1 segment (61.6 % of 768x368), expected at least 16"}
    else:
        assert folded == {"MSK115": 6}


@pytest.mark.parametrize("folder", ["sam_masks", "masks"])
def test_masks_that_are_all_zero_are_one_error_on_the_folder(folder: str, tmp_path: Path) -> None:
    files: Files = {}
    for number in range(6):
        files[f"images/{number:05d}.jpg"] = jpeg(photo(number))
        files[f"{folder}/{number:05d}.png"] = png(np.zeros((48, 64), np.uint8))
    with quick_scan(write(tmp_path, files)) as report:
        [finding] = report.findings.to_pylist()
        assert {row["code"] for row in report.folded.to_pylist()} == {"MSK113"}
        assert report.exit_status == 1
    assert (finding["code"], finding["severity"]) == ("SRC402", "error")
    assert finding["message"] == "the masks of 6 of 6 images are zero throughout"
