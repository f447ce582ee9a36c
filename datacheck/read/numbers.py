"""Lists of numbers out of raw JSON, many records at a time: one parse for all, one array of doubles, no Python number.

Two shapes are known: flat lists (`bbox`, `keypoints`: [1, 2, 3]) and rings (`segmentation`: [[1, 2, ...], [...]]).
A value that is not of its shape is named by its index in `bad`, and costs the others nothing but one more look.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import compress
from typing import TYPE_CHECKING, Any

import msgspec
import numpy as np
import simdjson
from numpy.typing import NDArray

if TYPE_CHECKING:
    from collections.abc import Sequence

    from msgspec import Raw

_OPEN, _CLOSE, _COMMA, _BLANK = b"[],"[0], b"[],"[1], b"[],"[2], b" "[0]
_WHITE = b" \t\r\n"
_parser = simdjson.Parser()

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]


@dataclass
class Ragged:
    """`values` of all lists one after the other; list i has `lengths[i]` of them. Lists in `bad` have none."""

    values: Floats
    lengths: Ints
    bad: list[int]

    @property
    def starts(self) -> Ints:
        return np.cumsum(self.lengths) - self.lengths


@dataclass
class Rings:
    """Polygons of many records: ring j has `rings.lengths[j]` numbers and belongs to record `owner[j]`, in order."""

    rings: Ragged
    owner: Ints
    bad: list[int]


class _Commas:
    """Counts a byte within any ranges of a text: bits are packed eight to a byte and summed once."""

    def __init__(self, flags: NDArray[np.bool_]) -> None:
        self.bits = np.append(np.packbits(flags), np.uint8(0))
        self.before = np.zeros(len(self.bits) + 1, np.int64)
        np.cumsum(np.bitwise_count(self.bits), out=self.before[1:])

    def upto(self, positions: Ints) -> Ints:
        """How many flags are set before each position."""
        part = self.bits[positions >> 3] >> (8 - (positions & 7)).astype(np.uint8)
        # A shift by 8 of a byte is left to the compiler by numpy: positions at a byte's start take nothing of it.
        part[(positions & 7) == 0] = 0
        found: Ints = self.before[positions >> 3] + np.bitwise_count(part)
        return found


def _parse(text: bytes) -> Floats | None:
    """All numbers in a JSON list of lists of numbers; None if it holds anything else."""
    try:
        parsed: Any = _parser.parse(text)
        try:
            return np.frombuffer(parsed.as_buffer(of_type="d"), np.float64)
        finally:
            # The parser refuses its next text while anything of the last one is alive.
            del parsed
    except (ValueError, TypeError, RuntimeError, UnicodeDecodeError):
        return None


def _joined(raws: Sequence[Raw | bytes]) -> tuple[bytes, Ints, Ints]:
    """The raws as one JSON list, with the start and length of each in that text."""
    text = b"[" + b",".join(raws) + b"]"
    lengths = np.fromiter(map(len, raws), np.int64, len(raws))
    return text, np.cumsum(lengths + 1) - lengths, lengths


def _clean(raw: Raw | bytes) -> bytes:
    return bytes(raw).translate(None, _WHITE)


def _without(raws: Sequence[Raw | bytes], shape: Any) -> tuple[list[int], list[Raw | bytes]]:
    """The indices of raws that do not have `shape`, and the raws with an empty list in their place."""
    decoder: msgspec.json.Decoder[Any] = msgspec.json.Decoder(shape)
    bad, kept = [], []
    for index, raw in enumerate(raws):
        try:
            # Written anew, since simdjson refuses integers past 64 bits, which are numbers all the same.
            kept.append(msgspec.json.encode(decoder.decode(raw)))
        except (msgspec.MsgspecError, RecursionError):
            bad.append(index)
            kept.append(b"[]")
    return bad, kept


def flat_lists(raws: Sequence[Raw | bytes]) -> Ragged:
    """Flat lists of numbers. Each raw is one JSON value."""
    if not raws:
        return Ragged(np.empty(0), np.empty(0, np.int64), [])
    result = _flat(raws)
    if result is not None:
        return Ragged(*result, [])
    bad, kept = _without(raws, list[float])
    again = _flat(kept)
    if again is None:
        raise AssertionError("lists that each parse must parse together")
    return Ragged(*again, bad)


def _flat(raws: Sequence[Raw | bytes]) -> tuple[Floats, Ints] | None:
    text, starts, sizes = _joined(raws)
    buffer = np.frombuffer(text, np.uint8)
    opens = np.flatnonzero(buffer == _OPEN)[1:]
    if len(opens) != len(raws) or not np.array_equal(opens, starts):
        return None
    values = _parse(text)
    if values is None:
        return None
    commas = _Commas(buffer == _COMMA)
    lengths = commas.upto(starts + sizes) - commas.upto(starts) + 1
    for index in np.flatnonzero(lengths == 1).tolist():
        if _clean(raws[index]) == b"[]":
            lengths[index] = 0
    return (values, lengths) if int(lengths.sum()) == len(values) else None


def ring_lists(raws: Sequence[Raw | bytes]) -> Rings:
    """Lists of flat lists of numbers: the polygons of a segmentation. Each raw is one JSON value that starts with
    `[`."""
    if not raws:
        return Rings(Ragged(np.empty(0), np.empty(0, np.int64), []), np.empty(0, np.int64), [])
    result = _rings(raws)
    if result is None:
        # White space in unusual places; then anything that is not a list of lists of numbers.
        result = _rings([_clean(raw) for raw in raws])
    bad: list[int] = []
    if result is None:
        bad, kept = _without(raws, list[list[float]])
        result = _rings(kept)
        if result is None:
            raise AssertionError("polygons that each parse must parse together")
    values, lengths, owner = result
    return Rings(Ragged(values, lengths, []), owner, bad)


def _rings(raws: Sequence[Raw | bytes]) -> tuple[Floats, Ints, Ints] | None:
    text, starts, sizes = _joined(raws)
    buffer = np.frombuffer(text, np.uint8)
    opens = np.flatnonzero(buffer == _OPEN)[1:]
    is_outer = np.zeros(len(opens) + 1, bool)
    outer = np.searchsorted(opens, starts)
    if len(opens) == 0 or outer[-1] >= len(opens) or not np.array_equal(opens[outer], starts):
        return None
    is_outer[outer] = True
    is_outer[-1] = True
    inner = opens[~is_outer[:-1]]
    is_first = is_outer[np.flatnonzero(~is_outer[:-1]) - 1]
    # A first ring opens right behind its list, any other behind `],` or `], `: nothing else can stand between.
    before, second, third = buffer[inner - 1], buffer[inner - 2], buffer[np.maximum(inner - 3, 0)]
    tight = (before == _COMMA) & (second == _CLOSE)
    spaced = (before == _BLANK) & (second == _COMMA) & (third == _CLOSE)
    if not np.all(np.where(is_first, before == _OPEN, tight | spaced)):
        return None
    per_record = np.diff(np.append(outer, len(opens))) - 1
    ends = starts + sizes
    full = per_record > 0
    if not np.all((buffer[ends - 1] == _CLOSE) & (~full | (buffer[ends - 2] == _CLOSE))):
        return None
    if not np.all(full | (sizes == 2)):
        return None
    values = _parse(text)
    if values is None:
        return None
    owner = np.repeat(np.arange(len(raws)), per_record)
    commas = _Commas(buffer == _COMMA)
    last = np.append(is_first[1:], True) if len(inner) else np.empty(0, bool)
    until = np.where(last, ends[owner], np.append(inner[1:], 0))
    # Up to the next ring there is one comma more than within this one, behind it; so n values have n commas there.
    lengths = commas.upto(until) - commas.upto(inner) + last
    for index in np.flatnonzero(lengths == 1):
        if text[inner[index] : until[index]].lstrip(b"[ ").startswith(b"]"):
            lengths[index] = 0
    return (values, lengths, owner) if int(lengths.sum()) == len(values) and (lengths >= 0).all() else None


def of_kind(raws: Sequence[Raw], mask: NDArray[np.bool_]) -> list[Raw]:
    """The raws where `mask` is set."""
    return list(compress(raws, mask.tolist()))
