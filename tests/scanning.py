"""`datacheck.scan` for tests that scan hundreds of small files: the built-in rules are loaded and compiled once."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from datacheck.api import Report
from datacheck.session import Session
from datacheck.settings import Given, resolve

if TYPE_CHECKING:
    from datacheck.judge.engine import CompiledRule


@cache
def _compiled() -> Sequence[CompiledRule]:
    return Session(resolve([], Given(origin="call"), None)).prepare()


def quick_scan(path: Path) -> Report:
    """The report of `datacheck.scan(path, jobs=1)`; close it, as any."""
    session = Session(resolve([str(path)], Given(jobs=1, origin="call"), None))
    session.compiled = _compiled()
    try:
        session.read(every_column=True)
        session.judge()
    except BaseException:
        session.close()
        raise
    return Report(session)
