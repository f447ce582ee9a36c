"""`datacheck.scan` for tests that scan hundreds of small files: the built-in rules are loaded and compiled once."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from datacheck.api import Report
from datacheck.expect import check
from datacheck.session import Session
from datacheck.settings import Given, resolve

if TYPE_CHECKING:
    from datacheck.judge.engine import CompiledRule


@cache
def _compiled() -> Sequence[CompiledRule]:
    return Session(resolve([], Given(origin="call"), None)).prepare()


def quick_scan(path: Path, expect: Mapping[str, object] | None = None) -> Report:
    """The report of `datacheck.scan(path, expect=expect, jobs=1)`; close it, as any."""
    given = Given(expect=check(expect or {}), jobs=1, origin="call")
    session = Session(resolve([str(path)], given, None))
    session.compiled = _compiled()
    try:
        session.read(every_column=True)
        session.judge()
    except BaseException:
        session.close()
        raise
    return Report(session)
