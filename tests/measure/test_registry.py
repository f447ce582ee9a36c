"""Which kernels run, and that they share what they measure."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pytest
from msgspec import Raw

from datacheck.measure import rle_plain, rle_runs
from datacheck.measure.registry import KERNELS, plan
from datacheck.read.columns import annotation_columns
from datacheck.read.records import Annotation
from datacheck.tables import TABLES


def test_without_a_plan_every_kernel_that_a_column_names_runs() -> None:
    named = {column.kernel for table in TABLES.values() for column in table.columns} - {""}
    assert plan(None) == named
    assert set(KERNELS) <= named


def test_only_what_is_needed_is_measured() -> None:
    assert plan([("annotations", "rle_area"), ("annotations", "box_x")]) == {"rle"}
    assert plan([("annotations", "overlap_iou")]) == {"overlaps"}
    assert plan([("images", "width")]) == frozenset()


@pytest.mark.parametrize("kernels", [("rle",), ("components",), ("rle", "components")])
def test_texts_are_decoded_once_whatever_is_asked_of_them(
    kernels: Sequence[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    calls: list[Any] = []
    decode = rle_runs.decode

    def counted(*arguments: Any) -> Any:
        calls.append(arguments)
        return decode(*arguments)

    monkeypatch.setattr(rle_plain, "decode", counted)
    monkeypatch.setenv("DATACHECK_RLE", "plain")
    records = [Annotation(segmentation=Raw(b'{"size": [2, 3], "counts": "123"}'))]
    columns = annotation_columns(records, kernels, lambda fault: None)
    assert len(calls) == 1
    assert columns["rle_component_count" if "components" in kernels else "rle_area"].to_pylist() in ([1], [2.0])
