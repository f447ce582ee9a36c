"""The Python API."""

from __future__ import annotations

import gc
import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest

import datacheck
from datacheck.errors import ConfigError, DatacheckError, QueryError, UsageError
from tests.cli.dataset import clean, faulty
from tests.conftest import REPOSITORY
from tests.masks.drawn import draw_ids, draw_photos
from tests.report.test_json_contract import FINDING


def test_the_public_names_are_pinned() -> None:
    assert sorted(datacheck.__all__) == [
        "ConfigError", "DatacheckError", "QueryError", "Report", "RuleError", "UsageError", "__version__", "scan",
    ]  # fmt: skip
    for name in datacheck.__all__:
        assert getattr(datacheck, name) is not None
    assert set(datacheck.__all__) <= set(dir(datacheck))
    with pytest.raises(AttributeError, match="no attribute 'scam'"):
        datacheck.scam  # noqa: B018


def test_importing_is_lazy() -> None:
    heavy = ("numpy", "pyarrow", "duckdb", "msgspec", "rich", "pandas", "datacheck.api", "datacheck.errors")
    code = f"import sys, datacheck; sys.exit(','.join(name for name in {heavy} if name in sys.modules) or 0)"
    done = subprocess.run([sys.executable, "-c", code], cwd=REPOSITORY, capture_output=True, check=False, timeout=60)
    assert (done.returncode, done.stderr) == (0, b"")


def test_a_clean_dataset(tmp_path: Path) -> None:
    clean(tmp_path)
    with datacheck.scan(tmp_path) as report:
        assert report.ok
        assert report.exit_status == 0
        assert report.summary.errors == report.summary.warnings == 0
        assert report.tables["annotations"].num_rows == 8
        assert report.sources.column("format").to_pylist() == ["coco-instances"]
        assert list(report.not_checked) == []


def test_findings(tmp_path: Path) -> None:
    file = faulty(tmp_path)
    with datacheck.scan(str(file), select=["ANN203"]) as report:
        assert not report.ok
        assert isinstance(report.findings, pa.Table)
        assert report.findings.schema.names == list(FINDING)
        rows: list[dict[str, Any]] = report.findings.to_pylist()
        assert [row["key"] for row in rows] == ["3", "6"]
        assert json.loads(rows[0]["values"])["box_x"] == 90.0
        assert report.to_pandas()["code"].tolist() == ["ANN203", "ANN203"]
        assert report.folded.num_rows == 0
        assert repr(report) == "<datacheck.Report: 2 errors, 0 warnings, 0 notes in 1 source>"
        assert report.query("SELECT count(*) AS n FROM annotations").to_pylist() == [{"n": 8}]
        with pytest.raises(QueryError):
            report.query("DELETE FROM annotations")


def test_parameters_and_expectations(tmp_path: Path) -> None:
    file = faulty(tmp_path)
    for given in ({"ANN203.slack": 11}, {"ANN203": {"slack": 11}}, {"box-outside-image.slack": 11.0}):
        assert datacheck.scan(file, select=["ANN203"], set=given).ok
    for expect in ({"min_segments": 3}, ["segments>=3"], "segments>=3"):
        with datacheck.scan(file, expect=expect) as report:
            assert report.sources.column("expect_min_segments").to_pylist() == [3]


def test_several_paths(tmp_path: Path) -> None:
    paths = [clean(tmp_path / "a"), faulty(tmp_path / "b")]
    with datacheck.scan(paths, select=["ANN"]) as report:
        assert report.sources.column("path").to_pylist() == [str(path) for path in paths]


def test_no_configuration_unless_asked_for(tmp_path: Path) -> None:
    file = faulty(tmp_path)
    config = tmp_path / "datacheck.toml"
    config.write_text('select = ["CAT"]')
    assert not datacheck.scan(file).ok
    assert not datacheck.scan(file, config=False).ok
    assert datacheck.scan(file, config=True).ok
    assert datacheck.scan(file, config=config).ok
    config.write_text("slect = []")
    with pytest.raises(ConfigError, match="no such key: slect"):
        datacheck.scan(file, config=True)


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        ({"paths": []}, "no path was given"),
        ({"paths": "nowhere"}, "no such file or folder: nowhere"),
        ({"select": "ANN"}, r"select must be a list: \['ANN'\]"),
        ({"select": ["ANN2O3"]}, "Did you mean ANN203"),
        ({"set": {"slack": 1}}, "write the rule and its parameter"),
        ({"set": {"ANN203.slack": "x"}}, "ANN203.slack must be a number"),
        ({"expect": {"taks": 1}}, "Did you mean task"),
        ({"expect": ["taks"]}, "Did you mean task"),
        ({"memory_limit": "lots"}, "write it as 512MB"),
        ({"jobs": 0}, "jobs must be 1 or more"),
    ],
)
def test_usage_errors(tmp_path: Path, arguments: dict[str, Any], says: str) -> None:
    clean(tmp_path)
    with pytest.raises(UsageError, match=says) as caught:
        datacheck.scan(**{"paths": tmp_path, **arguments})
    assert isinstance(caught.value, DatacheckError)


def test_a_report_that_nobody_closes_cleans_up(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    temporary = tmp_path / "temporary"
    temporary.mkdir()
    monkeypatch.setattr("tempfile.tempdir", str(temporary))
    report = datacheck.scan(clean(tmp_path / "data"))
    assert list(temporary.iterdir())
    del report
    gc.collect()
    assert list(temporary.iterdir()) == []


def test_tables_outlive_the_report(tmp_path: Path) -> None:
    with datacheck.scan(clean(tmp_path)) as report:
        tables, findings = report.tables, report.findings
    assert tables["annotations"].column("id").to_pylist() == list(range(1, 9))
    assert findings.num_rows >= 0


def test_a_folder_of_masks_may_be_all_that_is_named(tmp_path: Path) -> None:
    draw_ids(tmp_path / "seg")
    draw_photos(tmp_path / "frames")
    with datacheck.scan(masks=tmp_path / "seg", images=tmp_path / "frames", pattern="{stem}.png") as report:
        assert report.ok
        assert report.query("SELECT count(*) AS n FROM mask_sets WHERE image_file IS NOT NULL").to_pylist() == [
            {"n": 8}
        ]
