"""Joined records in queries: `SELECT image.width FROM annotations` means there what it means in a rule."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from difflib import get_close_matches
from typing import TYPE_CHECKING, Any

import msgspec

from datacheck import tables as known
from datacheck.errors import QueryError

if TYPE_CHECKING:
    import duckdb


def join_records(connection: duckdb.DuckDBPyConnection, tree: dict[str, Any], sql: str) -> str:
    """The text to run for a query whose `tree` passed the guard: its own, unless it names joined records.

    A table that can reach a record which the query names, and does not itself bring under that name, is replaced by a
    view that has the record as a struct of the fields asked for, NULL where there is none. Raises QueryError for
    fields that the record does not have.
    """
    nodes = list(dicts(tree))
    bases = [node for node in nodes if node.get("type") == "BASE_TABLE" and node["table_name"].lower() in known.TABLES]
    own = {name.lower() for node in nodes for name in (node.get("alias"), node.get("table_name")) if name}
    wanted: dict[str, set[str]] = {}
    for path in (node["column_names"] for node in nodes if node.get("class") == "COLUMN_REF"):
        head = path[0].lower()
        reachable = any(head in known.TABLES[base["table_name"].lower()].joins for base in bases)
        # `source` alone is a column of nearly every table; any other name alone is the record as a whole.
        if head not in own and reachable and (len(path) > 1 or head != "source"):
            wanted.setdefault(head, set()).update(path[1:2])
    if not wanted:
        return sql
    for number, base in enumerate(bases):
        table = known.TABLES[base["table_name"].lower()]
        reached = {name: fields for name, fields in wanted.items() if name in table.joins}
        if reached:
            view = f"{table.name} with records {number}"
            connection.execute(f'CREATE OR REPLACE TEMP VIEW "{view}" AS {_view(table, reached)}').fetchall()
            base["table_name"] = view
            base["alias"] = base["alias"] or table.name
            base["qualified_name"] = {"path": [view]}
    rows = connection.execute("SELECT json_deserialize_sql($1::JSON)", [msgspec.json.encode(tree).decode()]).fetchall()
    return str(rows[0][0])


def _view(table: known.Table, reached: Mapping[str, set[str]]) -> str:
    shadowed = [name for name in reached if name in table.by_name]
    columns = [f"t.* EXCLUDE ({', '.join(shadowed)})" if shadowed else "t.*"]
    sources = f'"{table.name}" AS t'
    for name, fields in reached.items():
        join = table.joins[name]
        target = known.TABLES[join.table]
        packed = [f'"{field}" := "{name}"."{field}"' for field in sorted(_checked(name, target, fields) | {"row"})]
        columns.append(f'CASE WHEN "{name}"."row" IS NOT NULL THEN struct_pack({", ".join(packed)}) END AS "{name}"')
        sources += f' LEFT JOIN "{join.table}" AS "{name}" ON t."{join.row_column}" = "{name}"."row"'
    return f"SELECT {', '.join(columns)} FROM {sources}"


def _checked(name: str, target: known.Table, fields: set[str]) -> set[str]:
    found = {field.lower() for field in fields}
    for field in sorted(found - set(target.by_name)):
        near = get_close_matches(field, target.by_name, 1, 0.6)
        advice = f"Did you mean {name}.{near[0]}?" if near else f"`datacheck columns {target.name}` lists them."
        raise QueryError(f"there is no column {name}.{field}. {advice}")
    return found


def dicts(tree: object) -> Iterator[dict[str, Any]]:
    """Every object of a syntax tree, the outermost first."""
    if isinstance(tree, dict):
        yield tree
        for value in tree.values():
            yield from dicts(value)
    elif isinstance(tree, list):
        for value in tree:
            yield from dicts(value)
