"""--pattern: how the names of mask files are made, as a regular expression.

{stem}_mask.png          the image's stem, then _mask.png; folders before it count as part of the stem
{stem}/{object}.png      a folder an image, a file an object
{dir}/masks/{stem}.png   any folders, then masks/
*/{stem}.png             a folder whose name says nothing
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterable
from typing import NamedTuple

from datacheck.errors import UsageError

_FIELDS = {"stem": r"[^/]+", "object": r"[^/]+?", "dir": r".+?"}
_TOKEN = re.compile(r"\{([^{}]*)\}|\*")
EXAMPLE = '"{stem}_mask.png"'
MAX_LENGTH = 500
MAX_WAYS = 5_000_000
"""Ways to set the ends of fields and stars within a name: past them (a name of over 300 characters and three of them,
of over 100 and four) it is taken not to fit, as trying them takes seconds."""


class Read(NamedTuple):
    """One name, taken apart. `folder`: what {dir} stands for."""

    folder: str
    stem: str
    object: str | None


class Pattern:
    """A pattern that is well formed. Raises UsageError for any other."""

    def __init__(self, text: str) -> None:
        self.text = text
        for field in re.findall(r"\{([^{}]*)\}", text):
            if field not in _FIELDS:
                remedy = "Use {stem} (of the image), {object}, {dir} and *."
                raise UsageError(f"--pattern {text}: {{{field}}} means nothing. {remedy}")
        if "{stem}" not in text:
            raise UsageError(f"--pattern {text}: it needs {{stem}}, the name of the image, as in {EXAMPLE}")
        if text.startswith("/") or ".." in text.split("/") or len(text) > MAX_LENGTH or text.count("*") > 3:
            raise UsageError(
                f"--pattern {text[:80]}: it is the name of a file below the folder of masks, as in {EXAMPLE}"
            )
        self._regex = re.compile(_expression(text.removeprefix("./")), re.IGNORECASE | re.DOTALL)
        self.deep = "/" not in text and "{dir}" not in text
        """It says nothing of folders: files fit however deep they lie."""
        self._wild = max(len(_TOKEN.findall(part)) for part in text.replace("{dir}", "/").split("/"))
        self._nested = "{dir}" in text

    def read(self, name: str) -> Read | None:
        """A path below the folder of masks, taken apart; None where it does not fit."""
        folder, slash, base = name.rpartition("/")
        found = None if self._is_long(name) else self._regex.fullmatch(base if self.deep else name)
        if found is None:
            return None
        fields = found.groupdict()
        if not self.deep:
            folder, slash = fields.get("dir") or "", "/"
        return Read(folder if slash else "", fields["stem"], fields.get("object"))

    def _is_long(self, name: str) -> bool:
        """Would it take too long to see that a name does not fit?"""
        parts = name.split("/")
        ways = math.comb(max(map(len, parts)), self._wild)
        return ways > MAX_WAYS // (len(parts) if self._nested else 1)

    def none_fits(self, folder: str, names: Iterable[str]) -> UsageError:
        """The error for a pattern that no file fits."""
        seen = [name for _, name in zip(range(3), names, strict=False)]
        there = f"the files there are called {', '.join(map(shown, seen))}" if seen else "there are no mask files"
        return UsageError(f"--pattern {self.text} fits no file in {folder}: {there}")


def shown(name: str) -> str:
    """A name on one line, whatever it holds."""
    return name.encode("utf-8", "backslashreplace").decode().replace("\n", "\\n").replace("\0", "\\0")[:80]


def _expression(text: str) -> str:
    parts, at, known = [], 0, set()
    for found in _TOKEN.finditer(text):
        parts.append(re.escape(text[at : found.start()]))
        field = found[1]
        if field is None:
            parts.append("[^/]*")
        elif field in known:
            parts.append(f"(?P={field})")
        else:
            known.add(field)
            parts.append(f"(?P<{field}>{_FIELDS[field]})")
        at = found.end()
    return "".join([*parts, re.escape(text[at:])])
