"""Mutated files: no exception, no hang, and what is said about the records that were left alone stays the same."""

from __future__ import annotations

import json
import tempfile
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sample_data import make_sample_data as sample
from tests.hostile.document import CLEAN, RECORDS, document, text_of
from tests.scanning import quick_scan

SEEDS: dict[str, bytes] = {
    "instances": CLEAN.encode(),
    "keypoints": sample.dump(sample.keypoints(1, 2)).encode(),
    "panoptic": sample.dump(sample.panoptic(1, 2)).encode(),
    "captions": sample.dump(sample.captions(1, 3)).encode(),
    "results": sample.dump(sample.detections(sample.instances(1, 2), 1)).encode(),
    "sa-1b": sample.dump(sample.sa1b(1, 3)).encode(),
    "roboflow": sample.dump(sample.roboflow(1, 2)).encode(),
}

SCRAPS = (
    *(
        b"{",
        b"}",
        b"[",
        b"]",
        b",",
        b":",
        b'"',
        b"\\",
        b"\\u",
        b"\\ud800",
        b"NaN",
        b"-Infinity",
        b"1e999",
        b"null",
        b"true",
    ),
    *(
        b"\x00",
        b"\xff",
        b"\xef\xbb\xbf",
        b"\x1f\x8b",
        b"[[[[[[",
        b'{"id":',
        b'"annotations": [',
        b"}, {",
        b"]}",
        b"/*",
        b"9" * 25,
    ),
    *(b'"bbox": [1, 2, 3', b'"images": null,', b"\r", b"\n", b" "),
)


@st.composite
def mutated(draw: st.DrawFn, start: bytes) -> bytes:
    """`start` after one to four cuts, copies, swaps, flips and splices."""
    text = start
    for _ in range(draw(st.integers(1, 4))):
        low = draw(st.integers(0, len(text)))
        high = min(len(text), low + draw(st.sampled_from([0, 1, 2, 5, 20, 100, 1000])))
        kind = draw(st.sampled_from(["delete", "copy", "insert", "truncate", "flip", "scrap", "behead"]))
        piece = text[low:high]
        if kind == "delete":
            text = text[:low] + text[high:]
        elif kind == "copy":
            to = draw(st.integers(0, len(text)))
            text = text[:to] + piece + text[to:]
        elif kind == "insert":
            text = text[:low] + draw(st.binary(min_size=1, max_size=6)) + text[low:]
        elif kind == "scrap":
            text = text[:low] + draw(st.sampled_from(SCRAPS)) + text[high:]
        elif kind == "truncate":
            text = text[:low]
        elif kind == "behead":
            text = text[low:] if low < len(text) // 4 else text
        elif piece:
            text = text[:low] + bytes([text[low] ^ (1 << draw(st.integers(0, 7)))]) + text[low + 1 :]
    return text


def look(content: bytes) -> tuple[int, list[dict[str, Any]]]:
    """(exit status, findings) of a scan of a file with this content."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "input.json"
        path.write_bytes(content)
        with quick_scan(path) as report:
            return report.exit_status, report.findings.to_pylist() + report.folded.to_pylist()


@pytest.mark.parametrize("format_name", SEEDS)
@settings(max_examples=40)
@given(data=st.data())
def test_no_mutation_raises(format_name: str, data: st.DataObject) -> None:
    status, findings = look(data.draw(mutated(SEEDS[format_name])))
    assert status in (0, 1)
    if status:
        assert findings


json_values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(10**6, 10**25)
    | st.floats()
    | st.text(max_size=8)
    | st.sampled_from(["\ud800", "1", ""]),
    lambda children: st.lists(children, max_size=4) | st.dictionaries(st.text(max_size=3), children, max_size=3),
    max_leaves=8,
)


def planted_document() -> dict[str, Any]:
    """The document with a finding of another kind in every second annotation."""
    data = document()
    annotations = data["annotations"]
    annotations[1]["bbox"][2] = 0.0
    annotations[3]["area"] *= 5
    annotations[5]["segmentation"] = [annotations[5]["segmentation"][0][:4]]
    annotations[7]["category_id"] = 77
    annotations[11]["bbox"] = [1, 2, 3]
    return data


@cache
def untouched() -> list[dict[str, Any]]:
    return look(text_of(planted_document()).encode())[1]


def others(findings: list[dict[str, Any]], touched: int) -> set[tuple[str, str, str]]:
    """What is said about the annotations but for one, by their ids. Their source as a whole may change with it."""
    ids = {str(number + 1) for number in range(RECORDS) if number != touched}
    return {
        (finding["name"], finding["key"], finding["message"])
        for finding in findings
        if finding["table"] == "annotations" and finding["key"] in ids
    }


@settings(max_examples=100)
@given(
    number=st.integers(0, 11),
    key=st.sampled_from([*document()["annotations"][0], "keypoints", "extra"]),
    value=json_values,
)
def test_a_value_costs_its_own_record_alone(number: int, key: str, value: object) -> None:
    before = untouched()
    data = planted_document()
    data["annotations"][number][key] = value
    status, after = look(text_of(data).encode())
    assert status == 1
    assert others(after, number) == others(before, number)


@settings(max_examples=100)
@given(number=st.integers(0, 11), data=st.data())
def test_damaged_text_costs_its_own_record_alone(number: int, data: st.DataObject) -> None:
    plain = text_of(planted_document())
    before = untouched()
    record = json.dumps(planted_document()["annotations"][number])
    low = data.draw(st.integers(1, len(record) - 1))
    high = min(len(record) - 1, low + data.draw(st.integers(0, 12)))
    # Nothing that opens or closes a text: that could take the following records with it.
    inserted = data.draw(st.text(st.sampled_from("{}[],:09.-eEtrufalsN \\/x"), max_size=5))
    if '"' in record[low:high]:
        inserted += '"' * (record[low:high].count('"') % 2)
    status, after = look(plain.replace(record, record[:low] + inserted + record[high:]).encode())
    assert status == 1
    assert others(after, number) == others(before, number)
