"""`datacheck scan`: judge files and folders."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from datacheck.cli.output import columns, give_up_stdout, is_terminal, is_unicode, opened, say, wants_colour
from datacheck.cli.scan_options import parser
from datacheck.cli.shared import configuration, flat
from datacheck.errors import UsageError

if TYPE_CHECKING:
    from datacheck.api import Report
    from datacheck.report.options import Options
    from datacheck.session import Session
    from datacheck.settings import Settings

LATER_DEPTHS = ("stat", "header", "mask", "pixels", "files", "images", "masks")


def run(words: Sequence[str]) -> int:
    """Scan; returns the exit status."""
    arguments = parser().read(words)
    if arguments.depth != "annotations":
        later = arguments.depth in LATER_DEPTHS
        known = "comes with a later version" if later else "is not known"
        raise UsageError(f"--depth {arguments.depth} {known}; this version has annotations only")
    if arguments.quiet and arguments.verbose:
        raise UsageError("--quiet and --verbose exclude each other")
    settings = _settings(arguments)
    if arguments.show_settings:
        return _show(settings)
    return _scan(settings, arguments)


def _scan(settings: Settings, arguments: argparse.Namespace) -> int:
    from datacheck.api import Report
    from datacheck.cli.progress import progress_bar
    from datacheck.session import Session

    session = Session(settings)
    try:
        session.prepare()
        with progress_bar(sys.stderr, wanted=not arguments.quiet, color=arguments.color) as bar:
            session.read(bar)
            if bar is not None:
                bar.phase("judging")
            session.judge()
        report = Report(session)
        return _report(report, arguments)
    except KeyboardInterrupt:
        return _interrupted(session, arguments)
    finally:
        session.close()


def _report(report: Report, arguments: argparse.Namespace) -> int:
    from datacheck.report import REPORTERS

    name = report.settings.output_format or _default_format(arguments.output_file)
    machine = name in ("json", "jsonl")
    with opened(arguments.output_file, utf8=machine) as out:
        to_terminal = arguments.output_file is None
        colour = arguments.color == "always" if not to_terminal else wants_colour(arguments.color, out)
        options = _options(arguments, report.settings, colour, is_unicode(out), columns(out))
        try:
            REPORTERS[name](report, out, options)
        except BrokenPipeError:  # whoever reads has seen enough; the status still says what was found
            give_up_stdout()
            return report.exit_status
    if name == "concise" or (arguments.output_file is not None and not (machine and arguments.quiet)):
        _close(report, arguments)
    for broken in report.summary.broken:
        say(f"rule {broken.code} ({broken.name}) could not be evaluated: {broken.message}")
    return report.exit_status


def _close(report: Report, arguments: argparse.Namespace) -> None:
    """The closing lines on stderr, for a report that does not end with them."""
    from datacheck.report import closing

    colour = wants_colour(arguments.color, sys.stderr)
    options = _options(arguments, report.settings, colour, is_unicode(sys.stderr), columns(sys.stderr))
    closing.write(report, options.screen(sys.stderr), options)


def _default_format(file: str | None) -> str:
    """full on a terminal, concise elsewhere; a file's ending may ask for json or jsonl."""
    if file is None:
        return "full" if is_terminal(sys.stdout) else "concise"
    return {".json": "json", ".jsonl": "jsonl", ".ndjson": "jsonl"}.get(Path(file).suffix.lower(), "concise")


def _options(arguments: argparse.Namespace, settings: Settings, colour: bool, unicode: bool, width: int) -> Options:
    from datacheck.report.options import Options

    return Options(
        colour=colour,
        unicode=unicode,
        width=width,
        verbosity=1 if arguments.verbose else -1 if arguments.quiet else 0,
        max_per_rule=settings.max_per_rule,
        statistics=arguments.statistics,
    )


def _interrupted(session: Session, arguments: argparse.Namespace) -> int:
    from datacheck.api import Report

    if session.judgement is not None:
        _close(Report(session), arguments)
    what = "nothing was judged yet" if session.judgement is None else "the report is not complete"
    say(f"interrupted after {session.elapsed():.1f} s: {what}")
    return 130


def _settings(arguments: argparse.Namespace) -> Settings:
    from datacheck import expect
    from datacheck.config import check_memory_limit
    from datacheck.session import check_paths
    from datacheck.settings import Given, resolve

    paths = arguments.paths or ["."]
    check_paths(paths)
    loaded = configuration(arguments, paths[0])
    if arguments.memory_limit is not None:
        check_memory_limit(arguments.memory_limit, "--memory-limit")
    given = Given(
        select=flat(arguments.select),
        extend_select=flat(arguments.extend_select) or (),
        ignore=flat(arguments.ignore) or (),
        parameters=_parameters(arguments.set),
        expect=expect.parse(arguments.expect),
        rules_dirs=arguments.rules_dir,
        fail_on=arguments.fail_on,
        max_per_rule=arguments.max_per_rule,
        output_format=arguments.output_format,
        jobs=arguments.jobs,
        memory_limit=arguments.memory_limit,
        skip_unrecognised=arguments.skip_unrecognised,
    )
    return resolve(paths, given, loaded)


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
