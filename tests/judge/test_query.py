"""`datacheck query`: one SELECT over the tables, and nothing else."""

from __future__ import annotations

from pathlib import Path

import duckdb
import pytest

from datacheck.errors import QueryError
from datacheck.judge.query import FUNCTIONS, open_tables, run_query
from tests.judge.helpers import make_tables


@pytest.fixture(scope="module")
def connection() -> duckdb.DuckDBPyConnection:
    return open_tables(
        make_tables(
            images=[{"width": 10}, {"width": 20}],
            annotations=[
                {"image_row": 0, "area": 5, "id": 1},
                {"image_row": 1, "area": 7, "id": 2},
                {"area": 9, "id": 3},
            ],
        ),
        threads=1,
    )


@pytest.mark.parametrize(
    ("sql", "answer"),
    [
        ("SELECT count(*) AS n FROM annotations", [{"n": 3}]),
        ("FROM images SELECT sum(width) AS w", [{"w": 30}]),
        ("SELECT a.id FROM annotations a JOIN images i ON a.image_row = i.row WHERE i.width > 10", [{"id": 2}]),
        ("WITH big AS (SELECT * FROM Annotations WHERE area > 6) SELECT count(*) AS n FROM big", [{"n": 2}]),
        ("WITH RECURSIVE t(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM t WHERE n < 4) SELECT max(n) AS m FROM t",
         [{"m": 4}]),
        ("SELECT id FROM annotations WHERE area = (SELECT max(area) FROM annotations)", [{"id": 3}]),
        ("SELECT id FROM annotations ORDER BY area DESC LIMIT 1 OFFSET 1", [{"id": 2}]),
        ("SELECT * FROM range(2) t(x)", [{"x": 0}, {"x": 1}]),
        ("SELECT unnest([1, 2]) AS x", [{"x": 1}, {"x": 2}]),
        ("VALUES (1)", [{"col0": 1}]),
        ("SELECT list_transform([1], lambda x: x + 1) AS x", [{"x": [2]}]),
        ("SELECT id, rank() OVER (ORDER BY area) AS r FROM annotations QUALIFY r = 1", [{"id": 1, "r": 1}]),
        ("SELECT quantile_cont(area, 0.5) AS q, count(*) FILTER (area > 6) AS n FROM annotations", [{"q": 7, "n": 2}]),
        ("SELECT image_row IS NULL AS x FROM annotations GROUP BY ALL HAVING count(*) = 1", [{"x": True}]),
        ("SELECT 1 AS a UNION ALL SELECT 1", [{"a": 1}, {"a": 1}]),
        ("SELECT 'read_csv; -- ' AS a;", [{"a": "read_csv; -- "}]),
        ("SELECT id FROM annotations -- the first\nWHERE id = 1", [{"id": 1}]),
    ],
)  # fmt: skip
def test_a_select_is_answered(connection: duckdb.DuckDBPyConnection, sql: str, answer: list[dict[str, object]]) -> None:
    assert run_query(connection, sql).to_pylist() == answer


@pytest.mark.parametrize(
    ("sql", "answer"),
    [
        ("SELECT id FROM annotations WHERE image.width > 10", [{"id": 2}]),
        ("SELECT id FROM annotations WHERE image IS NULL", [{"id": 3}]),
        ("SELECT a.id, image.width AS w FROM annotations a WHERE a.area < 6", [{"id": 1, "w": 10}]),
        ("SELECT IMAGE.Width AS w, count(*) AS n FROM Annotations GROUP BY 1 ORDER BY w LIMIT 1", [{"w": 10, "n": 1}]),
        ("WITH wide AS (SELECT image.width AS w FROM annotations) SELECT max(w) AS w FROM wide", [{"w": 20}]),
        ("SELECT id FROM annotations WHERE (SELECT max(image.width) FROM annotations) > 10 AND area = 9", [{"id": 3}]),
        ("SELECT image.width AS w FROM annotations JOIN images image ON image_row = image.row ORDER BY 1 DESC LIMIT 1",
         [{"w": 20}]),
        ("SELECT source FROM images LIMIT 1", [{"source": None}]),
    ],
)  # fmt: skip
def test_a_query_reaches_joined_records_by_name_as_a_rule_does(
    connection: duckdb.DuckDBPyConnection, sql: str, answer: list[dict[str, object]]
) -> None:
    assert run_query(connection, sql).to_pylist() == answer


def test_a_field_that_a_joined_record_does_not_have_is_named(connection: duckdb.DuckDBPyConnection) -> None:
    with pytest.raises(QueryError, match=r"there is no column image.widht. Did you mean image.width\?"):
        run_query(connection, "SELECT image.widht FROM annotations")


@pytest.mark.parametrize(
    ("sql", "problem"),
    [
        ("", "there is no query"),
        ("SELECT 1; SELECT 2", "there are 2 statements; write one SELECT"),
        ("SELECT 1; DROP VIEW annotations", "only SELECT is allowed"),
        ("DROP VIEW annotations", "only SELECT is allowed"),
        ("INSERT INTO annotations (id) VALUES (1)", "only SELECT is allowed"),
        ("CREATE TABLE x AS SELECT 1", "only SELECT is allowed"),
        ("COPY annotations TO '/tmp/x.csv'", "only SELECT is allowed"),
        ("ATTACH '/tmp/x.db'", "only SELECT is allowed"),
        ("PRAGMA version", "only SELECT is allowed"),
        ("SET threads = 1", "only SELECT is allowed"),
        ("INSTALL httpfs", "only SELECT is allowed"),
        ("LOAD httpfs", "only SELECT is allowed"),
        ("EXPLAIN SELECT 1", "only SELECT is allowed"),
        ("CALL pragma_version()", "only SELECT is allowed"),
        ("EXPORT DATABASE 'x'", "only SELECT is allowed"),
        ("DESCRIBE annotations", "`datacheck columns TABLE` lists the columns"),
        ("SHOW TABLES", "`datacheck columns TABLE`"),
        ("SELECT * FROM (DESCRIBE annotations)", "`datacheck columns TABLE`"),
        ("WITH x AS (DELETE FROM annotations RETURNING *) SELECT * FROM x", "is not allowed; write one SELECT"),
        ("WITH x AS (INSERT INTO images (id) VALUES (1) RETURNING *) SELECT * FROM x", "is not allowed; write one"),
        ("SELECT * FROM (WITH x AS (UPDATE images SET id = 1 RETURNING *) SELECT * FROM x)", "is not allowed"),
        ("SELECT * FROM read_csv('/etc/passwd')", "the table function read_csv is not allowed"),
        ("SELECT * FROM read_text('/etc/passwd')", "the table function read_text is not allowed"),
        ("SELECT * FROM glob('/*')", "the table function glob is not allowed"),
        ("SELECT * FROM duckdb_settings()", "the table function duckdb_settings is not allowed"),
        ("SELECT * FROM query('SELECT 1')", "the table function query is not allowed"),
        ("SELECT * FROM query_table(['images'])", "the table function query_table is not allowed"),
        ("SELECT (SELECT count(*) FROM read_csv('/etc/passwd'))", "the table function read_csv is not allowed"),
        ("SELECT 1 WHERE EXISTS (FROM read_blob('/etc/passwd'))", "the table function read_blob is not allowed"),
        ("SELECT * FROM '/etc/passwd'", "there is no table '/etc/passwd'"),
        ("SELECT * FROM information_schema.tables", "there is no table 'tables'"),
        ("SELECT * FROM pg_catalog.pg_class", "there is no table 'pg_class'"),
        ("SELECT * FROM sqlite_master", "there is no table 'sqlite_master'"),
        ("SELECT * FROM main.annotations", "there is no table 'annotations'"),
        ("SELECT * FROM annotation", "there is no table 'annotation'. Did you mean annotations?"),
        ("SELECT boxx FROM annotations", "there is no column 'boxx'. Did you mean box_"),
        ("SELECT a.boxx FROM annotations a", "there is no column 'boxx'. Did you mean box_"),
        ("SELECT getenv('HOME')", "the function getenv is not allowed"),
        ("SELECT current_setting('threads')", "the function current_setting is not allowed"),
        ("SELECT getvariable('x')", "the function getvariable is not allowed"),
        ("SELECT version()", "the function version is not allowed"),
        ("SELECT nextval('x')", "the function nextval is not allowed"),
        ("SELECT write_log('x')", "the function write_log is not allowed"),
        ("SELECT json_serialize_plan('SELECT 1')", "the function json_serialize_plan is not allowed"),
        ("SELECT pg_sleep(10)", "the function pg_sleep is not allowed"),
        ("SELECT abs(1) + list_transform([1], lambda x: getenv('HOME'))[1]", "the function getenv is not allowed"),
        ("SELECT main.abs(1)", "the function abs is not allowed"),
        ("SELECT lenght('a')", "the function lenght is not allowed in a query. Did you mean length?"),
        ("SELECT $1", "a parameter is not allowed"),
        ("SELECT ?", "a parameter is not allowed"),
        ("SELECT 1 +", "syntax error"),
        ("SELECT CAST('a' AS INTEGER)", "Conversion Error: Could not convert string 'a'"),
        ("SELECT \x00", "hold no NUL"),
        ("SELECT '\ud800'", ""),
        ("SELECT " + "(" * 5000 + "1" + ")" * 5000, "depth"),
        ("SELECT 1" + " + 1" * 900, ""),
        ("SELECT '" + "x" * 100_000 + "'", "shorter than"),
    ],
)  # fmt: skip
def test_everything_else_is_refused_on_one_line(connection: duckdb.DuckDBPyConnection, sql: str, problem: str) -> None:
    with pytest.raises(QueryError) as caught:
        run_query(connection, sql)
    assert problem in str(caught.value)
    assert "\n" not in str(caught.value)
    assert run_query(connection, "SELECT count(*) AS n FROM annotations").to_pylist() == [{"n": 3}]


@pytest.mark.parametrize(
    "sql",
    [
        "SET threads = 4",
        "SET enable_external_access = true",
        "SET lock_configuration = false",
        "SELECT * FROM read_text('/etc/hostname')",
        "COPY (SELECT 1) TO '/tmp/datacheck-must-not-exist.csv'",
        "ATTACH '/tmp/datacheck-must-not-exist.db'",
        "INSTALL httpfs",
        "LOAD '/tmp/x.duckdb_extension'",
        "SELECT * FROM a_python_variable",
    ],
)
def test_the_connection_itself_is_locked(sql: str) -> None:
    a_python_variable = make_tables()["images"]
    assert a_python_variable.num_rows == 0
    locked = open_tables({})
    with pytest.raises(duckdb.Error):
        locked.execute(sql).fetchall()


def test_no_folder_is_made_where_the_user_stands(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    connection = open_tables({}, memory_limit="20MB", threads=1)
    with pytest.raises(QueryError, match="Out of Memory"):
        run_query(connection, "SELECT list(x) FROM range(20000000) t(x)")
    assert list(tmp_path.iterdir()) == []


def test_every_listed_function_exists() -> None:
    names = duckdb.connect().execute("SELECT DISTINCT function_name FROM duckdb_functions()").fetchall()
    # What the parser itself turns into a function or an operator.
    built_in = {"unnest", "row", "coalesce", "ifnull", "listagg", "->", "!"}
    assert FUNCTIONS - {name.lower() for (name,) in names} - built_in == set()
