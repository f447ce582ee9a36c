"""Runs commands in this process, in a folder of its own."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

from datacheck.cli import run


@dataclass(frozen=True)
class Result:
    status: int
    out: str
    err: str


Command = Callable[..., Result]


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty folder, which is the current one; no colour is asked for by the environment."""
    for name in ("NO_COLOR", "FORCE_COLOR", "DATACHECK_TRACEBACK"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture
def command(here: Path, capsys: pytest.CaptureFixture[str]) -> Command:
    """`command("scan", "data")` runs it and gives status, stdout and stderr."""

    def call(*words: str) -> Result:
        capsys.readouterr()
        status = run(words)
        captured = capsys.readouterr()
        return Result(status, captured.out, captured.err)

    return call
