"""`--output-format json`: one JSON object; a contract.

    version      1, the version of this contract; it grows when a key is removed or changes its meaning
    summary      datacheck     version of the program
                 paths         the paths that were scanned, as given
                 ok            nothing at or above fail_on, and every rule could be evaluated
                 fail_on       error, warning, info or never
                 errors, warnings, infos     findings of each severity, without the folded
                 folded        findings that a finding on their source accounts for; they are not in `findings`, and
                               stand in the output of jsonl
                 rules         rules that were judged
                 records       rows of images, annotations, categories and segments
                 by_rule       of each rule with a finding: code, name, table, severity (its worst), findings, folded
                 broken        rules that could not be evaluated: code, name, message
                 seconds       time that the scan took
    findings     one object each, in the order of their codes:
                 code, name, severity          the rule, and error, warning or info
                 path                          the source as given; of the whole dataset: the paths, joined by commas
                 pointer                       JSON pointer of the place in that file; "" is the file
                 line, column, byte_offset     of the record: from 1, 1 and 0; null where it has no place of its own
                 table                         whose row the finding is about (see `datacheck columns`)
                 key                           the record's id as it stands in the file, or null
                 image                         file name of its image, else the image's id, or null
                 message                       what was found, with the measured values
                 values                        the columns that the rule looked at, by name
                 explained_by                  code of the rule whose finding accounts for this one: null here
                 fingerprint                   16 hex digits, the same from run to run for the same fault
    not_checked  what a rule could not judge: code, name, table, count, reason
    sources      every file that was looked at: path, format (null: not recognised), task, recognised, readable,
                 image_count, annotation_count, category_count, fault_count

A number that JSON cannot hold (NaN, Infinity) is null. Findings are written in batches, one a line, so that memory does
not grow with their number.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, TextIO

import msgspec

import datacheck

if TYPE_CHECKING:
    from datacheck.api import Report
    from datacheck.report.options import Options

CONTRACT_VERSION = 1
SOURCE_KEYS = (
    "path", "format", "task", "recognised", "readable", "image_count", "annotation_count", "category_count",
    "fault_count",
)  # fmt: skip


def write(report: Report, out: TextIO, options: Options) -> None:  # noqa: ARG001 (one signature for all formats)
    """Write the report as one JSON object."""
    encode = encoder()
    out.write(f'{{"version": {CONTRACT_VERSION},\n"summary": {encode(_summary(report))},\n"findings": [')
    separator = "\n"
    for batch in report.renderer.batches(report.numbered, report.numbered.unfolded):
        out.write(separator + ",\n".join(map(encode, batch)))
        separator = ",\n"
    not_checked = [_fields(one, ("code", "name", "table", "count", "reason")) for one in report.not_checked]
    sources = report.sources.select(list(SOURCE_KEYS)).to_pylist()
    out.write(f'\n],\n"not_checked": {encode(not_checked)},\n"sources": {encode(sources)}}}\n')


def _summary(report: Report) -> dict[str, Any]:
    summary = report.summary
    return {
        "datacheck": datacheck.__version__,
        "paths": list(report.settings.paths),
        "ok": report.ok,
        "fail_on": report.settings.fail_on,
        "errors": summary.errors,
        "warnings": summary.warnings,
        "infos": summary.infos,
        "folded": summary.folded,
        "rules": len(summary.by_rule),
        "records": summary.records,
        "by_rule": [
            _fields(rule, ("code", "name", "table", "severity", "findings", "folded"))
            for rule in summary.by_rule.values()
            if rule.findings or rule.folded
        ],
        "broken": [_fields(one, ("code", "name", "message")) for one in summary.broken],
        "seconds": round(summary.seconds, 3),
    }


def _fields(one: object, names: tuple[str, ...]) -> dict[str, Any]:
    return {name: getattr(one, name) for name in names}


def encoder() -> Callable[[object], str]:
    """A function that gives a value as JSON text; lone surrogates, as in undecodable paths, are spelt out."""
    encode = msgspec.json.Encoder().encode

    def to_text(value: object) -> str:
        try:
            return encode(value).decode()
        except UnicodeEncodeError:
            return encode(_without_surrogates(msgspec.to_builtins(value))).decode()

    return to_text


def _without_surrogates(value: Any) -> Any:
    if isinstance(value, str):
        return value.encode("utf-8", "backslashreplace").decode()
    if isinstance(value, dict):
        return {_without_surrogates(key): _without_surrogates(item) for key, item in value.items()}
    return [_without_surrogates(item) for item in value] if isinstance(value, list | tuple) else value
