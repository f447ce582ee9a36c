"""Packs: folders of rule files, the built-in one and those that the user names."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from difflib import get_close_matches
from pathlib import Path

from datacheck.errors import RuleError, UsageError
from datacheck.judge.compiled import compile_rules
from datacheck.judge.rule import Rule, read_rule

PRESETS = "presets"
"""Folder of a pack that holds configuration, not rules."""


def builtin_pack_dir() -> Path:
    """The folder of the built-in rules: that of the checkout if there is one, else the copy in the wheel.

    A checkout comes first because an editable install may leave a stale copy in site-packages.
    """
    package = Path(__file__).resolve().parents[1]
    checkout = package.parent
    if (checkout / "rules").is_dir() and (checkout / "pyproject.toml").is_file():
        return checkout / "rules"
    return package / "_rules"


def resolve_pack(text: str, base: Path) -> Path:
    """The folder that a configuration names: a path relative to `base`, or `pkg:name`, an installed package.

    The package is found and not imported. Raises UsageError.
    """
    if text.startswith("pkg:"):
        import importlib.util

        name = text.removeprefix("pkg:")
        try:
            # Only a top-level name: finding a.b would import a.
            spec = importlib.util.find_spec(name) if name.isidentifier() else None
        except (ImportError, ValueError):
            spec = None
        places = spec.submodule_search_locations if spec is not None else None
        if not places:
            raise UsageError(f"no rule pack {text}: there is no installed package {name!r}")
        return Path(next(iter(places)))
    folder = base / Path(text).expanduser()
    if not folder.is_dir():
        raise UsageError(f"no rule pack {text}: {folder} is not a folder")
    return folder


def rule_files(folder: Path) -> Iterator[Path]:
    """The rule files of a pack, sorted; its presets and hidden folders are left out."""
    for path in sorted(folder.rglob("*.y*ml")):
        inside = path.relative_to(folder).parts[:-1]
        if path.suffix in (".yaml", ".yml") and PRESETS not in inside and not any(part[0] in "._" for part in inside):
            yield path


def load_packs(folders: Sequence[Path]) -> dict[str, Rule]:
    """All rules of the packs by code, sorted by it, each checked as `load_rule` does.

    Raises RuleError for the first that is wrong, for a code or name that stands twice, and for a cause
    (`explained-by`) that is no rule; UsageError for a pack that is no folder.
    """
    rules: dict[str, Rule] = {}
    files: dict[str, Path] = {}
    for folder in folders:
        if not folder.is_dir():
            raise UsageError(f"no rule pack {folder}: it is not a folder")
        for path in rule_files(folder):
            if path in files.values():
                continue
            rule = read_rule(path)
            if wrong := clash(rule, path, rules, files):
                raise RuleError(wrong)
            rules[rule.code], files[rule.code] = rule, path
    try:
        compile_rules(list(rules.values()), {})
    except RuleError as error:
        code, _, text = str(error).partition(": ")
        raise RuleError(f"{files[code]}: {text}") from None
    for code, rule in rules.items():
        for wrong in cause_problems(rule, rules):
            raise RuleError(f"{files[code]}: {wrong}")
    return dict(sorted(rules.items()))


def clash(rule: Rule, path: Path, rules: Mapping[str, Rule], files: Mapping[str, Path]) -> str | None:
    """What is wrong when an earlier rule has this one's code or name."""
    if rule.code in rules:
        return f"{path}: code: {rule.code} is already the code of {files[rule.code]}"
    for code, other in rules.items():
        if other.name == rule.name:
            return f"{path}: name: {rule.name} is already the name of {files[code]}"
    return None


def cause_problems(rule: Rule, rules: Mapping[str, Rule]) -> Iterator[str]:
    """What is wrong with the causes that a rule names, given all rules."""
    for cause in rule.explained_by:
        if cause not in rules:
            near = get_close_matches(cause, rules, 1, 0.8)
            yield f"explained-by.{cause}: there is no such rule" + (f". Did you mean {near[0]}?" if near else "")
