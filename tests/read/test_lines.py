"""Lines and columns against counting characters one by one."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from datacheck.read import lines
from datacheck.read.lines import Lines


class Text:
    def __init__(self, data: bytes) -> None:
        self.data, self.size, self.bytes_read = data, len(data), 0

    def read(self, start: int, end: int) -> bytes:
        self.bytes_read += len(self.data[start:end])
        return self.data[start:end]


def reference(data: bytes, offset: int) -> tuple[int, int]:
    before = data[:offset].decode("utf-8", "ignore")
    return before.count("\n") + 1, len(before) - (before.rfind("\n") + 1) + 1


@given(st.text(alphabet="aé€😀\n", max_size=60), st.data())
def test_any_order_of_questions(text: str, data: st.DataObject) -> None:
    raw = text.encode()
    starts = [len(text[:n].encode()) for n in range(len(text) + 1)]
    asked = data.draw(st.lists(st.sampled_from(starts), max_size=12))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(lines, "WINDOW", 7)
        found = Lines()
        assert [found.at(Text(raw), offset) for offset in asked] == [reference(raw, offset) for offset in asked]


def test_offsets_beyond_the_text() -> None:
    assert Lines().at(Text(b"ab\nc"), 99) == (2, 2)
    assert Lines().at(Text(b""), 0) == (1, 1)


def test_a_file_that_is_one_line_is_read_about_once() -> None:
    text, found = Text(b"x" * (5 * lines.WINDOW)), Lines()
    for offset in range(0, text.size, 5000):
        assert found.at(text, offset) == (1, offset + 1)
    assert text.bytes_read < 2.1 * text.size
