"""Each state of a mask file or an image file gives one finding; a file that could not be read gives no other."""

from __future__ import annotations

import re
from typing import Any

import pytest

from datacheck import tables
from datacheck.judge.compiled import compile_rules
from datacheck.judge.engine import judge
from datacheck.judge.packs import builtin_pack_dir, load_packs
from datacheck.judge.testing import rows_as_tables

NOT_CHECKED = "not-installed"
SILENT = ("interrupted", "repeated")
"""What was not read since the scan was stopped is told by the command itself, and by its exit status; an image of two
folders of masks is judged with the first."""


def states(table: str) -> list[str]:
    """The words for states in the documentation of the column."""
    doc = re.sub(r"\([^)]*\)", "", tables.TABLES[table].by_name["state"].doc)
    return [word.strip() for word in re.split(r",| or ", doc) if word.strip() != "ok"]


CASES = [(table, state) for table in ("mask_files", "image_files") for state in states(table)]


@pytest.mark.parametrize(("table", "state"), CASES)
def test_a_file_that_cannot_be_read_gives_the_finding_of_its_state_and_no_other(table: str, state: str) -> None:
    source: dict[str, Any] = {
        "format": "label-maps", "task": "masks", "mask_pattern": "{stem}.png", "mask_file_count": 9,
        "readable_mask_count": 8, "empty_mask_count": 0, "binary_255_count": 8, "mask_content": "binary",
    }  # fmt: skip
    record: dict[str, Any] = {"state": state, "detail": "what is wrong", "kind": "png", "extension": "png"}
    if table == "mask_files":
        record["readable"] = None if state in (NOT_CHECKED, *SILENT) else False
    rules = [rule for rule in load_packs([builtin_pack_dir()]).values() if rule.table == table]
    found = judge(rows_as_tables(tables.TABLES[table], [record | {"source": source}]), compile_rules(rules, {}))
    if state == NOT_CHECKED:
        assert found.findings.num_rows == 0
        assert [(one.code, one.count) for one in found.not_checked] == [("MSK210", 1)]
        return
    if state in SILENT:
        assert (found.findings.num_rows, found.not_checked) == (0, [])
        return
    [finding] = found.findings.to_pylist()
    assert finding["code"].startswith(("MSK2", "IMG50"))
    assert found.not_checked == []


def test_there_are_states() -> None:
    assert ("mask_files", "lfs-pointer") in CASES
    assert ("image_files", "unreadable") in CASES
    assert len(CASES) == 23
