"""Writing text for people: colour, control characters made harmless, numbers with separators."""

from __future__ import annotations

import re
import textwrap
from collections.abc import Callable
from dataclasses import dataclass

SEVERITIES = ("error", "warning", "info")
NOUNS = {
    "datasets": ("dataset", "datasets"), "sources": ("source", "sources"), "faults": ("fault", "faults"),
    "images": ("image", "images"), "categories": ("category", "categories"),
    "annotations": ("annotation", "annotations"), "segments": ("segment", "segments"),
    "mask_sets": ("image", "images"), "mask_files": ("mask file", "mask files"),
    "image_files": ("image file", "image files"), "masks": ("mask", "masks"),
}  # fmt: skip
_STYLES = {
    "error": "31;1", "warning": "33;1", "info": "36;1", "path": "1", "dim": "2", "good": "32;1", "label": "34",
}  # fmt: skip
_ASCII = str.maketrans({"·": "-", "…": "...", "×": "x", "²": "2", "–": "-", "—": "-", "→": "->"})

# C0 and C1 controls and DEL (escape sequences begin with one of them), line and paragraph separators, marks that turn
# the direction of text round, lone surrogates.
_UNSAFE = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069\ud800-\udfff]")


def plain(text: str) -> str:
    """`text` with everything that could steer a terminal shown as \\xNN or \\uNNNN."""
    return _UNSAFE.sub(_escaped, text)


def _escaped(found: re.Match[str]) -> str:
    code = ord(found[0])
    short = {9: "\\t", 10: "\\n", 13: "\\r"}.get(code)
    return short or (f"\\x{code:02x}" if code < 256 else f"\\u{code:04x}")


def count(number: int, noun: str, nouns: str | None = None) -> str:
    """`1 image`, `5,000 images`."""
    return f"{number:,} {noun if number == 1 else nouns or noun + 's'}"


def count_of(number: int, table: str) -> str:
    """The same for the rows of a table."""
    return count(number, *NOUNS.get(table, ("record", "records")))


@dataclass
class Screen:
    """Where text goes. `colour`: use it; `unicode`: the stream can show more than ASCII; `width`: columns."""

    out: Callable[[str], object]
    colour: bool = False
    unicode: bool = True
    width: int = 100

    def style(self, text: str, name: str) -> str:
        """`text` in one of the styles, if there is colour. What comes from data must have gone through `plain`."""
        return f"\x1b[{_STYLES[name]}m{text}\x1b[0m" if self.colour and text else text

    def line(self, text: str = "") -> None:
        self.out((text if self.unicode else text.translate(_ASCII)) + "\n")

    def shown_length(self, text: str) -> int:
        return len(re.sub("\x1b\\[[0-9;]*m", "", text))

    def wrapped(self, indent: str, text: str, lead: str | None = None) -> None:
        """`text` (without styles) within the width, its lines behind `indent`; the first one behind `lead`."""
        width = max(40, self.width - len(indent))
        lines = textwrap.wrap(text, width, break_long_words=False, break_on_hyphens=False) or [""]
        self.line((indent if lead is None else lead) + lines[0])
        for line in lines[1:]:
            self.line(indent + line)

    def padded(self, text: str, width: int) -> str:
        """`text` with spaces up to `width` columns, whatever colour it has."""
        return text + " " * max(0, width - self.shown_length(text))
