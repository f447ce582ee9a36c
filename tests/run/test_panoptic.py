"""Panoptic PNGs against what the JSON lists: small sets with one fault each, measured in full by plain numpy."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray
from PIL import Image

from datacheck.measure import labels
from datacheck.measure.labels import picture_ids
from datacheck.run.assemble import Parts
from datacheck.run.files import run_groups
from datacheck.run.panoptic import GROUP, SHOWN, PngsRead, measure_panoptic
from datacheck.run.scan import ScanOptions, read_tables

Pixels = NDArray[np.int64]
Record = dict[str, Any]


def here(
    work: Callable[[Sequence[Any]], Any], items: Sequence[Any], dead: object, *, group: int, **_: Any
) -> Iterator[Any]:
    return (work(items[start : start + group]) for start in range(0, len(items), group))


def write(path: Path, ids: Pixels) -> None:
    """A PNG whose colours are R + 256 G + 65,536 B = id."""
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.fromarray(np.stack([ids & 255, ids >> 8 & 255, ids >> 16], axis=2).astype(np.uint8)).save(path)


def parts_of(records: Sequence[Record], source: Sequence[int] | None = None) -> dict[str, Parts]:
    """Tables as they are after reading and joining; a record has file_name, and segments with id and category."""
    n = len(records)
    annotations = Parts("annotations", source=np.array(source or [0] * n, np.int32))
    segments = [(row, k, *s) for row, r in enumerate(records) for k, s in enumerate(r.get("segments") or ())]
    own = Parts(
        "segments", source=annotations.source[[row for row, *_ in segments]] if segments else np.empty(0, np.int32)
    )
    counts = [None if r.get("segments") is None else r.get("count", len(r["segments"])) for r in records]
    annotations.columns["file_name"] = pa.chunked_array([pa.array([r.get("file_name") for r in records], pa.string())])
    annotations.columns["segment_count"] = pa.chunked_array([pa.array(counts, pa.int32())])
    for place, name in enumerate(("annotation_row", "number", "id", "category_id_key")):
        own.columns[name] = pa.chunked_array([pa.array([s[place] for s in segments], pa.int64())])
    return {"annotations": annotations, "segments": own}


def measured(folder: Path, records: Sequence[Record], run: Any = here) -> tuple[list[Record], list[Record], Record]:
    """(rows of annotations, rows of segments, columns of sources)."""
    parts = parts_of(records)
    columns = measure_panoptic(parts, [str(folder / "panoptic.json")], ["coco-panoptic"], [str(folder)], run).columns
    rows = [parts[name].table().to_pylist() for name in ("annotations", "segments")]
    return rows[0], rows[1], {name: values[0] for name, values in columns.items()}


def quarters(width: int = 40, height: int = 30, first: int = 1) -> Pixels:
    """Four segments, and a frame of void one pixel wide."""
    ids = np.zeros((height, width), np.int64)
    for k in range(4):
        x, y = k % 2 * width // 2, k // 2 * height // 2
        ids[y : y + height // 2, x : x + width // 2] = first + 70_000 * k
    ids[[0, -1]], ids[:, [0, -1]] = 0, 0
    return ids


LISTED = [(1 + 70_000 * k, k) for k in range(4)]


def test_a_png_that_agrees(tmp_path: Path) -> None:
    write(tmp_path / "panoptic" / "1.png", quarters())
    (row,), segments, source = measured(tmp_path, [{"file_name": "1.png", "segments": LISTED}])
    assert source == {"png_folder": str(tmp_path / "panoptic"), "png_missing_count": 0, "png_foreign_count": 0}
    assert row["png_path"] == str(tmp_path / "panoptic" / "1.png")
    assert (row["png_state"], row["png_detail"]) == ("ok", None)
    assert (row["png_width"], row["png_height"], row["png_segment_count"]) == (40, 30, 4)
    assert (row["png_unlisted_count"], row["png_unlisted"], row["png_unlisted_share"]) == (0, None, 0)
    assert row["void_share"] == pytest.approx((2 * 40 + 2 * 28) / 1200)
    assert [s["in_png"] for s in segments] == [True] * 4
    boxes = [(s["png_area"], s["png_x"], s["png_y"], s["png_w"], s["png_h"]) for s in segments]
    assert boxes == [(266, 1, 1, 19, 14), (266, 20, 1, 19, 14), (266, 1, 15, 19, 14), (266, 20, 15, 19, 14)]


@given(st.integers(0, 10_000))
def test_any_picture_gives_what_plain_numpy_gives(tmp_path_factory: pytest.TempPathFactory, seed: int) -> None:
    rng = np.random.default_rng(seed)
    folder = tmp_path_factory.mktemp("set")
    records: list[Record] = []
    pictures: list[Pixels] = []
    for number in range(int(rng.integers(1, 4))):
        known = rng.choice([0, 1, 2, 255, 256, 65_535, 65_536, 2**24 - 1], int(rng.integers(1, 8)), replace=False)
        ids = known[rng.integers(0, len(known), tuple(rng.integers(1, 9, 2)))]
        write(folder / "panoptic" / f"{number}.png", ids)
        choice = [1, 2, 255, 65_536, 7, 2**24 - 1] + [2**24, -5, 0] * int(rng.random() < 0.3)
        segments = [(int(v), 0) for v in rng.choice(choice, int(rng.integers(0, 6)))]
        records.append({"file_name": f"{number}.png", "segments": segments})
        pictures.append(ids)
    rows, found, source = measured(folder, records)
    for row, ids, record in zip(rows, pictures, records, strict=True):
        own = {number for number, _ in record["segments"]}
        unlisted = sorted(set(ids.ravel().tolist()) - own - {0})
        assert row["void_share"] == (ids == 0).mean()
        usable = all(0 < number < 2**24 for number in own)
        assert row["png_unlisted_count"] == (len(unlisted) if usable else None)
        assert row["png_unlisted"] == (", ".join(map(str, unlisted)) if usable and unlisted else None)
        assert row["png_unlisted_share"] == (pytest.approx(np.isin(ids, unlisted).mean()) if usable else None)
        assert row["png_segment_count"] == len(set(ids.ravel().tolist()) - {0})
    for segment in found:
        at = np.argwhere(pictures[segment["annotation_row"]] == segment["id"])
        box = [segment[name] for name in ("png_area", "png_y", "png_x", "png_h", "png_w")]
        assert segment["in_png"] == (bool(len(at)) if 0 < segment["id"] < 2**24 else None)
        span = at.max(axis=0) - at.min(axis=0) + 1 if segment["in_png"] else None
        assert box == ([None] * 5 if span is None else [len(at), *at.min(axis=0).tolist(), *span.tolist()])
    listed = [{own for own, _ in record["segments"]} for record in records]
    foreign = [
        bool(own) and ids.any() and not own & set(ids.ravel().tolist()) and all(0 < one < 2**24 for one in own)
        for own, ids in zip(listed, pictures, strict=True)
    ]
    assert source["png_foreign_count"] == sum(foreign)


def test_colours_in_the_order_of_cv2_are_foreign(tmp_path: Path) -> None:
    ids = quarters(first=3)
    write(tmp_path / "panoptic" / "1.png", (ids & 255) << 16 | ids & 0xFF00 | ids >> 16)
    write(tmp_path / "panoptic" / "2.png", ids)
    listed = [(3 + 70_000 * k, k) for k in range(4)]
    _, segments, source = measured(
        tmp_path, [{"file_name": "1.png", "segments": listed}, {"file_name": "2.png", "segments": listed}]
    )
    assert source["png_foreign_count"] == 1
    assert [s["in_png"] for s in segments] == [False] * 4 + [True] * 4


def test_missing_and_outside_and_unreadable_pngs_have_their_states(tmp_path: Path) -> None:
    folder = tmp_path / "panoptic"
    write(folder / "1.png", quarters())
    write(tmp_path / "secret.png", quarters())
    (folder / "empty.png").touch()
    (folder / "cut.png").write_bytes((folder / "1.png").read_bytes()[:60])
    (folder / "page.png").write_text("<!DOCTYPE html><title>404</title>")
    (folder / "dir.png").mkdir()
    names = [
        "1.png",
        "2.png",
        "../secret.png",
        str(tmp_path / "secret.png"),
        "empty.png",
        "cut.png",
        "page.png",
        "dir.png",
    ]
    rows, segments, source = measured(tmp_path, [{"file_name": name, "segments": LISTED[:1]} for name in names])
    assert [row["png_state"] for row in rows[:4]] == ["ok", "missing", "outside", "outside"]
    assert [row["png_detail"] for row in rows[:2]] == [None, None]
    assert rows[4]["png_state"] == "empty"
    for row in rows[2:]:
        assert row["png_state"] not in ("ok", "missing")
        assert row["png_detail"]
        assert row["png_segment_count"] is None
    assert [row["png_path"] is None for row in rows[:4]] == [False, True, True, True]
    assert [s["in_png"] for s in segments] == [True] + [None] * 7
    assert [s["png_area"] is None for s in segments] == [False] + [True] * 7
    assert source["png_missing_count"] == 1


def test_without_a_folder_nothing_is_known_but_names_that_leave_every_folder(tmp_path: Path) -> None:
    records = [{"file_name": name, "segments": LISTED} for name in ("1.png", "/1.png", "2.png")]
    rows, (segment, *_), source = measured(tmp_path, records)
    assert source == {"png_folder": None, "png_missing_count": 2, "png_foreign_count": 0}
    assert [row["png_state"] for row in rows] == [None, "outside", None]
    assert segment["in_png"] is None
    assert segment["category_copies"] == 1


def test_records_without_a_name_or_with_ids_that_cannot_be_read_are_passed_over(tmp_path: Path) -> None:
    write(tmp_path / "panoptic" / "1.png", quarters())
    records: list[Record] = [
        {"file_name": None, "segments": LISTED},
        {"file_name": "  ", "segments": LISTED},
        {"file_name": "1.png", "segments": [(None, 0), *LISTED[1:]]},
        {"file_name": "1.png", "segments": None},
        {"file_name": "1.png", "segments": LISTED[1:], "count": 4},
        {"file_name": "1.png", "segments": []},
    ]
    rows, segments, source = measured(tmp_path, records)
    assert [row["png_state"] for row in rows] == [None, None, "ok", "ok", "ok", "ok"]
    assert [row["png_unlisted_count"] for row in rows] == [None, None, None, None, None, 4]
    assert [row["void_share"] is None for row in rows] == [True, True, False, False, False, False]
    assert [s["in_png"] for s in segments] == [None] * 9 + [True] * 6
    assert source["png_foreign_count"] == 0


def test_copies_of_a_category_are_counted_within_an_image(tmp_path: Path) -> None:
    listed = [(1, 7), (2, 8), (3, 7), (4, None), (5, 7)]
    _, segments, _ = measured(tmp_path, [{"file_name": "1.png", "segments": listed}] * 2)
    assert [s["category_copies"] for s in segments] == [3, 1, 3, None, 3] * 2
    assert [s["category_first"] for s in segments] == [0, 1, 0, None, 0] * 2


def test_only_the_first_unlisted_ids_are_named(tmp_path: Path) -> None:
    write(tmp_path / "panoptic" / "1.png", np.arange(400).reshape(20, 20))
    (row,), _, _ = measured(tmp_path, [{"file_name": "1.png", "segments": [(2, 0)]}])
    assert row["png_unlisted_count"] == 398
    assert row["png_unlisted"] == ", ".join(map(str, [1, *range(3, SHOWN + 2)]))


def test_sources_of_other_formats_are_left_alone_and_each_has_its_own_folder(tmp_path: Path) -> None:
    for name in ("a", "b"):
        write(tmp_path / name / "1.png", quarters(first=1 if name == "a" else 2))
    parts = parts_of([{"file_name": "1.png", "segments": LISTED}] * 3, [0, 1, 2])
    paths = [str(tmp_path / name) for name in ("a.json", "c.json", "b.json")]
    columns = measure_panoptic(
        parts, paths, ["coco-panoptic", "coco-instances", "coco-panoptic"], [str(tmp_path)], here
    ).columns
    assert columns["png_folder"] == [str(tmp_path / "a"), None, str(tmp_path / "b")]
    assert columns["png_foreign_count"] == [0, 0, 1]
    assert parts["annotations"].table().column("png_state").to_pylist() == ["ok", None, "ok"]
    nothing: dict[str, list[Any]] = {"png_folder": [], "png_missing_count": [], "png_foreign_count": []}
    assert measure_panoptic(parts, [], [], [], here) == PngsRead(nothing)


def test_a_png_that_many_annotations_name_is_read_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write(tmp_path / "panoptic" / "1.png", quarters())
    write(tmp_path / "panoptic" / "2.png", quarters(first=2))
    read: list[str] = []

    def noted(path: str) -> labels.Ids:
        read.append(path)
        return picture_ids(path)

    monkeypatch.setattr(labels, "picture_ids", noted)
    listed: list[list[tuple[int, int]]] = [LISTED, [(2, 0)], LISTED[:1], []]
    records = [{"file_name": f"{k % 3 % 2 + 1}.png", "segments": own} for k, own in enumerate(listed)]
    rows, segments, _ = measured(tmp_path, records)
    assert [Path(path).name for path in read] == ["1.png", "2.png"]
    assert [row["png_unlisted_count"] for row in rows] == [0, 3, 3, 4]
    assert [s["in_png"] for s in segments] == [True] * 6


def test_a_worker_that_dies_is_a_state(tmp_path: Path) -> None:
    for name in ("1.png", "2.png"):
        write(tmp_path / "panoptic" / name, quarters())

    def dying(work: Any, items: Sequence[Any], dead: Callable[[Any], Any], **_: Any) -> Iterator[Any]:
        return (dead(item) if item.path.endswith("1.png") else work([item]) for item in items)

    records = [{"file_name": name, "segments": LISTED} for name in ("1.png", "2.png", "1.png")]
    rows, segments, _ = measured(tmp_path, records, dying)
    assert [row["png_state"] for row in rows] == ["worker-died", "ok", "worker-died"]
    assert [s["in_png"] for s in segments] == [None] * 4 + [True] * 4 + [None] * 4


def test_after_ctrl_c_what_was_measured_is_kept_and_the_rest_is_not_read(tmp_path: Path) -> None:
    names = [f"{number:03d}.png" for number in range(GROUP + 4)]
    for name in names:
        write(tmp_path / "panoptic" / name, quarters())

    def stopped(work: Any, items: Sequence[Any], dead: object, **_: Any) -> Iterator[Any]:
        yield work(items[:GROUP])
        raise KeyboardInterrupt

    records = [{"file_name": name, "segments": LISTED[1:]} for name in [*names, *names[-2:], "none.png"]]
    for run, interrupted, read in ((stopped, False, GROUP), (here, True, 0)):
        parts = parts_of(records)
        found = measure_panoptic(
            parts, [str(tmp_path / "panoptic.json")], ["coco-panoptic"], [str(tmp_path)], run, interrupted=interrupted
        )
        assert (found.count, found.unread) == (len(names), len(names) - read)
        assert found.columns["png_missing_count"] == [1]
        rows = parts["annotations"].table().to_pylist()
        states = ["ok"] * read + ["interrupted"] * (len(names) - read + 2) + ["missing"]
        assert [row["png_state"] for row in rows] == states
        assert [row["png_unlisted_count"] for row in rows[:-1]] == [1] * read + [None] * (len(names) - read + 2)
        assert all(row["png_path"] for row in rows[:-1])
        in_png = parts["segments"].table().column("in_png").to_pylist()
        assert in_png == [True] * 3 * read + [None] * (len(in_png) - 3 * read)


def test_ctrl_c_while_pngs_are_read_leaves_a_scan_that_can_be_judged(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    names = [f"{number:03d}.png" for number in range(GROUP + 4)]
    for name in names:
        write(tmp_path / "panoptic" / name, quarters())
    records = [
        {"image_id": n, "file_name": name, "segments_info": [{"id": one, "category_id": kind} for one, kind in LISTED]}
        for n, name in enumerate(names)
    ]
    images = [{"id": n, "file_name": f"{n}.jpg", "width": 40, "height": 30} for n in range(len(names))]
    categories = [{"id": n, "name": str(n)} for n in range(4)]
    document = {"images": images, "annotations": records, "categories": categories}
    (tmp_path / "panoptic.json").write_text(json.dumps(document))

    def stopped(path: str) -> labels.Ids:
        if path.endswith(names[-1]):
            raise KeyboardInterrupt
        return picture_ids(path)

    monkeypatch.setattr(labels, "picture_ids", stopped)
    told: list[tuple[int, int]] = []
    result = read_tables(ScanOptions([str(tmp_path / "panoptic.json")], jobs=1), lambda *now: told.append(now))
    states = result.tables["annotations"].column("png_state").to_pylist()
    result.close()
    assert states == ["ok"] * GROUP + ["interrupted"] * 4
    assert (result.files, result.unread) == (1 + len(names), 4)
    sizes = [(tmp_path / "panoptic" / name).stat().st_size for name in names]
    document_size = (tmp_path / "panoptic.json").stat().st_size
    assert told[-1] == (document_size + sum(sizes[:GROUP]), document_size + sum(sizes))


def test_a_name_behind_a_link_to_a_folder_has_no_state_and_a_link_to_a_file_is_read(tmp_path: Path) -> None:
    write(tmp_path / "far" / "1.png", quarters())
    folder = tmp_path / "data" / "panoptic"
    write(folder / "2.png", quarters())
    (folder / "3.png").symlink_to(tmp_path / "far" / "1.png")
    (folder / "4.png").symlink_to(tmp_path / "no.png")
    (folder / "far").symlink_to(tmp_path / "far")
    names = ["2.png", "3.png", "4.png", "far/1.png", "5.png"]
    rows, segments, source = measured(tmp_path / "data", [{"file_name": n, "segments": LISTED[:1]} for n in names])
    assert [row["png_state"] for row in rows] == ["ok", "ok", "unreadable", None, "missing"]
    assert [s["in_png"] for s in segments] == [True, True, None, None, None]
    assert source["png_missing_count"] == 1


def test_processes_give_what_one_gives(tmp_path: Path) -> None:
    rng = np.random.default_rng(0)
    records = []
    for number in range(300):
        if number % 7:
            write(tmp_path / "panoptic" / f"{number}.png", rng.integers(0, 5, (6, 7)))
        records.append({"file_name": f"{number}.png", "segments": [(k, 0) for k in range(1, number % 6)]})
    run = partial(run_groups, jobs=2, advance=lambda _: None)
    assert measured(tmp_path, records, run) == measured(tmp_path, records)
