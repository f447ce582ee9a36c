"""Work on many files, some of which kill the process that reads them."""

from __future__ import annotations

import os
import time
from collections.abc import Sequence

import pytest

from datacheck.run import files
from datacheck.run.files import WORTH_PROCESSES, run_groups

MANY = WORTH_PROCESSES + 60


def lengths(names: Sequence[str]) -> list[int]:
    """The work: it dies of a deadly name, in whatever process it runs, and never ends with an endless one."""
    if "deadly" in names:
        os._exit(11)
    if "endless" in names:
        time.sleep(600)
    return [len(name) for name in names]


def dead(name: str) -> list[int]:
    return [-len(name)]


@pytest.mark.parametrize(("jobs", "count"), [(1, 10), (2, 10), (2, MANY)])
def test_results_come_in_the_order_of_the_items(jobs: int, count: int) -> None:
    told: list[str] = []
    names = ["x" * (n % 17) for n in range(count)]
    results = list(run_groups(lengths, names, dead, jobs=jobs, group=7, advance=told.extend))
    assert [length for part in results for length in part] == [n % 17 for n in range(count)]
    assert told == names


def test_an_item_that_kills_its_process_costs_itself_alone() -> None:
    names = ["fine"] * MANY
    names[100] = "deadly"
    results = list(run_groups(lengths, names, dead, jobs=2, group=16, advance=lambda _: None))
    found = [length for part in results for length in part]
    assert found.pop(100) == -6
    assert found == [4] * (MANY - 1)


def test_a_few_items_that_may_do_harm_are_not_worked_on_in_this_process() -> None:
    names = ["fine", "deadly", "good"]
    results = list(
        run_groups(
            lengths, names, dead, jobs=1, group=16, advance=lambda _: None, harmless=lambda own: "fine" not in own
        )
    )
    assert [length for part in results for length in part] == [4, -6, 4]


def test_an_item_that_never_ends_costs_itself_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(files, "SECONDS", 2.0)
    monkeypatch.setattr(files, "SECONDS_AN_ITEM", 0.0)
    names = ["fine", "good", "endless", "last"]
    results = list(
        run_groups(lengths, names, dead, jobs=1, group=2, advance=lambda _: None, harmless=lambda own: "fine" in own)
    )
    assert [length for part in results for length in part] == [4, 4, -7, 4]


def test_nothing_to_do_gives_nothing() -> None:
    assert list(run_groups(lengths, [], dead, jobs=2, group=16, advance=lambda _: None)) == []
