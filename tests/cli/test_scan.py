"""`datacheck scan` on real files."""

from __future__ import annotations

import json
import re
from collections.abc import Collection, Sequence
from pathlib import Path
from typing import Any

import pytest
from syrupy.assertion import SnapshotAssertion

from datacheck.cli import scan as scan_command
from datacheck.measure.labels import measure_mask_files
from datacheck.report import REPORTERS
from datacheck.run import masks
from datacheck.session import Session
from tests.cli.conftest import Command
from tests.cli.dataset import OUTSIDE, clean, coco, faulty, own_rules, write
from tests.masks.drawn import draw_ids, draw_photos

ONLY = ("--select", "ANN203")


def timeless(text: str) -> str:
    return re.sub(r"in \d+\.\d s|\"seconds\":[\d.]+", "in TIME", text)


def test_clean_exits_0_and_says_so(here: Path, command: Command) -> None:
    clean(here / "data")
    result = command("scan", "data", "--output-format", "full")
    assert result.status == 0, result.out
    *head, last = result.out.splitlines()
    assert re.match(r"clean: \d+ rules over 4 images, 8 annotations, 2 categories in \d", last)
    assert last.endswith("image files not opened")
    assert len(head) == 2


def test_findings_exit_1(here: Path, command: Command, snapshot: SnapshotAssertion) -> None:
    faulty(here / "data")
    result = command("scan", "data", *ONLY, "--output-format", "full")
    assert result.status == 1
    assert timeless(result.out) == snapshot
    assert result.err == ""


@pytest.mark.parametrize("name", ["concise", "grouped", "json", "jsonl"])
def test_other_formats(here: Path, command: Command, snapshot: SnapshotAssertion, name: str) -> None:
    faulty(here / "data")
    result = command("scan", "data", *ONLY, "--output-format", name)
    assert result.status == 1
    assert timeless(result.out) == snapshot


def test_piped_is_concise_with_the_closing_lines_on_stderr(here: Path, command: Command) -> None:
    faulty(here / "data")
    result = command("scan", "data", *ONLY)
    assert len(result.out.splitlines()) == 2
    for line in result.out.splitlines():
        assert re.match(r"data/annotations/instances_val.json:\d+:\d+: ANN203 box-outside-image: box ", line)
    assert "2 errors by 1 rule" in result.err


def test_line_and_column_point_at_the_record(here: Path, command: Command) -> None:
    file = faulty(here / "data")
    found = json.loads(command("scan", "data", *ONLY, "--output-format", "json").out)["findings"]
    lines = file.read_text().splitlines()
    for one in found:
        assert lines[one["line"] - 1][one["column"] - 1 :].startswith(f'{{"id": {one["key"]},')
        assert file.read_bytes()[one["byte_offset"] :].startswith(f'{{"id": {one["key"]},'.encode())


def test_the_current_folder_is_the_default(here: Path, command: Command) -> None:
    faulty(here)
    assert command("scan", *ONLY).status == 1


# exit status


@pytest.mark.parametrize(("fail_on", "status"), [("error", 1), ("warning", 1), ("info", 1), ("never", 0)])
def test_fail_on(here: Path, command: Command, fail_on: str, status: int) -> None:
    faulty(here / "data")
    assert command("scan", "data", *ONLY, "--fail-on", fail_on).status == status


def test_fail_on_warning_and_lowered_severity(here: Path, command: Command) -> None:
    faulty(here / "data")
    (here / "datacheck.toml").write_text('[rules.box-outside-image]\nseverity = "warning"\n')
    assert command("scan", "data", *ONLY).status == 0
    assert command("scan", "data", *ONLY, "--fail-on", "warning").status == 1
    assert command("scan", "data", *ONLY, "--isolated").status == 1


def test_nothing_recognised_is_an_error_whatever_is_selected(here: Path, command: Command) -> None:
    (here / "empty").mkdir()
    for extra in ((), ONLY):
        result = command("scan", "empty", *extra)
        assert result.status == 1
        assert "SRC001 nothing-recognised" in result.out
    assert command("scan", "empty", "--ignore", "SRC001").status == 0


def test_an_unknown_file_is_an_error_only_if_it_was_named(here: Path, command: Command) -> None:
    faulty(here / "data")
    clean(here / "data")
    assert "notes.json" not in command("scan", "data", "--ignore", "ANN").out
    named = command("scan", "data/notes.json", "data/annotations", "--ignore", "ANN")
    assert named.status == 1
    assert "data/notes.json" in named.out
    assert command("scan", "data/notes.json", "data/annotations", "--ignore", "ANN", "--skip-unrecognised").status == 0


def test_a_rule_that_cannot_be_evaluated_exits_2(here: Path, command: Command, monkeypatch: pytest.MonkeyPatch) -> None:
    from datacheck.judge.engine import Broken

    faulty(here / "data")
    judge = Session.judge

    def broken(self: Session) -> object:
        judgement = judge(self)
        judgement.broken.append(Broken("ANN203", "box-outside-image", "it broke"))
        return judgement

    monkeypatch.setattr(Session, "judge", broken)
    result = command("scan", "data", *ONLY)
    assert result.status == 2
    assert "rule ANN203 (box-outside-image) could not be evaluated: it broke" in result.err
    assert "ANN203 box-outside-image: box" in result.out  # the findings print all the same


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (["nowhere"], "no such file or folder: nowhere"),
        (["--selct", "X"], "no such option: --selct. Did you mean --select?"),
        (["--zzzz"], "no such option: --zzzz. See datacheck scan --help"),
        (["--select", "ANN2O3"], "no such rule: ANN2O3. Did you mean ANN203 (box-outside-image)?"),
        (["--ignore", "box-outside-imag"], "no such rule: box-outside-imag. Did you mean ANN203 (box-outside-image)?"),
        (["--select"], "--select needs a value. See datacheck scan --help"),
        (["--depth", "sea"], "--depth must be one of annotations, files, not sea."),
        (["--masks", "nowhere"], "nowhere"),
        (["--images", "nowhere"], "--images nowhere: no such folder"),
        (["--masks", "data", "--pattern", "mask.png"], "--pattern mask.png: it needs {stem}, the name of the image"),
        (["--fail-on", "eror"], "--fail-on must be one of error, warning, info, never, not eror. Did you mean error?"),
        (["--max-per-rule", "-1"], "--max-per-rule"),
        (["--max-per-rule", "x"], "--max-per-rule: it must be a whole number from 0 up, not x"),
        (["--jobs", "0"], "--jobs: it must be a whole number from 1 up, not 0"),
        (["--set", "ANN203"], "--set ANN203: write the rule, its parameter and the value, as ANN203.slack=2"),
        (["--set", "ANN203.slak=2"], "ANN203 (box-outside-image) has no parameter slak. Did you mean slack?"),
        (["--set", "ANN203.slack=two"], "--set ANN203.slack=two: it must be a number"),
        (["--set", "ANN203.slack=-1"], "ANN203.slack must be at least 0, not -1.0"),
        (["--set", "ANN2O3.slack=1"], "no such rule: ANN2O3. Did you mean ANN203"),
        (["--expect", "taks=x"], "--expect taks=x: no such expectation: taks. Did you mean task?"),
        (["--rules-dir", "nowhere"], "--rules-dir: no such folder: nowhere"),
        (["--config", "nowhere.toml"], "nowhere.toml: no such configuration file"),
        (["--quiet=1"], "--quiet takes no value. See datacheck scan --help"),
        (["--config", "a", "--isolated"], "--config and --isolated exclude each other"),
        (["--memory-limit", "lots"], "--memory-limit lots: write it as 512MB or 4GB"),
        (["-q", "-v"], "--quiet and --verbose exclude each other"),
        (["-o", "no/such/folder/x.json"], "cannot write no/such/folder/x.json: No such file or directory"),
    ],
)
def test_usage_is_one_line_and_exit_2(here: Path, command: Command, words: list[str], says: str) -> None:
    clean(here / "data")
    result = command("scan", *words, *([] if words == ["nowhere"] else ["data"]) if words[-1] != "--select" else [])
    assert result.status == 2
    assert result.err.startswith("datacheck: ")
    assert says in result.err
    assert len(result.err.splitlines()) == 1


def test_a_configuration_that_cannot_be_used_exits_2(here: Path, command: Command) -> None:
    clean(here / "data")
    (here / "datacheck.toml").write_text("slect = []")
    result = command("scan", "data")
    assert (result.status, result.err) == (2, "datacheck: datacheck.toml: no such key: slect. Did you mean select?\n")


def test_a_crash_exits_2_and_says_where_on_demand(
    here: Path, command: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    clean(here / "data")

    def crash(self: Session) -> None:
        raise ZeroDivisionError("a\nb")

    monkeypatch.setattr(Session, "judge", crash)
    result = command("scan", "data")
    assert result.status == 2
    assert result.err.startswith("datacheck: internal error: ZeroDivisionError: a b; please report it")
    assert len(result.err.splitlines()) == 1
    assert "Traceback" in command("scan", "data", "-v").err
    monkeypatch.setenv("DATACHECK_TRACEBACK", "1")
    assert "Traceback" in command("scan", "data").err


def test_ctrl_c_exits_130(here: Path, command: Command, monkeypatch: pytest.MonkeyPatch) -> None:
    clean(here / "data")

    def interrupt(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setitem(REPORTERS, "concise", interrupt)
    result = command("scan", "data")
    assert result.status == 130
    *closing, last = result.err.splitlines()
    assert closing[0].startswith("clean: ")
    assert re.fullmatch(r"datacheck: interrupted after .* s: the report is not complete", last)
    monkeypatch.setattr(Session, "read", interrupt)
    result = command("scan", "data")
    assert result.status == 130
    assert "nothing was judged yet" in result.err


def test_ctrl_c_in_a_query_of_the_engine_is_ctrl_c(
    here: Path, command: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    clean(here / "data")

    def interrupted(*_: object, **__: object) -> None:
        raise RuntimeError("Query interrupted")  # what DuckDB makes of it

    monkeypatch.setattr("datacheck.judge.engine.judge", interrupted)
    assert command("scan", "data").status == 130


# options


def test_set_ignore_and_select(here: Path, command: Command) -> None:
    faulty(here / "data")
    assert command("scan", "data", *ONLY, "--set", "ANN203.slack=11").status == 0
    assert command("scan", "data", *ONLY, "--set", "box-outside-image.slack=9.5").status == 1
    assert command("scan", "data", "--select", "ANN", "--ignore", "ANN203,ANN3", "--ignore", "ANN24").status == 0
    assert command("scan", "data", "--select", "SRC", "--extend-select", "box-outside-image").status == 1


def test_statistics(here: Path, command: Command) -> None:
    faulty(here / "data")
    assert command("scan", "data", *ONLY, "--statistics").out == "2  error    ANN203  box-outside-image\n"


def test_max_per_rule_from_the_configuration(here: Path, command: Command) -> None:
    faulty(here / "data")
    (here / "datacheck.toml").write_text("max-per-rule = 1")
    assert "… 1 more: --select ANN203 --max-per-rule 0" in command("scan", "data", *ONLY, "--output-format", "full").out
    assert "more:" not in command("scan", "data", *ONLY, "--output-format", "full", "--max-per-rule", "0").out


def test_expectations_reach_the_tables(here: Path, command: Command) -> None:
    clean(here / "data")
    (here / "datacheck.toml").write_text('[sources."**/instances_*.json"]\nclasses = ["cat", "bird"]\n')
    sql = "SELECT missing_classes, unexpected_classes, expect_masks FROM sources WHERE recognised"
    answer = json.loads(command("query", "data", sql, "--expect", "masks", "--output-format", "json").out)
    assert answer == [{"missing_classes": "bird", "unexpected_classes": "dog", "expect_masks": True}]


def test_rules_of_ones_own(here: Path, command: Command) -> None:
    clean(here / "data")
    own_rules(here / "own")
    assert "ANN990 wide-box: 20 px" in command("scan", "data", "--rules-dir", "own").out
    (here / "datacheck.toml").write_text('rule-packs = ["own"]\n[rules.wide-box]\nmost = 30\n')
    assert command("scan", "data").status == 0
    assert "ANN990  wide-box" in command("rules", "list").out
    assert command("rules", "list", "own").out == "ANN990  wide-box  annotations  error\n"
    assert command("rules", "test", "own").out == "3 tests passed, 0 failed\n"
    assert command("rules", "lint", "own").status == 0


def test_show_settings(here: Path, command: Command) -> None:
    clean(here / "data")
    (here / "datacheck.toml").write_text("jobs = 3")
    result = command("scan", "data", "--show-settings", "--max-per-rule", "7")
    rows = [re.split(r"\s{2,}", line) for line in result.out.splitlines()]
    assert result.status == 0
    assert ["jobs", "3", "datacheck.toml"] in [[*row[:2], Path(row[-1]).name] for row in rows]
    assert ["max-per-rule", "7", "command line"] in rows
    assert ["fail-on", "error", "default"] in rows


# where it is written


def test_output_file(here: Path, command: Command) -> None:
    faulty(here / "data")
    for name in ("r.json", "r.jsonl"):
        result = command("scan", "data", *ONLY, "-o", name)
        assert result.status == 1
        assert result.out == ""
        assert "2 errors by 1 rule" in result.err
    assert len(json.loads((here / "r.json").read_text(encoding="utf-8"))["findings"]) == 2
    assert [json.loads(line)["code"] for line in (here / "r.jsonl").read_text().splitlines()] == ["ANN203"] * 2
    command("scan", "data", *ONLY, "-o", "r.txt")
    assert (here / "r.txt").read_text().count("ANN203") == 2
    assert command("scan", "data", *ONLY, "-o", "r.json", "-q").err == ""


def test_colour(here: Path, command: Command, monkeypatch: pytest.MonkeyPatch) -> None:
    faulty(here / "data")
    assert "\x1b[" not in command("scan", "data", *ONLY).out
    assert "\x1b[" in command("scan", "data", *ONLY, "--color", "always").out
    monkeypatch.setenv("FORCE_COLOR", "1")
    assert "\x1b[" in command("scan", "data", *ONLY).out
    assert "\x1b[" not in command("scan", "data", *ONLY, "--color", "never").out
    monkeypatch.setenv("NO_COLOR", "1")
    assert "\x1b[" not in command("scan", "data", *ONLY).out
    command("scan", "data", *ONLY, "-o", "r.txt")
    assert "\x1b[" not in (here / "r.txt").read_text()


def test_names_from_data_cannot_steer_the_terminal(here: Path, command: Command) -> None:
    nasty = "\x1b]0;gone\x07\x1b[2J.jpg"
    document = coco(images={1: {"file_name": nasty}}, annotations={2: OUTSIDE}, categories={0: {"name": nasty}})
    write(here / "data" / "val.json", document)
    for name in ("full", "grouped", "concise"):
        text = command("scan", "data", "--output-format", name, "-v").out
        assert "\x1b" not in text
        assert "\x07" not in text
    assert "\x1b" not in command("query", "data", "SELECT name, file_name FROM categories, images").out


def test_a_file_name_that_is_not_utf_8(here: Path, command: Command) -> None:
    folder = here / "data"
    faulty(folder).rename(folder / "b\udce9.json")
    for name in REPORTERS:
        result = command("scan", "data", *ONLY, "--output-format", name)
        assert result.status == 1, result.err
        result.out.encode()


def test_the_default_format_follows_the_terminal(here: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert scan_command._default_format("x.ndjson") == "jsonl"
    assert scan_command._default_format("x") == "concise"
    monkeypatch.setattr(scan_command, "is_terminal", lambda _: True)
    assert scan_command._default_format(None) == "full"


def test_what_was_measured_of_masks_before_an_interrupt_is_judged(
    here: Path, command: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    draw_ids(here / "masks")
    draw_photos(here / "images")
    (here / "masks" / "0001.png").write_bytes(b"")
    measure, calls = measure_mask_files, []

    def interrupted_at_the_third(paths: Sequence[str], kernels: Collection[str]) -> Any:
        calls.append(paths)
        if len(calls) == 3:
            raise KeyboardInterrupt
        return measure(paths, kernels)

    monkeypatch.setattr(masks, "measure_mask_files", interrupted_at_the_third)
    monkeypatch.setattr(masks, "GROUP", 2)
    result = command("scan", "masks", "images", "--jobs", "1")
    assert result.status == 130
    assert [line.split(": ")[1] for line in result.out.splitlines()] == ["MSK201 mask-file-empty"]
    assert result.err.splitlines()[-1] == (
        "datacheck: interrupted: 4 of 8 files were not read; what the others hold is above"
    )


def test_no_mask_is_opened_that_no_rule_asks_about(
    here: Path, command: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    draw_ids(here / "masks")
    draw_photos(here / "images")

    def opened(*_: object) -> None:
        raise AssertionError("a mask was opened")

    monkeypatch.setattr(masks, "measure_mask_files", opened)
    monkeypatch.setattr(masks, "measure_images", opened)
    result = command("scan", "masks", "images", "--select", "ANN203", "--output-format", "full")
    assert result.status == 0
    assert result.out.splitlines()[0].endswith("8 images · 8 mask files")
    assert result.out.splitlines()[-1].endswith("image and mask files not opened")
