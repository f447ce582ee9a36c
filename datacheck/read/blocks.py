"""Reading a list of records in blocks that are split by guess and proven by reading.

A block is cut where text looks like the start of a record. Tokenising JSON is deterministic: if a block starts
between two
records of a list and decodes as a run of complete values, it also ends between two records. So blocks that decode,
one after
the other, prove every cut, and they can be decoded side by side in any number of processes. A block that does not
decode is
halved until the part that fails is small; that part is read record by record with a tolerant parser, which costs the
bad
record alone.
"""

from __future__ import annotations

import json
import re
from collections import Counter
from dataclasses import dataclass, field
from functools import cache
from typing import Any

import msgspec

from datacheck.read.faults import Fault, shorten
from datacheck.read.records import SECTION_TYPES, decode_list, decode_one, parse_int

_MAY_HOLD_NULL = ("annotations",)
SMALL = 1 << 15
MAX_RECORD = 32 << 20
MAX_FAULTS = 10_000
"""Faults of one block that are listed one by one; the rest is counted."""
RESUME_WITHIN = 1 << 16
MAX_TOKEN = 32
_TOKEN = re.compile(r"[-+.\w\\]*")
_BLANKS = re.compile(r"[ \t\r\n]*")
_COMMAS = re.compile(r"[, \t\r\n]+")
_ERROR_BYTE = re.compile(r"\(byte (\d+)\)")
_KNOWN_KEYS = rb'"(?:images|annotations|categories|info|licenses|type|image|videos)"\s*:'
_LIST_END = re.compile(rb"[}\]]\s*\](?=\s*(?:,\s*" + _KNOWN_KEYS + rb"|\}\s*\Z))")
SECTION_START = re.compile(rb'"(images|annotations|categories)"\s*:\s*\[')
_FIRST_KEYS = re.compile(rb'\{\s*("(?:[^"\\]|\\.)*")\s*:\s*(?:[-+\w."]+\s*,\s*("(?:[^"\\]|\\.)*")\s*:)?')


def cut_pattern(head: bytes) -> re.Pattern[bytes]:
    """What the start of a record looks like, learnt from `head`, the text of the first one.

    A match ends where the next record starts. The first two keys tell a record from objects nested in it.
    """
    if head[:1] == b"[":
        return re.compile(rb"\]\s*,\s*(?=\[)")
    if found := _FIRST_KEYS.match(head):
        first, second = found.groups()
        follow = rb"\s*:" if second is None else rb'\s*:\s*[-+\w."]+\s*,\s*' + re.escape(second)
        return re.compile(rb"\}\s*,\s*(?=\{\s*" + re.escape(first) + follow + rb")")
    return re.compile(rb"\}\s*,\s*(?=\{)")


@cache
def any_cut(section: str) -> re.Pattern[bytes]:
    """The start of any record that has a known key first: for files whose records begin with different keys."""
    names = SECTION_TYPES[section].__struct_fields__ if section in SECTION_TYPES else ("size", "counts")
    return re.compile(rb"[}\]]\s*,\s*(?=[\[{]\s*\"(?:" + b"|".join(n.encode() for n in names) + rb')"\s*:)')


@dataclass
class Block:
    """Records read from one block. `count` entries were passed, `ordinals` names those kept when some were lost.

    `next` is the byte where reading goes on: between two records, or behind the list when `closed`.
    """

    records: list[Any] = field(default_factory=list)
    count: int = 0
    next: int = 0
    closed: bool = False
    ordinals: list[int] | None = None
    faults: list[Fault] = field(default_factory=list)
    unlisted: Counter[str] = field(default_factory=Counter)
    """How many faults of each kind there are beyond MAX_FAULTS."""
    spans: list[tuple[int, int]] = field(default_factory=list)
    """Where each entry stands in the text, if it was read record by record."""

    def join(self, other: Block) -> Block:
        """This block and the one that follows it."""
        if self.ordinals is not None or other.ordinals is not None:
            own = self.ordinals if self.ordinals is not None else range(len(self.records))
            more = other.ordinals if other.ordinals is not None else range(len(other.records))
            self.ordinals = [*own, *(self.count + o for o in more)]
        for fault in other.faults:
            if fault.ordinal is not None:
                fault.ordinal += self.count
        self.faults += other.faults
        self.unlisted += other.unlisted
        self.cap_faults()
        self.records += other.records
        self.count += other.count
        self.next, self.closed = other.next, other.closed
        return self

    def cap_faults(self) -> None:
        """Keep memory bounded where every byte is wrong."""
        if len(self.faults) > MAX_FAULTS:
            self.unlisted.update(fault.kind for fault in self.faults[MAX_FAULTS:])
            del self.faults[MAX_FAULTS:]


def read_block(
    section: str, text: bytes, base: int, cut: re.Pattern[bytes], *, final: bool, at_cut: bool = True
) -> Block:
    """Read the records in `text`, which starts between two records at byte `base` of the file.

    `at_cut` says that a record seems to start where the text ends; `final` that no more text will come: an incomplete
    record at the end is then a fault, not a reason to ask for more.
    """
    try:
        if not text.isascii():
            text.decode()  # Strict decoding does not look at what it passes over.
        body = text.rstrip()
        if body.endswith(b","):
            body = body[:-1]
            records = decode_list(section, b"[" + body + b"]")
            return Block(records, len(records), base + len(text))
        records = decode_list(section, b"[" + text)
        return Block(records, len(records), base + len(text), closed=True)
    except msgspec.DecodeError as error:
        where = _ERROR_BYTE.search(str(error))
        if where and "trailing characters" in str(error):
            block = _closed_at(section, b"[" + text[: int(where[1]) - 2], base)
            if block is not None:
                return block
    except (RecursionError, UnicodeDecodeError):
        pass
    if len(text) > SMALL:
        middle = len(text) // 2
        found = cut.search(text, middle) or start_pattern(cut).search(text, middle)
        found = found or any_cut(section).search(text, middle) or cut.search(text, 0, middle)
        if found and 0 < found.end() < len(text):
            left = read_block(section, text[: found.end()], base, cut, final=False)
            if left.closed or left.next != base + found.end():
                return left
            return left.join(read_block(section, text[found.end() :], left.next, cut, final=final, at_cut=at_cut))
    return _read_slowly(section, text, base, cut, final=final, at_cut=at_cut)


def _closed_at(section: str, text: bytes, base: int) -> Block | None:
    """The list ended inside the block: `text` is all of it, with its brackets."""
    try:
        records = decode_list(section, text)
    except (msgspec.DecodeError, RecursionError, UnicodeDecodeError):
        return None
    # Blocks start behind a comma: one that holds no record shows a comma before the closing bracket.
    faults = [] if records else [Fault("syntax", "a comma too many", section, 0, byte_offset=base)]
    return Block(records, len(records), base + len(text) - 1, closed=True, faults=faults)


_scan = json.JSONDecoder(parse_int=parse_int).scan_once  # type: ignore[attr-defined]


def _read_slowly(section: str, text: bytes, base: int, cut: re.Pattern[bytes], *, final: bool, at_cut: bool) -> Block:
    """Record by record. Latin-1 keeps one character a byte, so that every position is a byte offset."""
    block = Block(next=base, ordinals=[])
    wide = text.decode("latin-1")
    position, size = 0, len(wide)
    after_comma, resumed = True, False
    while True:
        block.cap_faults()
        position = _BLANKS.match(wide, position).end()  # type: ignore[union-attr]
        block.next = base + position
        if position >= size:
            if final:
                block.faults.append(
                    Fault("truncated", "the file ends inside the list", section, byte_offset=base + size)
                )
                block.closed = True
            return block
        if wide[position] == "]":
            if after_comma and not resumed:
                block.faults.append(
                    Fault("syntax", "a comma too many", section, block.count, byte_offset=base + position)
                )
            block.next, block.closed = base + position + 1, True
            return block
        if wide[position] == ",":
            more = _COMMAS.match(wide, position)
            end = more.end() if more else position + 1
            commas = wide.count(",", position, end) - (0 if after_comma else 1)
            if commas:
                detail = "a comma too many" if commas == 1 else f"{commas:,} commas too many"
                block.faults.append(Fault("syntax", detail, section, block.count, byte_offset=base + position))
            position, after_comma = end, True
            continue
        outcome = _scan_one(wide, position)
        if isinstance(outcome, Fault):
            if outcome.kind == "truncated" and not final:
                return block
            resume = _resume(section, text, position, cut)
            if resume is None and not final and not at_cut:
                return block  # Where the next record starts will be seen in more text.
            at = base + (outcome.byte_offset or 0)
            fault = Fault(outcome.kind, outcome.detail, section, block.count, found=outcome.found, byte_offset=at)
            block.faults.append(fault)
            block.spans.append((position, (resume or size) - position))
            block.count += 1
            if resume is None:
                # Nothing in this block looks like a next record: the block's own end does, unless the file ends here.
                block.next, block.closed = base + size, final
                return block
            position = resume
            # A cut lies between two records, and behind their comma.
            after_comma = resumed = True
            continue
        if not after_comma:
            block.faults.append(
                Fault("syntax", "no comma between two records", section, block.count, byte_offset=base + position)
            )
        value, end = outcome
        block.spans.append((position, end - position))
        _keep(block, section, text[position:end], value, base + position)
        position, after_comma, resumed = end, False, False


def entry_spans(section: str, text: bytes, cut: re.Pattern[bytes]) -> list[tuple[int, int]]:
    """(position, length) of each entry in the text of a block, bad ones included."""
    spans: list[tuple[int, int]] = []
    position = 0
    while position < len(text):
        # A piece at a time: each error counts the lines before it.
        found = start_pattern(cut).search(text, position + SMALL)
        end = found.end() if found else len(text)
        block = _read_slowly(section, text[position:end], position, cut, final=end == len(text), at_cut=True)
        if block.next <= position and end < len(text):
            block = _read_slowly(section, text[position:], position, cut, final=True, at_cut=True)
        spans += [(position + start, length) for start, length in block.spans]
        if block.closed or block.next <= position:
            break
        position = block.next
    return spans


def _scan_one(wide: str, position: int) -> tuple[object, int] | Fault:
    try:
        value, end = _scan(wide, position)
        return value, end
    except json.JSONDecodeError as error:
        cut_off = _is_cut(wide, error.pos) or error.msg.startswith("Unterminated string")
        detail = "the file ends inside a record" if cut_off else error.msg[:1].lower() + error.msg[1:]
        return Fault(
            "truncated" if cut_off else "syntax", detail, found=_context(wide, error.pos), byte_offset=error.pos
        )
    except StopIteration as stop:
        where = stop.value if isinstance(stop.value, int) else position
        cut_off = _is_cut(wide, where)
        detail = "the file ends inside a record" if cut_off else "expecting value"
        return Fault("truncated" if cut_off else "syntax", detail, found=_context(wide, where), byte_offset=where)
    except RecursionError:
        return Fault("nesting", "nested too deep to be read", byte_offset=position)


def _is_cut(wide: str, position: int) -> bool:
    """Is what stands at `position` the start of a number, a literal or an escape that the end of the text cuts?"""
    return len(wide) - position <= MAX_TOKEN and _TOKEN.fullmatch(wide, position) is not None


def _context(wide: str, position: int) -> str | None:
    piece = wide[max(0, position - 15) : position + 15].encode("latin-1").decode("utf-8", "replace")
    return piece or None


def start_pattern(cut: re.Pattern[bytes]) -> re.Pattern[bytes]:
    """The start of a record behind a comma, whatever ends before it: a bad record may lack its closing brace."""
    return re.compile(cut.pattern.removeprefix(rb"\}\s*"))


def _resume(section: str, text: bytes, position: int, cut: re.Pattern[bytes]) -> int | None:
    """Where to go on after a bad record that starts at `position`: a next record, or the bracket that ends the list.

    Most bad records have their brackets in order, and end where these close. Others are followed by what starts as the
    first record did, or by a known key.
    """
    following = start_pattern(cut).search(text, position)
    own = _balanced_end(text, position, following.start() if following else len(text))
    if own is not None:
        return own
    following = following or any_cut(section).search(text, position)
    # Looked for no further than the next record: else every bad record of many would cost a look at all that follow.
    closing = _LIST_END.search(text, position, following.end() if following else len(text))
    if closing and (following is None or closing.start() < following.start()):
        return closing.end() - 1
    return following.end() if following else None


_TOKENS = re.compile(rb'"(?:[^"\\]++|\\.)*+"?|[\[\]{}]', re.DOTALL)


def _balanced_end(text: bytes, position: int, following: int) -> int | None:
    """Behind the comma, or at the bracket, that follows where the brackets that open at `position` have all closed.

    None if they do not; or if a next record seems to start at `following` and no more than the bad one is open there:
    what stands deeper is nested in it.
    """
    open_: list[bytes] = []
    for token in _TOKENS.finditer(text, position, position + RESUME_WITHIN):
        if token.start() > following and len(open_) <= 1:
            return None
        if token.start() > following:
            following = len(text)
        character = token.group()[:1]
        if character in (b"{", b"["):
            open_.append(character)
        elif character in (b"}", b"]"):
            if not open_ or open_.pop() != (b"{" if character == b"}" else b"["):
                return None
            if not open_:
                after = _AFTER.match(text, token.end())
                return after.end() if after else None
    return None


_AFTER = re.compile(rb"\s*(?:,(?=\s*[\[{])|(?=\]))")


def _keep(block: Block, section: str, text: bytes, value: object, at: int) -> None:
    """Add one entry to `block`. `value` was parsed from Latin-1 and tells the type only; the record comes from
    `text`."""
    ordinal = block.count
    block.count += 1
    if not isinstance(value, dict) and not (section in _MAY_HOLD_NULL and value is None) and section != "frames":
        block.faults.append(
            Fault(
                "not-a-record",
                "an entry of the list is not an object",
                section,
                ordinal,
                found=shorten(value),
                byte_offset=at,
            )
        )
        return
    record, problem = decode_one(section, text)
    if problem:
        block.faults.append(Fault("invalid-utf-8", problem, section, ordinal, byte_offset=at))
    block.records.append(record)
    if block.ordinals is not None:
        block.ordinals.append(ordinal)
