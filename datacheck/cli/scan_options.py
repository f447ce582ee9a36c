"""The options of `datacheck scan`."""

from __future__ import annotations

import argparse

from datacheck.cli.parser import Parser, whole_number
from datacheck.cli.shared import add_config_options, add_reading_options, add_rules_dir, add_selection

FORMATS = ("full", "concise", "grouped", "json", "jsonl")
FAIL_ON = ("error", "warning", "info", "never")


def parser() -> Parser:
    """The parser; what an option does not say is None or empty."""
    made = Parser(
        "scan",
        "[PATHS...] [options]",
        "Find what is wrong in annotation files: COCO and its relatives, LVIS, SA-1B, SAM, result files.\n"
        "PATHS are files and folders (default: .)",
        [
            "datacheck scan dataset/ --expect masks --expect classes=80",
            "datacheck scan val.json --select ANN --ignore tiny-box -o report.json",
        ],
    )
    made.add_argument("paths", nargs="*", help=argparse.SUPPRESS)
    _rules(made)
    _output(made)
    reading = add_reading_options(made)
    reading.add_argument("--depth", metavar="annotations", default="annotations", help="open annotation files only")
    reading.add_argument(
        "--skip-unrecognised", action="store_true", default=None, help="a named file of no known format is no error"
    )
    configuration = add_config_options(made)
    configuration.add_argument(
        "--show-settings", action="store_true", help="print each setting and where it comes from, then stop"
    )
    return made


def _rules(made: Parser) -> None:
    group = made.add_argument_group("rules")
    add_selection(group, "--select", "only these: codes, prefixes, names or ALL; comma lists, repeatable")
    add_selection(group, "--extend-select", "these too, such as preview rules")
    add_selection(group, "--ignore", "all but these")
    group.add_argument("--set", metavar="CODE.PARAM=VALUE", action="append", default=[], help="set a rule's parameter")
    add_rules_dir(group)
    group.add_argument("--fail-on", choices=FAIL_ON, help="exit 1 from here up (default: error)")


def _output(made: Parser) -> None:
    group = made.add_argument_group("output")
    group.add_argument("--output-format", choices=FORMATS, help="default: full on a terminal, else concise")
    group.add_argument("-o", "--output-file", metavar="FILE", help="write it there; .json and .jsonl say the format")
    group.add_argument(
        "--max-per-rule",
        metavar="N",
        type=whole_number(0),
        help="findings shown of a rule; 0: all (default: 5, concise: 0)",
    )
    group.add_argument("--statistics", action="store_true", help="count findings by rule instead of listing them")
    group.add_argument(
        "--color", choices=("auto", "always", "never"), default="auto", help="NO_COLOR and FORCE_COLOR are heeded"
    )
    group.add_argument("-q", "--quiet", action="store_true", help="errors and closing lines only")
    group.add_argument("-v", "--verbose", action="store_true", help="notes (info) too")
