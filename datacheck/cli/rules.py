"""`datacheck rules`: list, lint or test a pack of rules."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from datacheck.cli.output import opened
from datacheck.cli.shared import examples, rule_folders
from datacheck.cli.usage import Commands
from datacheck.errors import UsageError

if TYPE_CHECKING:
    from datacheck.judge.rule import Rule


app = typer.Typer(
    cls=Commands,
    help="List, lint or test rules.",
    epilog=examples("datacheck rules list", "datacheck rules test ./my-rules"),
)
Pack = Annotated[
    str | None,
    typer.Argument(metavar="PACK", help="a folder of rules (default: the built-in and configured ones)"),
]


@app.command("list", epilog=examples("datacheck rules list", "datacheck rules list ./my-rules --output-format json"))
def list_rules(pack: Pack = None, output_format: Annotated[Literal["text", "json"], typer.Option()] = "text") -> None:
    """The rules, one a line."""
    from datacheck.judge.packs import builtin_pack_dir, load_packs, rule_files

    # The causes that a pack's rules name may be built-in, so that both are loaded and the pack's own are shown.
    folders = _folders(pack)
    rules = load_packs([builtin_pack_dir(), *folders] if pack else folders)
    if pack and Path(pack).resolve() != builtin_pack_dir().resolve():
        own = {path.name.partition("-")[0] for path in rule_files(Path(pack))}
        rules = {code: rule for code, rule in rules.items() if code in own}
    with opened(None, utf8=output_format == "json") as out:
        out.write(_as_json(rules.values()) if output_format == "json" else _as_text(list(rules.values())))


@app.command("lint", epilog=examples("datacheck rules lint", "datacheck rules lint ./my-rules"))
def lint_rules(pack: Pack = None) -> int:
    """What is wrong with a pack of rules; exits 1 if something is."""
    from datacheck.judge.packs import rule_files
    from datacheck.judge.testing import lint_pack
    from datacheck.screen import count, plain

    folders = _folders(pack)
    problems = [line for folder in folders for line in lint_pack(folder)]
    number = sum(1 for folder in folders for _ in rule_files(folder))
    with opened(None) as out:
        out.writelines(plain(problem) + "\n" for problem in problems)
        out.write(f"{count(number, 'rule')}, {count(len(problems), 'problem')}\n")
    return 1 if problems else 0


@app.command("test", epilog=examples("datacheck rules test", "datacheck rules test ./my-rules"))
def run_tests(pack: Pack = None) -> int:
    """Run the tests that stand in the rules; exits 1 if one fails."""
    from datacheck.judge.testing import test_pack
    from datacheck.screen import count, plain

    passed, failures = 0, []
    for folder in _folders(pack):
        report = test_pack(folder)
        passed += report.passed
        failures += report.failures
    with opened(None) as out:
        out.writelines(plain(failure) + "\n" for failure in failures)
        out.write(f"{count(passed, 'test')} passed, {len(failures):,} failed\n")
    return 1 if failures else 0


def _folders(pack: str | None) -> list[Path]:
    if pack is None:
        return rule_folders([])
    if not Path(pack).is_dir():
        raise UsageError(f"no such folder of rules: {pack}")
    return [Path(pack)]


def _as_text(rules: Sequence[Rule]) -> str:
    if not rules:
        return "no rules\n"
    names = max(len(rule.name) for rule in rules)
    tables = max(len(rule.table) for rule in rules)
    lines = []
    for rule in rules:
        status = "" if rule.status == "stable" else f"  ({rule.status})"
        lines.append(f"{rule.code}  {rule.name:<{names}}  {rule.table:<{tables}}  {rule.severity}{status}\n")
    return "".join(lines)


def _as_json(rules: Iterable[Rule]) -> str:
    import msgspec

    return msgspec.json.format(msgspec.json.encode(list(rules)), indent=2).decode() + "\n"
