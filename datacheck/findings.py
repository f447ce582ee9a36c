"""Findings as people and machines see them: rendered late, in batches, from what was judged.

The judge gives (code, severity, table, source, row, explained_by). Everything else that a finding shows (path, place,
key, image, message, values, fingerprint) is fetched here, only for the findings that are shown, a batch at a time.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol

import msgspec
import numpy as np

from datacheck.gather import Rows, values_at
from datacheck.identities import Identities
from datacheck.judged import Ints, Judged
from datacheck.messages import Placeholder, formatter, parse_message
from datacheck.tables import FILE_TABLES

if TYPE_CHECKING:
    import pyarrow as pa

    from datacheck.judge.engine import CompiledRule

_UNPLACED = ("datasets", "sources", "masks", *FILE_TABLES)
"""Tables whose rows stand at no place in a document."""
BATCH = 10_000
"""Findings rendered at once."""


class Places(Protocol):
    """Where records stand in their files; `run.scan` provides it."""

    def locate(self, source: int, section: str, ordinal: int) -> tuple[int, int] | None: ...
    def line_column(self, source: int, byte_offset: int) -> tuple[int, int] | None: ...


class Finding(msgspec.Struct, frozen=True):
    """One finding. The fields and their order are the contract of the JSON output."""

    code: str
    name: str
    severity: str
    path: str
    pointer: str
    line: int | None
    column: int | None
    byte_offset: int | None
    table: str
    key: str | None
    image: str | None
    message: str
    values: dict[str, Any]
    explained_by: str | None
    fingerprint: str


@dataclass(frozen=True)
class _Plan:
    """What rendering a rule's findings takes."""

    rule: CompiledRule
    parts: tuple[str | Placeholder, ...]
    columns: tuple[str, ...]

    @classmethod
    def of(cls, rule: CompiledRule) -> _Plan:
        parts = parse_message(rule.rule.message)
        named = [part.name for part in parts if isinstance(part, Placeholder) and not part.name.startswith("$")]
        used = {
            column
            for expression in (rule.when, rule.only, rule.error_when)
            if expression is not None
            for column in expression.columns
        }
        return cls(rule, parts, tuple(dict.fromkeys(named + sorted(used))))


class Renderer:
    """Renders findings of one scan.

    tables: as read, by name.  places: where records stand.  rules: every compiled rule, by code.
    """

    def __init__(self, tables: Mapping[str, pa.Table], places: Places, rules: Mapping[str, CompiledRule]) -> None:
        self.tables, self.places = tables, places
        self._plans = {code: _Plan.of(rule) for code, rule in rules.items()}
        sources = tables["sources"]
        self.paths: list[str] = _texts(sources, "path")
        self.formats: list[str | None] = _texts(sources, "format")
        self.lists: list[str | None] = _texts(sources, "annotations_pointer")
        datasets = tables["datasets"]
        self._scanned = (_texts(datasets, "paths") or [""])[0] or ""
        tasks, patterns = _texts(sources, "task"), _texts(sources, "mask_pattern")
        self._identities = Identities(self._scanned, self.paths, tasks, self.formats, patterns)

    def batches(
        self, findings: Judged | pa.Table, chosen: Ints | None = None, size: int = BATCH
    ) -> Iterator[list[Finding]]:
        """Render findings in their order, `size` at a time: those at the positions `chosen`, or all."""
        judged = findings if isinstance(findings, Judged) else Judged(findings)
        chosen = judged.everything if chosen is None else chosen
        self._identities.start()
        for start in range(0, len(chosen), size):
            yield self.render(judged, chosen[start : start + size])

    def render(self, judged: Judged, chosen: Ints) -> list[Finding]:
        """Render the findings at these positions at once; each run of one rule's findings is fetched together."""
        code = judged.code[chosen]
        starts = [0, *(np.flatnonzero(np.diff(code)) + 1).tolist()] if len(code) else []
        rendered: list[Finding] = []
        for start, end in zip(starts, [*starts[1:], len(code)], strict=True):
            part = chosen[start:end]
            rendered += self._run(
                self._plans[judged.codes[code[start]]],
                judged.row[part],
                [None if source < 0 else source for source in judged.source[part].tolist()],
                [judged.severities[severity] for severity in judged.severity[part].tolist()],
                [None if cause < 0 else judged.causes[cause] for cause in judged.cause[part].tolist()],
            )
        return rendered

    def _run(
        self, plan: _Plan, numbers: Ints, sources: list[int | None], severities: list[str], explained: list[str | None]
    ) -> list[Finding]:
        rule = plan.rule.rule
        rows = Rows(self.tables, rule.table, numbers)
        self._identities.of_rule(rule.code)
        messages = _messages(plan, rows)
        shown = [rows.shown(name) for name in plan.columns]
        keys, images = _keys(rows), _images(rows)
        contents = _contents(rows, keys)
        pointers = self._pointers(rows, rule.at, sources)
        offsets = self._offsets(rows, sources)
        paths = self._paths(rows, sources)
        findings = []
        for i, source in enumerate(sources):
            offset = offsets[i]
            place = None if offset is None or source is None else self.places.line_column(source, offset)
            line, column = place or (None, None)
            findings.append(
                Finding(
                    rule.code, rule.name, severities[i],
                    paths[i], pointers[i],
                    line, column, offset, rule.table, keys[i], images[i], messages[i],
                    {name: values[i] for name, values in zip(plan.columns, shown, strict=True)},
                    explained[i],
                    self._identities.fingerprint(source, images[i], keys[i], contents[i], symptom=bool(explained[i])),
                )
            )  # fmt: skip
        return findings

    def _paths(self, rows: Rows, sources: Sequence[int | None]) -> list[str]:
        own = rows.column("path") if rows.table in FILE_TABLES else [None] * len(rows)
        of_source = (self._scanned if source is None else self.paths[source] for source in sources)
        return [path or source for path, source in zip(own, of_source, strict=True)]

    def _pointers(self, rows: Rows, at: str | None, sources: Sequence[int | None]) -> list[str]:
        table = rows.table
        if table == "faults":
            return [pointer or "" for pointer in rows.column("pointer")]
        if table in _UNPLACED:
            return [""] * len(rows)
        tail = f"/{at}" if at else ""
        ordinals = _ordinals(rows)
        if table == "segments":
            parts = zip(ordinals, rows.column("number"), strict=True)
            return [f"/annotations/{ordinal}/segments_info/{number}{tail}" for ordinal, number in parts]
        starts = [self._section_pointer(table, source) for source in sources]
        return [
            start + tail if start == "/image" else f"{start}/{ordinal}{tail}"
            for start, ordinal in zip(starts, ordinals, strict=True)
        ]

    def _section_pointer(self, table: str, source: int | None) -> str:
        if source is None:
            return f"/{table}"
        if table == "annotations":
            return self.lists[source] or ""
        return "/image" if table == "images" and self.formats[source] == "sa-1b" else f"/{table}"

    def _offsets(self, rows: Rows, sources: Sequence[int | None]) -> list[int | None]:
        table = rows.table
        if table in _UNPLACED:
            return [None] * len(rows)
        sections: list[str | None] = [table if table != "segments" else "annotations"] * len(rows)
        known: list[int | None] = [None] * len(rows)
        if table == "faults":
            sections, known = rows.column("section"), rows.column("byte_offset")
            sections = ["annotations" if section == "segments" else section for section in sections]
        return [
            known[i] if known[i] is not None else self._located(source, sections[i], ordinal)
            for i, (source, ordinal) in enumerate(zip(sources, _ordinals(rows), strict=True))
        ]

    def _located(self, source: int | None, section: str | None, ordinal: int | None) -> int | None:
        if source is None or section is None or ordinal is None:
            return None
        place = self.places.locate(source, section, ordinal)
        return None if place is None else place[0]


def _ordinals(rows: Rows) -> list[int | None]:
    """Position in the file of each record; of a segment, that of its annotation."""
    return rows.column("annotation.ordinal" if rows.table == "segments" else "ordinal")


def _messages(plan: _Plan, rows: Rows) -> list[str]:
    pieces: list[list[str]] = []
    for part in plan.parts:
        if isinstance(part, str):
            pieces.append([part] * len(rows))
            continue
        show = formatter(part.spec)
        if part.name.startswith("$"):
            pieces.append([show(plan.rule.params[part.name[1:]])] * len(rows))
        else:
            pieces.append([show(value) for value in rows.shown(part.name)])
    return ["".join(texts) for texts in zip(*pieces, strict=True)] if pieces else [""] * len(rows)


def _keys(rows: Rows) -> list[str | None]:
    """The records' ids as they stand in the file."""
    if rows.table in ("datasets", "sources", "mask_sets", "image_files"):
        return [None] * len(rows)
    if rows.table == "mask_files":
        return rows.column("object")
    if rows.table == "masks":
        return [None if value is None else str(value) for value in rows.column("id")]
    ids = rows.column("id_text") if rows.table == "faults" else rows.shown("id")
    return [None if value is None else str(value) for value in ids]


def _images(rows: Rows) -> list[str | None]:
    """File name of the image that a record is or belongs to; its id where it has none."""
    if rows.table == "images":
        names, ids = rows.column("file_name"), rows.shown("id")
    elif rows.table in ("annotations", "segments"):
        owner = rows if rows.table == "annotations" else rows.joined("annotation")
        names, ids = rows.column("image.file_name"), owner.shown("image_id")
    else:
        column = {"mask_files": "stem", "mask_sets": "stem", "image_files": "name", "masks": "image_name"}
        return rows.column(column[rows.table]) if rows.table in column else [None] * len(rows)
    return [
        name if name is not None else None if identity is None else str(identity)
        for name, identity in zip(names, ids, strict=True)
    ]


_CONTENT = {
    "images": ("width", "height"),
    "annotations": ("image_id", "category_id", "box_x", "box_y", "box_w", "box_h", "area", "score", "frame"),
    "categories": ("name",),
    "segments": ("category_id", "box_x", "box_y", "box_w", "box_h", "area"),
}
"""What tells records without an id apart: as it stands in the file, and read whichever rules are selected."""


def _contents(rows: Rows, keys: Sequence[str | None]) -> list[str]:
    """For each record without an id what it holds, in place of its position, which reordering changes; else nothing.
    For a fault which it is, and without an id what was found."""
    if rows.table == "faults":
        which = zip(*map(rows.column, ("kind", "section", "field")), strict=True)
        found = [value if key is None else None for key, value in zip(keys, rows.column("found"), strict=True)]
        return [_joined(*fault, value) for fault, value in zip(which, found, strict=True)]
    if rows.table == "mask_files":
        return [name or "" for name in rows.column("name")]
    if rows.table not in _CONTENT or None not in keys:
        return [""] * len(rows)
    records = zip(*map(rows.shown, _CONTENT[rows.table]), strict=True)
    return [_joined(*record) if key is None else "" for key, record in zip(keys, records, strict=True)]


def _joined(*values: object) -> str:
    return "\x1e".join("" if value is None else str(value) for value in values)


def _texts(table: pa.Table, column: str) -> list[Any]:
    return values_at(table.column(column), np.arange(table.num_rows))
