"""The command line, written on typer: one module a command, the app that holds them in app.py.

Exit status: 0 nothing at or above --fail-on; 1 findings; 2 usage, configuration, a crash, or a rule that could not be
evaluated; 130 interrupted.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence

from datacheck.cli.output import StoppedError, give_up_stdout, say
from datacheck.errors import DatacheckError


def run(arguments: Sequence[str]) -> int:
    """Run the command line; returns the exit status and never raises."""
    try:
        import typer

        from datacheck.cli.app import app
        from datacheck.cli.usage import in_words

        status: int | None = app(list(arguments), prog_name="datacheck", standalone_mode=False)
        sys.stdout.flush()
        return _failed("interrupted", 130) if status == 130 else status or 0  # 130 is what typer makes of Ctrl-C
    except StoppedError as stopped:
        return _failed(str(stopped), 130)
    except KeyboardInterrupt:
        return _failed("interrupted", 130)
    except BrokenPipeError:
        give_up_stdout()
        return 0
    except SystemExit as stop:
        # Shell completion ends so; and typer under a pipe that was closed, but with 1, which means findings here.
        return stop.code if isinstance(stop.code, int) and not isinstance(stop.__context__, OSError) else 0
    except DatacheckError as error:
        return _failed(str(error))
    except typer.TyperException as error:
        return _failed(in_words(error, arguments))
    except Exception as error:  # noqa: BLE001 (a crash must not exit 1, which means findings)
        return _crashed(error, arguments)


def _failed(message: str, status: int = 2) -> int:
    say(message)
    return status


def _crashed(error: Exception, arguments: Sequence[str]) -> int:
    wanted = bool(os.environ.get("DATACHECK_TRACEBACK")) or any(one in ("-v", "--verbose") for one in arguments)
    if wanted:
        import traceback

        sys.stderr.write("".join(traceback.format_exception(error)))
    what = " ".join(str(error).split()) or "no further word"
    hint = "" if wanted else " (DATACHECK_TRACEBACK=1 shows where)"
    return _failed(f"internal error: {type(error).__name__}: {what[:500]}; please report it{hint}")
