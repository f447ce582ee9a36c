"""The connection that judging and `datacheck query` share, and the guard of the queries that people write."""

from __future__ import annotations

import re
from collections.abc import Mapping
from difflib import get_close_matches
from typing import TYPE_CHECKING, Any

import msgspec

from datacheck import tables as known
from datacheck.errors import QueryError, UsageError
from datacheck.judge.records import dicts, join_records

if TYPE_CHECKING:
    import duckdb
    import pyarrow as pa

MAX_LENGTH = 100_000


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


NODES = _words("SELECT_NODE SET_OPERATION_NODE CTE_NODE RECURSIVE_CTE_NODE")
"""Statements, at any depth. A CTE may also be an INSERT or a DELETE, which are not among them."""
SOURCES = _words("BASE_TABLE SUBQUERY JOIN EMPTY EXPRESSION_LIST TABLE_FUNCTION PIVOT")
"""What may stand in FROM."""
OTHERS = _words(
    "LIMIT_MODIFIER LIMIT_PERCENT_MODIFIER DISTINCT_MODIFIER ORDER_MODIFIER ORDER_DEFAULT ASCENDING DESCENDING"
)
CLASSES = _words("""
    CONSTANT COLUMN_REF COMPARISON CONJUNCTION OPERATOR BETWEEN CASE CAST FUNCTION WINDOW SUBQUERY STAR LAMBDA COLLATE
    POSITIONAL_REFERENCE TYPE
""")
"""Parts of expressions; a PARAMETER is not among them, for there is nothing to bind."""
TABLE_FUNCTIONS = _words("range generate_series unnest")

FUNCTIONS = _words("""
    count count_star count_if sum avg mean min max min_by max_by arg_min arg_max any_value first last list array_agg
    string_agg group_concat listagg median mode mad quantile quantile_cont quantile_disc approx_quantile
    approx_count_distinct approx_top_k histogram histogram_exact stddev stddev_pop stddev_samp variance var_pop var_samp
    skewness kurtosis kurtosis_pop sem entropy corr covar_pop covar_samp regr_slope regr_intercept regr_r2 regr_count
    regr_avgx regr_avgy regr_sxx regr_sxy regr_syy bool_and bool_or bit_and bit_or bit_xor product fsum sumkahan favg
    geomean geometric_mean weighted_avg wavg
    row_number rank dense_rank percent_rank cume_dist ntile lag lead first_value last_value nth_value fill
    abs sign floor ceil ceiling trunc round round_even even sqrt cbrt ln log log10 log2 exp pow power mod fmod fdiv gcd
    lcm factorial sin cos tan cot asin acos atan atan2 sinh cosh tanh degrees radians pi isfinite isnan isinf signbit
    nextafter least greatest nullif if ifnull coalesce add subtract multiply divide xor bit_count hash random
    length len strlen char_length character_length lower upper lcase ucase trim ltrim rtrim lpad rpad left right reverse
    replace translate repeat substring substr substring_grapheme split split_part string_split str_split
    string_split_regex string_to_array starts_with ends_with prefix suffix contains position strpos instr ascii ord chr
    unicode concat concat_ws format printf like_escape not_like_escape ilike_escape not_ilike_escape regexp_matches
    regexp_full_match regexp_extract regexp_extract_all regexp_replace regexp_escape regexp_split_to_array levenshtein
    editdist3 damerau_levenshtein hamming jaccard jaro_similarity jaro_winkler_similarity strip_accents nfc_normalize
    md5 sha1 sha256 hex to_hex unhex base64 to_base64 from_base64 bin to_binary url_encode url_decode parse_filename
    parse_dirname parse_dirpath parse_path format_bytes formatreadablesize encode decode bit_length octet_length
    list_value list_pack array_value list_aggregate list_aggr array_aggregate aggregate list_any_value list_append
    list_prepend list_apply list_transform array_transform list_avg list_concat list_cat array_concat list_contains
    list_has array_contains array_has list_has_any list_has_all array_has_any array_has_all list_count list_distinct
    array_distinct list_element list_extract array_extract element_at list_filter array_filter filter list_first
    list_last list_grade_up list_indexof list_intersect list_max list_median list_min list_mode list_position
    array_position array_length list_product list_reduce reduce list_resize list_reverse array_reverse list_reverse_sort
    list_select list_slice array_slice list_sort array_sort list_stddev_pop list_stddev_samp list_string_agg
    array_to_string list_sum list_unique list_var_pop list_var_samp list_where list_zip array_zip flatten apply unnest
    range generate_series
    cardinality map map_entries map_extract map_extract_value map_from_entries map_keys map_values map_contains
    row struct_pack struct_extract struct_extract_at struct_insert struct_concat struct_keys struct_values struct_update
    typeof constant_or_null equi_width_bins is_histogram_other_bin bar
    date_part datepart date_trunc datetrunc date_diff datediff date_add date_sub strftime strptime try_strptime
    make_date make_timestamp to_timestamp epoch epoch_ms year month day hour minute second quarter week dayofweek
    dayofyear age last_day now today to_years to_quarters to_months to_weeks to_days to_hours to_minutes to_seconds
    json json_object json_array json_group_array json_group_object json_extract json_extract_string json_value json_keys
    json_array_length json_type json_valid json_exists json_contains to_json array_to_json row_to_json
    + - * / // % ^ ** || & | ~ << >> ~~ !~~ ~~* !~~* ~~~ ^@ -> ->> && @> <@ @ !
""")
"""Functions and operators that compute from their arguments alone: no settings, environment, files or catalog."""


def open_tables(
    tables: Mapping[str, pa.Table], *, threads: int | None = None, memory_limit: str | None = None
) -> duckdb.DuckDBPyConnection:
    """An in-memory database in which each table stands under its name, read where it lies and never copied.

    It reaches no file, no network and no Python variable, and its settings are locked. `memory_limit` is as DuckDB
    writes it ("2GB"). Raises UsageError for a limit that it does not understand.
    """
    import duckdb

    config: dict[str, str | bool | int | float | list[str]] = {
        "enable_external_access": "false",
        "autoinstall_known_extensions": "false",
        "autoload_known_extensions": "false",
        "allow_community_extensions": "false",
        "python_enable_replacements": "false",
        "async_threads": 0,  # for input and output, of which there is none
        # NULL instead: an error on every row, caught row by row, would take a hundred times as long.
        "error_on_division_by_zero": "false",
        "temp_directory": "",  # else a query that spills would make a folder where the user stands
    }
    if threads is not None:
        config["threads"] = max(1, threads)
    if memory_limit is not None:
        config["memory_limit"] = memory_limit
    try:
        connection = duckdb.connect(config=config)
    except duckdb.Error as error:
        if memory_limit is None:
            raise
        raise UsageError(f"memory limit {memory_limit!r}: {_one_line(error)}; write it as 2GB or 500MB") from None
    for name, table in tables.items():
        connection.register(name, table)
    connection.execute("SET lock_configuration = true").fetchall()
    return connection


def run_query(connection: duckdb.DuckDBPyConnection, sql: str, limit: int | None = None) -> pa.Table:
    """The answer to one SELECT over the registered tables, or its first `limit` rows.

    Raises QueryError on anything else, and when it fails.
    """
    import duckdb

    statement = check_query(connection, sql)
    try:
        relation = connection.sql(statement)
        result: pa.Table = (relation if limit is None else relation.limit(limit)).to_arrow_table()
    except duckdb.Error as error:
        raise QueryError(_explained(error)) from None
    return result


def check_query(connection: duckdb.DuckDBPyConnection, sql: str) -> str:
    """The text to run: a single SELECT in which every part is listed above. Raises QueryError.

    It is the author's own, or, where the query names joined records such as `image.width`, one that brings them in.
    """
    import duckdb

    if not sql.strip():
        raise QueryError('there is no query; write one such as "SELECT count(*) FROM annotations"')
    if len(sql) > MAX_LENGTH or "\0" in sql:
        raise QueryError(f"the query must be shorter than {MAX_LENGTH:,} characters and hold no NUL")
    try:
        # fetchall, not fetchone: a result with rows left blocks the connection.
        rows = connection.execute("SELECT json_serialize_sql($1)", [sql]).fetchall()
        tree: dict[str, Any] = msgspec.json.decode(rows[0][0])
    except (duckdb.Error, UnicodeEncodeError) as error:
        raise QueryError(_explained(error)) from None
    except (msgspec.DecodeError, RecursionError):
        raise QueryError("the query is nested too deeply") from None
    if tree["error"]:
        if tree.get("error_type") == "not implemented":
            raise QueryError("only SELECT is allowed: a query reads the tables and changes nothing")
        raise QueryError(f"{_one_line(tree.get('error_message', 'it cannot be parsed'))}{_position(sql, tree)}")
    if len(tree["statements"]) != 1:
        raise QueryError(f"there are {len(tree['statements'])} statements; write one SELECT")
    try:
        _check(tree["statements"][0])
        return join_records(connection, tree, sql)
    except RecursionError:
        raise QueryError("the query is nested too deeply") from None


def _check(tree: dict[str, Any]) -> None:
    nodes = list(dicts(tree))
    names = set(known.TABLES)
    for node in nodes:
        # A CTE is visible where it is defined; its name anywhere else is an error of DuckDB's own.
        names.update(str(entry["key"]) for entry in node.get("cte_map", {}).get("map", ()))
        if node.get("type") == "RECURSIVE_CTE_NODE":
            names.add(str(node.get("cte_name", "")))
    lowered = {name.lower() for name in names}
    for node in nodes:
        kind = node.get("type")
        if "class" in node:
            if node["class"] not in CLASSES:
                part = "a parameter" if node["class"] == "PARAMETER" else str(node["class"]).lower().replace("_", " ")
                raise QueryError(f"{part} is not allowed in a query")
        elif isinstance(kind, str) and kind not in NODES | SOURCES | OTHERS:
            raise QueryError(_not_select(kind))
        if "function_name" in node:
            _check_function(node)
        if kind == "TABLE_FUNCTION":
            name = str(node["function"]["function_name"])
            if name.lower() not in TABLE_FUNCTIONS:
                raise QueryError(f"the table function {name} is not allowed; the tables are {', '.join(known.TABLES)}")
        if kind == "BASE_TABLE":
            name = str(node["table_name"])
            qualified = node.get("schema_name") or node.get("catalog_name") or node.get("at_clause")
            if qualified or name.lower() not in lowered:
                near = get_close_matches(name.lower(), sorted(names), 1, 0.6)
                advice = f"Did you mean {near[0]}?" if near else f"The tables are {', '.join(known.TABLES)}."
                raise QueryError(f"there is no table {name!r}. {advice}")


def _check_function(node: Mapping[str, Any]) -> None:
    name = str(node["function_name"])
    if node.get("schema") or node.get("catalog") or name.lower() not in FUNCTIONS:
        near = get_close_matches(name.lower(), FUNCTIONS, 1, 0.75)
        advice = f". Did you mean {near[0]}?" if near and near[0] != name.lower() else ""
        raise QueryError(f"the function {name} is not allowed in a query{advice}")


def _position(sql: str, tree: Mapping[str, Any]) -> str:
    position = str(tree.get("position", ""))
    if not position.isdigit() or not 0 < int(position) < len(sql):
        return ""
    rest = sql[int(position) :].split("\n")[0][:40]
    return f", at: {rest}" if rest.strip() else ""


def _not_select(kind: str) -> str:
    if kind == "SHOW_REF":
        return "DESCRIBE, SHOW and SUMMARIZE are not allowed; `datacheck columns TABLE` lists the columns"
    return f"{kind.removesuffix('_NODE').lower().replace('_', ' ')} is not allowed; write one SELECT"


def _explained(error: BaseException) -> str:
    """DuckDB's own words on one line, and the nearest column where it knows of none."""
    text = _one_line(error)
    missing = re.search(r'(?:Referenced column|column named) "([^"]+)"', text)
    if missing is None:
        return text
    columns = sorted({column.name for table in known.TABLES.values() for column in table.columns})
    near = get_close_matches(missing[1].lower(), columns, 3, 0.6)
    advice = f"Did you mean {' or '.join(near)}?" if near else "`datacheck columns` lists them."
    return f"there is no column {missing[1]!r}. {advice}"


def _one_line(error: object) -> str:
    return (str(error).splitlines() or [""])[0].removeprefix("Invalid Input Error: ")
