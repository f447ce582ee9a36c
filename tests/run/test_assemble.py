"""Faults that all records of a section share are told once, however many sources there are."""

from __future__ import annotations

import time
from typing import Any

import numpy as np
import pyarrow as pa
import pytest

from datacheck.read.batch import fault_table
from datacheck.read.faults import Fault
from datacheck.run.assemble import SYSTEMATIC, _systematic

TOTALS = {"images": 6, "annotations": 12, "categories": 3}


def slowly(faults: list[Fault], sources: list[int], totals: dict[str, Any]) -> list[tuple[int, str]]:
    """(source, detail) of each fault that is left, found group by group."""
    groups: dict[tuple[object, ...], list[int]] = {}
    for row, (fault, source) in enumerate(zip(faults, sources, strict=True)):
        if None not in (fault.ordinal, fault.field, fault.section):
            groups.setdefault((source, fault.section, fault.kind, fault.field), []).append(row)
    left = {row: fault.detail for row, fault in enumerate(faults)}
    for (owner, section, _, _), rows in groups.items():
        count, total = len({faults[row].ordinal for row in rows}), int(totals[str(section)][owner])
        if count >= 2 and count >= SYSTEMATIC * total and (count >= total or count >= 10):
            left[rows[0]] = f"{left[rows[0]]}; the same in {count:,} of {total:,} {section}"
            for row in rows[1:]:
                del left[row]
    return [(sources[row], detail) for row, detail in sorted(left.items())]


@pytest.mark.parametrize("seed", range(20))
def test_groups_are_folded_as_one_by_one(seed: int) -> None:
    rng = np.random.default_rng(seed)
    faults: list[Fault] = []
    sources: list[int] = []
    for source in range(4):
        for section, total in TOTALS.items():
            for kind, key in (("wrong-type", "id"), ("wrong-type", "bbox"), ("non-finite", "bbox"), ("syntax", None)):
                share = rng.choice([0, 0.5, 0.95, 1])
                for ordinal in np.flatnonzero(rng.random(total) < share).tolist():
                    again = int(rng.integers(1, 3))
                    faults += [Fault(kind, f"{kind} {key} {n}", section, ordinal, field=key) for n in range(again)]
                    sources += [source] * again
    order = np.lexsort((rng.random(len(sources)), np.array(sources)))
    faults, sources = [faults[n] for n in order], [sources[n] for n in order]
    totals = {name: np.full(4, total) for name, total in TOTALS.items()}
    table, owners = _systematic(fault_table(faults, [0] * len(faults)), np.array(sources, np.int32), totals)
    found = list(zip(owners.tolist(), table.column("detail").to_pylist(), strict=True))
    assert found == slowly(faults, sources, totals)


def test_nothing_to_fold() -> None:
    totals = {name: np.full(1, total) for name, total in TOTALS.items()}
    for faults in ([], [Fault("empty-file", "x")], [Fault("syntax", "x", "images", n) for n in range(6)]):
        table, source = _systematic(fault_table(faults, [0] * len(faults)), np.zeros(len(faults), np.int32), totals)
        assert len(table) == len(source) == len(faults)


def test_time_grows_with_the_sources_alone() -> None:
    n = 50_000
    one = fault_table([Fault("wrong-type", "area", "annotations", k, field="area") for k in range(3)], [0] * 3)
    table, source = pa.concat_tables([one] * n), np.repeat(np.arange(n, dtype=np.int32), 3)
    started = time.process_time()
    left, _ = _systematic(table, source, {"annotations": np.full(n, 3)})
    assert time.process_time() - started < 5  # group by group, it takes minutes
    assert len(left) == n
