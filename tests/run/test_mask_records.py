"""What metadata.csv says of masks: a fault in one row of it hides nothing of the others."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.masks import small
from tests.masks.small import Files
from tests.masks.test_planted_masks import write
from tests.scanning import quick_scan

CSV = "sam_out/0003/metadata.csv"
FILES = "SELECT object, has_record, recorded_area FROM mask_files WHERE stem = '0003' ORDER BY object"
SETS = "SELECT * FROM mask_sets WHERE stem = '0003'"
Scanned = tuple[list[dict[str, Any]], dict[str, Any], set[str], dict[str, int]]


def scanned(folder: Path, change: Callable[[str], str]) -> Scanned:
    """(files, set, codes of findings, how many rows each rule could not check) once one metadata.csv is changed."""
    files: Files = small.amg()
    files[CSV] = change(files[CSV].decode()).encode()
    with quick_scan(write(folder, files)) as report:
        return (
            report.query(FILES).to_pylist(),
            report.query(SETS).to_pylist()[0],
            {row["code"] for row in report.findings.to_pylist()},
            {one.code: one.count for one in report.not_checked},
        )


def replaced(pattern: str, by: str) -> Callable[[str], str]:
    return lambda text: re.sub(pattern, by, text, flags=re.MULTILINE)


def test_a_row_of_too_many_fields_hides_no_fault_of_another(tmp_path: Path) -> None:
    def change(text: str) -> str:
        return replaced(r"^4,(.*)", r"4,\1,7,7")(replaced(r"^2,(\d+)", r"2,1\1")(text))

    files, row, codes, not_checked = scanned(tmp_path, change)
    assert codes == {"MSK132", "MSK135"}
    assert [one["recorded_area"] is None for one in files] == [False] * 4 + [True]
    assert [one["has_record"] for one in files] == [True] * 5
    assert (row["unlisted_count"], row["absent_count"], row["recorded_count"], row["record_differs_count"]) == (
        0,
        0,
        4,
        1,
    )
    assert {not_checked[code] for code in ("MSK135", "MSK136", "MSK137", "MSK138")} == {1}


def test_of_an_id_that_stands_in_two_rows_nothing_is_compared(tmp_path: Path) -> None:
    files, row, codes, not_checked = scanned(tmp_path, replaced(r"^(2,.*)$", r"\1\n2,9,9,9,9,9,9,9,0.9,0.9,0,0,64,48"))
    assert codes == {"MSK132"}
    assert [one["recorded_area"] is None for one in files] == [False, False, True, False, False]
    assert files[2]["has_record"]
    assert (row["recorded_count"], not_checked["MSK135"]) == (4, 1)


def test_of_rows_past_the_end_of_what_could_be_read_nobody_knows(tmp_path: Path) -> None:
    files, row, codes, not_checked = scanned(tmp_path, replaced(r"^3,", '3,"'))
    assert codes == {"MSK132"}
    assert [one["has_record"] for one in files] == [True, True, True, None, None]
    assert (row["unlisted_count"], row["absent_count"]) == (None, 0)
    assert not_checked["MSK134"] == 1
    assert not_checked["MSK135"] == 2


def test_rows_of_absent_files_are_found_in_a_malformed_file_too(tmp_path: Path) -> None:
    _, row, codes, _ = scanned(
        tmp_path, lambda text: replaced(r"^4,(.*)", r"4,\1,7")(text) + "9,1,1,1,1,1,1,1,1,1,0,0,64,48\n"
    )
    assert codes == {"MSK132", "MSK133"}
    assert (row["absent_count"], row["absent"]) == (1, "9.png")


@pytest.mark.parametrize("text", ["", "number,area,bbox_x0,bbox_y0,bbox_w\n0,5,1,1,2\n"], ids=["empty", "without ids"])
def test_without_ids_nothing_is_joined(text: str, tmp_path: Path) -> None:
    files, row, codes, not_checked = scanned(tmp_path, lambda _: text)
    assert codes == {"MSK132"}
    assert {one["has_record"] for one in files} == {None}
    assert (row["unlisted_count"], row["absent_count"], row["recorded_count"]) == (None, None, 0)
    assert not_checked["MSK133"] == 1
    assert not_checked["MSK135"] == 5


def test_a_metadata_of_other_masks_is_one_finding(tmp_path: Path) -> None:
    files = small.amg()
    files[CSV] = files["sam_out/0007/metadata.csv"].replace(b",0.97,", b",nan,")
    with quick_scan(write(tmp_path, files)) as report:
        assert [row["code"] for row in report.findings.to_pylist()] == ["MSK139"]
        folded = {row["code"]: row["explained_by"] for row in report.folded.to_pylist()}
    assert folded == {"MSK135": "MSK139", "MSK137": "MSK139", "MSK140": "MSK139"}
