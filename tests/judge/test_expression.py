"""The guard of predicates: what passes, what comes out, and everything that does not pass."""

from __future__ import annotations

import subprocess
import sys
import time
from pathlib import Path

import hypothesis
import msgspec
import pytest
from hypothesis import strategies as st

from datacheck import tables
from datacheck.errors import RuleError
from datacheck.judge import expression
from datacheck.judge.expression import Expression, Request, compile_all, compile_expression
from datacheck.judge.grammar import FUNCTIONS, fits, takes
from datacheck.judge.query import open_tables
from datacheck.judge.rule import Param
from tests.judge.helpers import make_tables

PARAMS = {
    "slack": Param(type="number", default=1.0),
    "count": Param(type="integer", default=1),
    "on": Param(type="boolean", default=True),
    "word": Param(type="string", default="a"),
    "words": Param(type="list", default=["a"]),
}


CONNECTION = open_tables({}, threads=1)


def compiled(sql: str, table: str = "annotations", prefix: str = "") -> Expression:
    return compile_expression(sql, table, PARAMS, prefix)


def test_columns_joins_and_parameters_are_found_in_the_expression() -> None:
    found = compiled("box_x < -$slack OR image IS NULL OR box_x > image.width + $slack", prefix="ANN900_")
    assert found.columns == {"box_x", "image.width"}
    assert found.joins == {"image"}
    assert found.params == {"slack"}
    assert found.reads == ("box_x", "image.width")
    assert '"image.width"' in found.sql
    assert '"image.row" IS NULL' in found.sql
    assert "CAST($ANN900_slack AS DOUBLE)" in found.sql


def test_what_only_asks_for_null_is_not_read() -> None:
    found = compiled("box_x IS NOT NULL AND coalesce(area, 0) > greatest(box_w, polygon_area) AND box_h > 0")
    assert found.columns == {"box_x", "area", "box_w", "polygon_area", "box_h"}
    assert found.reads == ("box_h", "box_w", "area", "polygon_area")


def test_an_expression_that_says_null_itself_is_known() -> None:
    assert compiled("CASE WHEN box_w > 0 THEN box_h > 0 END").says_null
    assert compiled("nullif(box_w, 0) > 1").says_null
    assert not compiled("CASE WHEN box_w > 0 THEN box_h > 0 ELSE FALSE END").says_null


def test_a_column_may_have_the_name_of_a_record() -> None:
    assert compiled("source = 3 AND source.task = 'results'").columns == {"source", "source.task"}


def test_casts_do_not_raise_on_the_row() -> None:
    assert "TRY_CAST(id_text AS BIGINT)" in compiled("CAST(id_text AS BIGINT) > 5").sql


def test_the_conditions_of_an_and_may_be_taken_step_by_step() -> None:
    [found] = compile_all([Request("has_bbox AND box_w > 0 AND box_h > 0", "annotations", stepwise=True)])
    assert isinstance(found, Expression)
    assert found.sql.replace("  ", " ") == (
        "CASE WHEN (has_bbox) THEN (CASE WHEN ((box_w > 0)) THEN ((box_h > 0)) ELSE false END) ELSE false END"
    )


@pytest.mark.parametrize(
    "sql",
    [
        "TRUE",
        "has_bbox",
        "$on",
        "NOT has_bbox",
        "box_w IN (1, 2.5, -3, 1e3)",
        "box_w NOT BETWEEN 0 AND 10",
        "segmentation_kind IN ('rle', 'rle-list')",
        "id_text LIKE 'a%' OR id_text NOT ILIKE '%b' OR id_text LIKE '10!%' ESCAPE '!'",
        "id_text ~ '^[a-z]+$' AND regexp_matches(id_text, 'x', 'i')",
        "id_text = 'it''s' OR id_text = '--' OR id_text = '; DROP TABLE x' OR id_text = '/* */' OR id_text = 'é🙂'",
        "id_text = $word OR list_contains($words, id_text) OR id_text IN $words",
        "has_bbox IS TRUE OR has_bbox IS NOT TRUE OR has_bbox IS UNKNOWN",
        "area IS DISTINCT FROM polygon_area",
        "if(box_w > 0, box_h, -box_h) > 0",
        "CASE segmentation_kind WHEN 'rle' THEN TRUE WHEN 'flat' THEN FALSE END",
        "length(id_text) > 3 AND lower(id_text) = trim(upper(id_text))",
        "least(box_w, box_h, NULL) < 1 AND round(area, 1) = 0.5 AND id % 2 = 1 AND abs(id) > $count",
        "isfinite(box_x) AND NOT isnan(box_y)",
        "CAST(id AS VARCHAR) || id_text = 'a'",
        '"box_x" > 0',
        "box_x\n\t> 0",
        "source.expect_masks AND category.keypoint_count = 17 AND category IS NOT NULL",
    ],
)
def test_plain_predicates_pass_and_run(sql: str) -> None:
    assert runs(compiled(sql))


def runs(found: Expression) -> bool:
    """Whether the expression runs over a row of every column that it reads, all NULL."""
    values = {"slack": 1.0, "count": 1, "on": True, "word": "a", "words": ["a"]}
    columns = {}
    for name in found.columns:
        first, _, second = name.partition(".")
        table = tables.ANNOTATIONS if not second else tables.TABLES[tables.ANNOTATIONS.joins[first].table]
        columns[name] = table.by_name[second or first].type
    columns.update({f"{name}.row": "int64" for name in found.joins})
    sql_types = {"double": "DOUBLE", "int64": "BIGINT", "int32": "INTEGER", "bool": "BOOLEAN"}
    nulls = ", ".join(f'NULL::{sql_types.get(kind, "VARCHAR")} AS "{name}"' for name, kind in columns.items()) or "1"
    bound = {name: values[name] for name in found.params}
    rows = CONNECTION.execute(f"SELECT TRY({found.sql}) FROM (SELECT {nulls})", bound or None).fetchall()
    return len(rows) == 1 and rows[0][0] in (True, False, None)


@pytest.mark.parametrize(
    ("sql", "problem"),
    [
        # More than an expression.
        ("area > 0) ; DROP VIEW annotations; --", "has a semicolon"),
        ("area > 0);", "has a semicolon"),
        ("area > 0;", "has a semicolon"),
        ("area > 0 -- x", "has a comment"),
        ("area > 0 --\n AND box_w > 0", "has a comment"),
        ("area /* x */ > 0", "has a comment"),
        ("area /* x /* y */ */ > 0", "has a comment"),
        ("id_text = '🙂' -- é", "has a comment"),
        ("id_text = '🙂'; DROP VIEW annotations", "has a semicolon"),
        ("a > 0 LIMIT 5", "ORDER BY, LIMIT or DISTINCT"),
        ("area > 0 ORDER BY 1", "ORDER BY, LIMIT or DISTINCT"),
        ("DISTINCT area > 0", "ORDER BY, LIMIT or DISTINCT"),
        ("area > 0 FROM annotations", "has FROM"),
        ("area > 0 FROM read_csv('/etc/passwd')", "has FROM"),
        ("area > 0 WHERE TRUE", "has WHERE"),
        ("area > 0 GROUP BY ALL", "has GROUP BY"),
        ("area > 0 HAVING TRUE", "has HAVING"),
        ("area > 0 QUALIFY TRUE", "has QUALIFY"),
        ("area > 0 USING SAMPLE 5", "has USING SAMPLE"),
        ("area > 0 UNION ALL SELECT TRUE", "is a UNION or the like"),
        ("area > 0, TRUE", "is 2 expressions"),
        ("area > 0 AS x", "has 'x' after a value"),
        ("area > 0x1F", "has 'x1F' after a value"),
        ("has_bbox is_first_copy", "has 'is_first_copy' after a value"),
        ("*", "has a *"),
        ("annotations.*", "has a *"),
        ("COLUMNS('box_.*') > 0", "has a *"),
        ("", "is empty"),
        (" \n", "is empty"),
        # Parts that are not allowed.
        ("(SELECT 1) = 1", "has a subquery"),
        ("EXISTS (SELECT 1)", "has a subquery"),
        ("area IN (SELECT area FROM annotations)", "has a subquery"),
        ("area = ANY([1, 2])", "has a subquery"),
        ("count(*) > 1", "has the aggregate count_star"),
        ("sum(area) > 1", "has the aggregate sum"),
        ("row_number() OVER () > 1", "has a window function"),
        ("list_filter(['a'], lambda x: x = 'a') IS NULL", "calls list_filter, which is not allowed"),
        ("length(lambda x: x) > 1", "has a lambda"),
        ("image['width'] > 0", "image.width"),
        ("id_text[1] = 'a'", "[...]"),
        ("id_text[1:2] = 'a'", "[...]"),
        ("(image).width > 0", "image"),
        ("id_text COLLATE nocase = 'a'", "has COLLATE"),
        ("#1 > 0", "has positional reference"),
        ("? > 0", "uses $1, which `params` does not declare"),
        ("$1 > 0", "uses $1"),
        ("$slak > 0", "uses $slak, which `params` does not declare. Did you mean $slack?"),
        ("CAST(area AS DATE) IS NULL", "casts to DATE"),
        ("area::STRUCT(a INT) IS NULL", "casts to STRUCT"),
        ("area::DECIMAL(10, 2) > 1", "casts to DECIMAL"),
        ("area::made_up > 1", "casts to MADE_UP"),
        ("DATE '2024-01-01' > DATE '2023-01-01'", "casts to DATE"),
        ("x'00' = 'a'", "has a hex literal"),
        ("DEFAULT", ""),
        ("GROUPING(area) = 1", "grouping"),
        # Functions that are not listed.
        ("getenv('HOME') = 'x'", "calls getenv, which is not allowed"),
        ("read_text('/etc/passwd') = 'x'", "calls read_text"),
        ("current_setting('threads') = '1'", "calls current_setting"),
        ("version() = 'x'", "calls version"),
        ("random() > 0.5", "calls random"),
        ("now() > '2024-01-01'", "calls now"),
        ("repeat('x', 1000000000) = 'x'", "calls repeat"),
        ("unnest([1]) = 1", "calls unnest"),
        ("main.abs(area) > 1", "calls abs"),
        ("system.main.abs(area) > 1", "calls abs"),
        ("abs(x := area) > 1", "names an argument of abs"),
        ("abs(DISTINCT area) > 1", "has DISTINCT, FILTER or ORDER BY in abs"),
        ("abs(area ORDER BY box_w) > 1", "has DISTINCT, FILTER or ORDER BY in abs"),
        ("abs(area) FILTER (has_bbox) > 1", "has DISTINCT, FILTER or ORDER BY in abs"),
        ("lenght(id_text) > 1", "calls lenght, which is not allowed. Did you mean length?"),
        ("area & 1 = 1", "has the operator &"),
        ("~id = 1", "has the operator ~"),
        ("area! = 1", "calls factorial"),
        ("{'a': 1}.a = 1", ""),
        ("(area, box_w) = (1, 2)", "calls row"),
        ("[1, 2] = [1, 2]", "has list_value of a number, a number"),
        # Names.
        ("boxx > 0", "annotations has no column 'boxx'. Did you mean box_"),
        ("BOX_X > 0", "annotations has no column 'BOX_X'. Did you mean box_x?"),
        ("annotations.box_x > 0", "a column of the row itself stands alone: box_x"),
        ("memory.main.annotations.box_x > 0", "only a column or record.column may be named"),
        ("image.widht > 0", "images has no column 'widht'. Did you mean image.width?"),
        ("images.width > 0", "has no joined record 'images'. Did you mean image.width?"),
        ("image > 0", "image is a record"),
        ("image = image", "image is a record"),
        ('"image.width" > 0', "there is no 'image.width'"),
        ('"x""; DROP VIEW annotations; --" > 0', "names x\"; DROP VIEW annotations; --"),
        ("current_date IS NULL", "names current_date"),
        ("current_user = 'x'", "names current_user"),
        ("rowid > 0", "names rowid"),
        ("ａrea > 0", "names ａrea"),
        # Kinds.
        ("area", "is a number, but must be TRUE or FALSE"),
        ("'yes'", "is a text, but must be TRUE or FALSE"),
        ("NULL", "is NULL, but must be TRUE or FALSE"),
        ("area = '5'", "has = between a number and a text; a number is written without quotes"),
        ("id_text = 5", "has = between a text and a number"),
        ("has_bbox = 1", "has = between a boolean and a number"),
        ("area AND has_bbox", "has AND with a number"),
        ("NOT area", "has NOT with a number"),
        ("area BETWEEN 'a' AND 'b'", "has BETWEEN between a number and a text"),
        ("segmentation_kind IN ('rle', 1)", "has IN between a text and a number"),
        ("CASE WHEN area THEN TRUE END", "has WHEN with a number"),
        ("CASE WHEN has_bbox THEN TRUE ELSE 1 END", "has CASE between a boolean and a number"),
        ("coalesce(area, 'a') > 1", "has coalesce between a number and a text"),
        ("abs(id_text) > 1", "has abs of a text; it takes a number"),
        ("area + has_bbox > 1", "has + of a number, a boolean"),
        ("isfinite() ", "has isfinite of nothing"),
        # Text that is no SQL.
        ("area >", "is no SQL expression: syntax error"),
        ("'abc", "is no SQL expression: unterminated"),
        ("((area > 0)", "is no SQL expression"),
        ("area > 0 \x00", "has the character '\\x00'"),
        ("area\u00a0> 0", "has the character '\\xa0'"),
        ("area\u2028> 0", "has the character '\\u2028'"),
        ("area > 0 \ud800", "lone surrogate"),
        ("x" * 4001, "is 4,001 characters long; 4,000 are allowed"),
        ("area > " + "9" * 50, "too long"),
        ("(" * 1500 + "TRUE" + ")" * 1500, ""),
        ("NOT " * 900 + "TRUE", "deep"),
        ("area" + "+area" * 700 + " > 0", "deep"),
        ("-" * 60 + "area > 0", "has a comment"),
        ("abs(" * 60 + "area" + ")" * 60 + "> 0", "is nested more than 50 levels deep"),
        ("CASE WHEN TRUE THEN " * 60 + "TRUE" + " END" * 60, "is nested more than 50 levels deep"),
    ],
)  # fmt: skip
def test_everything_else_is_refused(sql: str, problem: str) -> None:
    with pytest.raises(RuleError) as caught:
        compiled(sql)
    assert problem in str(caught.value)
    assert "\n" not in str(caught.value)


def test_parentheses_alone_are_not_nesting() -> None:
    assert compiled("(" * 200 + "has_bbox" + ")" * 200).sql == "has_bbox"


def test_one_refused_expression_does_not_cost_the_others() -> None:
    good, bad, again = compile_all([
        Request("box_w > 0", "annotations"), Request("box_w >", "annotations"), Request("width > 0", "images"),
    ])  # fmt: skip
    assert isinstance(good, Expression)
    assert isinstance(bad, RuleError)
    assert isinstance(again, Expression)


def test_an_answer_that_fails_for_many_is_asked_for_one_by_one() -> None:
    answers = expression._batch("SELECT 1 // length(text) FROM (SELECT unnest($1::VARCHAR[]) AS text)", ["a", "", "b"])
    assert [isinstance(answer, Exception) for answer in answers] == [False, True, False]


def test_the_text_that_runs_is_not_the_authors() -> None:
    found = compiled("  box_w>0  and(box_h)>0 ")
    assert found.sql == "((box_w > 0) AND (box_h > 0))"
    tree = msgspec.json.decode(str(expression._batch(expression._SERIALIZE, [found.sql])[0]))
    assert len(tree["statements"]) == 1
    assert len(tree["statements"][0]["node"]["select_list"]) == 1


def test_a_pack_compiles_in_a_moment() -> None:
    requests = [
        Request(f"box_x + box_w > image.width + {n} AND abs(area - {n}) < 2", "annotations") for n in range(200)
    ]
    started = time.process_time()
    assert all(isinstance(each, Expression) for each in compile_all(requests))
    # A budget ten times what it takes, for machines that are busy.
    assert time.process_time() - started < 0.5


def test_signatures_are_patterns_of_kinds() -> None:
    assert fits("nn?", "n")
    assert fits("nn?", "nz")
    assert fits("[tn]b", "zz")
    assert not fits("nn?", "nt")
    assert not fits("nn?", "nnn")
    assert takes("nn?") == "a number and perhaps a number"
    assert takes("tt|lt") == "a text and a text; or a list and a text"
    for signature, result in FUNCTIONS.values():
        assert takes(signature)
        assert result in "ntbl="


WORDS = [
    "box_x", "image.width", "image", "id_text", "has_bbox", "segmentation_kind", "1", "-2.5", "'a'", "NULL", "TRUE",
    "$slack", "$words", "(", ")", ",", "+", "-", "*", "/", "=", "<>", "<", ">=", "AND", "OR", "NOT", "IS", "NULL",
    "IN", "BETWEEN", "LIKE", "CASE", "WHEN", "THEN", "ELSE", "END", "CAST(", "AS", "DOUBLE", "abs(", "coalesce(",
    "length(", "SELECT", "FROM", "annotations", "WHERE", ";", "--", "/*", "*/", "[", "]", "::", "INT", "\"", "''",
    "getenv(", "LIMIT", "UNION", "DISTINCT", "lambda", ":", "OVER", "$", "?", ".", "\n", "🙂", "{", "}", "=>", "->",
]  # fmt: skip


@hypothesis.given(st.lists(st.sampled_from(WORDS), min_size=1, max_size=25))
@hypothesis.settings(max_examples=300)
def test_any_soup_of_words_is_refused_or_runs(words: list[str]) -> None:
    try:
        found = compiled(" ".join(words))
    except RuleError:
        return
    assert runs(found)


def _numbers(depth: int) -> st.SearchStrategy[str]:
    leaf = st.sampled_from(["box_x", "image.width", "id", "bbox_length", "1", "-2.5", "0", "$slack", "$count", "NULL"])
    if not depth:
        return leaf
    inner = _numbers(depth - 1)
    return st.one_of(
        leaf,
        st.builds("({} {} {})".format, inner, st.sampled_from(["+", "-", "*", "/", "%", "//", "^"]), inner),
        st.builds("{}({})".format, st.sampled_from(["abs", "sqrt", "floor", "-", "ln", "round"]), inner),
        st.builds("{}({}, {})".format, st.sampled_from(["least", "coalesce", "nullif"]), inner, inner),
        st.builds("CASE WHEN {} THEN {} ELSE {} END".format, _truths(depth - 1), inner, inner),
        st.builds("TRY_CAST({} AS BIGINT)".format, inner),
    )


def _truths(depth: int) -> st.SearchStrategy[str]:
    leaf = st.sampled_from(["has_bbox", "TRUE", "$on", "image IS NULL", "id_text LIKE 'a%'", "is_first_copy"])
    if not depth:
        return leaf
    numbers, inner = _numbers(depth - 1), _truths(depth - 1)
    return st.one_of(
        leaf,
        st.builds("({} {} {})".format, numbers, st.sampled_from(["<", "=", ">=", "IS DISTINCT FROM"]), numbers),
        st.builds("({} {} {})".format, inner, st.sampled_from(["AND", "OR"]), inner),
        st.builds("({} IN ({}, {}))".format, numbers, numbers, numbers),
        st.builds("({} BETWEEN {} AND {})".format, numbers, numbers, numbers),
        st.builds("(NOT {})".format, inner),
        st.builds("({} IS NOT NULL)".format, numbers),
    )


@hypothesis.given(_truths(3))
@hypothesis.settings(max_examples=200)
def test_whatever_has_the_right_kinds_passes_and_runs(sql: str) -> None:
    hypothesis.assume(len(sql) < expression.MAX_LENGTH)
    assert runs(compiled(sql))


def test_no_table_is_harmed() -> None:
    connection = open_tables(make_tables(annotations=[{"box_w": 1}]))
    with pytest.raises(RuleError):
        compiled("area > 0) FROM annotations; DROP VIEW annotations; --")
    assert connection.execute("SELECT count(*) FROM annotations").fetchall() == [(1,)]


@pytest.mark.skipif(not Path("/proc/self/task").is_dir(), reason="counts threads as Linux shows them")
def test_compiling_leaves_no_thread_behind() -> None:
    code = """
import os
import duckdb, numpy
before = len(os.listdir("/proc/self/task"))
from datacheck.judge.expression import compile_expression
compile_expression("box_w > 0", "annotations")
print(len(os.listdir("/proc/self/task")) - before)
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60)
    assert done.stdout == "0\n", done.stderr
