"""`datacheck columns`: the tables and columns that rules and queries see."""

from __future__ import annotations

from collections.abc import Sequence
from difflib import get_close_matches
from typing import Annotated, Any, Literal

import typer

from datacheck.cli.output import opened
from datacheck.cli.shared import examples
from datacheck.errors import UsageError
from datacheck.tables import TABLES, Table

app = typer.Typer()


@app.command(epilog=examples("datacheck columns annotations", "datacheck columns --output-format json"))
def columns(
    table: Annotated[
        str | None, typer.Argument(metavar="TABLE", help=", ".join(TABLES), autocompletion=lambda: list(TABLES))
    ] = None,
    output_format: Annotated[Literal["text", "json", "markdown"], typer.Option()] = "text",
) -> None:
    """List the tables and columns that rules and queries see."""
    tables = list(TABLES.values()) if table is None else [_table(table)]
    text = {"text": _text, "json": _json, "markdown": _markdown}[output_format](tables)
    with opened(None, utf8=output_format == "json") as out:
        out.write(text)


def _table(name: str) -> Table:
    table = TABLES.get(name)
    if table is None:
        near = get_close_matches(name, TABLES, 1, 0.5)
        hint = f"Did you mean {near[0]}?" if near else f"The tables are {', '.join(TABLES)}."
        raise UsageError(f"no such table: {name}. {hint}")
    return table


def _described(table: Table) -> list[tuple[str, str, str]]:
    """(name, type, meaning) of each column."""
    rows = []
    for column in table.columns:
        notes = [f"NULL: {column.null}"] if column.null else []
        notes += [f"measured by {column.kernel}"] if column.kernel else []
        unit = f" [{column.unit}]" if column.unit else ""
        rows.append((column.name, column.type, column.doc + unit + (f" ({'; '.join(notes)})" if notes else "")))
    return rows


def _joins(table: Table) -> str:
    return ", ".join(f"{name} ({join.table})" for name, join in table.joins.items())


def _text(tables: Sequence[Table]) -> str:
    lines = []
    for table in tables:
        rows = _described(table)
        names, types = max(len(row[0]) for row in rows), max(len(row[1]) for row in rows)
        lines.append(f"{table.name}: {table.doc}")
        if table.joins:
            lines.append(f"  records reached by name: {_joins(table)}")
        lines += [f"  {name:<{names}}  {kind:<{types}}  {meaning}" for name, kind, meaning in rows]
        lines.append("")
    return "\n".join(lines[:-1]) + "\n"


def _markdown(tables: Sequence[Table]) -> str:
    lines = []
    for table in tables:
        lines += [f"## {table.name}", "", f"A row is {table.doc}. Codes of its rules begin with {table.prefix}.", ""]
        if table.joins:
            lines += [f"Records reached by name: {_joins(table)}.", ""]
        lines += ["| column | type | meaning |", "|---|---|---|"]
        rows = ((name, kind, meaning.replace("|", "\\|")) for name, kind, meaning in _described(table))
        lines += [f"| `{name}` | {kind} | {meaning} |" for name, kind, meaning in rows]
        lines.append("")
    return "\n".join(lines[:-1]) + "\n"


def _json(tables: Sequence[Table]) -> str:
    import json

    described: list[dict[str, Any]] = [
        {
            "name": table.name,
            "prefix": table.prefix,
            "doc": table.doc,
            "joins": {name: join.table for name, join in table.joins.items()},
            "columns": [
                {
                    "name": column.name,
                    "type": column.type,
                    "unit": column.unit or None,
                    "doc": column.doc,
                    "null": column.null or None,
                    "kernel": column.kernel or None,
                }
                for column in table.columns
            ],
        }
        for table in tables
    ]
    return json.dumps(described, indent=2, ensure_ascii=False) + "\n"
