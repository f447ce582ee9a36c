"""`--output-format grouped`: findings file by file."""

from __future__ import annotations

from typing import TYPE_CHECKING, TextIO

from datacheck.report import closing, header, statistics
from datacheck.screen import plain

if TYPE_CHECKING:
    from datacheck.api import Report
    from datacheck.findings import Finding
    from datacheck.judged import Ints, Judged
    from datacheck.report.options import Options
    from datacheck.screen import Screen

MAX_PER_RULE = 5
"""Findings of a rule shown in each file."""


def write(report: Report, out: TextIO, options: Options) -> None:
    """Write inputs, then each file that has findings with a line for each, then the closing lines."""
    screen = options.screen(out)
    if options.verbosity >= 0:
        header.write(report, screen)
    if options.statistics:
        statistics.write(report, screen)
        screen.line()
    else:
        limit = MAX_PER_RULE if options.max_per_rule is None else options.max_per_rule
        _files(report, limit, options, screen)
    closing.write(report, screen, options)


def _files(report: Report, limit: int, options: Options, screen: Screen) -> None:
    chosen, sizes = _by_file(report.numbered, options.severities, limit)
    path, shown_of = None, 0
    at = 0
    for batch in report.renderer.batches(report.numbered, chosen):
        for finding in batch:
            if finding.path != path:
                if path is not None:
                    screen.line()
                screen.line(screen.style(plain(finding.path), "path"))
                path = finding.path
            screen.line(_line(finding, screen))
            shown_of += 1
            size, shown = sizes[at]
            if shown_of == shown:  # the last one shown of this rule in this file
                if size > shown:
                    more = f"  … {size - shown:,} more {finding.code}: --select {finding.code} --max-per-rule 0"
                    screen.line(screen.style(more, "dim"))
                at, shown_of = at + 1, 0
    if path is not None:
        screen.line()


def _by_file(judged: Judged, severities: tuple[str, ...], limit: int) -> tuple[Ints, list[tuple[int, int]]]:
    """Positions of findings by source and rule, the first `limit` of each pair, and (size, shown) of each pair."""
    import numpy as np

    kept = judged.of(severities)
    if not len(kept):
        return kept, []
    source, code = judged.source[kept], judged.code[kept]
    order = np.lexsort((code, source))  # stable: rows stay ascending, and the codes come in order
    changes = np.flatnonzero((np.diff(source[order]) != 0) | (np.diff(code[order]) != 0)) + 1
    starts = np.concatenate(([0], changes))
    sizes = np.diff(np.concatenate((starts, [len(order)])))
    within = np.arange(len(order)) - np.repeat(starts, sizes)
    shown = np.minimum(sizes, limit) if limit else sizes
    chosen = kept[order[within < np.repeat(shown, sizes)]]
    return chosen, list(zip(sizes.tolist(), shown.tolist(), strict=True))


def _line(finding: Finding, screen: Screen) -> str:
    place = f"{finding.line}:{finding.column}" if finding.line is not None else plain(finding.pointer)
    severity = screen.padded(screen.style(finding.severity, finding.severity), len("warning"))
    lead = f"  {screen.style(f'{place:<12}', 'dim')}" if place else " "
    about = f"id {plain(finding.key)}: " if finding.key is not None else ""
    return f"{lead} {severity} {finding.code} {finding.name}: {about}{plain(finding.message)}"
