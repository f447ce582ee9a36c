"""Options that several commands have, and what they mean."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from datacheck.errors import UsageError

if TYPE_CHECKING:
    from datacheck.config import Loaded
    from datacheck.settings import Given, Settings

RULES, OUTPUT, READING = "Rules", "Output", "Reading"
"""Panels of the help, besides the one that typer calls Options."""


def at_most(limit: int) -> Callable[[int | None], int | None]:
    """A callback for numbers that only mean `many` from some size up."""
    return lambda number: number and min(number, limit)


Paths = Annotated[list[str] | None, typer.Argument(metavar="PATHS", help="files and folders (default: .)")]
Expect = Annotated[
    list[str] | None,
    typer.Option(
        metavar="X",
        help="masks, task=T, boxes=B, classes=N|A,B, segments>=N, keypoints=N, splits=A,B, coco-evaluation",
        rich_help_panel=READING,
    ),
]
Jobs = Annotated[
    int | None,
    typer.Option(
        min=1, metavar="N", help="processes (default: all cores)", rich_help_panel=READING, callback=at_most(1000),
    ),
]  # fmt: skip
MemoryLimit = Annotated[
    str | None, typer.Option(metavar="SIZE", help="for judging, such as 2GB", rich_help_panel=READING)
]
Config = Annotated[
    str | None, typer.Option(metavar="FILE", help="default: the nearest datacheck.toml or pyproject.toml")
]
Isolated = Annotated[bool, typer.Option("--isolated", help="use no configuration file")]
RulesDir = Annotated[
    list[str] | None,
    typer.Option(metavar="DIR", help="more rules, besides the built-in ones", rich_help_panel=RULES),
]


Depth = Annotated[
    Literal["annotations", "files"] | None,
    typer.Option(
        metavar="D", help="files (default), or annotations: open no other files",
        rich_help_panel=READING,
    ),
]  # fmt: skip
Masks = Annotated[str | None, typer.Option(metavar="DIR", help="a folder of masks", rich_help_panel=READING)]
Images = Annotated[str | None, typer.Option(metavar="DIR", help="the images of --masks", rich_help_panel=READING)]
Pattern = Annotated[
    str | None,
    typer.Option(metavar="P", help="their names: {stem}_mask.png, {stem}/{object}.png", rich_help_panel=READING),
]


def examples(*lines: str) -> str:
    """The end of a help; that it begins with a line break keeps typer from taking the indent away."""
    return "\nexamples:\n" + "\n".join(f"  {line}" for line in lines)


def rule_codes(incomplete: str) -> list[tuple[str, str]]:
    """The built-in rules that begin so, by code and name, for the shell."""
    from datacheck.judge.packs import builtin_pack_dir, rule_files

    known = (path.stem.partition("-") for path in rule_files(builtin_pack_dir()))
    return [(code, name) for code, _, name in known if code.startswith(incomplete.upper())]


def settings_for(given: Given, paths: list[str] | None, config: str | None, isolated: bool) -> Settings:
    """What the command line, the configuration that it or the first path leads to, and the defaults say.

    Raises ConfigError or UsageError.
    """
    from datacheck.config import check_memory_limit
    from datacheck.session import check_paths
    from datacheck.settings import resolve

    paths = paths or [folder for folder in (given.masks, given.images) if folder] or ["."]
    check_paths(paths)
    loaded = _configuration(config, isolated, paths[0])
    if given.memory_limit is not None:
        check_memory_limit(given.memory_limit, "--memory-limit")
    return resolve(paths, given, loaded)


def _configuration(config: str | None, isolated: bool, first_path: str) -> Loaded | None:
    from datacheck.config import find_config, load_config

    if isolated:
        if config:
            raise UsageError("--config and --isolated exclude each other")
        return None
    file = Path(config) if config else find_config(Path(first_path))
    return load_config(file) if file else None


def rule_folders(more: Sequence[str]) -> list[Path]:
    """Folders of rules: the built-in one, those of the configuration found from here, those of --rules-dir.

    Raises UsageError or ConfigError if one does not exist.
    """
    from datacheck.judge.packs import builtin_pack_dir
    from datacheck.settings import Given, resolve

    settings = resolve([], Given(rules_dirs=more), _configuration(None, False, "."))
    return [builtin_pack_dir(), *settings.rule_packs]
