"""Rules and tables made in a line, for the tests of the judge."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import msgspec

from datacheck import tables
from datacheck.judge.rule import Rule

if TYPE_CHECKING:
    import pyarrow as pa


def make_rule(code: str = "ANN900", **fields: Any) -> Rule:
    """A valid rule on annotations, with some fields replaced (in Python's spelling: `error_when`)."""
    document: dict[str, Any] = {
        "code": code, "name": f"rule-{code.lower()}", "table": "annotations", "severity": "warning", "status": "stable",
        "when": "box_w < 1", "message": "box", "why": "It is.", "fix": "Do.",
        "tests": [{"flags": {"box_w": 0}}, {"passes": {"box_w": 2}}],
    }  # fmt: skip
    document.update({name.replace("_", "-"): value for name, value in fields.items()})
    return msgspec.convert(document, Rule)


def make_tables(**rows: Sequence[Mapping[str, Any]]) -> dict[str, pa.Table]:
    """Every table of datacheck, with the rows given by column; `row` is filled in, other columns are NULL."""
    import pyarrow as pa

    made = {}
    for name, table in tables.TABLES.items():
        given = [{**row, "row": number} for number, row in enumerate(rows.get(name, ()))]
        unknown = {key for row in given for key in row} - table.by_name.keys()
        assert not unknown, f"{name} has no columns {unknown}"
        made[name] = pa.Table.from_pylist(given, table.schema())
    return made


RULE = """\
code: ANN900
name: thin-box
table: annotations
severity: error
status: stable
when: box_w < $least
params:
  least: {type: number, default: 1, min: 0, unit: px, doc: The least width.}
message: "box of {box_w:.1f} px, under {$least} px"
why: It holds nothing.
fix: Remove it.
tests:
  - flags: {box_w: 0.5}
  - passes: {box_w: 2}
  - unknown: {}
"""


def write_rule(folder: Path, text: str = RULE, name: str = "ANN900-thin-box.yaml") -> Path:
    """A rule file in a folder that is made if need be."""
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / name
    path.write_text(text)
    return path
