"""`--statistics`: findings counted by rule, in place of the findings themselves."""

from __future__ import annotations

from typing import TYPE_CHECKING

from datacheck.summary import RANK

if TYPE_CHECKING:
    from datacheck.api import Report
    from datacheck.screen import Screen


def write(report: Report, screen: Screen) -> None:
    """A line for each rule that found something: the worst first, then the most frequent."""
    found = [rule for rule in report.summary.by_rule.values() if rule.findings or rule.folded]
    found.sort(key=lambda rule: (RANK[rule.severity], -rule.findings, -rule.folded, rule.code))
    width = max((len(f"{rule.findings:,}") for rule in found), default=0)
    names = max((len(rule.name) for rule in found), default=0)
    for rule in found:
        severity = screen.padded(screen.style(rule.severity, rule.severity), len("warning"))
        folded = f"  + {rule.folded:,} folded" if rule.folded else ""
        screen.line(f"{rule.findings:>{width},}  {severity}  {rule.code}  {rule.name:<{names}}{folded}".rstrip())
