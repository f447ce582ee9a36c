"""The JSON output is a contract: keys, types, and text that any JSON parser takes."""

from __future__ import annotations

import io
import json
from typing import Any

import pytest

from datacheck.api import findings_schema
from datacheck.report import REPORTERS
from datacheck.report.json import encoder
from datacheck.report.options import Options
from tests.report.stand_in import SOURCES, TABLES_OF_ALL, clean_report, full_report, report, rule

TEXT, NUMBER, MAYBE_TEXT, MAYBE_NUMBER = (str,), (int,), (str, type(None)), (int, type(None))
FINDING: dict[str, tuple[type, ...]] = {
    "code": TEXT, "name": TEXT, "severity": TEXT, "path": TEXT, "pointer": TEXT, "line": MAYBE_NUMBER,
    "column": MAYBE_NUMBER, "byte_offset": MAYBE_NUMBER, "table": TEXT, "key": MAYBE_TEXT, "image": MAYBE_TEXT,
    "message": TEXT, "values": (dict,), "explained_by": MAYBE_TEXT, "fingerprint": TEXT,
}  # fmt: skip
SUMMARY: dict[str, tuple[type, ...]] = {
    "datacheck": TEXT, "paths": (list,), "ok": (bool,), "fail_on": TEXT, "errors": NUMBER, "warnings": NUMBER,
    "infos": NUMBER, "folded": NUMBER, "rules": NUMBER, "records": (dict,), "by_rule": (list,), "broken": (list,),
    "seconds": (float,),
}  # fmt: skip
BY_RULE: dict[str, tuple[type, ...]] = {
    "code": TEXT, "name": TEXT, "table": TEXT, "severity": TEXT, "findings": NUMBER, "folded": NUMBER,
}  # fmt: skip
NOT_CHECKED: dict[str, tuple[type, ...]] = {"code": TEXT, "name": TEXT, "table": TEXT, "count": NUMBER, "reason": TEXT}
SOURCE: dict[str, tuple[type, ...]] = {
    "path": TEXT, "format": MAYBE_TEXT, "task": MAYBE_TEXT, "recognised": (bool,), "readable": (bool,),
    "image_count": MAYBE_NUMBER, "annotation_count": MAYBE_NUMBER, "category_count": MAYBE_NUMBER,
    "fault_count": MAYBE_NUMBER,
}  # fmt: skip


def strict(text: str) -> Any:
    """Parse JSON as the standard has it: no NaN, no Infinity."""

    def refuse(literal: str) -> None:
        raise AssertionError(f"{literal} is not JSON")

    return json.loads(text, parse_constant=refuse)


def document(made: Any) -> dict[str, Any]:
    out = io.StringIO()
    REPORTERS["json"](made, out, Options())
    parsed: dict[str, Any] = strict(out.getvalue())
    return parsed


def lines(made: Any) -> list[dict[str, Any]]:
    out = io.StringIO()
    REPORTERS["jsonl"](made, out, Options())
    return [strict(line) for line in out.getvalue().splitlines()]


def holds(value: dict[str, Any], contract: dict[str, tuple[type, ...]]) -> None:
    assert list(value) == list(contract)
    for key, types in contract.items():
        assert type(value[key]) in types, (key, value[key])


def test_keys_and_types() -> None:
    parsed = document(full_report(broken=[("ANN230", "why")]))
    assert list(parsed) == ["version", "summary", "findings", "not_checked", "sources"]
    assert parsed["version"] == 1
    holds(parsed["summary"], SUMMARY)
    for one in parsed["findings"]:
        holds(one, FINDING)
    for one in parsed["summary"]["by_rule"]:
        holds(one, BY_RULE)
    for one in parsed["not_checked"]:
        holds(one, NOT_CHECKED)
    for one in parsed["sources"]:
        holds(one, SOURCE)
    assert parsed["summary"]["broken"] == [{"code": "ANN230", "name": "copy", "message": "why"}]


def test_counts_agree() -> None:
    parsed, every = document(full_report()), lines(full_report())
    summary = parsed["summary"]
    assert (summary["errors"], summary["warnings"], summary["infos"], summary["folded"]) == (12, 2, 1, 3)
    assert len(parsed["findings"]) == 15
    assert all(one["explained_by"] is None for one in parsed["findings"])
    assert len(every) == 18
    assert [one["code"] for one in every if one["explained_by"] == "SRC210"] == ["ANN203", "ANN221", "ANN221"]
    assert [one for one in every if one["explained_by"] is None] == parsed["findings"]
    assert sum(one["findings"] for one in summary["by_rule"]) == 15
    assert not summary["ok"]


def test_clean() -> None:
    parsed = document(clean_report())
    assert parsed["summary"]["ok"]
    assert [one["severity"] for one in parsed["findings"]] == ["info"]


def test_no_findings_at_all() -> None:
    assert document(report(TABLES_OF_ALL, [], []))["findings"] == []
    assert lines(report(TABLES_OF_ALL, [], [])) == []


def test_the_arrow_table_has_the_same_columns() -> None:
    assert findings_schema().names == list(FINDING)
    made = full_report()
    rows = made.findings.to_pylist()
    assert [{**row, "values": strict(row["values"])} for row in rows] == document(made)["findings"]
    assert [row["explained_by"] for row in made.folded.to_pylist()] == ["SRC210"] * 3


def test_ids_stand_as_in_the_file_and_nan_is_null() -> None:
    by_pointer = {one["pointer"]: one for one in document(full_report())["findings"] if one["code"] == "ANN203"}
    assert by_pointer["/annotations/8/bbox"]["key"] == "abc"
    assert by_pointer["/annotations/8/bbox"]["image"] == "x-2"
    assert by_pointer["/annotations/8/bbox"]["values"]["box_x"] is None
    assert by_pointer["/annotations/0/bbox"]["key"] == "100"


def test_lone_surrogates_do_not_stop_the_report() -> None:
    encode = encoder()
    assert strict(encode({"a\ud800": ["b\udfff", 1, None, float("nan")]})) == {"a\\ud800": ["b\\udfff", 1, None, None]}


@pytest.mark.parametrize("number", [0, 1, 10_000, 25_001])
def test_batches_are_seamless(number: int) -> None:
    annotations = [{"source": 0, "ordinal": n, "id": n, "box_w": float(n)} for n in range(number)]
    wide = rule("ANN250", "wide", "annotations", "{box_w}")
    tables = {**TABLES_OF_ALL, "sources": SOURCES, "annotations": annotations}
    made = report(tables, [wide], [("ANN250", n) for n in range(number)])
    assert [one["message"] for one in document(made)["findings"]] == [str(n) for n in range(number)]
    assert [one["message"] for one in lines(made)] == [str(n) for n in range(number)]
