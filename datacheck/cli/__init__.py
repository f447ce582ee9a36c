"""The command line. One module a command, imported only when that command runs.

Exit status: 0 nothing at or above --fail-on; 1 findings; 2 usage, configuration, a crash, or a rule that could not be
evaluated; 130 interrupted.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from difflib import get_close_matches
from importlib import import_module

from datacheck.errors import DatacheckError, UsageError

COMMANDS: dict[str, tuple[str, str]] = {
    "scan": ("datacheck.cli.scan", "find what is wrong in annotation files"),
    "query": ("datacheck.cli.query", "answer an SQL question about a dataset"),
    "rule": ("datacheck.cli.rule", "explain one rule"),
    "rules": ("datacheck.cli.rules", "list, lint or test rules"),
    "columns": ("datacheck.cli.columns", "list the tables and columns that rules and queries see"),
}
"""Name: (module with `run(arguments) -> exit status`, what it does)."""

_HELP = """\
datacheck finds what is wrong with vision training data before training does.

usage: datacheck COMMAND [options]

{commands}

  --version  print the version
  --help     print this; `datacheck COMMAND --help` explains a command

examples:
  datacheck scan dataset/
  datacheck query dataset/ "SELECT name, annotation_count FROM categories ORDER BY 2 DESC"
"""


def run(arguments: Sequence[str]) -> int:
    """Run the command line; returns the exit status and never raises."""
    try:
        status = _dispatch(list(arguments))
        sys.stdout.flush()
        return status
    except DatacheckError as error:
        return _failed(str(error))
    except KeyboardInterrupt:
        _complain("interrupted")
        return 130
    except BrokenPipeError:
        from datacheck.cli.output import give_up_stdout

        give_up_stdout()
        return 0
    except SystemExit as stop:
        return stop.code if isinstance(stop.code, int) else 0 if stop.code is None else 2
    except Exception as error:  # noqa: BLE001 (a crash must not exit 1, which means findings)
        return _crashed(error, arguments)


def _dispatch(arguments: list[str]) -> int:
    name = arguments[0] if arguments else "--help"
    if name in ("--version", "-V"):
        from datacheck import __version__

        sys.stdout.write(f"datacheck {__version__}\n")
        return 0
    if name in ("--help", "-h", "help"):
        width = max(map(len, COMMANDS))
        commands = "\n".join(f"  {command:<{width}}  {what}" for command, (_, what) in COMMANDS.items())
        sys.stdout.write(_HELP.format(commands=commands))
        return 0 if arguments else 2
    if name not in COMMANDS:
        raise UsageError(f"no such command: {name}. {_remedy(name)}")
    status: int = import_module(COMMANDS[name][0]).run(arguments[1:])
    return status


def _remedy(name: str) -> str:
    near = get_close_matches(name, COMMANDS, 1)
    if near:
        return f"Did you mean datacheck {near[0]}?"
    if name.startswith("-"):
        return "Options come after the command: datacheck scan --help"
    if os.path.lexists(name):
        return f"To scan it: datacheck scan {name}"
    return f"It is one of: {', '.join(COMMANDS)}."


def _failed(message: str) -> int:
    _complain(message)
    return 2


def _crashed(error: Exception, arguments: Sequence[str]) -> int:
    wanted = bool(os.environ.get("DATACHECK_TRACEBACK")) or any(one in ("-v", "--verbose") for one in arguments)
    if wanted:
        import traceback

        sys.stderr.write("".join(traceback.format_exception(error)))
    what = " ".join(str(error).split()) or "no further word"
    hint = "" if wanted else " (DATACHECK_TRACEBACK=1 shows where)"
    _complain(f"internal error: {type(error).__name__}: {what[:500]}; please report it{hint}")
    return 2


def _complain(message: str) -> None:
    from datacheck.cli.output import say

    say(message)
