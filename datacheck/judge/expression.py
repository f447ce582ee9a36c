"""The guard of a rule's SQL: parsed by DuckDB, checked against lists, rebuilt, and only then executed.

    author's text ─ screen ─ json_serialize_sql ─ one bare select item? ─ rebuild ─ json_deserialize_sql ─► text to run

Rebuilding makes a new tree that holds nothing but listed node classes, functions, types, known columns and declared
parameters, so what the author wrote is never executed; a field of the tree that is not listed here is dropped. The
same walk gives each part a kind (number, text, boolean, list), so that a comparison of a text with a number is an error
when the rule is loaded and not NULL on every row.

Joined columns become plain ones: `image.width` is the column "image.width" of the query that the engine builds, and
`image IS NULL` asks for "image.row". A parameter `$slack` becomes `$<prefix>slack`, cast to its declared type.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any

import msgspec

from datacheck import tables
from datacheck.errors import RuleError
from datacheck.judge.rebuild import Rebuilder, RefusedError

if TYPE_CHECKING:
    import duckdb

    from datacheck.judge.rule import Param

MAX_LENGTH = 4000
"""Characters of one predicate; the longest that makes sense is a tenth of it."""

_OUTSIDE = {
    "modifiers": "ORDER BY, LIMIT or DISTINCT", "cte_map": "WITH", "from_table": "FROM", "where_clause": "WHERE",
    "group_expressions": "GROUP BY", "group_sets": "GROUP BY", "aggregate_handling": "GROUP BY", "having": "HAVING",
    "sample": "USING SAMPLE", "qualify": "QUALIFY",
}  # fmt: skip
_SERIALIZE = "SELECT json_serialize_sql('SELECT ' || text) FROM (SELECT unnest($1::VARCHAR[]) AS text)"
_DESERIALIZE = "SELECT json_deserialize_sql(tree::JSON) FROM (SELECT unnest($1::VARCHAR[]) AS tree)"


@dataclass(frozen=True)
class Expression:
    """A predicate that passed the guard."""

    sql: str
    """What is executed, over the columns of `statements.view`; it is not the author's text."""
    columns: frozenset[str]
    """Columns it reads, such as `box_x` and `image.width`."""
    joins: frozenset[str]
    """Joined records that it asks about as a whole: `image IS NULL`."""
    params: frozenset[str]
    """Parameters it uses, by the rule's own names."""
    reads: tuple[str, ...]
    """Columns whose NULL may make it NULL, the likeliest first: what `IS NULL` asks for is not among them."""
    says_null: bool
    """It says NULL itself, as a CASE without ELSE does: rows that its author left undecided."""


@dataclass(frozen=True)
class Request:
    """One predicate to compile, over rows of `table`."""

    sql: str
    table: str
    params: tuple[tuple[str, str], ...] = ()
    """Names and types of the declared parameters."""
    prefix: str = ""
    """What a parameter's name gets in front, so that the rules of one query do not share parameters."""
    stepwise: bool = False
    """NULL may become FALSE, which lets each condition of an AND be computed only where those before it hold."""


_known: dict[Request, Expression] = {}


def compile_expression(
    sql: str, table: tables.Table | str, params: Mapping[str, Param] | None = None, prefix: str = ""
) -> Expression:
    """Check one predicate and rebuild it. Raises RuleError, which says what is wrong but not in which rule."""
    name = table if isinstance(table, str) else table.name
    declared = tuple((key, param.type) for key, param in (params or {}).items())
    [result] = compile_all([Request(sql, name, declared, prefix)])
    if isinstance(result, RuleError):
        raise result
    return result


def compile_all(requests: Sequence[Request]) -> list[Expression | RuleError]:
    """Compile many predicates with two queries in all; what is refused comes back as the error, in its place."""
    found: dict[Request, Expression | RuleError] = {
        request: _known[request] for request in requests if request in _known
    }
    new = [request for request in dict.fromkeys(requests) if request not in found]
    screened: list[Request] = []
    for request in new:
        try:
            _screen(request.sql)
        except RefusedError as refused:
            found[request] = RuleError(str(refused))
        else:
            screened.append(request)
    accepted: list[tuple[Request, Rebuilder, str]] = []
    for request, text in zip(screened, _batch(_SERIALIZE, [request.sql for request in screened]), strict=True):
        rebuilder = Rebuilder(tables.TABLES[request.table], dict(request.params), request.prefix)
        try:
            accepted.append((request, rebuilder, _rebuilt(text, rebuilder, request.stepwise)))
        except RefusedError as refused:
            found[request] = RuleError(str(refused))
    texts = _batch(_DESERIALIZE, [tree for _, _, tree in accepted])
    for (request, rebuilder, _), text in zip(accepted, texts, strict=True):
        if isinstance(text, Exception) or not text.startswith("SELECT "):
            found[request] = RuleError(f"cannot be written back as SQL: {_first_line(text)}")
            continue
        found[request] = _known[request] = Expression(
            text.removeprefix("SELECT "), frozenset(rebuilder.columns), frozenset(rebuilder.joins),
            frozenset(rebuilder.params), rebuilder.reads(), rebuilder.says_null,
        )  # fmt: skip
    return [found[request] for request in requests]


def _screen(sql: str) -> None:
    """Refuse what never reaches the parser, or what the parser would drop without a word."""
    import duckdb

    if not sql.strip():
        raise RefusedError("is empty")
    if len(sql) > MAX_LENGTH:
        raise RefusedError(f"is {len(sql):,} characters long; {MAX_LENGTH:,} are allowed")
    if control := re.search(r"[^\S\n\t ]|[\x00-\x08\x0b-\x1f\x7f]", sql):
        raise RefusedError(f"has the character {control[0]!r}; only spaces, tabs and new lines may separate words")
    try:
        raw = sql.encode()
    except UnicodeEncodeError:
        raise RefusedError("has half a character (a lone surrogate)") from None
    for start, kind in duckdb.tokenize(sql):  # places are counted in bytes
        if kind == duckdb.token_type.comment:
            raise RefusedError("has a comment; say it in `why`, or in a comment of the YAML")
        if raw[start : start + 1] == b";":
            raise RefusedError("has a semicolon; one expression is all that may stand here")


def _rebuilt(text: str | Exception, rebuilder: Rebuilder, stepwise: bool) -> str:
    """The JSON of a statement that selects the rebuilt expression. Raises RefusedError."""
    if isinstance(text, Exception):
        raise RefusedError(f"cannot be parsed: {_first_line(text)}")
    try:
        tree = msgspec.json.decode(text)
    except (msgspec.DecodeError, RecursionError):
        raise RefusedError("is nested too deeply") from None
    if tree["error"]:
        raise RefusedError(f"is no SQL expression: {_first_line(tree['error_message'])}")
    if len(tree["statements"]) != 1:
        raise RefusedError("is more than one statement; one expression is all that may stand here")
    node = tree["statements"][0]["node"]
    bare = _bare_select()
    if node["type"] != bare["type"]:
        raise RefusedError("is a UNION or the like; one expression is all that may stand here")
    for field, words in _OUTSIDE.items():
        if node.get(field) != bare.get(field):
            raise RefusedError(f"has {words}; one expression is all that may stand here")
    if {key: value for key, value in node.items() if key != "select_list"} != bare:
        raise RefusedError("is more than an expression")
    if len(node["select_list"]) != 1:
        raise RefusedError(f"is {len(node['select_list'])} expressions with commas between; there must be one")
    item = rebuilder.predicate(node["select_list"][0], stepwise)
    return msgspec.json.encode({"error": False, "statements": [{"node": {**bare, "select_list": [item]}}]}).decode()


@cache
def _bare_select() -> dict[str, Any]:
    """What this version of DuckDB makes of `SELECT 1`, less the select list: a statement with nothing else in it."""
    [text] = _batch(_SERIALIZE, ["1"])
    node: dict[str, Any] = msgspec.json.decode(str(text))["statements"][0]["node"]
    del node["select_list"]
    return node


@cache
def _parser() -> duckdb.DuckDBPyConnection:
    import duckdb

    # No threads in the background, so that a process which compiled rules may still fork.
    none = {"threads": 1, "async_threads": 0}
    return duckdb.connect(config={**none, "enable_external_access": "false", "python_enable_replacements": "false"})


def _batch(query: str, texts: list[str]) -> list[str | Exception]:
    """The query's answer for each text; one text that makes it fail costs only itself."""
    import duckdb

    if not texts:
        return []
    try:
        return [row[0] for row in _parser().cursor().execute(query, [texts]).fetchall()]
    except duckdb.Error as error:
        if len(texts) == 1:
            return [error]
        return [answer for text in texts for answer in _batch(query, [text])]


def _first_line(error: object) -> str:
    return (str(error).splitlines() or [type(error).__name__])[0]
