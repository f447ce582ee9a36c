"""`datacheck.toml`, or `[tool.datacheck]` in pyproject.toml: where it is found and what it may say.

    select, extend-select, ignore   lists of codes, prefixes or names
    fail-on                         "error", "warning", "info" or "never"
    max-per-rule                    findings shown of each rule; 0: all
    output-format                   "full", "concise", "grouped", "json" or "jsonl"
    rule-packs                      folders of rules besides the built-in ones, relative to the file, or pkg:NAME
    jobs                            processes
    memory-limit                    such as "4GB"
    depth                           "annotations" (open these only) or "files" (mask files and image headers too)
    skip-unrecognised               true: a file of no known format is no error even if it is named
    [rules.CODE]                    severity = "warning", and parameters by name: slack = 2.0
    [expect]                        what every source is expected to be (datacheck.expect)
    [sources."glob"]                the same, of the sources that match

The file is looked for in the folder of the first path and in every folder above it; `datacheck.toml` is preferred to
a pyproject.toml beside it. A command-line option is stronger than the file.
"""

from __future__ import annotations

import re
from difflib import get_close_matches
from pathlib import Path
from typing import Annotated, Any, Literal, get_args

import msgspec

from datacheck import expect
from datacheck.errors import ConfigError, UsageError

Severity = Literal["error", "warning", "info"]
FailOn = Literal["error", "warning", "info", "never"]
OutputFormat = Literal["full", "concise", "grouped", "json", "jsonl"]
Depth = Literal["annotations", "files"]
FILE_NAME = "datacheck.toml"


def check_depth(depth: str | None) -> str | None:
    """Raises UsageError for a depth that is not known."""
    if depth is not None and depth not in get_args(Depth):
        raise UsageError(f"depth must be {' or '.join(get_args(Depth))}, not {depth}")
    return depth


class Config(msgspec.Struct, frozen=True, forbid_unknown_fields=True, rename="kebab", omit_defaults=True):
    """What a configuration file says; None or empty: it says nothing about it."""

    select: list[str] | None = None
    extend_select: list[str] = []
    ignore: list[str] = []
    fail_on: FailOn | None = None
    max_per_rule: Annotated[int, msgspec.Meta(ge=0)] | None = None
    output_format: OutputFormat | None = None
    rule_packs: list[str] = []
    jobs: Annotated[int, msgspec.Meta(ge=1)] | None = None
    memory_limit: str | None = None
    depth: Depth | None = None
    skip_unrecognised: bool | None = None
    rules: dict[str, dict[str, Any]] = {}
    expect: dict[str, Any] = {}
    sources: dict[str, dict[str, Any]] = {}


class Loaded(msgspec.Struct, frozen=True):
    """A configuration and where it was found."""

    config: Config
    path: Path


def find_config(start: Path) -> Path | None:
    """The configuration file for a scan of `start`: in its folder or the nearest one above. None: there is none.

    A pyproject.toml counts only if it has a [tool.datacheck] table. Raises ConfigError if one cannot be read.
    """
    folder = start.absolute()
    if not folder.is_dir():
        folder = folder.parent
    for place in (folder, *folder.parents):
        own = place / FILE_NAME
        if own.is_file():
            return own
        project = place / "pyproject.toml"
        if project.is_file() and "datacheck" in _tool_tables(project):
            return project
    return None


def load_config(path: Path) -> Loaded:
    """Read and check a configuration file. Raises ConfigError, one line that begins with the file and names the key."""
    if not path.is_file():
        raise ConfigError(f"{_shown(path)}: no such configuration file")
    if path.name == "pyproject.toml":
        tables = _tool_tables(path)
        if "datacheck" not in tables:
            raise ConfigError(f"{_shown(path)}: it has no [tool.datacheck] table")
        said = tables["datacheck"]
    else:
        said = _parse(path)
    return Loaded(_checked(said, _shown(path)), path)


def _tool_tables(project: Path) -> dict[str, Any]:
    tables = _parse(project).get("tool", {})
    return tables if isinstance(tables, dict) else {}


def _parse(path: Path) -> dict[str, Any]:
    import tomllib

    try:
        return tomllib.loads(path.read_text(encoding="utf-8-sig"))
    except tomllib.TOMLDecodeError as error:
        raise ConfigError(f"{_shown(path)}: not valid TOML: {error}") from None
    except UnicodeDecodeError:
        raise ConfigError(f"{_shown(path)}: not UTF-8 text") from None
    except (OSError, RecursionError) as error:
        raise ConfigError(f"{_shown(path)}: cannot be read: {error}") from None


def _checked(said: object, where: str) -> Config:
    try:
        config = msgspec.convert(said, Config)
    except msgspec.ValidationError as error:
        raise ConfigError(f"{where}: {_in_words(str(error), said)}") from None
    if config.memory_limit is not None:
        try:
            check_memory_limit(config.memory_limit)
        except UsageError as error:
            raise ConfigError(f"{where}: {error}") from None
    tables = [("expect", config.expect, False)]
    tables += [(f'sources."{glob}"', declared, True) for glob, declared in config.sources.items()]
    for name, declared, of_one_source in tables:
        try:
            expect.check(declared, of_one_source=of_one_source)
        except UsageError as error:
            raise ConfigError(f"{where}: [{name}] {error}") from None
    for rule, settings in config.rules.items():
        severity = settings.get("severity", "error")
        if severity not in ("error", "warning", "info"):
            raise ConfigError(f"{where}: [rules.{rule}] severity must be error, warning or info, not {severity!r}")
    return config


_UNKNOWN = re.compile(r"Object contains unknown field `(.*?)`", re.DOTALL)
_AT = re.compile(r"(.*?) - at `\$\.?(.*)`", re.DOTALL)
_TYPES = {
    "int": "a whole number", "int | null": "a whole number", "str": "text in quotes", "str | null": "text in quotes",
    "bool": "true or false", "bool | null": "true or false", "array": "a list", "array | null": "a list",
    "object": "a table", "object | null": "a table",
}  # fmt: skip


def _in_words(text: str, said: object) -> str:
    """A message of msgspec in the words of the file: which key, what it must be, what stands there."""
    unknown = _UNKNOWN.match(text)
    if unknown:
        return f"no such key: {unknown[1]}. {_nearest_key(unknown[1])}"
    at = _AT.fullmatch(text)
    if at is None:
        return text
    problem, key = at[1], at[2]
    choices = {"fail-on": FailOn, "output-format": OutputFormat}.get(key)
    found = _value_at(said, key)
    if choices is not None:
        names: tuple[str, ...] = get_args(choices)
        near = get_close_matches(str(found), names, 1)
        hint = f" Did you mean {near[0]}?" if near else ""
        return f"{key} must be one of {', '.join(names)}, not {found!r}.{hint}"
    expected = re.match(r"Expected `(.*?)`(?:, got `.*?`)?(?: (>= \d+))?", problem)
    if expected is None:
        return f"{key}: {problem}"
    wanted = _TYPES.get(expected[1], expected[1]) + (f" {expected[2]}" if expected[2] else "")
    return f"{key} must be {wanted}" + (f", not {found!r}" if found is not None else "")


def _nearest_key(key: str) -> str:
    known = Config.__struct_encode_fields__
    near = get_close_matches(key.replace("_", "-"), known, 1, 0.5)
    return f"Did you mean {near[0]}?" if near else f"The keys are: {', '.join(known)}."


def _value_at(said: object, path: str) -> object:
    """The value at `key[0]` or `key`; None when it cannot be told (a path through a table's own keys)."""
    name, _, index = path.partition("[")
    value = said.get(name) if isinstance(said, dict) else None
    if index:
        number = index.rstrip("]")
        if not (number.isdigit() and isinstance(value, list) and int(number) < len(value)):
            return None
        value = value[int(number)]
    return value


def check_memory_limit(text: str, where: str = "memory-limit") -> str:
    """`text` if it is a size such as 512MB or 4GiB. Raises UsageError, which begins with `where` it was given."""
    if re.fullmatch(r"\d+(\.\d+)?\s*([KMGT]i?B)", text, re.IGNORECASE):
        return text
    raise UsageError(f"{where} {text}: write it as 512MB or 4GB")


def _shown(path: Path) -> str:
    try:
        return str(path.relative_to(Path.cwd()))
    except ValueError:
        return str(path)
