"""The progress bar: for somebody who looks, and after a second."""

from __future__ import annotations

import io

import pytest

from datacheck.cli import progress
from datacheck.cli.progress import progress_bar


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def test_none_without_a_terminal() -> None:
    with progress_bar(io.StringIO(), wanted=True) as bar:
        assert bar is None
    with progress_bar(Terminal(), wanted=False) as bar:
        assert bar is None


def test_nothing_in_the_first_second() -> None:
    screen = Terminal()
    with progress_bar(screen, wanted=True) as bar:
        assert bar is not None
        bar(1, 10)
        bar.phase("judging")
    assert screen.getvalue() == ""


def test_says_what_is_done_and_goes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(progress, "PATIENCE", 0.0)
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.delenv("NO_COLOR", raising=False)
    screen = Terminal()
    with progress_bar(screen, wanted=True, color="never") as bar:
        assert bar is not None
        bar(40_000_000, 100_000_000)
        bar(100_000_000, 100_000_000)
        bar.phase("judging")
    text = screen.getvalue()
    assert "reading" in text
    assert "40.0/100.0 MB" in text
    assert "\x1b[3" not in text  # no colour
    assert text.endswith(("\x1b[2K", "\x1b[?25h", "\r\x1b[1A\x1b[2K"))
