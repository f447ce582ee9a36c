"""The text of a few records, read again: what no column holds, and is wanted of few of a million."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import msgspec

from datacheck.read.records import Annotation

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from datacheck.read.batch import Piece
    from datacheck.read.places import Places

RADII = (96 << 10, 512 << 10)
"""How far around the place where a record would stand, were all as long, it is looked for."""
WORTH_A_LOOK = 256 << 10
"""Bytes of a block for each record that is wanted of it, from which looking for it is faster than taking the block
apart."""
LONGEST = 1 << 20
"""Bytes of a record that is still found so."""

_DECODE = msgspec.json.Decoder(Annotation).decode


def texts_of(
    places: Places, source: int, ordinals: Sequence[int], ids: Sequence[int | None]
) -> Iterator[tuple[int, bytes | None]]:
    """(position in `ordinals`, text) of annotations of one source, None where it cannot be read again.

    ordinals: ascending. ids: the integer id of each that no other annotation of the source has, or None. One block at a
    time is in memory.
    """
    at = 0
    while at < len(ordinals):
        piece = places.piece_of(source, "annotations", ordinals[at])
        if piece is None:
            yield at, None
            at += 1
            continue
        end = at
        while end < len(ordinals) and ordinals[end] < piece.first + piece.entries:
            end += 1
        found = _in_piece(places, piece, range(at, end), ordinals, ids)
        yield from ((number, found.get(number)) for number in range(at, end))
        at = end


def _in_piece(
    places: Places, piece: Piece, wanted: Sequence[int], ordinals: Sequence[int], ids: Sequence[int | None]
) -> dict[int, bytes]:
    """The texts of those of the `wanted` records of a block that can be read again."""
    found: dict[int, bytes] = {}
    try:
        if piece.end - piece.begin > WORTH_A_LOOK * len(wanted) and piece.cut.startswith(rb"\}"):
            for number in wanted:
                own = ids[number]
                text = None if own is None else _near(places, piece, ordinals[number] - piece.first, own)
                if text is not None:
                    found[number] = text
        if len(found) < len(wanted):
            spans, data = places.entries(piece), places.read(piece.source, piece.begin, piece.end)
            for number in wanted:
                within = ordinals[number] - piece.first
                if number not in found and within < len(spans):
                    start, length = spans[within]
                    found[number] = data[start : start + length]
    except OSError:
        pass  # The file is gone, or its disk; what is not found is not known.
    return found


def _near(places: Places, piece: Piece, within: int, own: int) -> bytes | None:
    """The text of the record with this id, if it is where it would be, were all records about as long."""
    middle = piece.begin + int((within + 0.5) / piece.entries * (piece.end - piece.begin))
    cut, wanted = re.compile(piece.cut), re.compile(rb'"id"\s*:\s*%d(?![\d.eE])' % own)
    for radius in RADII:
        low, high = max(piece.begin, middle - radius), min(piece.end, middle + radius)
        text = places.read(piece.source, low, high)
        for found in wanted.finditer(text):
            record = _around(text, found.start(), cut, starts=low == piece.begin)
            if record is not None and _has_id(record, own):
                return record
        if low == piece.begin and high == piece.end:
            break
    return None


def _around(text: bytes, place: int, cut: re.Pattern[bytes], *, starts: bool) -> bytes | None:
    """The record around `place`, from one cut to the next; `starts`: the text starts with a record."""
    begin = -1
    for reach in (4 << 10, 64 << 10, LONGEST):
        low = max(0, place - reach)
        for match in cut.finditer(text, low, place):
            begin = match.end()
        if begin >= 0 or low == 0:
            break
    begin = 0 if begin < 0 and starts else begin
    after = cut.search(text, place, place + LONGEST)
    return text[begin : after.start() + 1] if begin >= 0 and after else None


def _has_id(text: bytes, own: int) -> bool:
    try:
        return _DECODE(text).id == own
    except (msgspec.MsgspecError, RecursionError, UnicodeDecodeError):
        return False
