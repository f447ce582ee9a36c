"""`--output-format concise`, and what a pipe gets: one line a finding.

    path:line:column: CODE name: message
    path#/annotations/17/bbox: CODE name: message      where there is no line

Nothing else is written here; the closing lines go to the terminal (stderr). All findings are listed unless
--max-per-rule is given; notes (info) with --verbose.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, TextIO

from datacheck.report import groups, statistics
from datacheck.screen import plain

if TYPE_CHECKING:
    from datacheck.api import Report
    from datacheck.findings import Finding
    from datacheck.report.options import Options
    from datacheck.screen import Screen


def write(report: Report, out: TextIO, options: Options) -> None:
    """Write a line for each finding, by rule."""
    screen = options.screen(out)
    if options.statistics:
        statistics.write(report, screen)
        return
    for group in groups.by_rule(report, options.severities, options.max_per_rule or 0):
        for batch in report.renderer.batches(report.numbered, group.chosen):
            for finding in batch:
                screen.line(_line(finding, screen))


def _line(finding: Finding, screen: Screen) -> str:
    path = screen.style(plain(finding.path), "path")
    if finding.line is not None:
        place = f"{path}:{finding.line}:{finding.column}"
    else:
        place = f"{path}#{plain(finding.pointer)}" if finding.pointer else path
    rule = screen.style(finding.code, finding.severity)
    return f"{place}: {rule} {finding.name}: {plain(finding.message)}"
