"""The progress bar: on a terminal only, and only once a scan has taken a second."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, TextIO

from datacheck.cli.output import is_terminal, wants_colour

if TYPE_CHECKING:
    from rich.progress import Progress, TaskID

PATIENCE = 1.0
"""Seconds without a bar."""


class Bar:
    """Shows what is being done; to be called with the bytes read so far and in all."""

    def __init__(self, stream: TextIO, colour: bool) -> None:
        self._stream, self._colour = stream, colour
        self._started = time.monotonic()
        self._shown: tuple[Progress, TaskID] | None = None

    def __call__(self, done: int, total: int) -> None:
        if self._shown is None and time.monotonic() - self._started >= PATIENCE:
            self._show(done, max(total, 1))
        if self._shown is not None:
            progress, task = self._shown
            progress.update(task, completed=done, total=max(total, 1))

    def phase(self, what: str) -> None:
        """Say what comes after reading; it has no measure of its own."""
        if self._shown is not None:
            progress, task = self._shown
            progress.update(task, description=what, completed=0, total=None)

    def _show(self, done: int, total: int) -> None:
        from rich.console import Console
        from rich.progress import (
            BarColumn,
            DownloadColumn,
            Progress,
            TextColumn,
            TimeRemainingColumn,
            TransferSpeedColumn,
        )

        progress = Progress(
            TextColumn("{task.description}", markup=False),
            BarColumn(),
            DownloadColumn(),
            TransferSpeedColumn(),
            TimeRemainingColumn(),
            console=Console(file=self._stream, no_color=not self._colour),
            transient=True,
        )
        task = progress.add_task("reading", total=total, completed=done)
        progress.start()
        self._shown = (progress, task)

    def stop(self) -> None:
        """Take the bar away."""
        if self._shown is not None:
            self._shown[0].stop()
            self._shown = None


@contextmanager
def progress_bar(stream: TextIO, *, wanted: bool, color: str = "auto") -> Iterator[Bar | None]:
    """A bar on `stream` while the body runs; None where there is nobody to see it."""
    bar = Bar(stream, wants_colour(color, stream)) if wanted and is_terminal(stream) else None
    try:
        yield bar
    finally:
        if bar is not None:
            bar.stop()
