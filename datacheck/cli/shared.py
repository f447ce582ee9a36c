"""Options that several commands have, and what they mean."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from datacheck.cli.parser import Parser, comma_list, whole_number
from datacheck.errors import UsageError

if TYPE_CHECKING:
    from datacheck.config import Loaded


def add_config_options(parser: Parser) -> argparse._ArgumentGroup:
    """--config and --isolated."""
    group = parser.add_argument_group("configuration")
    group.add_argument("--config", metavar="FILE", help="default: the nearest datacheck.toml or pyproject.toml")
    group.add_argument("--isolated", action="store_true", help="use no configuration file")
    return group


def add_reading_options(parser: Parser) -> argparse._ArgumentGroup:
    """What reading needs to know."""
    group = parser.add_argument_group("reading")
    group.add_argument(
        "--expect", metavar="X", action="append", default=[],
        help="masks, task=T, boxes=B, classes=N|A,B, segments>=N, keypoints=N, splits=A,B, coco-evaluation",
    )  # fmt: skip
    group.add_argument("--jobs", metavar="N", type=whole_number(1), help="processes (default: all cores)")
    group.add_argument("--memory-limit", metavar="SIZE", help="for judging, such as 2GB")
    return group


def add_rules_dir(group: argparse._ArgumentGroup | Parser) -> None:
    """--rules-dir."""
    group.add_argument(
        "--rules-dir", metavar="DIR", action="append", default=[], help="more rules, besides the built-in ones"
    )


def add_selection(group: argparse._ArgumentGroup, option: str, text: str) -> None:
    """An option that takes comma lists and may be repeated."""
    group.add_argument(option, metavar="CODES", type=comma_list, action="append", help=text)


def flat(lists: Sequence[Sequence[str]] | None) -> list[str] | None:
    """The lists of a repeated option as one; None: it was not given."""
    return None if lists is None else [item for items in lists for item in items]


def configuration(arguments: argparse.Namespace, first_path: str) -> Loaded | None:
    """The configuration that --config, --isolated and the first path lead to. Raises ConfigError or UsageError."""
    from datacheck.config import find_config, load_config

    if arguments.isolated:
        if arguments.config:
            raise UsageError("--config and --isolated exclude each other")
        return None
    file = Path(arguments.config) if arguments.config else find_config(Path(first_path))
    return load_config(file) if file else None


def rule_folders(more: Sequence[str]) -> list[Path]:
    """Folders of rules: the built-in one, those of the configuration found from here, those of --rules-dir.

    Raises UsageError or ConfigError if one does not exist.
    """
    from datacheck.config import find_config, load_config
    from datacheck.judge.packs import builtin_pack_dir
    from datacheck.settings import Given, resolve

    file = find_config(Path())
    settings = resolve([], Given(rules_dirs=more), load_config(file) if file else None)
    return [builtin_pack_dir(), *settings.rule_packs]
