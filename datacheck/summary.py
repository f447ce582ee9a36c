"""Counts of what a scan found."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pyarrow as pa

    from datacheck.judge.engine import Broken, CompiledRule, Judgement, NotChecked
    from datacheck.judged import Judged

RECORD_TABLES = ("images", "annotations", "categories", "segments", "mask_files", "image_files")
"""Tables whose rows are the records that a scan says it checked."""

RANK = {"error": 0, "warning": 1, "info": 2, "never": -1}


@dataclass
class RuleCount:
    """What one rule found."""

    code: str
    name: str
    table: str
    severity: str
    """Its worst finding's; the rule's own while it has none."""
    findings: int = 0
    """Without those folded under a cause."""
    folded: int = 0
    applicable: int = 0
    """Rows that the rule is about."""


@dataclass
class Summary:
    """What a scan found, in numbers. Findings folded under their cause are counted by `folded` alone."""

    errors: int = 0
    warnings: int = 0
    infos: int = 0
    folded: int = 0
    by_rule: dict[str, RuleCount] = field(default_factory=dict)
    """Every rule that was judged, by code."""
    folds: dict[str, dict[str, int]] = field(default_factory=dict)
    """By code of the cause, then by code of the symptom."""
    records: dict[str, int] = field(default_factory=dict)
    """By table."""
    sources: int = 0
    recognised: int = 0
    not_checked: Sequence[NotChecked] = ()
    broken: Sequence[Broken] = ()
    seconds: float = 0.0

    def count(self, severity: str) -> int:
        return {"error": self.errors, "warning": self.warnings, "info": self.infos}[severity]

    def rules_with(self, severity: str) -> int:
        """Rules whose worst finding is of this severity."""
        return sum(rule.severity == severity and rule.findings > 0 for rule in self.by_rule.values())

    def fails(self, fail_on: str) -> bool:
        """Is there a finding at or above `fail_on` (error, warning, info or never)?"""
        return any(self.count(severity) for severity in ("error", "warning", "info") if RANK[severity] <= RANK[fail_on])


def summarise(
    judgement: Judgement,
    judged: Judged,
    compiled: Sequence[CompiledRule],
    tables: Mapping[str, pa.Table],
    seconds: float,
) -> Summary:
    """Count the findings of a judgement; of the tables it reads their length, and `datasets`."""
    rules = (one.rule for one in compiled)
    summary = Summary(
        by_rule={
            rule.code: RuleCount(
                rule.code, rule.name, rule.table, rule.severity, applicable=judgement.applicable.get(rule.code, 0)
            )
            for rule in sorted(rules, key=lambda rule: rule.code)
        },
        records={name: tables[name].num_rows for name in RECORD_TABLES},
        sources=tables["sources"].num_rows,
        recognised=sum(number or 0 for number in tables["datasets"].column("recognised_count").to_pylist()),
        not_checked=judgement.not_checked,
        broken=judgement.broken,
        seconds=seconds,
    )
    for code, severity, cause, number in judged.counts():
        rule = summary.by_rule[code]
        if cause is not None:
            rule.folded += number
            summary.folded += number
            symptoms = summary.folds.setdefault(cause, {})
            symptoms[code] = symptoms.get(code, 0) + number
            continue
        if rule.findings == 0 or RANK[severity] < RANK[rule.severity]:
            rule.severity = severity
        rule.findings += number
        summary.errors += number if severity == "error" else 0
        summary.warnings += number if severity == "warning" else 0
        summary.infos += number if severity == "info" else 0
    return summary
