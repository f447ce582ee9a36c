"""Image files that SA-1B documents name: whether they are there, and which one was meant."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from datacheck.run.scan import ScanOptions, read_tables
from tests.rules.clean import CLEAN


def states(folder: Path, names: dict[str, object], files: list[str]) -> list[tuple[str | None, str | None]]:
    for document, name in names.items():
        own = CLEAN["sa-1b"]()
        own["image"]["file_name"] = name
        (folder / f"{document}.json").write_text(json.dumps(own))
    for file in files:
        (folder / file).write_bytes(b"")
    scanned = read_tables(ScanOptions([str(folder)], jobs=1))
    rows = scanned.tables["images"].select(["file_state", "file_nearest"]).to_pylist()
    scanned.close()
    return [(row["file_state"], row["file_nearest"]) for row in rows]


@pytest.mark.parametrize(
    ("name", "files", "expected"),
    [
        ("sa_1.jpg", ["sa_1.jpg"], ("present", None)),
        ("sa_1.jpg", ["sa_2.jpg"], ("missing", None)),
        ("img_001.jpg", ["sa_1.jpg"], ("missing", "sa_1.jpg")),
        ("sa_1.jpg", ["sa_1.PNG"], ("missing", "sa_1.PNG")),
        ("photo_07.jpg", ["photo_7.jpg"], ("missing", "photo_7.jpg")),
        ("sa_1.jpg", [], (None, None)),
        ("sa_1.jpg", ["notes.txt"], (None, None)),
        ("images/sa_1.jpg", ["sa_1.jpg"], (None, None)),
        ("../sa_1.jpg", ["sa_1.jpg"], (None, None)),
        (None, ["sa_1.jpg"], (None, None)),
        ("", ["sa_1.jpg"], (None, None)),
        ("sa_1.jpg\u0000", ["sa_1.jpg"], ("missing", "sa_1.jpg")),
    ],
)
def test_the_image_is_looked_for_beside_the_file(
    tmp_path: Path, name: object, files: list[str], expected: tuple[str | None, str | None]
) -> None:
    assert states(tmp_path, {"sa_1": name}, files) == [expected]


def test_each_document_has_its_own_state(tmp_path: Path) -> None:
    names: dict[str, object] = {"sa_1": "sa_1.jpg", "sa_2": "sa_2.jpg", "sa_3": "x.jpg"}
    assert states(tmp_path, names, ["sa_1.jpg", "sa_3.jpg"]) == [
        ("present", None), ("missing", None), ("missing", "sa_3.jpg"),
    ]  # fmt: skip
