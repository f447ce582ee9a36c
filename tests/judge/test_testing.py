"""The runner of inline tests and the linter of packs, which rule authors use too."""

from __future__ import annotations

from pathlib import Path

import pytest

from datacheck.errors import RuleError
from datacheck.judge.rule import load_rule
from datacheck.judge.testing import Outcome, failures_of, lint_pack, outcomes, test_pack
from tests.judge.helpers import RULE, make_rule, write_rule


def test_each_outcome_of_an_inline_test_comes_from_the_engine() -> None:
    rule = make_rule(
        only="has_bbox",
        when="box_w > image.width",
        error_when="source.expect_masks",
        tests=[
            {"flags": {"has_bbox": True, "box_w": 5, "image": {"width": 4}}},
            {"flags": {"has_bbox": True, "box_w": 5, "image": {"width": 4}, "source": {"expect_masks": True}}},
            {"passes": {"has_bbox": True, "box_w": 3, "image": {"width": 4}}},
            {"unknown": {"has_bbox": True, "box_w": 3, "image": None}},
            {"skips": {"has_bbox": False}},
            {"skips": {}},
        ],
    )
    assert outcomes(rule) == [
        Outcome("flags", "warning"), Outcome("flags", "error"), Outcome("passes"), Outcome("unknown"), Outcome("skips"),
        Outcome("skips"),
    ]  # fmt: skip


def test_parameters_of_a_test_are_its_own() -> None:
    rule = make_rule(
        when="box_w < $least",
        params={"least": {"type": "number", "default": 1}},
        tests=[
            {"flags": {"box_w": 5}, "params": {"least": 10}},
            {"passes": {"box_w": 5}},
            {"flags": {"box_w": 5}, "params": {"least": 6}},
        ],
    )
    assert failures_of(rule) == {}


def test_a_raised_severity_must_be_expected() -> None:
    raised = {"box_w": 0, "source": {"expect_masks": True}}
    rule = make_rule(
        error_when="source.expect_masks",
        tests=[{"flags": raised}, {"flags": raised, "severity": "error"}, {"flags": {"box_w": 0}, "severity": "error"}],
    )
    assert set(failures_of(rule)) == {0, 2}
    assert failures_of(rule)[0].startswith(
        "test 1: expected a finding of severity warning, got a finding of severity error, for {"
    )


def test_the_row_of_a_test_may_hold_every_type_of_column() -> None:
    rule = make_rule(
        when="id = 9007199254740993 AND area > 1e18 AND segmentation_kind = 'rle' AND id_text = 'x' AND ring_count = 4",
        tests=[
            {"flags": {"id": 2**53 + 1, "area": 2**62, "segmentation_kind": "rle", "id_text": "x", "ring_count": 4}},
            {"unknown": {"area": float("nan"), "segmentation_kind": None}},
        ],
    )
    assert failures_of(rule) == {}


def test_a_pack_is_tested_and_its_failures_are_lines(tmp_path: Path) -> None:
    write_rule(tmp_path)
    wrong = RULE.replace("ANN900", "ANN901").replace("thin-box", "slim-box").replace("passes: {box_w: 2}", "passes: {}")
    path = write_rule(tmp_path, wrong, "ANN901-slim-box.yaml")
    broken = write_rule(tmp_path, "code: ANN902\n", "ANN902-no-rule.yaml")
    report = test_pack(tmp_path)
    assert report.passed == 3 + 2
    assert report.failures == [
        f"{path}: test 2: expected a pass, got not checked, for {{}}",
        f"{broken}: name: is missing",
    ]


def test_a_good_pack_has_nothing_to_lint(tmp_path: Path) -> None:
    write_rule(tmp_path)
    assert lint_pack(tmp_path) == []


@pytest.mark.parametrize(
    ("old", "new", "line"),
    [
        ("thin-box", "Thin_box", "name: 'Thin_box' must be lower-case words joined by hyphens"),
        ("why: It holds nothing.\n", "", "why: is missing"),
        ("fix: Remove it.\n", "", "fix: is missing"),
        (", doc: The least width.", "", "params.least.doc: is missing"),
        ("fix: Remove it.", "fix: Remove it.\nconsequence: {detectron2: ' '}", "consequence.detectron2: must say"),
        ("fix: Remove it.", "fix: Remove it.\nexplained-by: {SRC999: TRUE}", "explained-by.SRC999: there is no such"),
        ("  - unknown: {}\n", "", "tests: there should be one that is unknown"),
        ("box_w < $least\n", "regexp_matches(id_text, 'a', '?') AND $least > 0\n", "cannot be evaluated: "),
        ("box_w < $least\n", "box_w < 'a'\n", "when: has < between a number and a text"),
    ],
)  # fmt: skip
def test_what_could_be_better_is_a_line(tmp_path: Path, old: str, new: str, line: str) -> None:
    name = "ANN900-thin-box.yaml"
    path = write_rule(tmp_path, RULE.replace(old, new), name)
    assert [each for each in lint_pack(tmp_path) if each.startswith(f"{path}: {line}")] != []


def test_lint_reports_every_file_and_not_only_the_first(tmp_path: Path) -> None:
    write_rule(tmp_path / "a", "1", "x.yaml")
    write_rule(tmp_path / "b", RULE, "ANN900-thin-box.yml")
    write_rule(tmp_path / "c", RULE)
    write_rule(tmp_path / "d", RULE)
    problems = [line.removeprefix(f"{tmp_path}/") for line in lint_pack(tmp_path)]
    assert problems == [
        "a/x.yaml: is not a mapping of fields such as `code: ANN203`",
        "b/ANN900-thin-box.yml: must end in .yaml",
        "b/ANN900-thin-box.yml: the file must be called ANN900-thin-box.yaml",
        f"d/ANN900-thin-box.yaml: code: ANN900 is already the code of {tmp_path}/c/ANN900-thin-box.yaml",
    ]


def test_a_rule_that_cannot_be_evaluated_says_so() -> None:
    with pytest.raises(RuleError, match="ANN900: cannot be evaluated: Invalid Input Error: Unrecognized Regex option"):
        outcomes(make_rule(when="regexp_matches(id_text, 'a', '?')"))


def test_the_rule_that_the_tests_start_from_is_right(tmp_path: Path) -> None:
    assert failures_of(load_rule(write_rule(tmp_path))) == {}
