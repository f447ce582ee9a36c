"""`datacheck query`, `rule`, `rules` and `columns`."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path

import pyarrow.parquet as pq
import pytest
from syrupy.assertion import SnapshotAssertion

from datacheck.tables import TABLES
from tests.cli.conftest import Command
from tests.cli.dataset import clean, coco, faulty, own_rules, write

# query


def test_query_prints_a_table(here: Path, command: Command) -> None:
    clean(here / "data")
    result = command("query", "data", "SELECT id, name, annotation_count AS n FROM categories ORDER BY id")
    assert result.status == 0
    assert result.out == (
        "id  name  n\n"
        "--  ----  -\n"
        " 1  cat   4\n"
        " 2  dog   4\n"
        "(2 rows)\n"
    )  # fmt: skip


def test_query_takes_several_paths_and_none(here: Path, command: Command) -> None:
    clean(here / "a")
    faulty(here / "b")
    sql = "SELECT count(*) AS n FROM sources WHERE recognised"
    assert command("query", "a", "b", sql).out.splitlines()[2].strip() == "2"
    assert command("query", sql).out.splitlines()[2].strip() == "2"


def test_query_writes_files(here: Path, command: Command) -> None:
    clean(here / "data")
    sql = "SELECT id, name, NULL AS nothing, sum(annotation_count) OVER () AS s FROM categories ORDER BY id"
    for name in ("x.parquet", "x.csv", "x.json"):
        result = command("query", "data", sql, "-o", name)
        assert (result.status, result.out, result.err) == (0, "", f"datacheck: 2 rows written to {name}\n")
    expected = [{"id": 1, "name": "cat", "nothing": None, "s": 8}, {"id": 2, "name": "dog", "nothing": None, "s": 8}]
    assert json.loads((here / "x.json").read_text()) == expected
    assert pq.read_table(here / "x.parquet").to_pylist() == expected
    rows = list(csv.DictReader(io.StringIO((here / "x.csv").read_text())))
    assert [list(row.values()) for row in rows] == [["1", "cat", "", "8"], ["2", "dog", "", "8"]]


def test_query_cuts_long_answers(here: Path, command: Command) -> None:
    write(here / "data" / "a.json", coco(150))
    sql = "SELECT row FROM annotations"
    last = command("query", "data", sql).out.splitlines()[-1]
    assert last == "(the first 100 rows; for more: --max-rows 0, or -o FILE)"
    assert len(command("query", "data", sql, "--max-rows", "0").out.splitlines()) == 303
    assert len(json.loads(command("query", "data", sql, "--output-format", "json").out)) == 300


def test_query_without_an_answer(here: Path, command: Command) -> None:
    clean(here / "data")
    assert command("query", "data", "SELECT id FROM images WHERE FALSE").out == "id\n--\n(0 rows)\n"
    assert command("query", "data", "SELECT id FROM images WHERE FALSE", "--output-format", "json").out == "[\n]\n"
    assert command("query", "data", "SELECT id FROM images WHERE FALSE", "--output-format", "csv").out == "id\n"


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (["data"], "the query is missing"),
        ([], "the query is missing"),
        (["nowhere", "SELECT 1"], "no such file or folder: nowhere"),
        (["data", "SELECT 1; SELECT 2"], ""),
        (["data", "DROP TABLE images"], ""),
        (["data", "SELECT * FROM read_csv('/etc/passwd')"], "read_csv"),
        (["data", "SELECT nam FROM categories"], "nam"),
        (["data", "SELECT * FROM imags"], "images"),
        (["data", "SELECT 1", "-o", "x.xlsx"], "its ending must be .parquet, .csv, .json"),
        (["data", "SELECT 1", "-o", "no/x.parquet"], "cannot write no/x.parquet"),
        (["data", "SELECT 1", "--max-rows", "x"], "--max-rows"),
    ],
)
def test_query_errors(here: Path, command: Command, words: list[str], says: str) -> None:
    clean(here / "data")
    result = command("query", *words)
    assert result.status == 2
    assert result.err.startswith("datacheck: ")
    assert says in result.err
    assert len(result.err.splitlines()) == 1


def test_query_of_nothing_recognised_says_so(here: Path, command: Command) -> None:
    (here / "empty").mkdir()
    result = command("query", "empty", "SELECT count(*) AS n FROM annotations")
    assert "no annotation file was recognised in empty" in result.err
    assert result.status == 0


# rule


@pytest.mark.parametrize("output_format", ["text", "markdown", "json"])
def test_rule(command: Command, output_format: str) -> None:
    by_code = command("rule", "ANN203", "--output-format", output_format)
    assert by_code.status == 0
    assert "box-outside-image" in by_code.out
    assert "slack" in by_code.out
    assert command("rule", "box-outside-image", "--output-format", output_format).out == by_code.out
    if output_format == "json":
        assert json.loads(by_code.out)["code"] == "ANN203"


def test_rule_page(here: Path, command: Command, snapshot: SnapshotAssertion) -> None:
    own_rules(
        here / "own",
        "code: ANN990\nname: wide-box\ntable: annotations\nseverity: warning\nstatus: preview\n"
        "only: has_bbox\nwhen: box_w > $most\nerror-when: box_w > 1000\n"
        "params:\n  most: {type: number, default: 300, min: 0, unit: px, doc: The widest box.}\n"
        'message: "{box_w:.1f} px"\nwhy: It is wide.\nfix: Make it narrow.\n'
        "consequence: {detectron2: nothing}\nexplained-by: {SRC210: box_is_normalised}\n"
        "tests:\n  - flags: {has_bbox: true, box_w: 301}\n  - passes: {has_bbox: true, box_w: 1}\n"
        "  - passes: {has_bbox: true, box_w: 9}\n    params: {most: 10}\n"
        "  - unknown: {has_bbox: true, box_w: null}\n  - skips: {has_bbox: false}\n",
    )
    for output_format in ("text", "markdown", "json"):
        result = command("rule", "wide-box", "--rules-dir", "own", "--output-format", output_format)
        assert result.out == snapshot(name=output_format)


def test_rule_errors(command: Command) -> None:
    assert "no such rule: ANN2O3. Did you mean ANN203 (box-outside-image)?" in command("rule", "ANN2O3").err
    assert "stands for several rules" in command("rule", "ANN2").err
    assert command("rule").err == "datacheck: the code is missing. See datacheck rule --help\n"
    assert command("rule", "ANN203", "--rules-dir", "nowhere").status == 2


# rules


def test_rules_list(command: Command) -> None:
    result = command("rules", "list")
    assert result.status == 0
    assert any(line.split()[:2] == ["ANN203", "box-outside-image"] for line in result.out.splitlines())
    parsed = json.loads(command("rules", "list", "--output-format", "json").out)
    assert len(parsed) == len(result.out.splitlines())


def test_rules_lint_and_test_fail_with_1(here: Path, command: Command) -> None:
    rule = (
        "code: ANN990\nname: wide-box\ntable: annotations\nseverity: error\nstatus: stable\nwhen: box_w > 1\n"
        'message: "{box_w}"\nwhy: w\nfix: f\ntests:\n  - flags: {box_w: 1}\n  - passes: {box_w: 0}\n  - unknown: {}\n'
    )
    own_rules(here / "own", rule)
    tested = command("rules", "test", "own")
    assert tested.status == 1
    assert tested.out.splitlines()[-1] == "2 tests passed, 1 failed"
    own_rules(here / "own", rule.replace('"{box_w}"', '"{box_ww}"'))
    linted = command("rules", "lint", "own")
    assert linted.status == 1
    assert "own/annotations/ANN990-wide-box.yaml: message: " in linted.out
    assert linted.out.splitlines()[-1] == "1 rule, 1 problem"
    assert command("scan", ".", "--rules-dir", "own").status == 2


def test_rules_errors(command: Command) -> None:
    assert command("rules").status == 2
    assert command("rules", "lst").err == "datacheck: no such command: lst. Did you mean datacheck rules list?\n"
    assert "It is one of: list, lint, test." in command("rules", "own").err
    assert "no such folder of rules: nowhere" in command("rules", "test", "nowhere").err


# columns


def test_columns(command: Command) -> None:
    every = command("columns").out
    for table in TABLES.values():
        assert f"\n{table.name}: " in "\n" + every
        one = command("columns", table.name).out
        assert one in every
        assert all(f"\n  {column.name} " in one for column in table.columns)


def test_columns_as_json_and_markdown(command: Command) -> None:
    parsed = json.loads(command("columns", "--output-format", "json").out)
    assert [table["name"] for table in parsed] == list(TABLES)
    assert set(parsed[0]["columns"][0]) == {"name", "type", "unit", "doc", "null", "kernel"}
    text = command("columns", "images", "--output-format", "markdown").out
    assert text.startswith("## images\n")
    assert text.count("\n| `") == len(TABLES["images"].columns)


def test_columns_errors(command: Command) -> None:
    assert command("columns", "imgs").err == "datacheck: no such table: imgs. Did you mean images?\n"
    assert command("columns", "images", "x").err.startswith("datacheck: one argument too many: x.")
