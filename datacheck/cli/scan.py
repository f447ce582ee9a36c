"""`datacheck scan`: judge files and folders."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from datacheck.cli.output import (
    StoppedError,
    columns,
    give_up_stdout,
    is_terminal,
    is_unicode,
    opened,
    say,
    wants_colour,
)  # fmt: skip
from datacheck.cli.shared import (
    OUTPUT,
    READING,
    RULES,
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
    RulesDir,
    at_most,
    examples,
    rule_codes,
    settings_for,
)  # fmt: skip
from datacheck.errors import UsageError

if TYPE_CHECKING:
    from datacheck.api import Report
    from datacheck.report.options import Options
    from datacheck.session import Session
    from datacheck.settings import Settings


app = typer.Typer()


@dataclass(frozen=True)
class View:
    """How the report is shown."""

    file: str | None
    color: str
    verbosity: int
    statistics: bool


@app.command(
    epilog=examples(
        "datacheck scan dataset/ --expect masks --expect classes=80",
        "datacheck scan val.json --select ANN --ignore tiny-box -o report.json",
    )
)
def scan(
    paths: Paths = None,
    select: Annotated[
        list[str] | None,
        typer.Option(
            metavar="CODES", help="only these codes, prefixes, names or ALL; repeatable",
            autocompletion=rule_codes, rich_help_panel=RULES,
        ),
    ] = None,
    extend_select: Annotated[
        list[str] | None,
        typer.Option(
            metavar="CODES", help="these too, such as preview rules",
            autocompletion=rule_codes, rich_help_panel=RULES,
        ),
    ] = None,
    ignore: Annotated[
        list[str] | None,
        typer.Option(metavar="CODES", help="all but these", autocompletion=rule_codes, rich_help_panel=RULES),
    ] = None,
    parameters: Annotated[
        list[str] | None,
        typer.Option("--set", metavar="CODE.PARAM=VALUE", help="set a rule's parameter", rich_help_panel=RULES),
    ] = None,
    rules_dir: RulesDir = None,
    fail_on: Annotated[
        Literal["error", "warning", "info", "never"] | None,
        typer.Option(metavar="LEVEL", help="exit 1 from: error (default), warning, info, never", rich_help_panel=RULES),
    ] = None,
    output_format: Annotated[
        Literal["full", "concise", "grouped", "json", "jsonl"] | None,
        typer.Option(
            metavar="FORMAT", help="full (to a screen), concise, grouped, json, jsonl",
            rich_help_panel=OUTPUT,
        ),
    ] = None,
    output_file: Annotated[
        str | None,
        typer.Option(
            "--output-file", "-o", metavar="FILE", help="write it there; .json or .jsonl is the format",
            rich_help_panel=OUTPUT,
        ),
    ] = None,
    max_per_rule: Annotated[
        int | None,
        typer.Option(
            min=0, metavar="N", help="of a rule; 0: all (default: 5; concise: all)",
            rich_help_panel=OUTPUT, callback=at_most(10**9),
        ),
    ] = None,
    statistics: Annotated[
        bool,
        typer.Option("--statistics", help="count findings by rule, list none", rich_help_panel=OUTPUT),
    ] = False,
    color: Annotated[
        Literal["auto", "always", "never"],
        typer.Option(help="auto heeds NO_COLOR, FORCE_COLOR", rich_help_panel=OUTPUT),
    ] = "auto",
    quiet: Annotated[
        bool, typer.Option("--quiet", "-q", help="errors and closing lines only", rich_help_panel=OUTPUT)
    ] = False,
    verbose: Annotated[bool, typer.Option("--verbose", "-v", help="notes (info) too", rich_help_panel=OUTPUT)] = False,
    expect: Expect = None,
    jobs: Jobs = None,
    memory_limit: MemoryLimit = None,
    depth: Depth = None,
    masks: Masks = None,
    images: Images = None,
    pattern: Pattern = None,
    skip_unrecognised: Annotated[
        bool,
        typer.Option(
            "--skip-unrecognised", help="a named file of no known format is no error", rich_help_panel=READING
        ),
    ] = False,
    config: Config = None,
    isolated: Isolated = False,
    show_settings: Annotated[
        bool, typer.Option("--show-settings", help="print each setting and where it comes from, then stop")
    ] = False,
) -> int:  # fmt: skip
    """Find what is wrong in annotation files (COCO, LVIS, SA-1B, results) and folders of masks."""
    from datacheck import expect as expectations
    from datacheck.settings import Given

    if quiet and verbose:
        raise UsageError("--quiet and --verbose exclude each other")
    given = Given(
        select=None if select is None else _codes(select),
        extend_select=_codes(extend_select),
        ignore=_codes(ignore),
        parameters=_parameters(parameters or ()),
        expect=expectations.parse(expect or ()),
        rules_dirs=rules_dir or (),
        fail_on=fail_on,
        max_per_rule=max_per_rule,
        output_format=output_format,
        jobs=jobs,
        memory_limit=memory_limit,
        skip_unrecognised=skip_unrecognised or None,
        depth=depth,
        masks=masks,
        images=images,
        pattern=pattern,
    )
    settings = settings_for(given, paths, config, isolated)
    if show_settings:
        return _show(settings)
    return _scan(settings, View(output_file, color, verbose - quiet, statistics))


def _codes(lists: Sequence[str] | None) -> list[str]:
    """The items of comma lists."""
    return [item.strip() for text in lists or () for item in text.split(",") if item.strip()]


def _scan(settings: Settings, view: View) -> int:
    from datacheck.api import Report
    from datacheck.cli.progress import progress_bar
    from datacheck.session import Session

    session = Session(settings)
    try:
        session.prepare()
        with progress_bar(sys.stderr, wanted=view.verbosity >= 0, color=view.color) as bar:
            session.read(bar)
            if bar is not None:
                bar.phase("judging")
            session.judge()
        report = Report(session)
        status = _report(report, view)
        if session.scanned is not None and session.scanned.unread:
            unread, every = session.scanned.unread, session.scanned.files
            raise StoppedError(
                f"interrupted: {unread:,} of {every:,} files were not read; what the others hold is above"
            )
        return status
    except KeyboardInterrupt:
        raise _interrupted(session, view) from None
    finally:
        session.close()


def _report(report: Report, view: View) -> int:
    from datacheck.report import REPORTERS

    name = report.settings.output_format or _default_format(view.file)
    machine = name in ("json", "jsonl")
    with opened(view.file, utf8=machine) as out:
        to_terminal = view.file is None
        colour = view.color == "always" if not to_terminal else wants_colour(view.color, out)
        options = _options(view, report.settings, colour, is_unicode(out), columns(out))
        try:
            REPORTERS[name](report, out, options)
        except BrokenPipeError:  # whoever reads has seen enough; the status still says what was found
            give_up_stdout()
            return report.exit_status
    if name == "concise" or (view.file is not None and not (machine and view.verbosity < 0)):
        _close(report, view)
    for broken in report.summary.broken:
        say(f"rule {broken.code} ({broken.name}) could not be evaluated: {broken.message}")
    return report.exit_status


def _close(report: Report, view: View) -> None:
    """The closing lines on stderr, for a report that does not end with them."""
    from datacheck.report import closing

    colour = wants_colour(view.color, sys.stderr)
    options = _options(view, report.settings, colour, is_unicode(sys.stderr), columns(sys.stderr))
    closing.write(report, options.screen(sys.stderr), options)


def _default_format(file: str | None) -> str:
    """full on a terminal, concise elsewhere; a file's ending may ask for json or jsonl."""
    if file is None:
        return "full" if is_terminal(sys.stdout) else "concise"
    return {".json": "json", ".jsonl": "jsonl", ".ndjson": "jsonl"}.get(Path(file).suffix.lower(), "concise")


def _options(view: View, settings: Settings, colour: bool, unicode: bool, width: int) -> Options:
    from datacheck.report.options import Options

    return Options(
        colour=colour,
        unicode=unicode,
        width=width,
        # What decides the exit status is shown.
        verbosity=max(view.verbosity, {"warning": 0, "info": 1}.get(settings.fail_on, -1)),
        max_per_rule=settings.max_per_rule,
        statistics=view.statistics,
    )


def _interrupted(session: Session, view: View) -> StoppedError:
    from datacheck.api import Report

    if session.judgement is not None:
        _close(Report(session), view)
    what = "nothing was judged yet" if session.judgement is None else "the report is not complete"
    return StoppedError(f"interrupted after {session.elapsed():.1f} s: {what}")


def _parameters(texts: Sequence[str]) -> dict[str, dict[str, object]]:
    """`CODE.param=value` of --set, by rule and parameter. Raises UsageError."""
    from datacheck.session import Text

    parameters: dict[str, dict[str, object]] = {}
    for text in texts:
        name, sign, value = text.partition("=")
        rule, dot, parameter = name.strip().partition(".")
        if not (sign and dot and rule and parameter):
            raise UsageError(f"--set {text}: write the rule, its parameter and the value, as ANN203.slack=2")
        parameters.setdefault(rule, {})[parameter] = Text(value.strip())
    return parameters


def _show(settings: Settings) -> int:
    from datacheck.screen import plain
    from datacheck.settings import described

    rows = [(plain(name), plain(value), plain(origin)) for name, value, origin in described(settings)]
    names, values = max(len(row[0]) for row in rows), min(48, max(len(row[1]) for row in rows))
    with opened(None) as out:
        out.writelines(f"{name:<{names}}  {value:<{values}}  {origin}".rstrip() + "\n" for name, value, origin in rows)
    return 0
