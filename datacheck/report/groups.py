"""The findings of a report rule by rule, each cut to what is to be shown."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from datacheck.summary import RANK, RuleCount
from datacheck.tables import TABLES

if TYPE_CHECKING:
    from datacheck.api import Report
    from datacheck.judged import Ints


@dataclass(frozen=True)
class Group:
    """Findings of one rule. `total` of them have a severity that is shown; `chosen` are the positions of the first."""

    rule: RuleCount
    chosen: Ints
    total: int

    @property
    def hidden(self) -> int:
        return self.total - len(self.chosen)

    @property
    def rest(self) -> str:
        """How to see what is hidden."""
        return f"{self.hidden:,} more: --select {self.rule.code} --max-per-rule 0"


def by_rule(report: Report, severities: Sequence[str], limit: int, *, worst_first: bool = False) -> Iterator[Group]:
    """The groups that have a finding of one of `severities`, by code, or by worst severity, table and code.

    limit: findings in a group; 0: all.
    """
    rules = [rule for rule in report.summary.by_rule.values() if rule.findings]
    if worst_first:  # and what concerns a whole source before its records: causes stand before what follows from them
        tables = list(TABLES)
        rules.sort(key=lambda rule: (RANK[rule.severity], tables.index(rule.table), rule.code))
    for rule in rules:
        chosen, total = report.numbered.of_rule(rule.code, severities, limit)
        if total:
            yield Group(rule, chosen, total)
