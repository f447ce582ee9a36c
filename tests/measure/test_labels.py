"""Mask files measured, against brute force on their pixels."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from numpy.typing import NDArray
from PIL import Image

import datacheck.measure.gather as gather
import datacheck.measure.runs as runs
from datacheck.measure.labels import measure_images, measure_mask_files, picture_ids
from datacheck.tables import TABLES

Pixels = NDArray[Any]
Row = dict[str, Any]

DTYPES = ("bool", "uint8", "uint16", "int16", ">i4", "int64", "float32", "float64")
RELAXED = settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


def brute(pixels: Pixels) -> Row:
    """The columns of a map, each value and pixel looked at."""
    values = np.unique(pixels)
    finite = values[np.isfinite(values.astype(np.float64))]
    nonzero = [v for v in values if v != 0]
    others = [v for v in nonzero if v != 255]
    ignored = 255 in nonzero and bool(others) and 0 < max(others) < 128
    parts = [v for v in nonzero if not (ignored and v == 255)]
    areas = {v: int((pixels == v).sum()) for v in parts}
    there = pixels != 0
    row: Row = {
        "height": pixels.shape[0], "width": pixels.shape[1], "value_count": len(values),
        "value_min": float(finite.min()), "value_max": float(finite.max()),
        "fraction_count": int((pixels != np.rint(pixels.astype(np.float64))).sum()),
        "segment_count": len(parts), "area": int(there.sum()), "share": there.mean(),
        "mask_x": None, "mask_y": None, "mask_w": None, "mask_h": None, "largest_area": None, "component_count": None,
        "largest_component": None,
    }  # fmt: skip
    if there.any():
        rows, columns = np.flatnonzero(there.any(axis=1)), np.flatnonzero(there.any(axis=0))
        row |= {"mask_x": columns[0], "mask_w": columns[-1] - columns[0] + 1}
        row |= {"mask_y": rows[0], "mask_h": rows[-1] - rows[0] + 1}
        _, _, stats, _ = cv2.connectedComponentsWithStats(there.astype(np.uint8), connectivity=8)
        row |= {"component_count": len(stats) - 1, "largest_component": stats[1:, cv2.CC_STAT_AREA].max()}
    if areas:
        row["largest_area"] = max(areas.values())
    return row


def segments_of(pixels: Pixels, ids: list[int]) -> list[Row]:
    found = []
    for id_ in ids:
        rows, columns = np.nonzero(pixels == id_)
        x, y = int(columns.min()), int(rows.min())
        found.append({
            "file": 0, "id": id_, "area": len(rows), "mask_x": x, "mask_y": y,
            "mask_w": int(columns.max()) - x + 1, "mask_h": int(rows.max()) - y + 1,
        })  # fmt: skip
    return found


def measure(*paths: Path) -> tuple[list[Row], list[Row]]:
    files, segments = measure_mask_files([str(path) for path in paths], ("components",))
    for name in files.column_names:
        files.column(name).cast(TABLES["mask_files"].by_name[name].arrow)
    return files.to_pylist(), segments.to_pylist()


def saved(folder: Path, name: str, pixels: Pixels) -> Path:
    path = folder / name
    if path.suffix == ".npy":
        np.save(path, pixels)
    else:
        Image.fromarray(pixels).save(path)
    return path


@st.composite
def maps(draw: st.DrawFn) -> Pixels:
    """Maps of every type, of few and of many values, in any order in memory."""
    shape = draw(st.tuples(st.integers(1, 12), st.integers(1, 12)))
    pool = draw(
        st.sampled_from([(0, 1), (0, 255), (0, 1, 2, 3), (0, 3, 5, 255), tuple(range(256)), (7,), (0, 200, 255)])
    )
    values = draw(hnp.arrays(np.int64, shape, elements=st.sampled_from(pool)))
    dtype = draw(st.sampled_from(DTYPES))
    pixels = values.astype(dtype)
    if dtype.startswith("float") and draw(st.booleans()):
        pixels = (pixels / 256).astype(dtype)
    if dtype in ("int16", ">i4", "int64") and draw(st.booleans()):
        pixels -= 2
    return np.asfortranarray(pixels) if draw(st.booleans()) else pixels


@RELAXED
@given(pixels=maps())
def test_a_map_is_what_brute_force_says(pixels: Pixels, tmp_path: Path) -> None:
    rows, segments = measure(saved(tmp_path, "a.npy", pixels))
    assert rows[0]["state"] == "ok"
    expected = brute(pixels)
    assert {name: rows[0][name] for name in expected} == expected
    if rows[0]["content"] in ("binary", "labels"):
        ids = [v for v in np.unique(pixels).astype(np.int64).tolist() if v != 0]
        ids = ids[:-1] if rows[0]["segment_count"] < len(ids) else ids
        assert segments == segments_of(pixels, ids)
        largest = max(segments, key=lambda s: (s["area"], -s["id"]), default=None)
        assert rows[0]["largest_id"] == (largest and largest["id"])
    else:
        assert not segments


@RELAXED
@given(pixels=st.lists(maps(), min_size=2, max_size=9))
def test_files_measured_together_are_as_each_alone(pixels: list[Pixels], tmp_path: Path) -> None:
    paths = [saved(tmp_path, f"{n}.npy", p) for n, p in enumerate(pixels)]
    rows, segments = measure(*paths)
    alone = [measure(path) for path in paths]
    assert rows == [own[0] for own, _ in alone]
    assert segments == [s | {"file": n} for n, (_, own) in enumerate(alone) for s in own]


@pytest.mark.parametrize("strip", [1, 7, 64, 1000])
def test_a_map_in_strips_is_as_a_whole(strip: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    chance = np.random.default_rng(0)
    paths = [
        saved(tmp_path, "labels.npy", chance.integers(0, 9, (40, 30)).astype(np.uint16)),
        saved(tmp_path, "floats.npy", np.where(chance.random((40, 30)) < 0.8, 0, chance.random((40, 30)))),
        saved(tmp_path, "mixed.npy", np.repeat(chance.integers(0, 3, (40, 3)), 10, axis=1)),
        saved(tmp_path, "colours.png", np.repeat(chance.integers(0, 99, (40, 3, 3)).astype(np.uint8), 10, axis=1)),
    ]
    whole = measure(*paths)
    monkeypatch.setattr(runs, "STRIP", strip)
    for most in (1 << 16, 50):
        monkeypatch.setattr(gather, "MAX_RUNS", most)
        parts = measure(*paths)
        for row, other in zip(parts[0], whole[0], strict=True):
            differ = {"content_key", "component_count", "largest_component"} | ({"content"} if strip < 30 else set())
            assert {k: row[k] for k in row if k not in differ} == {k: other[k] for k in other if k not in differ}
        if strip >= 30:
            assert parts[1] == whole[1]


def test_equal_pixels_have_equal_keys_however_they_are_stored(tmp_path: Path) -> None:
    ids = (np.arange(48 * 64).reshape(48, 64) // 500).astype(np.uint8)
    palette = Image.fromarray(ids).convert("P")
    palette.putpalette([n * 5 % 256 for n in range(768)])
    palette.save(tmp_path / "palette.png")
    paths = [saved(tmp_path, "a.png", ids), saved(tmp_path, "b.bmp", ids), tmp_path / "palette.png"]
    paths += [saved(tmp_path, f"{kind}.npy", ids.astype(kind)) for kind in ("uint8", ">u2", "int64", "float32")]
    paths += [
        saved(tmp_path, "fortran.npy", np.asfortranarray(ids)),
        saved(tmp_path, "deep.png", ids.astype(np.uint16)),
    ]
    keys = {row["content_key"] for row in measure(*paths)[0]}
    assert len(keys) == 1
    other = ids.copy()
    other[20, 20] += 1
    different = [saved(tmp_path, "other.png", other), saved(tmp_path, "turned.npy", ids.reshape(64, 48))]
    assert not keys & {row["content_key"] for row in measure(*different)[0]}


def test_large_maps_have_equal_keys_too(tmp_path: Path) -> None:
    pixels = (np.random.default_rng(0).random((1200, 1500)) < 0.3).astype(np.uint8)
    rows, _ = measure(saved(tmp_path, "a.png", pixels), saved(tmp_path, "a.npy", pixels.astype(np.int64)))
    assert rows[0]["content_key"] == rows[1]["content_key"]
    assert rows[0]["area"] == rows[1]["area"] == pixels.sum()
    assert rows[0]["component_count"] is None, "more runs than are held"


def test_large_ids_that_are_one_float_stay_apart(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    pixels = np.repeat(2**60 + np.arange(60).reshape(3, 20), 4, axis=0)
    path = saved(tmp_path, "a.npy", pixels.astype(np.uint64))
    monkeypatch.setattr(runs, "STRIP", 40)
    for most in (1 << 16, 5):
        monkeypatch.setattr(gather, "MAX_RUNS", most)
        rows, segments = measure(path)
        assert (rows[0]["value_count"], rows[0]["segment_count"]) == (60, 60)
        assert [s["id"] for s in segments] == np.unique(pixels).tolist()
    assert picture_ids(str(path)).ids.tolist() == np.unique(pixels).tolist()


def test_integers_past_63_bits_are_no_ids(tmp_path: Path) -> None:
    pixels = np.array([[0, 1], [2, 2**64 - 1]], np.uint64)
    rows, segments = measure(saved(tmp_path, "a.npy", pixels), saved(tmp_path, "b.npy", pixels[:, :1]))
    assert [row["state"] for row in rows] == ["unsupported", "ok"]
    assert "2**63" in rows[0]["detail"]
    assert [s["id"] for s in segments] == [2]


def test_noise_is_measured_without_telling_its_values_apart(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(runs, "STRIP", 1000)
    monkeypatch.setattr(gather, "MAX_RUNS", 100)
    monkeypatch.setattr(gather, "NOISE_RUNS", 2000)
    chance = np.random.default_rng(0)
    for number, pixels in enumerate((
        chance.integers(3, 200, (90, 70)), chance.integers(0, 2, (3, 4000)) * 9, np.pad(chance.random((60, 60)), 7),
    )):  # fmt: skip
        rows, segments = measure(saved(tmp_path, f"{number}.npy", pixels))
        expected = brute(pixels)
        names = ("value_min", "value_max", "fraction_count", "area", "share", "mask_x", "mask_y", "mask_w", "mask_h")
        assert {n: rows[0][n] for n in names} == {n: expected[n] for n in names}
        assert rows[0]["content"] == "continuous"
        assert rows[0]["value_count"] is rows[0]["segment_count"] is rows[0]["largest_id"] is rows[0]["values"] is None
        assert not segments


def test_narrow_maps_are_no_noise(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(runs, "STRIP", 1000)
    monkeypatch.setattr(gather, "MAX_RUNS", 100)
    monkeypatch.setattr(gather, "NOISE_RUNS", 2000)
    rows, _ = measure(saved(tmp_path, "a.npy", np.repeat(np.arange(9), 5000)[:, None]))
    assert (rows[0]["content"], rows[0]["value_count"]) == ("labels", 9)


def test_columns_are_the_same_whatever_was_read(tmp_path: Path) -> None:
    good = saved(tmp_path, "good.png", np.full((4, 5), 9, np.uint8))
    for kernels in ((), ("components",)):
        some, none = measure_mask_files([str(good)], kernels)[0], measure_mask_files([], kernels)[0]
        assert some.column_names == none.column_names
        assert set(some.column_names) <= set(TABLES["mask_files"].by_name)
        assert ("component_count" in some.column_names) == bool(kernels)


def test_files_that_cannot_be_read_keep_their_place(tmp_path: Path) -> None:
    good = saved(tmp_path, "good.png", np.full((4, 5), 9, np.uint8))
    (tmp_path / "page.PNG").write_bytes(b"<html>")
    rows, segments = measure(tmp_path / "none", good, tmp_path / "page.PNG", good)
    assert [row["state"] for row in rows] == ["unreadable", "ok", "not-a-mask", "ok"]
    assert [row["extension"] for row in rows] == ["", "png", "png", "png"]
    assert [row["content"] for row in rows] == [None, "binary", None, "binary"]
    assert [s["file"] for s in segments] == [1, 3]
    assert len(measure()[0]) == 0


def test_names_of_any_bytes_are_read(tmp_path: Path) -> None:
    path = tmp_path / "a\udce9.p\udcff"
    Image.new("L", (3, 2)).save(tmp_path / "a.png")
    (tmp_path / "a.png").rename(path)
    rows, _ = measure(path)
    assert (rows[0]["state"], rows[0]["extension"]) == ("ok", "p\\udcff")
    assert measure_images([str(path)]).to_pylist()[0]["state"] == "ok"


def test_255_is_no_segment_where_ids_lie_below_128(tmp_path: Path) -> None:
    def count(*values: int) -> tuple[int, list[int]]:
        pixels = np.repeat(np.array([values], np.uint8), 3, axis=1)
        rows, segments = measure(saved(tmp_path, "a.png", pixels))
        return rows[0]["segment_count"], [s["id"] for s in segments]

    assert count(0, 1, 15, 255) == (2, [1, 15])
    assert count(0, 255) == (1, [255])
    assert count(255) == (1, [255])
    assert count(0, 127, 255) == (1, [127])
    assert count(0, 128, 255) == (2, [128, 255])


def test_missing_ids_are_counted_up_to_the_largest(tmp_path: Path) -> None:
    pixels = np.array([[0, 2, 3, 7, 255]], np.uint8)
    assert measure(saved(tmp_path, "a.png", pixels))[0][0]["missing_id_count"] == 4
    assert measure(saved(tmp_path, "b.png", pixels[:, ::4]))[0][0]["missing_id_count"] is None, "binary: no ids"


def test_files_of_very_many_ids_have_no_rows_for_them(tmp_path: Path) -> None:
    def of(count: int) -> tuple[Row, int]:
        rows, segments = measure(saved(tmp_path, "a.npy", np.repeat(np.arange(count + 1), 8).reshape(1, -1)))
        return rows[0], len(segments)

    row, segments = of(4096)
    assert (row["content"], row["segment_count"], segments) == ("labels", 4096, 4096)
    row, segments = of(4097)
    assert (row["content"], row["segment_count"], segments) == ("labels", 4097, 0)
    assert row["component_count"] is None
    row, segments = of(70_000)
    assert (row["content"], row["segment_count"], row["area"], segments) == ("continuous", None, 560_000, 0)


@pytest.mark.parametrize("mode", ["RGB", "L", "P", "I;16"])
def test_ids_of_a_panoptic_picture(mode: str, tmp_path: Path) -> None:
    chance = np.random.default_rng(1)
    pixels = np.repeat(np.repeat(chance.integers(0, 256, (6, 5, 3)), 4, axis=0), 7, axis=1).astype(np.uint8)
    pixels[:4, :7] = 0
    pixels[4:8, :7] = 5
    if mode == "RGB":
        ids: NDArray[np.int64] = pixels.astype(np.int64) @ np.array([1, 256, 65536])
        path = saved(tmp_path, "a.png", pixels)
    elif mode == "I;16":
        ids = np.asarray(pixels[:, :, 0].astype(np.int64) * 250)
        path = saved(tmp_path, "a.png", ids.astype(np.uint16))
    else:
        ids = pixels[:, :, 0].astype(np.int64)
        path = tmp_path / "a.png"
        Image.fromarray(pixels[:, :, 0]).convert(mode).save(path)
    found = picture_ids(str(path))
    assert (found.state, found.detail, found.width, found.height) == ("ok", None, 35, 24)
    assert found.ids.tolist() == np.unique(ids).tolist()
    wanted = segments_of(ids, np.unique(ids).tolist())
    columns = zip(found.ids, found.area, found.x, found.y, found.w, found.h, strict=True)
    names = ("id", "area", "mask_x", "mask_y", "mask_w", "mask_h")
    assert [dict(zip(names, map(int, column), strict=True)) for column in columns] == [
        {name: row[name] for name in names} for row in wanted
    ]


def test_what_is_no_panoptic_picture_has_no_ids(tmp_path: Path) -> None:
    noise = np.random.default_rng(0).integers(0, 256, (400, 400, 3)).astype(np.uint8)
    floats = np.full((4, 4), 0.5)
    for path in (
        saved(tmp_path, "noise.png", noise), saved(tmp_path, "stack.npy", np.zeros((3, 9, 9), bool)),
        saved(tmp_path, "floats.npy", floats),
    ):  # fmt: skip
        found = picture_ids(str(path))
        assert (found.state, len(found.ids), len(found.area)) == ("unsupported", 0, 0)
        assert found.detail
    assert picture_ids(str(tmp_path / "none")).state == "unreadable"


def test_images_are_rows_of_what_their_headers_say(tmp_path: Path) -> None:
    exif = Image.Exif()
    exif[274] = 8
    Image.new("RGB", (7, 3)).save(tmp_path / "a.JPG", "JPEG", exif=exif)
    rows = measure_images([str(tmp_path / "a.JPG"), str(tmp_path / "none.png")])
    first, second = rows.to_pylist()
    assert first | {"size_bytes": 0} == {
        "kind": "jpeg", "extension": "jpg", "state": "ok", "detail": None, "size_bytes": 0, "width": 7, "height": 3,
        "orientation": 8, "mode": "rgb", "bit_depth": 8, "frame_count": 1,
    }  # fmt: skip
    assert (second["state"], second["width"], second["extension"]) == ("unreadable", None, "png")
    for name in rows.column_names:
        rows.column(name).cast(TABLES["image_files"].by_name[name].arrow)
