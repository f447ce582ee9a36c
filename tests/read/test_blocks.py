"""Reading lists in blocks: whatever the cuts, the records are those of one plain parse."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from datacheck.read.blocks import Block, cut_pattern, read_block
from datacheck.read.records import Annotation

TEXTS = st.text(max_size=8) | st.sampled_from(['}, {"id": 1', "]", '"', "\\", '},{"id"', "é", "日本", "\ud83d\ude00"])
SEGMENTS = st.lists(st.fixed_dictionaries({"id": st.integers(0, 9), "area": st.integers(0, 9)}), max_size=3)
RECORDS = st.lists(
    st.fixed_dictionaries(
        {"id": st.integers(0, 99)},
        optional={"image_id": st.integers(0, 9), "caption": TEXTS, "segments_info": SEGMENTS},
    ),
    min_size=1,
    max_size=12,
)
STYLES = st.sampled_from([{"separators": (",", ":")}, {}, {"indent": 2}])


def read_in_blocks(text: bytes, size: int) -> list[Block]:
    """As the reader does: cut by guess every `size` bytes, go on where a block says."""
    cut, position, blocks = cut_pattern(text.lstrip()), 0, []
    want = size
    while True:
        found = cut.search(text, position + want)
        end = found.end() if found else len(text)
        block = read_block("annotations", text[position:end], position, cut, final=end == len(text))
        if block.next == position and not block.closed:
            want *= 4
            continue
        blocks.append(block)
        position, want = block.next, size
        if block.closed or position >= len(text):
            return blocks


def ids(blocks: list[Block]) -> list[Any]:
    return [record.id for block in blocks for record in block.records]


@given(RECORDS, STYLES, st.integers(1, 400))
@example([{"id": 1, "segments_info": [{"id": 2, "area": 0}, {"id": 3, "area": 0}]}, {"id": 4}], {}, 1)
def test_any_cuts_give_the_records_of_one_parse(
    records: list[dict[str, Any]], style: dict[str, Any], size: int
) -> None:
    text = json.dumps(records, **style).encode()[1:] + b', "categories": []}'
    blocks = read_in_blocks(text, size)
    assert ids(blocks) == [record["id"] for record in records]
    assert not [fault for block in blocks for fault in block.faults]
    assert sum(block.count for block in blocks) == len(records)
    assert blocks[-1].closed
    assert text[blocks[-1].next :].lstrip().startswith(b", ") or text[blocks[-1].next - 1 :].startswith(b"],")


BROKEN = {
    "no colon": ('{"id": 5, "area" 3}', "syntax"),
    "no quote": ('{"id": 5, area": 3}', "syntax"),
    "no bracket": ('{"id": 5, "bbox": [1, 2, "area": 3}', "syntax"),
    "not a record": ("7", "not-a-record"),
    "nested beyond all measure": ('{"id": 5, "area": ' + "[" * 100_000 + "]" * 100_000 + "}", "nesting"),
}


@pytest.mark.parametrize("name", BROKEN)
@pytest.mark.parametrize("place", [0, 3, 6])
def test_one_bad_record_costs_itself_alone(name: str, place: int) -> None:
    bad, kind = BROKEN[name]
    good = [json.dumps({"id": i, "bbox": [1, 2, 3, 4], "area": i}) for i in range(6)]
    text = ", ".join([*good[:place], bad, *good[place:]]).encode() + b'], "categories": []}'
    block = read_block("annotations", text, 1000, cut_pattern(b'{"id": 0, "bbox": ['), final=True)
    assert [record.id for record in block.records] == list(range(6))
    assert block.ordinals == [i for i in range(7) if i != place]
    assert [(fault.kind, fault.ordinal) for fault in block.faults] == [(kind, place)]
    assert block.closed


def test_a_record_that_strict_parsers_refuse_is_read_all_the_same() -> None:
    text = b'{"id": 1, "area": NaN, "caption": "caf\\u00e9 \xc3\xa9"}, {"id": 123456789012345678901234567890}]'
    block = read_block("annotations", text, 0, cut_pattern(text), final=True)
    first, second = block.records
    assert first.area != first.area
    assert first.caption == "café é"
    assert second.id == 123456789012345678901234567890
    assert not block.faults


def test_an_incomplete_end_asks_for_more_text_unless_there_is_no_more() -> None:
    text = b'{"id": 1}, {"id": 2}, {"id": 3, "are'
    more = read_block("annotations", text, 0, cut_pattern(text), final=False)
    assert (ids([more]), more.next, more.closed) == ([1, 2], text.index(b'{"id": 3'), False)
    last = read_block("annotations", text, 0, cut_pattern(text), final=True)
    assert (ids([last]), last.closed, [f.kind for f in last.faults]) == ([1, 2], True, ["truncated"])


def test_the_fast_path_finds_the_end_of_a_list_without_parsing_record_by_record(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def never(*_: object, **__: object) -> Block:
        raise AssertionError("the tolerant parser was used for clean text")

    monkeypatch.setattr("datacheck.read.blocks._read_slowly", never)
    text = b'{"id": 1}, {"id": 2}\n] \n , "categories": [{"id": 1}]}'
    block = read_block("annotations", text, 0, cut_pattern(text), final=True)
    assert block.records == [Annotation(id=1), Annotation(id=2)]
    assert text[block.next :].lstrip().startswith(b', "categories"')
