"""Files with the masks of one image: copies among their masks, and what all of them have in common."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from datacheck.expect import SourceExpectation
from datacheck.run.scan import ScanOptions, read_tables
from tests.rules.clean import CLEAN


def tables_of(folder: Path, documents: dict[str, Any]) -> dict[str, Any]:
    for name, document in documents.items():
        (folder / name).write_text(json.dumps(document))
    scanned = read_tables(ScanOptions([str(folder)], jobs=1))
    tables = {name: table.to_pylist() for name, table in scanned.tables.items()}
    scanned.close()
    return tables


def test_copies_are_counted_within_an_image_and_in_these_formats_alone(tmp_path: Path) -> None:
    list_ = CLEAN["amg"]()[:3]
    again = CLEAN["amg"]()[:3] + CLEAN["amg"]()[1:2]
    instances = CLEAN["instances"]()
    tables = tables_of(tmp_path, {"a.json": list_, "b.json": again, "c.json": instances})
    rows = [row for row in tables["annotations"] if row["source"] == 1]
    assert [row["mask_copies"] for row in rows] == [1, 2, 1, 2]
    assert [row["is_first_mask"] for row in rows] == [True, True, True, False]
    assert {row["mask_copies"] for row in tables["annotations"] if row["source"] == 0} == {1}
    assert {row["mask_copies"] for row in tables["annotations"] if row["source"] == 2} == {None}


def test_equal_counts_for_another_size_are_another_mask_and_lists_of_runs_are_compared_as_texts_are(
    tmp_path: Path,
) -> None:
    def mask(counts: Any, size: list[int]) -> dict[str, Any]:
        return {
            "segmentation": {"size": size, "counts": counts},
            "bbox": [0, 0, 1, 1], "area": 4, "predicted_iou": 1.0, "stability_score": 1.0,
        }  # fmt: skip

    list_ = [mask([0, 4, 4], [2, 4]), mask([0, 4, 4], [4, 2]), mask([0, 4, 4], [2, 4]), mask([2, 4, 2], [2, 4])]
    rows = tables_of(tmp_path, {"a.json": list_})["annotations"]
    assert [row["mask_copies"] for row in rows] == [2, 1, 2, 1]


def test_the_dataset_knows_how_many_files_hold_one_mask(tmp_path: Path) -> None:
    one, nothing = CLEAN["amg"]()[:1], CLEAN["amg"]()[:1]
    nothing[0]["segmentation"]["counts"] = [640 * 480]
    tables = tables_of(
        tmp_path, {"a.json": one, "b.json": CLEAN["amg"](), "c.json": nothing, "d.json": CLEAN["instances"]()}
    )
    [dataset] = tables["datasets"]
    assert (dataset["mask_list_count"], dataset["one_mask_list_count"], dataset["empty_mask_list_count"]) == (3, 2, 1)
    assert dataset["few_mask_list_count"] == 0
    sources = tables["sources"]
    assert [source["is_mask_list"] for source in sources] == [True, True, True, False]
    assert sources[0]["only_mask_share"] == 40 * 60 / (640 * 480)
    assert dataset["median_only_mask_share"] == sources[0]["only_mask_share"] / 2
    assert [source["only_mask_share"] for source in sources[1:]] == [None, 0.0, None]


def test_without_such_files_the_dataset_counts_none(tmp_path: Path) -> None:
    [dataset] = tables_of(tmp_path, {"d.json": CLEAN["instances"]()})["datasets"]
    assert dataset["mask_list_count"] == 0
    assert dataset["median_only_mask_share"] is None


def test_a_file_of_one_mask_counts_unless_one_is_declared_as_right(tmp_path: Path) -> None:
    from datacheck.expect import Expectations

    (tmp_path / "a.json").write_text(json.dumps(CLEAN["amg"]()[:1]))

    class Declared(Expectations):
        def for_source(self, path: str) -> SourceExpectation:
            return SourceExpectation(min_segments=1)

    scanned = read_tables(ScanOptions([str(tmp_path)], jobs=1, expectations=Declared()))
    [dataset] = scanned.tables["datasets"].to_pylist()
    scanned.close()
    assert dataset["one_mask_list_count"] == 0
