"""A clean data set of masks in any layout gives no error and no warning, and everything in it is read."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.masks.layouts import COUNT, LAYOUTS
from tests.scanning import quick_scan


@pytest.mark.parametrize("name", LAYOUTS)
def test_a_clean_data_set_gives_no_error_and_no_warning(name: str, tmp_path: Path) -> None:
    if name == "pt":
        pytest.importorskip("torch")
    folder = tmp_path / "d"
    folder.mkdir()
    expected = LAYOUTS[name](folder)
    with quick_scan(folder) as report:
        assert [
            (found["code"], found["severity"])
            for found in report.judged.to_pylist()
            if found["severity"] in ("error", "warning")
        ] == []
        files, sets = report.tables["mask_files"], report.tables["mask_sets"]
        assert set(files["state"].to_pylist()) == {"ok"}
        assert (len(files), len(sets)) == (expected.files, expected.sets)
        assert sets["image_file_row"].null_count == 0
        assert len(report.tables["image_files"]) == COUNT
        assert report.sources["format"].to_pylist() == [expected.layout]
        assert report.sources["expects_many"].to_pylist() == [expected.expects_many]
        segments = 1 if name in ("salient", "1-bit") else 6 if name == "one-hot" else 5
        assert set(sets["segment_count"].to_pylist()) == {segments}


@pytest.mark.parametrize("name", ["amg", "davis", "npz"])
def test_the_same_bytes_are_written_each_time(name: str, tmp_path: Path) -> None:
    written = []
    for run in ("1", "2"):
        (tmp_path / run).mkdir()
        LAYOUTS[name](tmp_path / run)
        files = sorted(path for path in (tmp_path / run).rglob("*") if path.is_file())
        written.append([(path.relative_to(tmp_path / run), path.read_bytes()) for path in files])
    assert written[0] == written[1]
