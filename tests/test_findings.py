"""Rendering findings: places, keys, images, values, fingerprints; and the arrays they are chosen with."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pytest

from datacheck.api import Report
from datacheck.findings import Finding
from datacheck.gather import Rows, values_at
from datacheck.judged import Judged, indices, numbers
from tests.report.stand_in import FINDINGS, SOURCES, TABLES_OF_ALL, full_report, report, rule, table


def rendered(made: Report) -> list[Finding]:
    return [one for batch in made.renderer.batches(made.numbered, made.numbered.everything) for one in batch]


def one_on(annotations_pointer: str, **tables: Any) -> Finding:
    """A finding on the first annotation of a source whose annotations stand there."""
    sources = [{**SOURCES[0], "annotations_pointer": annotations_pointer}]
    made = report(
        {**TABLES_OF_ALL, "sources": sources, **tables}, [rule("ANN250", "x", "annotations", "m")], [("ANN250", 0)]
    )
    return rendered(made)[0]


@pytest.mark.parametrize(
    ("annotations_pointer", "pointer"),
    [("/annotations", "/annotations/0"), ("", "/0"), ("/masklet", "/masklet/0")],
)
def test_pointers_of_annotations(annotations_pointer: str, pointer: str) -> None:
    assert one_on(annotations_pointer).pointer == pointer


def test_the_image_of_sa_1b_stands_alone() -> None:
    sources = [{**SOURCES[0], "format": "sa-1b"}]
    width = rule("IMG250", "x", "images", "m", at="width")
    made = report({**TABLES_OF_ALL, "sources": sources}, [width], [("IMG250", 0)])
    assert rendered(made)[0].pointer == "/image/width"


def test_a_segment_is_found_through_its_annotation() -> None:
    found = {one.code: one for one in rendered(full_report())}["SEG101"]
    assert (found.pointer, found.key, found.image) == ("/annotations/3/segments_info/2/id", "5", "a.jpg")
    assert found.byte_offset == 130


def test_a_fault_has_its_own_place() -> None:
    found = {one.code: one for one in rendered(full_report())}["SRC101"]
    assert (found.pointer, found.key, found.byte_offset, found.image) == ("/annotations/4", "104", 4711, None)


def test_a_dataset_has_no_place() -> None:
    nothing = rule("SRC001", "nothing", "datasets", "nothing in {paths}")
    found = rendered(report(TABLES_OF_ALL, [nothing], [("SRC001", 0)]))[0]
    assert (found.path, found.pointer, found.line, found.key, found.message) == (
        "data",
        "",
        None,
        None,
        "nothing in data",
    )


def test_an_image_without_file_name_is_named_by_its_id() -> None:
    found = [one for one in rendered(full_report()) if one.code == "IMG110"]
    assert [(one.key, one.image) for one in found] == [("x-2", "x-2"), ("3", "deep/c.jpg")]


def test_a_dangling_image_is_named_by_its_id() -> None:
    last = [one for one in rendered(full_report()) if one.code == "ANN221"][-1]
    assert last.image == "77"


def test_values_are_the_columns_of_message_and_predicates() -> None:
    found = rendered(full_report())[0]
    assert found.values == {"box_x": 0.5, "box_y": 1.0, "image.width": 640.0, "image.height": 480.0, "box_w": 10.0}


# fingerprints


def moved(path: str, **changes: Any) -> str:
    sources = [{**SOURCES[0], "path": path}]
    annotations = [{**TABLES_OF_ALL["annotations"][0], **changes}]
    made = one_on("/annotations", sources=sources, annotations=annotations)
    return made.fingerprint


def test_a_fingerprint_survives_moving_reordering_and_measuring_anew() -> None:
    first = moved("data/train.json")
    assert len(first) == 16
    assert first == moved("/elsewhere/v2/train.json")
    assert first == moved("data/train.json", ordinal=17, box_x=3.0)
    assert first == moved("data/train/_annotations.coco.json")  # the split is what counts


def test_a_fingerprint_tells_findings_apart() -> None:
    different = {
        moved("data/train.json"),
        moved("data/val.json"),
        moved("data/train.json", id=7),
        moved("data/train.json", image_row=2, image_id=3),
    }
    assert len(different) == 4


def test_equals_are_numbered_and_symptoms_apart() -> None:
    rows = [{**TABLES_OF_ALL["annotations"][0], "ordinal": n} for n in range(4)]  # all have the same id
    equal = rule("ANN250", "x", "annotations", "m")

    def prints(*findings: Any) -> list[str]:
        made = report({**TABLES_OF_ALL, "annotations": rows}, [equal], findings)
        return [one.fingerprint for one in rendered(made) if one.explained_by is None]

    plain = prints(*[("ANN250", n) for n in range(4)])
    assert len(set(plain)) == 4
    symptom = {"explained_by": "SRC210"}
    assert prints(("ANN250", 0, symptom), ("ANN250", 1), ("ANN250", 2, symptom), ("ANN250", 3)) == plain[:2]


def fingerprints(
    sources: list[dict[str, Any]], annotations: list[dict[str, Any]], **tables: Any
) -> list[tuple[int, str]]:
    """(source, fingerprint) of a finding on each annotation, in their order."""
    rows = {**TABLES_OF_ALL, "sources": sources, "annotations": annotations, "segments": [], **tables}
    made = report(rows, [rule("ANN250", "x", "annotations", "m")], [("ANN250", n) for n in range(len(annotations))])
    owners = [row["source"] for row in annotations]
    return list(zip(owners, [one.fingerprint for one in rendered(made)], strict=True))


def source(number: int, path: str, task: str = "instances") -> dict[str, Any]:
    return {**SOURCES[0], "source": number, "path": path, "task": task}


RESULT = {"id": None, "image_id": 1, "image_row": 0, "category_id": 3, "score": 0.5, "box_x": 1.0, "box_y": 2.0,
          "box_w": 3.0, "box_h": 4.0}  # fmt: skip
RESULTS: list[dict[str, Any]] = [
    {**RESULT, "ordinal": 0},
    {**RESULT, "ordinal": 1, "box_x": 5.0},
    {**RESULT, "ordinal": 2, "score": 0.25},
    {**RESULT, "ordinal": 3, "category_id": 4},
    {**RESULT, "ordinal": 4, "image_id": 77, "image_row": None},
    {**RESULT, "ordinal": 5},  # equals the first
]


def test_a_file_alone_and_beside_others_has_the_same_fingerprints() -> None:
    rows = [{"source": 0, "id": 1, "ordinal": 0}, {"source": 0, "id": 1, "ordinal": 1}]
    for path, task in (("data/train/b.json", "instances"), ("data/train.json", "captions"), ("data/0.json", "masks")):
        beside = [{**row, "source": 1} for row in rows]
        alone = fingerprints([source(0, "data/train.json")], rows)
        both = fingerprints([source(0, "data/train.json"), source(1, path, task)], [*rows, *beside])
        assert [one for owner, one in both if owner == 0] == [one for _, one in alone]
        assert len({one for _, one in alone}) == 2
        other_way = fingerprints(
            [source(0, path, task), source(1, "data/train.json")], [{**row, "source": 0} for row in rows] + beside
        )
        assert [one for owner, one in other_way if owner == 1] == [one for _, one in alone]


def test_a_fingerprint_survives_another_folder_and_another_working_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert moved("train/a/sa_1.json") == moved("test/b/sa_1.json") == moved("sa_1.json")
    (tmp_path / "valid").mkdir()
    above = moved("data/valid/_annotations.coco.json")
    monkeypatch.chdir(tmp_path / "valid")
    assert above == moved("_annotations.coco.json") == moved("./_annotations.coco.json")
    assert above != moved("../_annotations.coco.json")


def test_files_of_another_task_are_told_apart() -> None:
    rows = [{"source": n, "id": 1, "ordinal": 0} for n in range(3)]
    sources = [source(0, "a/x_train.json"), source(1, "a/y_train.json", "keypoints"), source(2, "a/z_train.json")]
    first, second, third = (one for _, one in fingerprints(sources, rows))
    assert first != second
    assert first == third


def test_records_without_ids_are_known_by_what_they_hold() -> None:
    sources = [source(0, "a/results_val.json", "results")]
    rows = [{**row, "source": 0} for row in RESULTS]
    plain = [one for _, one in fingerprints(sources, rows)]
    assert len(set(plain)) == len(rows)
    turned = [one for _, one in fingerprints(sources, [{**row, "ordinal": 9 - row["ordinal"]} for row in rows[::-1]])]
    assert set(turned) == set(plain)
    assert turned[::-1][1:5] == plain[1:5]
    fewer = [one for _, one in fingerprints(sources, rows[2:5])]  # others gone
    assert fewer == plain[2:5]


def test_faults_are_known_by_id_and_field_or_by_what_was_found() -> None:
    def of(*faults: dict[str, Any]) -> list[str]:
        one = rule("SRC150", "x", "faults", "m")
        rows = [{"source": 0, "kind": "wrong-type", "section": "annotations", **fault} for fault in faults]
        made = report({**TABLES_OF_ALL, "faults": rows}, [one], [("SRC150", n) for n in range(len(rows))])
        return [one.fingerprint for one in rendered(made)]

    known = {"ordinal": 3, "id_text": "7", "field": "bbox", "found": "'x'"}
    other = {**known, "field": "area"}
    unknown = {"ordinal": 4, "found": "[1, 2"}
    plain = of(known, other, unknown)
    assert len(set(plain)) == 3
    assert of({**unknown, "ordinal": 1}, {**other, "ordinal": 8, "found": "'y'"}, known) == plain[::-1]
    assert of({**unknown, "found": "[1, 3"}) != plain[2:]


# the arrays


def test_values_at_any_rows_of_any_chunks() -> None:
    column = pa.chunked_array([["a", "b"], [], [None, "c"], ["d"]], pa.string())
    assert values_at(column, np.array([4, 0, -1, 2, 0, 3])) == ["d", "a", None, None, "a", "c"]
    assert values_at(column, np.array([], np.int64)) == []
    assert values_at(pa.chunked_array([], pa.string()), np.array([-1])) == [None]


def test_text_that_is_not_utf_8_is_shown_all_the_same() -> None:
    bad = pa.Array.from_buffers(
        pa.string(), 1, [None, pa.py_buffer(np.array([0, 2], np.int32).data), pa.py_buffer(b"a\xff")]
    )
    assert values_at(pa.chunked_array([bad]), np.array([0])) == ["a\\xff"]


def test_joined_rows_that_do_not_exist_are_null() -> None:
    tables = {name: table(name, rows) for name, rows in TABLES_OF_ALL.items()}
    rows = Rows(tables, "annotations", np.array([0, 9, 8]))
    assert rows.column("image.width") == [640.0, None, 100.0]
    assert rows.shown("image.id") == [1, None, "x-2"]


def test_numbers_and_indices() -> None:
    column = pa.chunked_array([pa.array([1, None, 3], pa.int32()), pa.array([None, 5], pa.int32()).slice(1)])
    assert numbers(column, np.int32).tolist() == [1, -1, 3, 5]
    assert indices(np.array([3, 1], np.int32)).to_pylist() == [3, 1]


def test_judged() -> None:
    rows: list[dict[str, Any]] = [
        {"code": "A", "severity": "error", "table": "images", "source": 0, "row": 0, "explained_by": None},
        {"code": "A", "severity": "info", "table": "images", "source": 0, "row": 1, "explained_by": "C"},
        {"code": "B", "severity": "info", "table": "images", "source": None, "row": 5, "explained_by": None},
    ]
    pieces = [pa.Table.from_pylist(rows[:2], schema=FINDINGS), pa.Table.from_pylist(rows[2:], schema=FINDINGS)]
    judged = Judged(pa.concat_tables(pieces))
    assert judged.unfolded.tolist() == [0, 2]
    assert judged.folded.tolist() == [1]
    assert judged.of(("info",)).tolist() == [2]
    assert [(chosen.tolist(), total) for chosen, total in (judged.of_rule(c, ("error", "info")) for c in "ABZ")] == [
        ([0], 1),
        ([2], 1),
        ([], 0),
    ]
    assert judged.source.tolist() == [0, 0, -1]
    assert judged.counts() == [("A", "error", None, 1), ("A", "info", "C", 1), ("B", "info", None, 1)]
    assert Judged(FINDINGS.empty_table()).counts() == []


@pytest.mark.parametrize("limit", [0, 1, 3, 5, 100])
def test_the_first_findings_of_a_rule(limit: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("datacheck.judged.WINDOW", 4)
    rows = [
        {"code": code, "severity": "error" if n % 3 else "info", "table": "images", "source": 0, "row": n,
         "explained_by": "C" if n % 4 == 1 else None}
        for code in "AB"
        for n in range(20)
    ]  # fmt: skip
    judged = Judged(pa.Table.from_pylist(rows, schema=FINDINGS))
    expected = [20 + n for n in range(20) if n % 3 and n % 4 != 1]
    chosen, total = judged.of_rule("B", ("error",), limit)
    assert total == len(expected)
    assert chosen.tolist() == expected[: limit or None]
