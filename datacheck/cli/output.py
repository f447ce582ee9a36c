"""Where a command writes: stdout or a file, with or without colour; one-line complaints on stderr."""

from __future__ import annotations

import io
import os
import shutil
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TextIO

from datacheck.errors import UsageError


class StoppedError(Exception):
    """Ctrl-C, by a command that has words for how far it got."""


def say(message: str) -> None:
    """`datacheck: message` on stderr, one line, whatever the message holds."""
    from datacheck.screen import plain

    text = f"datacheck: {plain(message)}\n"
    try:
        sys.stderr.write(text if is_unicode(sys.stderr) else text.encode("ascii", "backslashreplace").decode())
        sys.stderr.flush()
    except OSError:  # stderr is closed: there is nobody to tell
        return


def is_unicode(stream: TextIO) -> bool:
    """Can the stream show more than ASCII?"""
    return (getattr(stream, "encoding", None) or "utf-8").lower().replace("-", "").startswith("utf")


def is_terminal(stream: TextIO) -> bool:
    try:
        return stream.isatty()
    except ValueError:  # closed
        return False


def wants_colour(choice: str, stream: TextIO) -> bool:
    """`choice`: auto, always or never. Auto heeds NO_COLOR and FORCE_COLOR, then asks whether it is a terminal."""
    if choice != "auto":
        return choice == "always"
    if os.environ.get("NO_COLOR"):
        return False
    if os.environ.get("FORCE_COLOR"):
        return True
    return is_terminal(stream) and os.environ.get("TERM") != "dumb"


def columns(stream: TextIO) -> int:
    """Width to write for: the terminal's, at least 60; 100 where there is none."""
    if not is_terminal(stream):
        return 100
    return max(60, min(160, shutil.get_terminal_size((100, 24)).columns))


@contextmanager
def opened(file: str | None, *, utf8: bool = False) -> Iterator[TextIO]:
    """The stream for a report: `file`, or stdout. A file is always UTF-8; stdout only if `utf8`, for JSON.

    What an encoding cannot hold is written as \\xNN. Raises UsageError if the file cannot be written.
    """
    if file is None:
        if isinstance(sys.stdout, io.TextIOWrapper):
            encoding = "utf-8" if utf8 else sys.stdout.encoding
            sys.stdout.reconfigure(encoding=encoding, errors="backslashreplace")
        try:
            yield sys.stdout
            sys.stdout.flush()
        except BrokenPipeError:  # whoever reads has seen enough
            give_up_stdout()
        return
    try:
        with Path(file).open("w", encoding="utf-8", errors="backslashreplace", newline="\n") as stream:
            yield stream
    except OSError as error:
        raise UsageError(f"cannot write {file}: {error.strerror or error}") from None


def give_up_stdout() -> None:
    """The reader of our pipe has gone: let nothing more be flushed into it, now or at exit."""
    try:
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, sys.stdout.fileno())
        os.close(nowhere)
    except (OSError, ValueError):  # stdout is no file of its own
        return
