"""Clean datasets of masks in every layout give no error and no warning; one planted fault gives its finding, once."""

from __future__ import annotations

import json
import tempfile
from collections import Counter
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

import pytest

import datacheck
from datacheck.judge.packs import builtin_pack_dir, load_packs
from datacheck.judge.rule import Rule
from tests.masks.layouts import LAYOUTS
from tests.masks.plants import NOT_PLANTED, PLANTS, Fifo, Plant
from tests.masks.small import CLEAN, Files
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
    mine |= {code for code in rules() if code.startswith(("SRC40", "SRC42"))}
    assert planted | NOT_PLANTED.keys() == mine
    assert not planted & NOT_PLANTED.keys()
