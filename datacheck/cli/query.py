"""`datacheck query`: one SELECT over the tables of a dataset."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer

from datacheck.cli.output import columns, is_terminal, is_unicode, opened, say
from datacheck.cli.shared import (
    OUTPUT,
    Config,
    Depth,
    Expect,
    Images,
    Isolated,
    Jobs,
    Masks,
    MemoryLimit,
    Paths,
    Pattern,
    at_most,
    examples,
    settings_for,
)  # fmt: skip
from datacheck.errors import UsageError

if TYPE_CHECKING:
    import pyarrow as pa

    from datacheck.settings import Settings

ENDINGS = {".parquet": "parquet", ".csv": "csv", ".json": "json"}
MAX_CELL = 60

app = typer.Typer()


@app.command(
    epilog=examples(
        'datacheck query dataset/ "SELECT name, annotation_count FROM categories ORDER BY 2 DESC"',
        'datacheck query val.json "SELECT * FROM annotations WHERE box_w < 2" -o tiny.parquet',
    )
)
def query(
    paths: Paths = None,
    *,
    sql: Annotated[str, typer.Argument(metavar="QUERY", help="one SELECT; it is the last argument")],
    output_file: Annotated[
        str | None,
        typer.Option(
            "--output-file", "-o", metavar="FILE", help="write the answer there: .parquet, .csv or .json",
            rich_help_panel=OUTPUT,
        ),
    ] = None,
    output_format: Annotated[
        Literal["table", "csv", "json"] | None,
        typer.Option(help="default: table, or what FILE's ending says", rich_help_panel=OUTPUT),
    ] = None,
    max_rows: Annotated[
        int,
        typer.Option(
            min=0, metavar="N", help="rows of a table; 0: all", rich_help_panel=OUTPUT, callback=at_most(10**9)
        ),
    ] = 100,
    expect: Expect = None,
    jobs: Jobs = None,
    memory_limit: MemoryLimit = None,
    depth: Depth = None,
    masks: Masks = None,
    images: Images = None,
    pattern: Pattern = None,
    config: Config = None,
    isolated: Isolated = False,
) -> None:  # fmt: skip
    """Answer one SELECT over the tables that rules see (datacheck columns lists them)."""
    from datacheck import expect as expectations
    from datacheck.settings import Given

    if not sql.strip() or (len(sql.split()) == 1 and Path(sql).exists()):
        raise UsageError('the query is missing: datacheck query dataset/ "SELECT count(*) FROM annotations"')
    name: str | None = output_format
    if output_file is not None and name is None:
        name = ENDINGS.get(Path(output_file).suffix.lower())
        if name is None:
            raise UsageError(f"-o {output_file}: its ending must be {', '.join(ENDINGS)}, or give --output-format")
    given = Given(
        expect=expectations.parse(expect or ()), jobs=jobs, memory_limit=memory_limit,
        depth=depth, masks=masks, images=images, pattern=pattern,
    )  # fmt: skip
    # One row more than a table shows tells that there are more; all of them may be more than memory holds.
    limit = max_rows + 1 if max_rows and name in (None, "table") else None
    answer = _answer(settings_for(given, paths, config, isolated), sql, limit)
    _write(answer, name or "table", output_file, max_rows)
    if output_file is not None:
        say(f"{answer.num_rows:,} rows written to {output_file}")


def _answer(settings: Settings, sql: str, limit: int | None) -> pa.Table:
    from datacheck.api import query_tables
    from datacheck.cli.progress import progress_bar
    from datacheck.session import Session

    session = Session(settings)
    try:
        with progress_bar(sys.stderr, wanted=True) as bar:
            tables = session.read(bar, every_column=True)
        if not any(tables["datasets"].column("recognised_count").to_pylist()):
            say(f"no annotation file was recognised in {', '.join(settings.paths)}: the tables of records are empty")
        return query_tables(tables, sql, settings, limit)
    finally:
        session.close()


def _write(answer: pa.Table, output_format: str, file: str | None, max_rows: int) -> None:
    if output_format == "parquet" and file is not None:
        import pyarrow.parquet as pq

        try:
            pq.write_table(answer, file)
        except OSError as error:
            raise UsageError(f"cannot write {file}: {error}") from None
        return
    with opened(file, utf8=output_format in ("json", "csv")) as out:
        if output_format == "json":
            out.writelines(_json_lines(answer))
        elif output_format == "csv":
            out.writelines(_csv_lines(answer))
        else:
            out.writelines(
                _table_lines(answer, max_rows, is_unicode(out), columns(out) if is_terminal(out) else 10_000)
            )


def _json_lines(answer: pa.Table) -> Any:
    """A JSON list with an object a row, written in batches."""
    from datacheck.report.json import encoder

    encode = encoder()
    yield "["
    separator = "\n"
    for batch in answer.to_batches(max_chunksize=10_000):
        if batch.num_rows:
            rows = ({name: _exact(value) for name, value in row.items()} for row in batch.to_pylist())
            yield separator + ",\n".join(map(encode, rows))
            separator = ",\n"
    yield "\n]\n"


def _exact(value: object) -> object:
    """A sum of integers is a decimal in Arrow, and a number in JSON."""
    from decimal import Decimal

    return int(value) if isinstance(value, Decimal) and value == value.to_integral_value() else value


def _csv_lines(answer: pa.Table) -> Any:
    """CSV with a line of names; NULL is empty, lists and records are JSON."""
    import csv
    import io

    from datacheck.report.json import encoder

    encode = encoder()

    def cell(value: object) -> object:
        return encode(value) if isinstance(value, list | dict) else "" if value is None else value

    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(answer.column_names)
    for batch in answer.to_batches(max_chunksize=10_000):
        names = list(range(batch.num_columns))
        rows = zip(*(batch.column(number).to_pylist() for number in names), strict=True)
        writer.writerows([cell(value) for value in row] for row in rows)
        yield text.getvalue()
        text.seek(0)
        text.truncate()
    yield text.getvalue()


def _table_lines(answer: pa.Table, max_rows: int, unicode: bool, width: int) -> Any:
    """Aligned columns under their names; numbers to the right. Control characters are shown, not sent."""
    from datacheck.screen import count

    names = [_cell(name) for name in answer.column_names]
    shown = answer.slice(0, max_rows) if max_rows else answer
    cells = [[_cell(value) for value in shown.column(i).to_pylist()] for i in range(shown.num_columns)]
    right = [_is_number(field.type) for field in answer.schema]
    widths = [max([len(name), *map(len, column)]) for name, column in zip(names, cells, strict=True)]

    def line(row: Sequence[str]) -> str:
        parts = zip(row, widths, right, strict=True)
        text = "  ".join(f"{cell:>{w}}" if r else f"{cell:<{w}}" for cell, w, r in parts).rstrip()
        text = text if len(text) <= width else text[: width - 1] + "…"
        return (text if unicode else text.encode("ascii", "backslashreplace").decode()) + "\n"

    yield line(names)
    yield line(["-" * w for w in widths])
    for row in zip(*cells, strict=True):
        yield line(row)
    if answer.num_rows > shown.num_rows:
        yield f"(the first {count(shown.num_rows, 'row')}; for more: --max-rows 0, or -o FILE)\n"
    else:
        yield f"({count(answer.num_rows, 'row')})\n"


def _cell(value: object) -> str:
    from datacheck.messages import show
    from datacheck.screen import plain

    if value is None:
        return "NULL"
    if isinstance(value, dict):
        value = "{" + ", ".join(f"{name}: {show(item)}" for name, item in value.items()) + "}"
    text = plain(show(value))
    return text if len(text) <= MAX_CELL else text[: MAX_CELL - 1] + "…"


def _is_number(kind: pa.DataType) -> bool:
    import pyarrow as pa

    return bool(pa.types.is_integer(kind) or pa.types.is_floating(kind) or pa.types.is_decimal(kind))
