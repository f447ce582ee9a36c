"""A file that ends too early is told to be cut, wherever it was cut."""

from __future__ import annotations

import json
from pathlib import Path

from datacheck.run.scan import ScanOptions, read_tables

DOCUMENT = {
    "images": [{"id": 1, "file_name": "a\u1234.jpg", "width": 640, "height": 480}],
    "annotations": [
        {"id": -1, "image_id": 1, "bbox": [1, 2, 3e1, 4.5], "iscrowd": 0, "note": True, "segmentation": [[1, 2, 3, 4]]},
        {"id": 2, "image_id": 1, "area": 12.25, "other": None, "more": False},
    ],
    "categories": [{"id": 1, "name": "a"}],
}


def test_every_prefix_of_a_file_is_cut_off_and_nothing_else(tmp_path: Path) -> None:
    text = json.dumps(DOCUMENT)
    path = tmp_path / "a.json"
    recognised = 0
    for length in range(1, len(text), 2):
        path.write_text(text[:length])
        scanned = read_tables(ScanOptions([str(path)], jobs=1))
        kinds = scanned.tables["faults"].column("kind").to_pylist()
        missing = scanned.tables["faults"].column("detail").to_pylist()
        scanned.close()
        if scanned.formats[0] is None:
            assert length <= text.index("}"), text[:length]
            continue
        recognised += 1
        assert [k for k, d in zip(kinds, missing, strict=True) if "category_id" not in d] == ["truncated"], text[
            :length
        ]
    assert recognised > 100
