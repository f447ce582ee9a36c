"""Rule files: what is read, and what each mistake is called."""

from __future__ import annotations

from pathlib import Path

import pytest

from datacheck.errors import RuleError
from datacheck.judge import document
from datacheck.judge.rule import load_rule
from tests.judge.helpers import RULE, make_rule, write_rule


def test_a_rule_file_is_read_with_its_parameters_and_tests(tmp_path: Path) -> None:
    rule = load_rule(write_rule(tmp_path))
    assert (rule.code, rule.name, rule.table, rule.severity) == ("ANN900", "thin-box", "annotations", "error")
    assert rule.params["least"].default == 1
    assert [test.outcome for test in rule.tests] == ["flags", "passes", "unknown"]
    assert rule.tests[0].record == {"box_w": 0.5}
    assert [placeholder.name for placeholder in rule.placeholders] == ["box_w", "$least"]


def test_true_without_quotes_is_a_predicate(tmp_path: Path) -> None:
    text = RULE.replace("when: box_w < $least", "only: box_w < $least\nwhen: TRUE\nexplained-by: {SRC900: true}")
    rule = load_rule(write_rule(tmp_path, text))
    assert rule.when == "TRUE"
    assert rule.explained_by == {"SRC900": "TRUE"}


@pytest.mark.parametrize(
    ("old", "new", "problem"),
    [
        ("severity: error", "severity: fatal", "severity: must be one of error, warning, info, not 'fatal'"),
        ("status: stable", "status: beta", "status: must be one of preview, stable, deprecated, not 'beta'"),
        ("why: It holds nothing.\n", "", "why: is missing"),
        ("why: It holds nothing.", "why: ''", "why: must say something"),
        ("why: It holds nothing.", "why: 3", "why: expected `str`, got `int`"),
        ("fix:", "fixx:", "rule: there is no field 'fixx'. Did you mean fix?"),
        ("code: ANN900", "code: IMG900", "code: IMG900 must start with ANN, the prefix of the table annotations"),
        ("code: ANN900", "code: ANN9", "code: 'ANN9' must be three capital letters and three digits, such as ANN203"),
        ("name: thin-box", "name: Thin Box", "name: 'Thin Box' must be lower-case words joined by hyphens"),
        ("name: thin-box", "name: slim-box", "the file must be called ANN900-slim-box.yaml"),
        ("table: annotations", "table: boxes", "table: there is no table 'boxes'; the tables are datasets, sources"),
        ("{box_w:.1f}", "{box_q:.1f}", "message: {box_q}: annotations has no column 'box_q'. Did you mean box_"),
        ("{box_w:.1f}", "{image.widht}", "{image.widht}: images has no column 'widht'. Did you mean image.width?"),
        ("{box_w:.1f}", "{image}", "message: {image}: image is a record; name one of its columns, such as image."),
        ("{box_w:.1f}", "{images.width}", "annotations has no joined record 'images'. Did you mean image.width?"),
        ("{box_w:.1f}", "{id_text:.1f}", "message: {id_text:.1f}: the format is for numbers, id_text is string"),
        ("{box_w:.1f}", "{box_w.real.__class__}", "message: "),
        ("{box_w:.1f}", "{box_w", "message: "),
        ("{$least}", "{$most}", "message: {$most}: there is no parameter 'most'; the rule has least"),
        ("doc: The least width.}", "doc: It.}\n  most: {type: number, default: 1}", "params.most: is declared, but"),
        ("$least\n", "$leats\n", "when: uses $leats, which `params` does not declare. Did you mean $least?"),
        ("$least\n", "$least)\n", "when: is no SQL expression: "),
        ("$least\n", "$least\nonly: box_w\n", "only: is a number, but must be TRUE or FALSE"),
        ("$least\n", "$least\nerror-when: nothing\n", "error-when: names nothing: annotations has no column 'nothing'"),
        ("$least\n", "$least\nexplained-by: {SRC1: TRUE}\n", "explained-by.SRC1: must be the code of a rule"),
        ("$least\n", "$least\nexplained-by: {ANN900: TRUE}\n", "explained-by.ANN900: a rule cannot explain itself"),
        ("$least\n", "$least\nexplained-by: {SRC210: box}\n", "explained-by.SRC210: names box: "),
        ("default: 1,", "default: -1,", "params.least.default: must be at least 0, not -1"),
        ("default: 1,", "default: .nan,", "params.least.default: must be finite"),
        ("default: 1,", "default: one,", "params.least.default: must be a number, not 'one'"),
        ("type: number", "type: float", "params.least.type: must be one of number, integer, boolean"),
        ("  - passes: {box_w: 2}\n", "", "tests: there must be one that passes"),
        ("  - flags: {box_w: 0.5}\n", "", "tests: there must be one that flags"),
        ("passes: {box_w: 2}", "passes: {box_w: wide}", "tests: test 2 (passes): box_w: 'wide' is not double"),
        ("passes: {box_w: 2}", "passes: {bow_w: 2}", "tests: test 2 (passes): bow_w: annotations has no column"),
        ("passes: {box_w: 2}", "passes: {image: {w: 2}}", "tests: test 2 (passes): image.w: images has no column"),
        ("passes: {box_w: 2}", "passes: {id: 9223372036854775808}", "id: 9223372036854775808 is not int64"),
        ("passes: {box_w: 2}", "passes: {}\n    flags: {}", "tests: test 2 must have exactly one of flags, passes"),
        ("passes: {box_w: 2}", "params: {least: 2}", "tests: test 2 must have exactly one of flags, passes"),
        ("passes: {box_w: 2}", "passes: {box_w: 2}\n    severity: error", "tests: test 2 has a severity, which only"),
        ("passes: {box_w: 2}", "passes: {}\n    params: {most: 2}", "(passes): params.most: there is no parameter"),
        ("fix: Remove it.", "fix: Remove it.\nfix: Keep it.", "line 12: the key 'fix' stands twice"),
        ("{box_w: 2}", "{box_w: 2, box_w: 3}", "the key 'box_w' stands twice"),
        ("code: ANN900", "code: [ANN900", "line 2: "),
        ("code: ANN900", "code: !!python/object/apply:os.system [ls]", "could not determine a constructor"),
    ],
)  # fmt: skip
def test_a_mistake_is_named_with_its_file_and_field(tmp_path: Path, old: str, new: str, problem: str) -> None:
    assert old in RULE
    path = write_rule(tmp_path, RULE.replace(old, new, 1))
    with pytest.raises(RuleError) as caught:
        load_rule(path)
    text = str(caught.value)
    assert text.startswith(f"{path}: ")
    assert problem in text
    assert "\n" not in text


@pytest.mark.parametrize(
    ("raw", "problem"),
    [
        (b"", "is not a mapping"),
        (b"- 1\n", "is not a mapping"),
        (b"1: 2\n", "the field 1 is not a text"),
        (b"\xff\xfe\x00", "is not YAML"),
        (b"a: 2024-99-99\n", "is not YAML"),
        (b"[" * 5000, ""),
        (b"a: *missing\n", "undefined alias"),
        (b"a" * (document.MAX_BYTES + 1), "larger than 256 KiB"),
    ],
    ids=["empty", "list", "number-key", "bytes", "date", "nesting", "alias", "size"],
)
def test_what_is_no_rule_is_refused_on_one_line(tmp_path: Path, raw: bytes, problem: str) -> None:
    path = tmp_path / "ANN900-thin-box.yaml"
    path.write_bytes(raw)
    with pytest.raises(RuleError) as caught:
        load_rule(path)
    assert str(caught.value).startswith(f"{path}: ")
    assert problem in str(caught.value)
    assert "\n" not in str(caught.value)


def test_a_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(RuleError, match="cannot be read: No such file"):
        load_rule(tmp_path / "ANN900-thin-box.yaml")


def test_merge_keys_may_be_overridden(tmp_path: Path) -> None:
    text = RULE.replace("  - flags: {box_w: 0.5}", "  - flags: &base {box_w: 0.5, box_h: 1}").replace(
        "passes: {box_w: 2}", "passes: {<<: *base, box_w: 2}"
    )
    rule = load_rule(write_rule(tmp_path, text))
    assert rule.tests[1].record == {"box_w": 2, "box_h": 1}


def test_an_explanation_needs_rows_that_belong_to_a_source(tmp_path: Path) -> None:
    text = """\
code: SRC900
name: no-source
table: datasets
severity: error
status: stable
when: source_count = 0
message: none
why: It is.
fix: Do.
explained-by: {SRC100: TRUE}
tests:
  - flags: {source_count: 0}
  - passes: {source_count: 1}
"""
    with pytest.raises(RuleError, match="explained-by: rows of datasets belong to no source"):
        load_rule(write_rule(tmp_path, text, "SRC900-no-source.yaml"))


def test_values_of_parameters_are_checked_by_type() -> None:
    rule = make_rule(
        when="box_w < $n AND id < $i AND $b AND id_text = $s AND list_contains($l, id_text)",
        params={
            "n": {"type": "number", "default": 1.5, "max": 9},
            "i": {"type": "integer", "default": 1},
            "b": {"type": "boolean", "default": True},
            "s": {"type": "string", "default": "a"},
            "l": {"type": "list", "default": ["a"]},
        },
    )
    good = {"n": 9, "i": -(2**63), "b": False, "s": "", "l": []}
    bad = {"n": 9.5, "i": 1.0, "b": 1, "s": 1, "l": [1]}
    for name, param in rule.params.items():
        assert param.problem(good[name]) is None
        assert param.problem(bad[name]) is not None
    assert rule.params["i"].problem(2**63) == "must fit in 64 bits"
    assert rule.params["n"].problem(True) is not None
