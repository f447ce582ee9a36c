"""Messages of rules: text with placeholders, filled from columns by a formatter of its own.

`{box_x:.1f}` names a column, `{image.width}` a column of a joined record, `{$slack}` a parameter; `{{` and `}}` are
braces. Nothing else is understood: no attributes, no indices, no conversions, so a message cannot reach beyond the row.

    spec       value            shown
    (none)     640.0            640            integral numbers without .0
    (none)     0.1 + 0.2        0.3            6 digits where a double's own text is long
    .1f        90               90.0
    ,          860001           860,001
    ,.1f       12345.67         12,345.7
    % or .2%   0.616            61.6 %         one decimal unless said otherwise
    , mask     1200             1,200 masks    a space and a noun; 1 mask for one
    " box|boxes"  2             2 boxes        the same, where several take more than an s
    ?, near    img_7            , near img_7   words before the value; both are left out for NULL
    any other  NULL             ?
    any        text             the text, shortened
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable
from dataclasses import dataclass

MAX_TEXT = 120
"""Characters of a text value shown in a message."""

_PIECE = re.compile(r"\{\{|\}\}|\{([^{}]*)\}|\{|\}")
_NAME = re.compile(r"\$?[A-Za-z_][A-Za-z0-9_]*(?:\.[A-Za-z_][A-Za-z0-9_]*)?")
_SPEC = re.compile(r"(,?)(?:\.(\d)([f%])|(%))?(?: ([^|?]+)(?:\|([^|?]+))?)?(?:\?(.+))?")


@dataclass(frozen=True)
class Placeholder:
    """`name` is a column (`box_x`), a joined column (`image.width`) or a parameter (`$slack`)."""

    name: str
    spec: str = ""


def parse_message(message: str) -> tuple[str | Placeholder, ...]:
    """Split a message into its texts and placeholders. Raises ValueError, which says what is wrong."""
    parts: list[str | Placeholder] = []
    at = 0
    for piece in _PIECE.finditer(message):
        parts.append(message[at : piece.start()])
        at = piece.end()
        if piece[0] in ("{{", "}}"):
            parts.append(piece[0][0])
        elif piece[1] is None:
            raise ValueError(f"a single {piece[0]} in the message; write {piece[0] * 2} for a brace")
        else:
            parts.append(_placeholder(piece[1]))
    parts.append(message[at:])
    return tuple(part for part in parts if part != "")


def _placeholder(inside: str) -> Placeholder:
    name, _, spec = inside.partition(":")
    if not _NAME.fullmatch(name):
        raise ValueError(f"{{{inside}}} is no placeholder: write a column, image.width or $parameter")
    if not _SPEC.fullmatch(spec):
        raise ValueError(f"{{{inside}}}: the format {spec!r} is not known; use .1f, a comma, .1%, a noun or ?words")
    return Placeholder(name, spec)


def is_for_numbers(spec: str) -> bool:
    """Whether a format says how to show a number: all but the words after ? do."""
    return bool(spec.partition("?")[0])


def formatter(spec: str) -> Callable[[object], str]:
    """The function that shows a value under `spec`. Raises ValueError for an unknown spec."""
    found = _SPEC.fullmatch(spec)
    if found is None:
        raise ValueError(f"the format {spec!r} is not known")
    comma, digits, kind, noun, nouns, words = found[1], found[2], found[3] or found[4], *found.group(5, 6, 7)
    shown = _shown_as(comma, digits, kind)
    if noun is not None:
        shown = _counted(shown, noun, nouns or f"{noun}s")
    if words is not None:
        return _unless_null(shown, words)
    return shown


def _shown_as(comma: str, digits: str | None, kind: str | None) -> Callable[[object], str]:
    if kind == "%":
        template = f"{comma}.{digits or 1}f"
        return lambda value: _number(value, lambda number: format(number * 100, template) + " %")
    if kind == "f":
        template = f"{comma}.{digits}f"
        return lambda value: _number(value, lambda number: format(number, template))
    if comma:
        return lambda value: _number(value, _with_commas)
    return show


def _counted(shown: Callable[[object], str], noun: str, nouns: str) -> Callable[[object], str]:
    return lambda value: f"{shown(value)} {noun if value == 1 else nouns}"


def _unless_null(shown: Callable[[object], str], words: str) -> Callable[[object], str]:
    return lambda value: "" if value is None else words + shown(value)


def _number(value: object, shown: Callable[[float], str]) -> str:
    if isinstance(value, bool) or not isinstance(value, int | float):
        return show(value)
    if isinstance(value, float) and not math.isfinite(value):
        return show(value)
    return shown(value)


def _with_commas(number: float) -> str:
    if isinstance(number, int) or number.is_integer():
        return f"{int(number):,}"
    return f"{number:,.6f}".rstrip("0").rstrip(".")


def show(value: object) -> str:
    """A value as it is shown without a spec."""
    if value is None:
        return "?"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float):
        return _float(value)
    if isinstance(value, list | tuple):
        value = ", ".join(map(show, value))
    text = str(value)
    return text if len(text) <= MAX_TEXT else text[: MAX_TEXT - 1] + "…"


def _float(value: float) -> str:
    if not math.isfinite(value):
        return "NaN" if math.isnan(value) else "Infinity" if value > 0 else "-Infinity"
    if value.is_integer() and abs(value) < 1e16:
        return str(int(value))
    text = repr(value)
    return text if len(text) <= 10 else format(value, ".6g")
