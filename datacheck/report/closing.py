"""The closing lines: what was not checked, what was found, what was looked at."""

from __future__ import annotations

from typing import TYPE_CHECKING

from datacheck.screen import count, count_of, plain

if TYPE_CHECKING:
    from datacheck.api import Report
    from datacheck.report.options import Options
    from datacheck.screen import Screen


def write(report: Report, screen: Screen, options: Options) -> None:
    """Write the closing lines."""
    lead = screen.style("not checked", "label") + "  "
    for number, line in enumerate(not_checked(report)):
        screen.wrapped(" " * 13, line, lead if number == 0 else None)
    summary = report.summary
    for broken in summary.broken:
        label = screen.style("not evaluated", "error")
        screen.line(f"{label}  {broken.code} {broken.name}: {plain(broken.message)}")
    nothing = not (summary.errors or summary.warnings or summary.broken or _under_unselected(report))
    if nothing and summary.recognised and report.exit_status == 0 and not report.unread:
        screen.line(_clean(report, screen, options))
        return
    screen.line(_found(report, screen, options))
    screen.line(f"{count(len(summary.by_rule), 'rule')} over {_records(report)} in {_time(summary.seconds)}")


def not_checked(report: Report) -> list[str]:
    """`ANN203 on 12 annotations (their image has no size)`; rules that share number and reason share a line."""
    codes: dict[tuple[str, int, str], list[str]] = {}
    for one in report.not_checked:
        codes.setdefault((one.table, one.count, one.reason), []).append(one.code)
    lines = [
        f"{', '.join(same)} on {count_of(number, table)} ({plain(reason)})"
        for (table, number, reason), same in codes.items()
    ]
    hidden = _unjudged_faults(report)
    if hidden:
        lines.append(f"{count(hidden, 'fault')} of the files (no rule about faults is selected; see --select SRC)")
    return lines


def _unjudged_faults(report: Report) -> int:
    """Rows of `faults` when no selected rule looks at that table: records may be missing, and nothing would say so."""
    judged = any(rule.table == "faults" for rule in report.summary.by_rule.values())
    return 0 if judged else report.tables["faults"].num_rows


def _found(report: Report, screen: Screen, options: Options) -> str:
    summary = report.summary
    parts = []
    for severity, noun in (("error", "error"), ("warning", "warning")):
        number, rules = summary.count(severity), summary.rules_with(severity)
        by = f" by {count(rules, 'rule')}" if rules else ""
        parts.append(screen.style(count(number, noun), severity if number else "dim") + by)
    return " · ".join(parts + _also(report, options))


def _also(report: Report, options: Options) -> list[str]:
    """Notes and symptoms."""
    summary = report.summary
    parts = []
    if summary.infos:
        parts.append(count(summary.infos, "note") + ("" if "info" in options.severities else " (--verbose)"))
    if summary.folded:
        parts.append(f"{count(summary.folded, 'symptom')} folded{_under_unselected(report)}")
    return parts


def _under_unselected(report: Report) -> str:
    """Names the causes that fold findings here but are not shown themselves, because they are ignored."""
    by_rule = report.summary.by_rule
    unseen = sorted(cause for cause in report.summary.folds if cause not in by_rule)
    return f" under {', '.join(unseen)}, ignored" if unseen else ""


def _clean(report: Report, screen: Screen, options: Options) -> str:
    summary = report.summary
    lead = f"{screen.style('clean', 'good')}: {count(len(summary.by_rule), 'rule')} over {_each(report)}"
    return " · ".join([f"{lead} in {_time(summary.seconds)}", *_also(report, options), *_not_opened(report)])


def _not_opened(report: Report) -> list[str]:
    """What nobody looked at."""
    states = report.tables["mask_files"].column("state")
    if report.settings.depth == "annotations" or (len(states) and states.null_count == len(states)):
        return ["image and mask files not opened"]
    records = report.summary.records
    if not records["image_files"]:
        return ["image files not opened"] if records["images"] else []
    # Records may name images that nobody looked for.
    most = "at most" if records["images"] > records["image_files"] else "only"
    return [f"of images {most} their headers read"]


def _records(report: Report) -> str:
    """`988,071 records (123,287 images, 860,001 annotations, 160 categories)`."""
    number = count(sum(report.summary.records.values()), "record")
    return f"{number} ({_each(report)})" if number != "0 records" else number


def _each(report: Report) -> str:
    """`123,287 images, 860,001 annotations, 160 categories`; tables without rows are left out."""
    return (
        ", ".join(count_of(number, table) for table, number in report.summary.records.items() if number) or "no record"
    )


def _time(seconds: float) -> str:
    if seconds < 60:
        return f"{seconds:.1f} s"
    minutes, rest = divmod(round(seconds), 60)
    return f"{minutes:,} min {rest} s"
