"""Judging: the four outcomes, severities, folds, reasons, broken rules, and agreement with plain Python."""

from __future__ import annotations

import math
import random
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest

from datacheck import tables
from datacheck.errors import RuleError, UsageError
from datacheck.judge.engine import Judgement, NotChecked, compile_rules, judge, needed_columns
from datacheck.judge.found import schema
from datacheck.judge.rule import Rule
from tests.judge.helpers import make_rule, make_tables

SOURCE = {"source": 0}


def judged(rules: Sequence[Rule], causes: Sequence[Rule] = (), /, **rows: Sequence[Mapping[str, Any]]) -> Judgement:
    return judge(make_tables(**rows), compile_rules(rules), causes=compile_rules(causes), threads=2)


def found(judgement: Judgement) -> list[tuple[Any, ...]]:
    return [tuple(row.values()) for row in judgement.findings.to_pylist()]


def test_the_four_outcomes_of_a_row() -> None:
    rule = make_rule(only="has_bbox", when="box_w < 1")
    rows: list[dict[str, Any]] = [
        {**SOURCE, "has_bbox": True, "box_w": 0.5},
        {**SOURCE, "has_bbox": True, "box_w": 2},
        {**SOURCE, "has_bbox": True},
        {**SOURCE, "has_bbox": False, "box_w": 0.5},
        {**SOURCE, "box_w": 0.5},
    ]
    judgement = judged([rule], annotations=rows)
    assert found(judgement) == [("ANN900", "warning", "annotations", 0, 0, None)]
    assert judgement.applicable == {"ANN900": 3}
    assert judgement.not_checked == [
        NotChecked("ANN900", "rule-ann900", "annotations", 1, "there is no readable bbox of four numbers")
    ]
    assert judgement.broken == []


def test_without_only_every_row_is_judged() -> None:
    judgement = judged([make_rule(when="box_w < 1")], annotations=[{"box_w": 0}, {"box_w": 2}])
    assert judgement.applicable == {"ANN900": 2}


def test_nan_is_larger_than_every_number_as_in_sql() -> None:
    rules = [make_rule("ANN900", when="box_w > 1e300"), make_rule("ANN901", when="NOT isfinite(box_w)")]
    judgement = judged(rules, annotations=[{"box_w": math.nan}, {"box_w": -math.inf}, {"box_w": 1}])
    assert [(row[0], row[4]) for row in found(judgement)] == [("ANN900", 0), ("ANN901", 0), ("ANN901", 1)]


def test_findings_come_by_code_and_then_by_row_whatever_the_order_of_the_rules() -> None:
    rules = [make_rule("ANN902"), make_rule("ANN900"), make_rule("IMG901", table="images", when="width < 1", tests=[])]
    rows = [{"source": 0, "box_w": n % 2} for n in range(6)]
    judgement = judged(rules, annotations=rows, images=[{"source": 0, "width": 0}])
    assert [(row[0], row[4]) for row in found(judgement)] == [
        ("ANN900", 0), ("ANN900", 2), ("ANN900", 4), ("ANN902", 0), ("ANN902", 2), ("ANN902", 4), ("IMG901", 0),
    ]  # fmt: skip
    assert judgement.findings.schema == schema()
    judgement.findings.validate(full=True)


def test_nothing_found_is_an_empty_table_of_the_same_schema() -> None:
    for judgement in (judged([make_rule()]), judged([make_rule()], annotations=[{"box_w": 2}]), judged([])):
        assert judgement.findings.num_rows == 0
        assert judgement.findings.schema == schema()


def test_a_row_of_datasets_belongs_to_no_source() -> None:
    rule = make_rule("SRC900", table="datasets", when="source_count = 0", message="none", tests=[])
    assert found(judged([rule], datasets=[{"source_count": 0}])) == [("SRC900", "warning", "datasets", None, 0, None)]


def test_a_joined_record_is_null_only_where_there_is_none() -> None:
    rules = [make_rule("ANN900", when="image IS NULL"), make_rule("ANN901", when="image.width IS NULL")]
    judgement = judged(
        rules,
        images=[{"width": 5}, {}],
        annotations=[{"image_row": 0}, {"image_row": 1}, {"image_row": None}, {"image_row": 7}],
    )
    assert [(row[0], row[4]) for row in found(judgement)] == [
        ("ANN900", 2), ("ANN900", 3), ("ANN901", 1), ("ANN901", 2), ("ANN901", 3),
    ]  # fmt: skip


def test_each_row_meets_its_own_image_category_and_source() -> None:
    rule = make_rule(when="image.width = 10 AND category.name = 'b' AND source.task = 'results' AND source = 1")
    judgement = judged(
        [rule],
        sources=[{"source": 0, "task": "results"}, {"source": 1, "task": "results"}],
        images=[{"width": 1}, {"width": 10}],
        categories=[{"name": "a"}, {"name": "b"}],
        annotations=[
            {"source": source, "image_row": image, "category_row": category}
            for source in (0, 1) for image in (0, 1) for category in (0, 1)
        ],
    )  # fmt: skip
    assert found(judgement) == [("ANN900", "warning", "annotations", 1, 7, None)]


def test_a_segment_reaches_its_annotation() -> None:
    rule = make_rule(
        "SEG900", table="segments", when="annotation.segment_count = 2 AND number = 1", message="x", tests=[]
    )
    judgement = judged(
        [rule],
        annotations=[{"segment_count": 1}, {"segment_count": 2}],
        segments=[
            {"annotation_row": 0, "number": 1},
            {"annotation_row": 1, "number": 0},
            {"annotation_row": 1, "number": 1},
        ],
    )
    assert [row[4] for row in found(judgement)] == [2]


def test_labels_compare_as_text_also_where_chunks_have_different_dictionaries() -> None:
    column = pa.chunked_array([
        pa.array(["rle", "flat"]).dictionary_encode(), pa.array(["flat", None, "rle"]).dictionary_encode(),
    ]).cast(pa.dictionary(pa.int8(), pa.string()))  # fmt: skip
    made = make_tables(annotations=[{} for _ in range(5)])
    at = tables.ANNOTATIONS.schema().get_field_index("segmentation_kind")
    made["annotations"] = made["annotations"].set_column(at, made["annotations"].schema.field(at), column)
    rules = [
        make_rule("ANN900", when="segmentation_kind = 'rle'"),
        make_rule("ANN901", when="segmentation_kind LIKE 'f%'"),
    ]
    judgement = judge(made, compile_rules(rules))
    assert [(row[0], row[4]) for row in found(judgement)] == [
        ("ANN900", 0), ("ANN900", 4), ("ANN901", 1), ("ANN901", 2),
    ]  # fmt: skip


def test_a_severity_is_raised_on_the_rows_where_error_when_is_true() -> None:
    rule = make_rule(severity="info", error_when="source.expect_masks OR box_h > $least", params={
        "least": {"type": "number", "default": 5},
    })  # fmt: skip
    judgement = judged(
        [rule],
        sources=[{"expect_masks": False}, {"expect_masks": True}, {}],
        annotations=[
            {"source": 0, "box_w": 0, "box_h": 1}, {"source": 1, "box_w": 0}, {"source": 2, "box_w": 0},
            {"source": 0, "box_w": 0, "box_h": 9},
        ],
    )  # fmt: skip
    assert [row[1] for row in found(judgement)] == ["info", "error", "info", "error"]


CAUSE = make_rule("SRC900", table="sources", when="box_count > 0", message="boxes", tests=[], severity="error")
SYMPTOM = make_rule(explained_by={"SRC900": "box_is_normalised"})
FOLDING: dict[str, list[dict[str, Any]]] = {
    "sources": [{"source": 0, "box_count": 3}, {"source": 1, "box_count": 0}],
    "annotations": [
        {"source": 0, "box_w": 0, "box_is_normalised": True},
        {"source": 0, "box_w": 0, "box_is_normalised": False},
        {"source": 0, "box_w": 0},
        {"source": 1, "box_w": 0, "box_is_normalised": True},
        {"source": 0, "box_w": 5, "box_is_normalised": True},
    ],
}


def test_a_symptom_folds_only_where_its_own_row_fits_a_cause_that_fired_on_its_source() -> None:
    judgement = judged([CAUSE, SYMPTOM], **FOLDING)
    assert found(judgement) == [
        ("ANN900", "warning", "annotations", 0, 0, "SRC900"),
        ("ANN900", "warning", "annotations", 0, 1, None),
        ("ANN900", "warning", "annotations", 0, 2, None),
        ("ANN900", "warning", "annotations", 1, 3, None),
        ("SRC900", "error", "sources", 0, 0, None),
    ]
    judgement.findings.validate(full=True)


def test_symptoms_stay_folded_when_their_cause_is_not_selected() -> None:
    judgement = judged([SYMPTOM], [CAUSE], **FOLDING)
    assert [(row[0], row[5]) for row in found(judgement)] == [
        ("ANN900", "SRC900"), ("ANN900", None), ("ANN900", None), ("ANN900", None),
    ]  # fmt: skip
    assert judgement.applicable == {"ANN900": 5}


def test_what_fired_on_the_whole_dataset_explains_rows_of_any_source() -> None:
    cause = make_rule("SRC900", table="datasets", when="source_count > 1", message="many", tests=[], severity="error")
    judgement = judged([cause, SYMPTOM], **FOLDING, datasets=[{"source_count": 2}])
    assert [(row[0], row[3], row[5]) for row in found(judgement)] == [
        ("ANN900", 0, "SRC900"), ("ANN900", 0, None), ("ANN900", 0, None), ("ANN900", 1, "SRC900"),
        ("SRC900", None, None),
    ]  # fmt: skip
    judgement = judged([cause, SYMPTOM], **FOLDING, datasets=[{"source_count": 1}])
    assert {row[5] for row in found(judgement)} == {None}


def test_symptoms_stand_when_nobody_looks_for_their_cause() -> None:
    judgement = judged([SYMPTOM], **FOLDING)
    assert {row[5] for row in found(judgement)} == {None}


def test_the_first_cause_that_explains_a_row_is_named() -> None:
    other = make_rule("SRC901", table="sources", when="image_count > 0", message="images", tests=[])
    symptom = make_rule(explained_by={"SRC901": "box_h > 0", "SRC900": "TRUE"})
    judgement = judged(
        [CAUSE, other, symptom],
        sources=[{"source": 0, "box_count": 1, "image_count": 1}, {"source": 1, "box_count": 1, "image_count": 0}],
        annotations=[
            {"source": 0, "box_w": 0, "box_h": 1}, {"source": 0, "box_w": 0, "box_h": 0},
            {"source": 1, "box_w": 0, "box_h": 1},
        ],
    )  # fmt: skip
    assert [row[5] for row in found(judgement)[:3]] == ["SRC901", "SRC900", "SRC900"]


def test_a_fault_or_an_annotation_can_be_the_cause_too() -> None:
    fault = make_rule("SRC902", table="faults", when="kind = 'x'", message="x", tests=[])
    twin = make_rule("ANN901", when="box_h < 1")
    symptom = make_rule(explained_by={"SRC902": "TRUE", "ANN901": "TRUE"})
    judgement = judged(
        [fault, twin, symptom],
        faults=[{"source": 1, "kind": "x"}],
        annotations=[{"source": 0, "box_w": 0}, {"source": 1, "box_w": 0}, {"source": 2, "box_w": 0, "box_h": 0}],
    )
    assert [row[5] for row in found(judgement)[:3]] == [None, "SRC902", "ANN901"]


def test_reasons_come_from_the_columns_that_are_missing() -> None:
    rule = make_rule(
        when="box_x + box_w > image.width AND category.keypoint_count < 5 AND source.expect_class_count > 1"
    )
    row = {"source": 0, "image_row": 0, "category_row": 0, "box_x": 1, "box_w": 1}
    judgement = judged(
        [rule],
        sources=[{"expect_class_count": 9}, {}],
        images=[{"width": 1}, {}],
        categories=[{"keypoint_count": 1}, {}],
        annotations=[
            row, {**row, "image_row": None}, {**row, "box_x": None}, {**row, "image_row": 1}, {**row, "image_row": 1},
            {**row, "category_row": 1}, {**row, "category_row": None}, {**row, "source": 1},
        ],
    )  # fmt: skip
    assert [(each.reason, each.count) for each in judgement.not_checked] == [
        ("its image has no readable width", 2),
        ("its category has no `keypoints` list", 1),
        ("no such category", 1),
        ("no such image", 1),
        ("nothing is expected (its source)", 1),
        ("there is no readable bbox of four numbers", 1),
    ]


def test_a_row_that_cannot_be_computed_costs_that_row_only() -> None:
    rules = [
        make_rule("ANN900", when="id * id > 8"),
        make_rule("ANN901", only="id * id > 8", when="box_w < 1"),
        make_rule("ANN902", when="5 % frame = 1"),
        make_rule("ANN903", when="CAST(id_text AS BIGINT) > 1"),
        make_rule("ANN904", when="CASE WHEN box_w > 0 THEN box_w < 1 END"),
    ]
    row = {"box_w": 0.5, "id": 3, "frame": 2, "id_text": "7"}
    judgement = judged(rules, annotations=[row, {**row, "id": 2**62}, {**row, "frame": 0}, {**row, "id_text": "x"}])
    computed = "its numbers overflow or divide by zero"
    assert [(each.code, each.count, each.reason) for each in judgement.not_checked] == [
        ("ANN900", 1, computed), ("ANN901", 1, computed), ("ANN902", 1, computed), ("ANN903", 1, computed),
    ]  # fmt: skip
    assert judgement.applicable == dict.fromkeys(["ANN900", "ANN901", "ANN902", "ANN903", "ANN904"], 4)
    assert judgement.findings.num_rows == 3 * 4 + 4
    assert judgement.broken == []


def test_what_a_rule_leaves_undecided_is_not_called_an_overflow() -> None:
    rule = make_rule(when="CASE WHEN box_w > 0 THEN box_w < 1 END")
    [unknown] = judged([rule], annotations=[{"box_w": -1}]).not_checked
    assert unknown.reason == "its values are beyond what the rule can judge"


def test_a_rule_that_breaks_is_reported_and_the_others_are_judged() -> None:
    rules = [make_rule(f"ANN90{n}") for n in range(5)]
    # The options of a regular expression are read when the query is bound, so this one fails as a whole.
    rules[2] = make_rule("ANN902", when="regexp_matches(id_text, 'a', $options)", params={
        "options": {"type": "string", "default": "?"},
    })  # fmt: skip
    judgement = judged(rules, annotations=[{"box_w": 0, "id_text": "a"}, {"box_w": 2}])
    assert [(each.code, each.name) for each in judgement.broken] == [("ANN902", "rule-ann902")]
    assert "Unrecognized Regex option" in judgement.broken[0].message
    assert "\n" not in judgement.broken[0].message
    assert [row[0] for row in found(judgement)] == ["ANN900", "ANN901", "ANN903", "ANN904"]


def test_a_rule_whose_severity_breaks_is_broken_too() -> None:
    broken = make_rule("ANN901", error_when="regexp_matches(id_text, 'a', '?')")
    judgement = judged([make_rule("ANN900"), broken], annotations=[{"box_w": 0, "id_text": "a"}])
    assert [each.code for each in judgement.broken] == ["ANN901"]
    assert [row[0] for row in found(judgement)] == ["ANN900"]


def test_a_broken_cause_explains_nothing_and_is_reported_only_if_selected() -> None:
    cause = make_rule("SRC900", table="sources", when="regexp_matches(path, 'a', '?')", message="x", tests=[])
    silent = judged([SYMPTOM], [cause], **FOLDING)
    assert silent.broken == []
    assert {row[5] for row in found(silent)} == {None}
    assert [each.code for each in judged([SYMPTOM, cause], **FOLDING).broken] == ["SRC900"]


def test_tables_that_are_missing_or_empty_are_not_judged() -> None:
    compiled = compile_rules([make_rule()])
    assert judge({}, compiled).applicable == {"ANN900": 0}
    assert judge(make_tables(), compiled).applicable == {"ANN900": 0}


def test_a_table_without_a_column_breaks_only_the_rules_that_need_it() -> None:
    made = make_tables(annotations=[{"box_w": 0, "box_h": 0}])
    made["annotations"] = made["annotations"].drop_columns(["box_h"])
    judgement = judge(made, compile_rules([make_rule("ANN900"), make_rule("ANN901", when="box_h < 1")]))
    assert [each.code for each in judgement.broken] == ["ANN901"]
    assert judgement.findings.num_rows == 1


def test_rules_do_not_share_their_parameters() -> None:
    params = {"least": {"type": "number", "default": 1}}
    rules = [make_rule(code, when="box_w < $least", params=params) for code in ("ANN900", "ANN901", "ANN902")]
    compiled = compile_rules(rules, {"ANN901": {"least": 10}, "rule-ann902": {"least": 100}, "ANN999": {"x": 1}})
    assert [each.params["least"] for each in compiled] == [1, 10, 100]
    judgement = judge(make_tables(annotations=[{"box_w": 5}, {"box_w": 50}]), compiled)
    assert [(row[0], row[4]) for row in found(judgement)] == [("ANN901", 0), ("ANN902", 0), ("ANN902", 1)]


def test_parameters_of_every_type_are_bound() -> None:
    rule = make_rule(
        when="box_w < $n AND id < $i AND $b AND id_text = $s AND list_contains($l, id_text)",
        params={
            "n": {"type": "number", "default": 1}, "i": {"type": "integer", "default": 2**53 + 1},
            "b": {"type": "boolean", "default": True}, "s": {"type": "string", "default": "it's; --"},
            "l": {"type": "list", "default": ["x", "it's; --"]},
        },
    )  # fmt: skip
    row = {"box_w": 0.5, "id": 2**53, "id_text": "it's; --"}
    assert [row[4] for row in found(judged([rule], annotations=[row, {**row, "id": 2**53 + 1}]))] == [0]


def test_overrides_are_checked() -> None:
    rule = make_rule(when="box_w < $least", params={"least": {"type": "number", "default": 1, "min": 0}})
    with pytest.raises(UsageError, match=r"ANN900\.least must be at least 0, not -1"):
        compile_rules([rule], {"ANN900": {"least": -1}})
    with pytest.raises(UsageError, match=r"ANN900 \(rule-ann900\) has no parameter 'most'; it has least"):
        compile_rules([rule], {"ANN900": {"most": 1}})
    with pytest.raises(RuleError, match=r"ANN900: when: names nope"):
        compile_rules([make_rule(when="nope")])


def test_a_memory_limit_that_is_none_is_an_error_of_usage() -> None:
    with pytest.raises(UsageError, match="memory limit 'lots'"):
        judge(make_tables(), [], memory_limit="lots")
    assert judge(make_tables(), [], memory_limit="500MB", threads=1).broken == []


def test_the_columns_that_rules_need_are_known_before_reading() -> None:
    rule = make_rule(
        only="has_bbox", when="box_x > image.width", error_when="source.expect_masks", message="{area} {category.name}",
        explained_by={"SRC900": "box_is_normalised AND category IS NULL"},
    )  # fmt: skip
    assert needed_columns(compile_rules([rule])) == {
        ("annotations", "row"), ("annotations", "source"), ("annotations", "has_bbox"), ("annotations", "box_x"),
        ("annotations", "area"), ("annotations", "box_is_normalised"), ("annotations", "image_row"),
        ("annotations", "category_row"), ("images", "row"), ("images", "width"), ("sources", "row"),
        ("sources", "expect_masks"), ("categories", "row"), ("categories", "name"),
    }  # fmt: skip


def test_many_sources_are_told_apart() -> None:
    count = 3000
    judgement = judged(
        [CAUSE, make_rule(explained_by={"SRC900": "TRUE"})],
        sources=[{"source": n, "box_count": n % 3} for n in range(count)],
        annotations=[{"source": n, "box_w": 0} for n in range(count)],
    )
    assert [row[5] is not None for row in found(judgement)[:count]] == [n % 3 > 0 for n in range(count)]


def test_time_grows_with_the_sources_alone() -> None:
    count = 50_000
    row = pa.array(range(count), pa.int64())
    source = row.cast(pa.int32())
    causes = [
        make_rule(f"SRC90{n}", table="sources", when="box_count > 0", message="boxes", tests=[]) for n in range(6)
    ]
    symptoms = [make_rule(f"ANN90{n}", explained_by={each.code: "box_w < 0" for each in causes}) for n in range(4)]
    tables = {
        "sources": pa.table({"row": row, "source": source, "box_count": row}),
        "annotations": pa.table({"row": row, "source": source, "box_w": pa.repeat(pa.scalar(0.0), count)}),
    }
    compiled = compile_rules([*causes, *symptoms])
    started = time.process_time()
    judgement = judge(tables, compiled)
    assert time.process_time() - started < 5  # with every source named in the statement, it takes most of a minute
    assert judgement.findings.num_rows == 6 * (count - 1) + 4 * count


Truth = bool | None


def _and(left: Truth, right: Truth) -> Truth:
    return False if left is False or right is False else None if left is None or right is None else True


def test_judging_agrees_with_plain_python_on_random_rows() -> None:
    choose = random.Random(7)
    values = [None, None, -1.0, 0.0, 0.5, 1.0, 2.0, 3.0]
    images = [{"width": choose.choice(values)} for _ in range(20)]
    rows = [
        {
            "source": 0, "image_row": choose.choice([None, *range(20)]), "box_x": choose.choice(values),
            "box_w": choose.choice(values), "has_bbox": choose.choice([None, True, True, False]),
        }
        for _ in range(5000)
    ]  # fmt: skip
    rule = make_rule(only="has_bbox AND box_w > 0", when="box_x + box_w > image.width AND NOT box_x < 0")

    def outcome(row: dict[str, Any]) -> str:
        x, w, at = row["box_x"], row["box_w"], row["image_row"]
        if _and(row["has_bbox"], None if w is None else w > 0) is not True:
            return "skips"
        width = None if at is None else images[at]["width"]
        leaves = None if None in (x, w, width) else x + w > width
        state = _and(leaves, None if x is None else not x < 0)
        return {True: "flags", False: "passes", None: "unknown"}[state]

    expected = [outcome(row) for row in rows]
    judgement = judged([rule], images=images, annotations=rows)
    assert [row[4] for row in found(judgement)] == [n for n, each in enumerate(expected) if each == "flags"]
    assert sum(each.count for each in judgement.not_checked) == expected.count("unknown")
    assert judgement.applicable["ANN900"] == len(rows) - expected.count("skips")
    assert min(expected.count(each) for each in ("flags", "passes", "unknown", "skips")) > 100


def test_judging_does_not_import_pandas(tmp_path: Path) -> None:
    made = make_tables(sources=[{"source": 0, "box_count": 0, "image_count": n} for n in range(2)])
    for name, table in made.items():
        with pa.ipc.new_file(str(tmp_path / name), table.schema) as writer:
            writer.write_table(table)
    code = """
import sys
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
import pyarrow as pa
from datacheck.judge.engine import compile_rules, judge
from datacheck.judge.rule import Rule

tables = {path.name: pa.ipc.open_file(pa.memory_map(str(path))).read_all() for path in Path(sys.argv[1]).iterdir()}
same = {"table": "sources", "severity": "info", "status": "stable", "message": "x", "why": "x", "fix": "x", "tests": ()}
cause = Rule(code="SRC901", name="cause", when="box_count = 0", **same)
rule = Rule(code="SRC900", name="rule", when="box_count = 0", error_when="image_count = 1",
            explained_by={"SRC901": "image_count = 0"}, **same)
judgement = judge(tables, compile_rules([rule, cause]))
print(judgement.findings.num_rows, sorted({"pandas", "pyarrow.dataset", "pyarrow.compute"} & set(sys.modules)))
"""
    done = subprocess.run([sys.executable, "-c", code, str(tmp_path)], capture_output=True, text=True, timeout=60)
    assert done.stdout == "4 []\n", done.stderr
