"""Each planted fault gives its own finding and no other, and hides no second fault; each rule has a plant; clean
documents are clean."""

from __future__ import annotations

import json
import tempfile
from collections import Counter
from functools import cache
from pathlib import Path
from typing import Any

import pytest

import datacheck
from datacheck.judge.packs import builtin_pack_dir, load_packs
from datacheck.judge.rule import Rule
from tests.masks import plants as masks
from tests.rules.mutations import Plant, Write
from tests.rules.plants import CLEAN, NOT_PLANTED, PLANTS
from tests.rules.plants_panoptic import write_pictures

FILE_NAMES = {"roboflow": "_annotations.coco.json"}


def write(path: Path, content: Any, base: str, pngs: Any = None) -> None:
    """Make the input: a document as JSON, bytes as they are; beside a panoptic one its PNGs, changed by `pngs`."""
    if base == "panoptic":
        write_pictures(path, pngs)
    if isinstance(content, Write):
        content.make(path)
    else:
        path.write_bytes(content if isinstance(content, bytes) else json.dumps(content).encode())


def findings(paths: list[Path], expect: Any) -> Counter[tuple[str, str]]:
    """(code, severity) of each finding that is folded under no other."""
    with datacheck.scan(paths, expect=expect, jobs=1) as report:
        assert report.summary.broken == []
        return Counter(
            (one["code"], one["severity"]) for one in report.findings.select(["code", "severity"]).to_pylist()
        )


@cache
def rules() -> dict[str, Rule]:
    """The built-in rules, by code."""
    return load_packs([builtin_pack_dir()])


@cache
def of_clean(base: str, expect: str) -> Counter[tuple[str, str]]:
    """The findings of the clean document; `expect` is JSON, so that many plants can share one scan."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / FILE_NAMES.get(base, "clean.json")
        write(path, CLEAN[base](), base)
        return findings([path], json.loads(expect))


@pytest.mark.parametrize("base", CLEAN)
def test_clean_documents_give_no_error_and_no_warning(base: str) -> None:
    assert not [code for code, severity in of_clean(base, "{}") if severity != "info"]


def _name(plant: Plant) -> str:
    return f"{plant.code}-{plant.base}"


@pytest.mark.parametrize("plant", PLANTS, ids=_name)
def test_a_planted_fault_gives_its_finding_and_no_other(plant: Plant, tmp_path: Path) -> None:
    path = tmp_path / (plant.file_name or FILE_NAMES.get(plant.base, "planted.json"))
    write(path, plant.mutate(CLEAN[plant.base]()), plant.base, plant.pngs)
    paths = [path]
    if plant.beside:
        paths.append(tmp_path / "beside.json")
        write(paths[1], CLEAN[plant.beside](), plant.beside)
    found = findings(paths, plant.expect)
    if plant.pngs or plant.mutate(CLEAN[plant.base]()) != CLEAN[plant.base]():
        # Where nothing is changed, the expectation that the clean document does not meet is what was planted.
        found.subtract(of_clean(plant.base, json.dumps(dict(plant.expect))))
    severity = plant.severity or rules()[plant.code].severity
    expected = Counter({(plant.code, severity): plant.count})
    expected.update((code, rules()[code].severity) for code in plant.also)
    assert +found == expected
    assert not -found


def test_every_rule_has_a_plant() -> None:
    planted = {plant.code for plant in PLANTS} | {plant.code for plant in masks.PLANTS}
    not_planted = NOT_PLANTED.keys() | masks.NOT_PLANTED.keys()
    assert planted | not_planted == rules().keys()
    assert not planted & not_planted
