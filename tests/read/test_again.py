"""Records read again are those that were read, wherever they stand and whatever stands around them."""

from __future__ import annotations

import json
import random
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from datacheck.read import again
from datacheck.read.again import texts_of
from datacheck.read.detect import Seen
from datacheck.read.places import Places
from datacheck.read.source import Source
from datacheck.run.pool import read_sources
from datacheck.run.spool import Spool
from datacheck.run.work import Plan

Record = dict[str, Any]


def places_of(path: Path) -> Places:
    source = Source(0, str(path), size_on_disk=path.stat().st_size)
    spool = Spool()
    read: list[tuple[Source, Seen]] = []
    pieces = []
    for part in read_sources(Plan(spool.folder, frozenset()), [source], 1, lambda _: None):
        read += part.sources
        pieces += [piece for batch in part.batches for piece in batch.pieces]
    return Places([source for source, _ in read], pieces)


def record(number: int, rng: random.Random) -> Record:
    """Records of very different lengths; some hold what looks like another one."""
    ring = [round(rng.uniform(0, 600), 2) for _ in range(2 * rng.choice([3, 5, 20, 400]))]
    found: Record = {"segmentation": [ring], "area": 5.0, "iscrowd": 0, "image_id": 1000 - number, "bbox": [1, 2, 3, 4]}
    found |= {"category_id": 1, "id": 7 * number + 3}
    if number % 5 == 0:
        found["note"] = {"segmentation": [], "id": 7 * (number + 1) + 3, "text": '}, {"segmentation": 1, "id": 10}'}
    return found


def write(path: Path, records: list[Record], dump: Callable[[Any], str] = json.dumps) -> None:
    path.write_text(dump({"images": [{"id": 1}], "annotations": records, "categories": [{"id": 1}]}))


def all_texts(places: Places, wanted: list[int], ids: list[int | None]) -> list[Any]:
    return [text and json.loads(text) for _, text in texts_of(places, 0, wanted, ids)]


@pytest.mark.parametrize("worth", [0, 1 << 40])
@pytest.mark.parametrize(
    "dump", [json.dumps, lambda d: json.dumps(d, separators=(",", ":")), lambda d: json.dumps(d, indent=1)]
)
def test_records_are_found_by_a_look_and_by_taking_the_block_apart(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, worth: int, dump: Callable[[Any], str]
) -> None:
    rng = random.Random(4)
    records = [record(number, rng) for number in range(3000)]
    write(tmp_path / "a.json", records, dump)
    places = places_of(tmp_path / "a.json")
    monkeypatch.setattr(again, "WORTH_A_LOOK", worth)
    wanted = sorted(rng.sample(range(3000), 60))
    ids = [records[k]["id"] if rng.random() < 0.8 else None for k in wanted]
    assert all_texts(places, wanted, ids) == [records[k] for k in wanted]
    places.close()


def test_a_look_takes_no_block_apart(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    rng = random.Random(4)
    records = [record(number, rng) for number in range(3000)]
    write(tmp_path / "a.json", records)
    places = places_of(tmp_path / "a.json")
    monkeypatch.setattr(Places, "entries", None)
    wanted = [0, 1, 700, 1500, 2998]
    assert all_texts(places, wanted, [records[k]["id"] for k in wanted]) == [records[k] for k in wanted]
    places.close()


def test_a_record_that_stands_far_from_where_it_would_be_is_found_all_the_same(tmp_path: Path) -> None:
    rng = random.Random(4)
    records = [record(number, rng) for number in range(2000)]
    for own in records[:300]:
        own["segmentation"] = [[0.5] * 5000]
    write(tmp_path / "a.json", records)
    places = places_of(tmp_path / "a.json")
    wanted = [10, 299, 300, 1000, 1999]
    assert all_texts(places, wanted, [records[k]["id"] for k in wanted]) == [records[k] for k in wanted]
    places.close()


def test_an_id_that_is_not_where_it_was_said_to_be_gives_the_record_at_its_place(tmp_path: Path) -> None:
    rng = random.Random(4)
    records = [record(number, rng) for number in range(2000)]
    write(tmp_path / "a.json", records)
    places = places_of(tmp_path / "a.json")
    assert all_texts(places, [5, 1000], [999_999, None]) == [records[5], records[1000]]
    places.close()


def test_what_is_not_there_is_none(tmp_path: Path) -> None:
    write(tmp_path / "a.json", [record(number, random.Random(1)) for number in range(5)])
    places = places_of(tmp_path / "a.json")
    assert [text is None for _, text in texts_of(places, 0, [-1, 2, 5, 99], [None] * 4)] == [True, False, True, True]
    assert list(texts_of(places, 7, [0], [1])) == [(0, None)]
    places.close()
    (tmp_path / "a.json").unlink()
    assert list(texts_of(places, 0, [0, 1], [3, 10])) == [(0, None), (1, None)]


def test_bad_records_and_other_encodings_cost_no_good_one(tmp_path: Path) -> None:
    records = [record(number, random.Random(1)) for number in range(50)]
    text = json.dumps({"images": [], "annotations": records, "categories": []})
    broken = text.replace('"id": 73', '"id" 73', 1)
    for name, content in (("a.json", broken.encode()), ("b.json", text.encode("utf-16"))):
        (tmp_path / name).write_bytes(content)
        places = places_of(tmp_path / name)
        wanted = [3, 9, 11, 40]
        assert all_texts(places, wanted, [records[k]["id"] for k in wanted]) == [records[k] for k in wanted]
        places.close()
