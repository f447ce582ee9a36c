"""`datacheck rules`: list, lint or test a pack of rules."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from datacheck.cli.output import opened
from datacheck.cli.parser import Parser
from datacheck.cli.shared import rule_folders
from datacheck.errors import UsageError

if TYPE_CHECKING:
    from datacheck.judge.rule import Rule


def run(words: Sequence[str]) -> int:
    """List, lint or test; returns the exit status: 1 if something is wrong with a rule."""
    parser = Parser(
        "rules",
        "list|lint|test [PACK] [options]",
        "list: the rules, one a line. lint: what is wrong with a pack. test: run its inline tests.\n"
        "PACK is a folder of rules (default: the built-in ones, and those of the configuration).",
        ["datacheck rules list", "datacheck rules test ./my-rules"],
    )
    parser.add_argument("action", choices=("list", "lint", "test"), metavar="ACTION", help="list, lint or test")
    parser.add_argument("pack", metavar="PACK", nargs="?", help="a folder")
    parser.add_argument("--output-format", choices=("text", "json"), default="text", help="of the list")
    arguments = parser.read(words)
    if arguments.pack is not None and not Path(arguments.pack).is_dir():
        raise UsageError(f"no such folder of rules: {arguments.pack}")
    if arguments.action == "list":
        return _list(arguments.pack, arguments.output_format)
    folders = [Path(arguments.pack)] if arguments.pack else rule_folders([])
    return _lint(folders) if arguments.action == "lint" else _test(folders)


def _list(pack: str | None, output_format: str) -> int:
    from datacheck.judge.packs import builtin_pack_dir, load_packs, rule_files

    # The causes that a pack's rules name may be built-in, so that both are loaded and the pack's own are shown.
    rules = load_packs([builtin_pack_dir(), Path(pack)] if pack else rule_folders([]))
    if pack and Path(pack).resolve() != builtin_pack_dir().resolve():
        own = {path.name.partition("-")[0] for path in rule_files(Path(pack))}
        rules = {code: rule for code, rule in rules.items() if code in own}
    with opened(None, utf8=output_format == "json") as out:
        out.write(_as_json(rules.values()) if output_format == "json" else _as_text(list(rules.values())))
    return 0


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


def _lint(folders: Sequence[Path]) -> int:
    from datacheck.judge.packs import rule_files
    from datacheck.judge.testing import lint_pack
    from datacheck.screen import count, plain

    problems = [line for folder in folders for line in lint_pack(folder)]
    number = sum(1 for folder in folders for _ in rule_files(folder))
    with opened(None) as out:
        out.writelines(plain(problem) + "\n" for problem in problems)
        out.write(f"{count(number, 'rule')}, {count(len(problems), 'problem')}\n")
    return 1 if problems else 0


def _test(folders: Sequence[Path]) -> int:
    from datacheck.judge.testing import test_pack
    from datacheck.screen import count, plain

    passed, failures = 0, []
    for folder in folders:
        report = test_pack(folder)
        passed += report.passed
        failures += report.failures
    with opened(None) as out:
        out.writelines(plain(failure) + "\n" for failure in failures)
        out.write(f"{count(passed, 'test')} passed, {len(failures):,} failed\n")
    return 1 if failures else 0
