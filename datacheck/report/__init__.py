"""Output formats, one file each. A format is a function that writes a report to a stream.

Adding one: a module with `write(report, out, options)`, and its line in `REPORTERS`.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, TextIO

from datacheck.report import concise, full, grouped, json, jsonl

if TYPE_CHECKING:
    from datacheck.api import Report
    from datacheck.report.options import Options

REPORTERS: dict[str, Callable[[Report, TextIO, Options], None]] = {
    "full": full.write,
    "concise": concise.write,
    "grouped": grouped.write,
    "json": json.write,
    "jsonl": jsonl.write,
}
