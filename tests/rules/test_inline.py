"""Every inline test of every built-in rule, one case each, through the engine that judges datasets."""

from __future__ import annotations

from functools import cache
from pathlib import Path

import pytest

from datacheck.errors import RuleError
from datacheck.judge.packs import builtin_pack_dir, rule_files
from datacheck.judge.rule import load_rule, read_rule
from datacheck.judge.testing import failures_of, lint_pack

FILES = list(rule_files(builtin_pack_dir()))


def _cases() -> list[pytest.param]:  # type: ignore[valid-type]  # pytest names no type for it
    cases = []
    for path in FILES:
        try:
            tests = read_rule(path).tests
        except RuleError:
            # The file's own case says what is wrong with it.
            continue
        cases += [pytest.param(path, n, id=f"{path.stem}-{n + 1}-{test.outcome}") for n, test in enumerate(tests)]
    return cases


@cache
def _failures(path: Path) -> dict[int, str]:
    return failures_of(load_rule(path))


@pytest.mark.parametrize("path", FILES, ids=[path.stem for path in FILES])
def test_rule_file_loads(path: Path) -> None:
    load_rule(path)


@pytest.mark.parametrize(("path", "number"), _cases())
def test_inline(path: Path, number: int) -> None:
    assert _failures(path).get(number) is None


def test_the_built_in_pack_has_nothing_to_lint() -> None:
    assert lint_pack(builtin_pack_dir()) == []
