"""The app: every command, and the options of `datacheck` itself."""

from __future__ import annotations

from typing import Annotated

import typer

from datacheck import __version__
from datacheck.cli import columns, query, rule, rules, scan
from datacheck.cli.shared import examples
from datacheck.cli.usage import Commands

app = typer.Typer(
    cls=Commands,
    help="datacheck finds what is wrong with vision training data before training does.",
    epilog=examples(
        "datacheck scan dataset/",
        'datacheck query dataset/ "SELECT name, annotation_count FROM categories ORDER BY 2 DESC"',
    ),
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)
app.add_typer(scan.app)
app.add_typer(query.app)
app.add_typer(rule.app)
app.add_typer(rules.app, name="rules")
app.add_typer(columns.app)


def _version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"datacheck {__version__}")
        raise typer.Exit


@app.callback()
def options(
    version: Annotated[
        bool, typer.Option("--version", "-V", callback=_version, is_eager=True, help="Print the version and exit.")
    ] = False,
) -> None:
    """What comes before the command; its work is done by the callback."""
