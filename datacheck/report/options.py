"""How a report is to look."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TextIO

from datacheck.screen import SEVERITIES, Screen


@dataclass(frozen=True)
class Options:
    """`max_per_rule` None: as the format has it. `verbosity`: -1 errors only, 0 no notes, 1 everything."""

    colour: bool = False
    unicode: bool = True
    width: int = 100
    verbosity: int = 0
    max_per_rule: int | None = None
    statistics: bool = False

    @property
    def severities(self) -> tuple[str, ...]:
        """Severities whose findings are shown in formats for people."""
        return SEVERITIES[: self.verbosity + 2]

    def screen(self, out: TextIO) -> Screen:
        return Screen(out.write, self.colour, self.unicode, self.width)
