"""`--output-format full`: what a terminal gets. Findings grouped by rule, each rule with its why and its fix."""

from __future__ import annotations

from itertools import groupby
from typing import TYPE_CHECKING, TextIO

from datacheck.report import closing, groups, header, statistics
from datacheck.screen import count_of, plain
from datacheck.tables import FILE_TABLES

if TYPE_CHECKING:
    from datacheck.api import Report
    from datacheck.findings import Finding
    from datacheck.report.groups import Group
    from datacheck.report.options import Options
    from datacheck.screen import Screen

MAX_PER_RULE = 5
_OF_A_KIND = ("images", "annotations", "categories", "segments", "mask_sets", "mask_files", "image_files", "masks")
"""Tables of records, where "3 of 500" says more than "3"."""


def write(report: Report, out: TextIO, options: Options) -> None:
    """Write inputs, findings by rule (the worst first), and the closing lines."""
    screen = options.screen(out)
    if options.verbosity >= 0:
        header.write(report, screen)
    if options.statistics:
        statistics.write(report, screen)
        screen.line()
    else:
        limit = MAX_PER_RULE if options.max_per_rule is None else options.max_per_rule
        for group in groups.by_rule(report, options.severities, limit, worst_first=True):
            _rule(report, group, screen)
    closing.write(report, screen, options)


def _rule(report: Report, group: Group, screen: Screen) -> None:
    rule = group.rule
    title = f"{rule.code} {rule.name}"
    number = count_of(group.total, rule.table)
    if rule.table in _OF_A_KIND and group.total < rule.applicable:
        number = f"{group.total:,} of {count_of(rule.applicable, rule.table)}"
    screen.line(f"{screen.style(title, 'path')} · {screen.style(rule.severity, rule.severity)} · {number}")
    for batch in report.renderer.batches(report.numbered, group.chosen):
        if rule.table in FILE_TABLES:
            _files(batch, screen)
            continue
        for path, findings in groupby(batch, key=lambda finding: finding.path):
            _file(path, list(findings), screen)
    if group.hidden:
        screen.line(screen.style(f"  … {group.rest}", "dim"))
    said = report.rules[rule.code].rule
    for label, text in (("why", said.why), ("fix", said.fix)):
        _labelled(label, text, screen)
    folds = report.summary.folds.get(rule.code)
    if folds:
        by_rule = report.summary.by_rule
        symptoms = [f"{number:,} × {code} {by_rule[code].name}" for code, number in sorted(folds.items())]
        _labelled("folds", ", ".join(symptoms), screen)
    screen.line()


def _labelled(label: str, text: str | None, screen: Screen) -> None:
    """`  why  text`, wrapped to the width with the text's left edge kept."""
    words = plain(" ".join((text or "").split()))
    if not words:
        return
    screen.wrapped("  " + " " * len(label) + "  ", words, f"  {screen.style(label, 'label')}  ")


def _files(findings: list[Finding], screen: Screen) -> None:
    """Findings each of which is about a file of its own: a line for each, where it fits."""
    paths, messages = [plain(one.path) for one in findings], [plain(one.message) for one in findings]
    width = max(map(len, paths), default=0)
    fits = all(width + len(message) + 5 <= screen.width for message in messages)
    for path, message in zip(paths, messages, strict=True):
        if fits:
            screen.line(f"  {screen.padded(screen.style(path, 'path'), width)}   {message}")
        else:
            screen.line("  " + screen.style(path, "path"))
            screen.wrapped("    ", message)


def _file(path: str, findings: list[Finding], screen: Screen) -> None:
    """Findings of one file: where each is in columns, then its message, on one line where all of them fit."""
    screen.line("  " + screen.style(plain(path), "path"))
    places = [_place(finding) for finding in findings]
    widths = [max(map(len, column)) for column in zip(*places, strict=True)]
    where = ["  ".join(f"{cell:<{w}}" for cell, w in zip(place, widths, strict=True) if w) for place in places]
    messages = [plain(finding.message) for finding in findings]
    fits = all(len(a) + len(b) + 6 <= screen.width for a, b in zip(where, messages, strict=True))
    for place, message in zip(where, messages, strict=True):
        if not place.strip():
            screen.wrapped("    ", message)
        elif fits:
            screen.line(f"    {screen.style(place, 'dim')}  {message}")
        else:
            screen.line(f"    {screen.style(place.rstrip(), 'dim')}")
            screen.wrapped("      ", message)


def _place(finding: Finding) -> tuple[str, str, str, str]:
    """(line:column, pointer, id, image); each may be empty."""
    position = f"{finding.line}:{finding.column}" if finding.line is not None else ""
    key = f"id {plain(finding.key)}" if finding.key is not None else ""
    image = plain(finding.image) if finding.image is not None and finding.image != finding.key else ""
    image = f"image {image}" if image.isdigit() else image  # an id, where there is no file name
    return position, plain(finding.pointer), _cut(key), _cut(image)


def _cut(text: str) -> str:
    return text if len(text) <= 48 else "…" + text[-47:]
