"""Walking the top level, against Python's own parser."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from datacheck.read import toplevel
from datacheck.read.faults import Fault
from datacheck.read.source import Source, Text, open_source
from datacheck.read.toplevel import CutOffError, value_end, walk_object

LEAVES = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=12)
VALUES = st.recursive(
    LEAVES, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=5), inner, max_size=4)
)


def opened(folder: Path, text: bytes) -> Text:
    (folder / "x.json").write_bytes(text)
    return Text(open_source(Source(0, str(folder / "x.json")), folder))


@given(VALUES, st.sampled_from([None, 1]), st.booleans(), st.integers(2, 40))
@settings(max_examples=200)
def test_a_value_ends_where_the_parser_says_whatever_the_window(
    tmp_path_factory: pytest.TempPathFactory, value: Any, indent: int | None, ascii_only: bool, window: int
) -> None:
    written = json.dumps(value, indent=indent, ensure_ascii=ascii_only).encode("utf-8", "surrogatepass")
    text = opened(tmp_path_factory.mktemp("v"), b" " + written + b' , "next": 1')
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(toplevel, "PIECE", window if isinstance(value, list | dict | str) else 4096)
        end, depth = value_end(text, 1)
    assert end == 1 + len(written)
    assert (depth > 0) == isinstance(value, list | dict)


@pytest.mark.parametrize("text", [b'["a', b'{"a": [1, 2', b'"abc', b'["\\"', b"[[[[", b'{"a": "]}"'])
def test_a_value_that_does_not_end_is_cut_off(tmp_path: Path, text: bytes) -> None:
    with pytest.raises(CutOffError):
        value_end(opened(tmp_path, text), 0)


def walked(folder: Path, text: bytes) -> tuple[list[str], list[Fault]]:
    keys: list[str] = []
    faults: list[Fault] = []
    walk_object(opened(folder, text), 0, lambda key, _: keys.append(key), faults.append)
    return keys, faults


@pytest.mark.parametrize(
    ("text", "keys", "kinds"),
    [
        (b'{"a": 1, "b": [2], "c": {"d": "}"}}', ["a", "b", "c"], []),
        (b"{}", [], []),
        (b'{"a": 1 "b": 2}', ["a", "b"], ["syntax"]),
        (b'{"a": 1,, "b": 2}', ["a", "b"], ["syntax"]),
        (b'{a: 1, "images": []}', ["images"], ["syntax"]),
        (b'{"a": , "images": []}', ["a", "images"], ["syntax"]),
        (b'{"a": 1, "a": 2}', ["a", "a"], ["duplicate-key"]),
        (b'{"a": 1', ["a"], ["truncated"]),
        (b'{"a": "xyz', ["a"], ["truncated"]),
        (b'{"a": 1, "b', ["a"], ["truncated"]),
        (b'{"a": ' + b"[" * 2000 + b"]" * 2000 + b"}", ["a"], ["nesting"]),
    ],
)
def test_what_is_wrong_at_the_top_level_is_a_fault_and_the_walk_goes_on(
    tmp_path: Path, text: bytes, keys: list[str], kinds: list[str]
) -> None:
    found, faults = walked(tmp_path, text)
    assert found == keys
    assert [fault.kind for fault in faults] == kinds
    assert all(0 <= (fault.byte_offset or 0) <= len(text) for fault in faults)
