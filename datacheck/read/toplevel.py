"""The top level of a JSON file, walked without parsing what it holds: keys, where their values start, and where they
end."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from itertools import accumulate

import msgspec

from datacheck.read.blocks import SECTION_START
from datacheck.read.faults import Fault
from datacheck.read.records import tolerant
from datacheck.read.source import PIECE, Text

MAX_KEY = 4096
MAX_CHECKED = 16 << 20
"""Values of keys that mean nothing here are checked to be JSON up to this size."""
MAX_DEPTH = 900
"""Python's own parser gives up at about 1,000 levels."""
_STRING = re.compile(rb'"(?:[^"\\]++|\\.)*+(?:"|(?P<open>\\?\Z))', re.DOTALL)
"""A string, or one that the end of the text cuts: else each quote of a long one would be tried in vain."""
_TOKENS = re.compile(rb'"(?:[^"\\]++|\\.)*+"?|[\[\]{}]', re.DOTALL)
_SCALAR = re.compile(rb"[-+\w.]+")
_STEPS = {ord("["): 1, ord("{"): 1, ord("]"): -1, ord("}"): -1}
_NOT_BRACKETS = bytes(c for c in range(256) if c not in _STEPS)


class EnoughError(Exception):
    """Nothing further is wanted of an object."""


class CutOffError(Exception):
    """The text ended inside a value."""


def string_end(text: Text, start: int) -> int:
    """The position behind the string that opens at `start`."""
    position, escaped = start + 1, False
    while position < text.size:
        piece = text.window(position, PIECE)
        offset = 0
        if escaped:
            offset, escaped = 1, False
        for found in re.finditer(rb'\\.|["\\]', piece[offset:], re.DOTALL):
            token = found.group()
            if token == b'"':
                return position + offset + found.end()
            if token == b"\\":
                escaped = True
        position += len(piece)
    raise CutOffError


def value_end(text: Text, start: int) -> tuple[int, int]:
    """(the position behind the value that starts at `start`, how deep it is nested). Passes a window at a time."""
    first = text.window(start, 1)
    if first == b'"':
        return string_end(text, start), 0
    if first not in (b"{", b"["):
        found = _SCALAR.match(text.window(start, PIECE))
        return (start + found.end() if found else start), 0
    depth, deepest, position, size = 0, 0, start, 1 << 6
    while position < text.size:
        # Most values are short: the first window is, and each one after it larger.
        piece = text.window(position, min(size, PIECE))
        size *= 8
        stop = _open_string(piece) if position + len(piece) < text.size else len(piece)
        bare = _STRING.sub(b"", piece[:stop])
        steps = [_STEPS[c] for c in bare.translate(None, _NOT_BRACKETS)]
        depths = list(accumulate(steps, initial=depth))
        if steps and min(depths[1:]) <= 0:
            # What follows the value in this window is no part of it.
            closed = next(i for i, d in enumerate(depths) if i and d <= 0)
            return _closing(piece[:stop], position, depth), max(deepest, *depths[: closed + 1])
        deepest = max(deepest, *depths)
        depth = depths[-1]
        position += stop
        if stop < len(piece):
            position = string_end(text, position)
    raise CutOffError


def _open_string(piece: bytes) -> int:
    """Where the string starts that the end of `piece` cuts; its length if there is none."""
    last = None
    for last in _STRING.finditer(piece):  # noqa: B007 (the last one is wanted)
        pass
    return last.start() if last is not None and last.lastgroup == "open" else len(piece)


def _closing(piece: bytes, position: int, depth: int) -> int:
    for found in _TOKENS.finditer(piece):
        depth += _STEPS.get(found.group()[0], 0) if found.end() - found.start() == 1 else 0
        if depth <= 0 and found.group() in (b"]", b"}"):
            return position + found.end()
    raise CutOffError


Section = Callable[[str, int], int | None]
"""Called with a key and the start of its value; returns the value's end if it was read, None to have it passed over."""


def walk_object(text: Text, start: int, read: Section, report: Callable[[Fault], None]) -> int:
    """Walk the object that opens at `start`. Returns the position behind it (or where reading stopped)."""
    position, seen = start + 1, set[str]()
    expects_comma = False
    while True:
        position = text.skip_space(position)
        character = text.window(position, 1)
        if not character:
            report(Fault("truncated", "the file ends inside the top-level object", byte_offset=position))
            return position
        if character == b"}":
            return position + 1
        if character == b",":
            if not expects_comma:
                report(Fault("syntax", "a comma too many", byte_offset=position))
            position, expects_comma = position + 1, False
            continue
        try:
            key, value = _key(text, position)
        except CutOffError:
            report(Fault("truncated", "the file ends inside a key", byte_offset=position))
            return text.size
        if key is None:
            report(
                Fault(
                    "syntax",
                    "expecting a key in double quotes, and a colon",
                    found=_shown(text, position),
                    byte_offset=position,
                )
            )
            position = _next_section(text, position)
            expects_comma = False
            continue
        if expects_comma:
            report(Fault("syntax", "no comma before this key", found=key[:40], byte_offset=position))
        if key in seen:
            report(
                Fault(
                    "duplicate-key",
                    f"the key {key[:40]!r} appears again: parsers silently take the last",
                    field=key[:40],
                    tail=f"/{key[:40]}",
                    byte_offset=position,
                )
            )
        seen.add(key)
        try:
            end = read(key, value)
            position, deepest = value_end(text, value) if end is None else (end, 0)
            if end is None and deepest <= MAX_DEPTH and 0 < position - value <= MAX_CHECKED:
                _check(text.read(value, position), key, value, report)
            if deepest > MAX_DEPTH:
                report(
                    Fault(
                        "nesting",
                        f"the value of {key[:40]!r} is nested {deepest:,} deep: parsers refuse it",
                        field=key[:40],
                        tail=f"/{key[:40]}",
                        byte_offset=value,
                    )
                )
            if position == value:
                report(
                    Fault("syntax", f"no value for the key {key[:40]!r}", found=_shown(text, value), byte_offset=value)
                )
                position = _next_section(text, value)
                expects_comma = False
                continue
        except CutOffError:
            report(Fault("truncated", f"the file ends inside the value of {key[:40]!r}", byte_offset=text.size))
            return text.size
        expects_comma = True


def _check(value: bytes, key: str, start: int, report: Callable[[Fault], None]) -> None:
    """Report what is wrong in a value that was passed over."""
    try:
        msgspec.json.decode(value, type=msgspec.Raw)
        if value.isascii() or value.decode():
            return
    except UnicodeDecodeError as error:
        report(Fault("invalid-utf-8", f"the value of {key[:40]!r} is not UTF-8", field=key[:40], tail=f"/{key[:40]}",
                     byte_offset=start + error.start))  # fmt: skip
        return
    except (msgspec.DecodeError, RecursionError):
        pass
    try:
        # Latin-1 keeps one character a byte, so that the position of an error is a byte offset.
        tolerant(value.decode("latin-1"))
    except json.JSONDecodeError as error:
        detail, found = error.msg[:1].lower() + error.msg[1:], _shown_bytes(value, error.pos)
        report(Fault("syntax", detail, found=found, field=key[:40], tail=f"/{key[:40]}", byte_offset=start + error.pos))
    except RecursionError:
        report(Fault("nesting", f"the value of {key[:40]!r} is nested too deep", field=key[:40], tail=f"/{key[:40]}",
                     byte_offset=start))  # fmt: skip


def _shown_bytes(value: bytes, position: int) -> str:
    return value[max(0, position - 15) : position + 15].decode("utf-8", "replace")


def _shown(text: Text, position: int) -> str:
    return text.window(position, 20).decode("utf-8", "replace")


def _key(text: Text, position: int) -> tuple[str | None, int]:
    """(the key at `position`, where its value starts); the key is None where there is none."""
    if text.window(position, 1) != b'"':
        return None, position
    end = string_end(text, position)
    try:
        whole = text.window(position, end - position) if end - position <= MAX_KEY else text.window(position, 40) + b'"'
        key = json.loads(whole.decode("utf-8", "replace"), strict=False)
    except ValueError:
        return None, position
    colon = text.skip_space(end)
    value = text.skip_space(colon + 1)
    if colon < text.size and text.window(colon, 1) != b":":
        return None, position
    if value >= text.size:
        raise CutOffError
    return str(key), value


def find_all(text: Text, pattern: re.Pattern[bytes], start: int, overlap: int = 256) -> Iterator[tuple[int, int]]:
    """(start, end) of the matches of `pattern` from `start` on; matches are at most `overlap` bytes long."""
    position = start
    while position < text.size:
        piece = text.window(position, PIECE)
        last = 0
        for found in pattern.finditer(piece):
            yield position + found.start(), position + found.end()
            last = found.end()
        position += max(last, len(piece) - overlap) if position + len(piece) < text.size else len(piece)


def _next_section(text: Text, position: int) -> int:
    """Where the next known section starts: reading goes on there after text that is not JSON."""
    return next((start for start, _ in find_all(text, SECTION_START, position + 1)), text.size)
