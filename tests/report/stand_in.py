"""Reports made by hand: tables of a few rows, rules of a few lines, findings as the judge would give them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from types import SimpleNamespace
from typing import Any

import pyarrow as pa

from datacheck.api import Report
from datacheck.judge.rule import Param, Rule
from datacheck.settings import Given, resolve
from datacheck.tables import TABLES

FINDINGS = pa.schema(
    [
        ("code", pa.string()),
        ("severity", pa.string()),
        ("table", pa.string()),
        ("source", pa.int32()),
        ("row", pa.int64()),
        ("explained_by", pa.string()),
    ]
)


@dataclass(frozen=True)
class Expression:
    columns: frozenset[str]


@dataclass(frozen=True)
class Compiled:
    """What rendering needs of a compiled rule."""

    rule: Rule
    when: Expression
    only: Expression | None = None
    error_when: Expression | None = None
    params: Mapping[str, object] = field(default_factory=dict)


class Places:
    """Record n of every section begins at byte 100 + 10 n, on line n + 2."""

    def __init__(self, known: bool = True) -> None:
        self.known = known

    def locate(self, source: int, section: str, ordinal: int) -> tuple[int, int] | None:
        return (100 + 10 * ordinal, 9) if self.known else None

    def line_column(self, source: int, byte_offset: int) -> tuple[int, int] | None:
        return (2 + (byte_offset - 100) // 10, 3) if self.known else None


def table(name: str, rows: Sequence[Mapping[str, object]]) -> pa.Table:
    """A table with all its columns; what a row does not name is NULL."""
    schema = TABLES[name].schema()
    for row in rows:
        assert set(row) <= set(schema.names), set(row) - set(schema.names)
    full = [{"row": number, **{column: None for column in schema.names if column != "row"}, **row}
            for number, row in enumerate(rows)]  # fmt: skip
    return pa.Table.from_pylist(full, schema=schema)


def rule(code: str, name: str, on: str, message: str, *, columns: Sequence[str] = (), **fields: Any) -> Compiled:
    """A compiled rule whose predicate uses `columns`."""
    defaults: dict[str, Any] = {
        "severity": "error", "status": "stable", "when": "TRUE", "why": "It matters.", "fix": "Mend it.", "tests": (),
    }  # fmt: skip
    made = Rule(code=code, name=name, table=on, message=message, **{**defaults, **fields})
    params = {parameter: declared.default for parameter, declared in made.params.items()}
    return Compiled(made, Expression(frozenset(columns)), params=params)


def report(
    tables: Mapping[str, Sequence[Mapping[str, object]]],
    rules: Sequence[Compiled],
    findings: Sequence[tuple[str, int] | tuple[str, int, dict[str, str]]],
    *,
    not_checked: Sequence[tuple[str, int, str]] = (),
    broken: Sequence[tuple[str, str]] = (),
    places: bool = True,
    fail_on: str | None = None,
) -> Report:
    """A report of `findings`: (code, row) or (code, row, {"explained_by": ..., "severity": ...})."""
    made = {name: table(name, tables.get(name, ())) for name in TABLES}
    by_code = {one.rule.code: one for one in rules}
    rows = []
    for code, row, *more in findings:
        on = by_code[code].rule
        source = None if on.table == "datasets" else made[on.table].column("source")[row].as_py()
        extra: dict[str, str] = more[0] if more else {}
        rows.append({"code": code, "severity": on.severity, "table": on.table, "source": source, "row": row,
                     "explained_by": None, **extra})  # fmt: skip
    rows.sort(key=lambda one: (one["code"], one["row"]))
    named = {
        code: SimpleNamespace(code=code, name=one.rule.name, table=one.rule.table) for code, one in by_code.items()
    }
    judgement = SimpleNamespace(
        findings=pa.Table.from_pylist(rows, schema=FINDINGS),
        not_checked=[SimpleNamespace(**vars(named[code]), count=n, reason=why) for code, n, why in not_checked],
        broken=[SimpleNamespace(code=code, name=named[code].name, message=message) for code, message in broken],
        applicable={code: made[one.rule.table].num_rows for code, one in by_code.items()},
    )
    session: Any = SimpleNamespace(
        settings=resolve(["data"], Given(fail_on=fail_on), None),
        compiled=list(rules),
        scanned=SimpleNamespace(tables=made, places=Places(places), unread=0, close=lambda: None),
        judgement=judgement,
        seconds=4.2,
        close=lambda: None,
    )
    return Report(session)


SOURCES: list[dict[str, Any]] = [
    {"source": 0, "path": "data/train.json", "format": "coco-instances", "annotations_pointer": "/annotations",
     "task": "instances", "recognised": True,
     "readable": True, "image_count": 3, "annotation_count": 12345, "category_count": 2, "fault_count": 1},
    {"source": 1, "path": "data/val/captions.json", "format": "coco-captions", "annotations_pointer": "/annotations",
     "task": "captions", "recognised": True,
     "readable": True, "image_count": 1, "annotation_count": 4, "category_count": 0, "fault_count": 0},
    {"source": 2, "path": "data/notes.json", "recognised": False, "readable": True, "found_keys": "name, notes"},
]  # fmt: skip
IMAGES: list[dict[str, Any]] = [
    {"source": 0, "ordinal": 0, "id": 1, "file_name": "a.jpg", "width": 640.0, "height": 480.0},
    {"source": 0, "ordinal": 1, "id": None, "id_text": "x-2", "width": 100.0, "height": 50.0},
    {"source": 0, "ordinal": 2, "id": 3, "file_name": "deep/c.jpg", "width": None, "height": None},
]
ANNOTATIONS: list[dict[str, Any]] = [
    {"source": 0, "ordinal": n, "id": 100 + n, "image_id": 1, "image_row": 0, "box_x": n + 0.5, "box_y": 1.0,
     "box_w": 10.0, "box_h": 20.0}
    for n in range(8)
] + [
    {"source": 0, "ordinal": 8, "id_text": "abc", "image_id_text": "x-2", "image_row": 1, "box_x": float("nan")},
    {"source": 0, "ordinal": 9, "id": 109, "image_id": 77},
]  # fmt: skip
TABLES_OF_ALL: dict[str, list[dict[str, Any]]] = {
    "datasets": [{"paths": "data", "source_count": 3, "recognised_count": 2}],
    "sources": SOURCES,
    "images": IMAGES,
    "annotations": ANNOTATIONS,
    "categories": [{"source": 0, "ordinal": 0, "id": 1, "name": "cat"}],
    "faults": [{"source": 0, "kind": "syntax", "pointer": "/annotations/4", "section": "annotations", "ordinal": 4,
                "id_text": "104", "found": "[1, 2,,", "detail": "a comma too many", "byte_offset": 4711}],
    "segments": [{"source": 0, "ordinal": 3, "number": 2, "id": 5, "annotation_row": 3, "image_row": 0}],
}  # fmt: skip

OUTSIDE = rule(
    "ANN203", "box-outside-image", "annotations",
    "box [{box_x:.1f}, {box_y:.1f}] leaves its {image.width}x{image.height} image by over {$slack} px",
    columns=("box_w", "image.width"), at="bbox", fix="Clip the box, or correct the image's recorded size.",
    params={"slack": Param("number", 1.0)},
)  # fmt: skip
TINY = rule("ANN221", "tiny-box", "annotations", "box of {box_w}x{box_h}", severity="warning")
COPY = rule("ANN230", "copy", "annotations", "copied", severity="info")
NORMALISED = rule(
    "SRC210", "boxes-normalised", "sources", "{annotation_count:,} boxes have all four numbers in [0, 1]",
    why="A loader that expects pixels turns every box into a dot at the corner; a loss in pixels explodes.",
    fix='Multiply by width and height, or declare it: [sources."train.json"] boxes = "normalised"',
)  # fmt: skip
SYNTAX = rule("SRC101", "syntax", "faults", "{detail}: {found}")
NO_SIZE = rule("IMG110", "no-size", "images", "no size", severity="warning")
SEGMENT = rule("SEG101", "segment", "segments", "segment {id} of annotation {annotation.id}", at="id")
NOTHING = rule("SRC001", "nothing-recognised", "datasets", "nothing in {paths}")
ALL_RULES = [OUTSIDE, TINY, COPY, NORMALISED, SYNTAX, NO_SIZE, SEGMENT, NOTHING]


def full_report(**options: Any) -> Report:
    """A finding of each kind: errors, a warning, a note, symptoms, a fault, a record without a place."""
    findings: list[Any] = [("ANN203", row) for row in range(7)]
    findings += [("ANN203", 8), ("ANN203", 7, {"explained_by": "SRC210"})]
    findings += [("ANN221", row, {"explained_by": "SRC210"}) for row in (1, 2)]
    findings += [("ANN230", 0), ("SRC210", 0), ("SRC101", 0), ("IMG110", 1), ("IMG110", 2, {"severity": "error"})]
    findings += [("SEG101", 0), ("ANN221", 9)]
    return report(
        TABLES_OF_ALL, ALL_RULES, findings,
        not_checked=[("ANN203", 1, "their image has no size"), ("ANN221", 1, "their image has no size")],
        **options,
    )  # fmt: skip


def clean_report() -> Report:
    """Nothing but a note."""
    return report(TABLES_OF_ALL | {"faults": []}, ALL_RULES, [("ANN230", 0)])
