"""`--output-format jsonl`: one finding a line, with the fields that `datacheck.report.json` describes.

Unlike there, symptoms are among the lines: `explained_by` holds the code of the rule whose finding accounts for them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, TextIO

from datacheck.report.json import encoder

if TYPE_CHECKING:
    from datacheck.api import Report
    from datacheck.report.options import Options


def write(report: Report, out: TextIO, options: Options) -> None:  # noqa: ARG001 (one signature for all formats)
    """Write every finding as a line of JSON."""
    encode = encoder()
    batches = report.renderer.batches(report.numbered, report.numbered.everything)
    out.writelines("".join(encode(finding) + "\n" for finding in batch) for batch in batches)
