"""metadata.csv: whatever stands in it is read as far as it goes, and said in words."""

from __future__ import annotations

import codecs
import os
import time
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from datacheck.folders import amg
from datacheck.folders.amg import COLUMNS, KEPT, Metadata, is_amg, read_metadata
from tests.masks.layouts import write_amg_folder

HEADER = ",".join(COLUMNS)
ROWS = ["0,100,1,2,3,4,1.5,2.5,1.03,0.97,0,0,64,48", "1,50,5,6,7,8,5.5,6.5,0.9,0.95,0,0,64,48"]


def read(folder: Path, text: str | bytes) -> Metadata:
    path = folder / "metadata.csv"
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return read_metadata(str(path))


def lines(*rows: str) -> str:
    return "\n".join([HEADER, *rows]) + "\n"


def test_what_amg_writes_is_read_whole(tmp_path: Path) -> None:
    write_amg_folder(tmp_path, 3)
    found = read_metadata(str(tmp_path / "metadata.csv"))
    assert (found.state, found.detail, found.id) == ("ok", None, ["0", "1", "2", "3", "4"])
    assert all(np.isfinite(getattr(found, name)).all() for name in KEPT)
    assert found.bad_number_count.tolist() == [0] * 5
    found = read(tmp_path, lines(*ROWS))
    assert found.area.tolist() == [100, 50]
    assert [found.bbox_x0[1], found.bbox_y0[1], found.bbox_w[1], found.bbox_h[1]] == [5, 6, 7, 8]
    assert found.predicted_iou.tolist() == [1.03, 0.9]
    assert found.stability_score.tolist() == [0.97, 0.95]


@pytest.mark.parametrize(
    "change",
    [
        lambda text: text.replace("\n", "\r\n"),
        lambda text: text.replace("\n", "\r"),
        lambda text: codecs.BOM_UTF8.decode() + text,
        lambda text: text.encode("utf-16"),
        lambda text: text.removesuffix("\n"),
        lambda text: text.replace("\n", "\n\n"),
        lambda text: text.replace("area", '"area"').replace("100", '"100"'),
        lambda text: text.replace(",", ", "),
        lambda text: text.replace("\n0,", "\n0.0,"),
        lambda text: text.upper(),
    ],
    ids=["crlf", "cr", "bom", "utf-16", "no end", "blank lines", "quotes", "spaces", "float ids", "upper case"],
)
def test_other_ways_to_write_the_same_are_read_the_same(tmp_path: Path, change: object) -> None:
    assert callable(change)
    found = read(tmp_path, change(lines(*ROWS)))
    assert (found.state, found.id, found.area.tolist()) == ("ok", ["0", "1"], [100, 50])
    assert found.bad_number_count.tolist() == [0, 0]
    assert is_amg(str(tmp_path / "metadata.csv"))


def test_columns_may_stand_in_any_order_and_among_others(tmp_path: Path) -> None:
    names = ["comment", *reversed(COLUMNS)]
    row = dict(zip(COLUMNS, ROWS[0].split(","), strict=True)) | {"comment": "NaN"}
    found = read(tmp_path, f"{','.join(names)}\n{','.join(row[name] for name in names)}\n")
    assert (found.state, found.id, found.area.tolist(), found.bbox_h.tolist()) == ("ok", ["0"], [100], [4])
    assert found.bad_number_count.tolist() == [0]


def test_numbers_that_are_none_are_counted_a_row(tmp_path: Path) -> None:
    rows = [
        "0,NaN,1,2,3,4,inf,2.5,,many,0,0,64,48",
        "1,50,5,6,7,8,5.5,6.5,-Infinity,1e999,0,0,64,48",
        "2,50,5,6,7,8,5.5,6.5,0.9,0.95,0,0,64,48",
    ]
    found = read(tmp_path, lines(*rows))
    assert found.state == "ok"
    assert found.bad_number_count.tolist() == [4, 2, 0]
    assert np.isnan(found.area).tolist() == [True, False, False]
    assert np.isnan(found.predicted_iou).tolist() == [True, True, False]


@pytest.mark.parametrize(
    ("text", "detail", "ids"),
    [
        ("", "it is empty", []),
        ("\n \n", "it is empty", []),
        ("file_name,text\n1.jpg,a dog\n", "its first row is no header of amg.py's: file_name, text", []),
        (lines(*ROWS, ROWS[1]), "id 1 stands in 2 rows", ["0", "1", "1"]),
        (lines(ROWS[0], *ROWS[1:] * 2, ROWS[0]), "id 0 stands in 2 rows, and 1 more ids are duplicated", None),
        (lines(ROWS[0], "1,50,5"), "row 3 has 3 fields where the header has 14", ["0", "1"]),
        (lines(ROWS[0] + ",9"), "row 2 has 15 fields where the header has 14", ["0"]),
        (lines(ROWS[0], '"1,50', ROWS[1]), "it cannot be read from line 3 on: a quote is never closed", ["0"]),
        (lines(*ROWS).replace(",", ";"), "its fields are not separated by commas", ["0", "1"]),
        (lines(*ROWS).replace("area", "size"), "it has no column area", ["0", "1"]),
        (HEADER.replace("id,", "", 1) + "\n" + ROWS[0][2:] + "\n", "it has no column id", [""]),
        ("id\n5\n", "it has no column area and no bbox_x0 and no bbox_y0 and others", ["5"]),
        (lines(ROWS[0], "x" * 70_000), "it cannot be read from line 3 on: a line is longer than 65,536", ["0"]),
    ],
)
def test_what_is_malformed_is_said_and_the_rest_is_read(
    tmp_path: Path, text: str, detail: str, ids: list[str] | None
) -> None:
    found = read(tmp_path, text)
    assert found.state == "malformed"
    assert found.detail is not None
    assert detail in found.detail
    assert ids is None or found.id == ids
    assert all(len(getattr(found, name)) == len(found.id) for name in (*KEPT, "bad_number_count"))


def test_a_header_alone_is_an_image_without_masks(tmp_path: Path) -> None:
    found = read(tmp_path, HEADER + "\n")
    assert (found.state, found.id, len(found.area)) == ("ok", [], 0)


def test_what_cannot_be_opened_is_said(tmp_path: Path) -> None:
    assert read_metadata(str(tmp_path / "metadata.csv")).state == "missing"
    assert read_metadata("a\0b").state == "unreadable"
    assert read_metadata(str(tmp_path)).state == "unreadable"
    os.mkfifo(tmp_path / "fifo")
    assert read_metadata(str(tmp_path / "fifo")).detail == "it is not a regular file"
    assert not is_amg(str(tmp_path / "fifo"))
    assert read(tmp_path, b"PK\3\4" + bytes(400)).detail == "it is no text"


def test_a_file_beyond_all_measure_is_read_in_part(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    text = lines(*(f"{n}{ROWS[0][1:]}" for n in range(1000)))
    monkeypatch.setattr(amg, "MAX_ROWS", 100)
    found = read(tmp_path, text)
    assert (found.state, found.detail, len(found.id)) == (
        "malformed",
        "it has over 100 rows: the rest is not read",
        100,
    )
    monkeypatch.setattr(amg, "MAX_BYTES", 1000)
    found = read(tmp_path, text)
    assert found.state == "malformed"
    assert "it is larger than 0 MiB" in str(found.detail)


def test_the_largest_file_that_is_read_takes_seconds(tmp_path: Path) -> None:
    rows = "".join(f"{n}{ROWS[0][1:]}\n" for n in range(27_000))
    start = time.perf_counter()
    assert len(read(tmp_path, HEADER + "\n" + rows).id) == amg.MAX_ROWS
    assert time.perf_counter() - start < 5
    start = time.perf_counter()
    read(tmp_path, HEADER + "\n" + "," * amg.MAX_BYTES)
    read(tmp_path, HEADER + "\n" + '"' + "\n" * amg.MAX_BYTES)
    read(tmp_path, HEADER + "\n" + "\n" * amg.MAX_BYTES)
    assert time.perf_counter() - start < 12


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.binary(max_size=200), st.booleans(), st.integers(0, 300), st.binary(max_size=4))
def test_any_bytes_are_survived(tmp_path: Path, data: bytes, headed: bool, at: int, spoiled: bytes) -> None:
    text = lines(*ROWS).encode()
    found = read(tmp_path, text[:at] + spoiled + text[at + len(spoiled) :] if headed else data)
    assert found.state in ("ok", "malformed", "unreadable")
    assert (found.state == "ok") == (found.detail is None)
    assert all(len(getattr(found, name)) == len(found.id) for name in (*KEPT, "bad_number_count"))
    is_amg(str(tmp_path / "metadata.csv"))


def test_only_a_header_of_amgs_makes_a_file_amgs(tmp_path: Path) -> None:
    path = tmp_path / "metadata.csv"
    for text, expected in ((HEADER, True), ("file_name,id,area\n", False), ("", False), ("id,area\n", False)):
        path.write_text(text)
        assert is_amg(str(path)) == expected


def test_rows_that_may_have_shifted_and_files_with_more_in_them_are_marked(tmp_path: Path) -> None:
    header = ",".join(COLUMNS) + "\n"
    row = "{},5,1,1,2,2,1,1,0.9,0.9,0,0,64,48{}\n"
    found = read(tmp_path, header + row.format(0, "") + row.format(1, ",7") + "2,5\n")
    assert (found.id, found.whole.tolist(), found.cut) == (["0", "1", "2"], [True, False, False], False)
    found = read(tmp_path, header + row.format(0, "") + '1,"5\n')
    assert (found.id, found.whole.tolist(), found.cut) == (["0"], [True], True)
    assert not read(tmp_path, header + row.format(0, "")).cut
