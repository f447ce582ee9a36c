"""Every broken or hostile image, mask and array gets the state it must, and costs little."""

from __future__ import annotations

import random
import warnings
import zlib
from collections.abc import Iterator
from pathlib import Path

import pytest

from datacheck.files.mask_files import INTERNAL, open_mask
from datacheck.files.pictures import read_header
from datacheck.measure.labels import measure_images, measure_mask_files, picture_ids
from datacheck.tables import TABLES
from tests.files.measured import Measured
from tests.hostile.arrays import MARKER, arrays, tensors
from tests.hostile.made import FileCase
from tests.hostile.pictures import pictures

PICTURES, ARRAYS, TENSORS = pictures(), arrays(), dict(tensors())
ALL = PICTURES | ARRAYS
LIGHT = [name for name, case in ALL.items() if not case.heavy and name not in TENSORS]
HEAVY = [name for name, case in ALL.items() if case.heavy]
GIGABYTE = 1_000_000_000


@pytest.mark.parametrize("name", [name for name, case in PICTURES.items() if not case.heavy])
def test_a_header_gets_the_state_it_must(name: str, tmp_path: Path) -> None:
    header = read_header(str(PICTURES[name].put(tmp_path)))
    assert header.state == PICTURES[name].image, header.detail
    assert (header.detail is None) == (header.state == "ok")


@pytest.mark.parametrize("name", LIGHT)
def test_a_mask_gets_the_state_it_must(name: str, tmp_path: Path) -> None:
    case = ALL[name]
    path = str(case.put(tmp_path))
    opened, (files, _) = open_mask(path), measure_mask_files([path], ("components",))
    row = files.to_pylist()[0]
    assert opened.state == row["state"] == case.mask, opened.detail
    assert opened.detail == row["detail"]
    assert INTERNAL not in (opened.detail or "")
    assert (opened.pixels is not None or opened.stack is not None) == (case.mask == "ok")
    if case.content:
        assert row["content"] == case.content
    if case.mask != "ok":
        assert row["detail"]
    assert not (tmp_path / MARKER).exists()
    assert (picture_ids(path).state == "ok") <= (case.mask == "ok")


def test_tensors_get_the_states_they_must_from_one_process(tmp_path: Path) -> None:
    cases = {name: case for name, case in TENSORS.items() if not case.heavy}
    paths = []
    for name, case in cases.items():
        (tmp_path / name).mkdir()
        paths.append(str(case.put(tmp_path / name)))
    rows = measure_mask_files(paths, ())[0].to_pylist()
    found = {name: (row["state"], row.get("content")) for name, row in zip(cases, rows, strict=True)}
    assert found == {name: (case.mask, case.content) for name, case in cases.items()}
    assert not list(tmp_path.rglob(MARKER))


def test_code_would_have_run_where_files_are_read_without_care(tmp_path: Path) -> None:
    """Proves that the files of the corpus that must not be unpickled do run code when they are."""
    import pickle

    path = ARRAYS["pickle"].put(tmp_path)
    pickle.loads(path.read_bytes())
    assert (tmp_path / MARKER).exists()


@pytest.mark.slow
def test_no_file_takes_over_a_gigabyte_or_five_seconds(tmp_path: Path) -> None:
    with Measured() as measured:
        for name in HEAVY:
            path = ALL[name].put(tmp_path)
            cost = measured.cost(path)
            path.unlink()
            assert cost["seconds"] < 5, (name, cost)
            assert cost["memory"] < GIGABYTE, (name, cost)
            assert cost["state"] == ALL[name].mask, (name, cost)
            assert INTERNAL not in (cost["detail"] or ""), (name, cost)
            if name in PICTURES:
                assert cost["image"] == ALL[name].image or cost["image"] == "ok", (name, cost)
            if ALL[name].content:
                assert cost["content"] == ALL[name].content, (name, cost)


def spoilt(content: bytes, chance: random.Random) -> bytes:
    """The bytes with some of them flipped, zeroed, cut out, doubled, or cut off."""
    data = bytearray(content)
    for _ in range(chance.choice((1, 1, 2, 5, 20))):
        at = chance.randrange(len(data)) if len(data) > 1 else 0
        if chance.random() < 0.5:
            at = chance.randrange(min(len(data), 160)) if data else 0
        way = chance.randrange(6)
        if way == 0 and data:
            data[at] ^= 1 << chance.randrange(8)
        elif way == 1 and data:
            data[at] = chance.choice((0, 0xFF, 0x7F, 0x80, chance.randrange(256)))
        elif way == 2:
            del data[at:]
        elif way == 3:
            del data[at : at + chance.randrange(1, 20)]
        elif way == 4:
            data[at:at] = data[at : at + chance.randrange(1, 40)]
        else:
            data[at : at + 8] = bytes(chance.choice((0, 0xFF)) for _ in range(8))
    return bytes(data)


def mended(content: bytes) -> bytes:
    """A PNG with the checksums that its chunks should have, so that what was spoilt gets as far as the decoder."""
    data, at = bytearray(content), 8
    while at + 12 <= len(data):
        end = at + 8 + int.from_bytes(data[at : at + 4], "big")
        if end + 4 > len(data):
            break
        data[end : end + 4] = zlib.crc32(data[at + 4 : end]).to_bytes(4, "big")
        at = end + 4
    return bytes(data)


def kept(case: FileCase) -> bytes | None:
    return case.content_bytes if isinstance(case.content_bytes, bytes) and len(case.content_bytes) < 200_000 else None


def seeds() -> Iterator[tuple[str, str, bytes]]:
    """Good files of every kind."""
    for name, case in ALL.items():
        content = kept(case)
        if content and case.mask == "ok" and name not in TENSORS:
            yield name, case.name.rpartition(".")[2], content


@pytest.mark.parametrize("seed", range(4))
def test_whatever_is_done_to_a_file_nothing_raises(seed: int, tmp_path: Path) -> None:
    chance = random.Random(seed)
    states = {"mask_files": set(), "image_files": set()}  # type: dict[str, set[str]]
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        for number, (_, extension, content) in enumerate(seeds()):
            paths = []
            for turn in range(12):
                path = tmp_path / f"{number}-{turn}.{extension}"
                data = spoilt(content, chance)
                path.write_bytes(mended(data) if extension == "png" and turn % 2 else data)
                paths.append(str(path))
            files, segments = measure_mask_files(paths, ("components",))
            images = measure_images(paths)
            assert len(files) == len(images) == len(paths)
            assert set(segments.column("file").to_pylist()) <= set(range(len(paths)))
            for table, rows in (("mask_files", files), ("image_files", images)):
                states[table] |= set(rows.column("state").to_pylist())
                for column in rows.column_names:
                    rows.column(column).cast(TABLES[table].by_name[column].arrow)
            for path in tmp_path.iterdir():
                path.unlink()
    assert {"ok", "corrupt", "truncated"} <= states["mask_files"] & states["image_files"]
