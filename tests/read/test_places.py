"""Finding a record's place again: the bytes there are the record's."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from datacheck.run.scan import ScanOptions, read_tables

DOCUMENT: dict[str, Any] = {
    "images": [{"id": i, "file_name": f"é{i}.jpg", "width": 9, "height": 9} for i in range(5)],
    "annotations": [
        {"id": i, "image_id": i % 5, "category_id": 1, "bbox": [1, 1, i, i], "note": "}, {" * (i % 3)}
        for i in range(300)
    ],
    "categories": [{"id": 1, "name": "a"}],
}


@pytest.mark.parametrize("indent", [None, 2])
@pytest.mark.parametrize("damage", [None, '"bbox": [1, 1, NaN, 7]'])
def test_every_record_is_found_where_it_stands(tmp_path: Path, indent: int | None, damage: str | None) -> None:
    text = json.dumps(DOCUMENT, indent=indent, ensure_ascii=False)
    if damage:
        text = text.replace('"id": 7,', '"id": 7, ' + damage + ",", 2)
    path = tmp_path / "a.json"
    path.write_text(text)
    scanned = read_tables(ScanOptions([str(path)], jobs=1))
    data = path.read_bytes()
    for section in ("images", "annotations", "categories"):
        for ordinal, record in enumerate(DOCUMENT[section]):
            place = scanned.places.locate(0, section, ordinal)
            assert place is not None
            offset, length = place
            assert json.loads(data[offset : offset + length])["id"] == record["id"]
            before = data[:offset].decode()
            line_column = scanned.places.line_column(0, offset)
            assert line_column == (before.count("\n") + 1, len(before) - (before.rfind("\n") + 1) + 1)
    assert scanned.places.locate(0, "annotations", 300) is None
    assert scanned.places.locate(0, "annotations", -1) is None
    scanned.close()


def test_places_are_found_in_every_block_of_a_large_file_read_by_processes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in (
        ("datacheck.run.pool.WORTH_PROCESSES", 0),
        ("datacheck.run.pool.LARGE", 0),
        ("datacheck.read.reader.BLOCK", 900),
    ):
        monkeypatch.setattr(name, value)
    path = tmp_path / "a.json"
    path.write_text(json.dumps(DOCUMENT))
    scanned = read_tables(ScanOptions([str(path)], jobs=2))
    table, data = scanned.tables["annotations"], path.read_bytes()
    assert table.column("ordinal").to_pylist() == list(range(300))
    assert table.column("id").to_pylist() == list(range(300))
    for ordinal in (0, 1, 150, 298, 299):
        place = scanned.places.locate(0, "annotations", ordinal)
        assert place is not None
        assert json.loads(data[place[0] : place[0] + place[1]])["id"] == ordinal
    scanned.close()
