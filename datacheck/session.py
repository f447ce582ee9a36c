"""One scan from its settings to its judgement; the Python API and every command that reads data go through it."""

from __future__ import annotations

import time
import weakref
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from difflib import get_close_matches
from pathlib import Path
from typing import TYPE_CHECKING, Any

from datacheck.errors import UsageError

if TYPE_CHECKING:
    import pyarrow as pa

    from datacheck.judge.engine import CompiledRule, Judgement
    from datacheck.judge.rule import Rule
    from datacheck.run.scan import Progress, Scanned
    from datacheck.settings import Settings


ALWAYS = ("SRC001",)
"""Nothing recognised is an error whatever is selected: else a scan of the wrong folder would pass."""


class Session:
    """A scan in steps: `prepare` the rules, `read` the paths, `judge` what was read.

    Each step keeps what it made, so that what is there when a scan is interrupted can still be shown.
    """

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self.started = time.perf_counter()
        self.compiled: Sequence[CompiledRule] = ()
        self.causes: Sequence[CompiledRule] = ()
        """Rules that were not selected, under whose findings those of the selected ones fold all the same."""
        self.always: Sequence[CompiledRule] = ()
        """Rules that judge when nothing was recognised, selected or not."""
        self.scanned: Scanned | None = None
        self.judgement: Judgement | None = None
        self.seconds = 0.0
        self._finalizer: weakref.finalize[..., Session] | None = None

    def prepare(self) -> Sequence[CompiledRule]:
        """Load, select and compile the rules. Raises UsageError and RuleError."""
        from datacheck.run.warm import warm_up

        check_paths(self.settings.paths)
        warm_up(self.settings.paths, self.settings.jobs)  # before the imports below, which take as long as theirs
        from datacheck.judge.engine import compile_rules
        from datacheck.judge.packs import builtin_pack_dir, load_packs
        from datacheck.judge.select import select_rules, unselected_causes

        settings = self.settings
        rules = load_packs([builtin_pack_dir(), *settings.rule_packs])
        chosen = select_rules(rules, settings.select, settings.extend_select, settings.ignore)
        # A cause that was merely not selected explains nothing: its symptoms are all that is shown of it. One that is
        # ignored by name still does, or ignoring it would let its symptoms loose.
        causes = [rule for rule in unselected_causes(rules, chosen) if {rule.code, rule.name} & set(settings.ignore)]
        always = [rules[code] for code in ALWAYS if code in rules and not _ignored(rules[code], settings.ignore)]
        chosen = _with_severities(chosen, rules, settings.severities)
        parameters = _parameters(rules, settings.parameters)
        compiled = compile_rules([*chosen, *causes, *always], parameters)
        self.compiled, rest = compiled[: len(chosen)], compiled[len(chosen) :]
        self.causes, self.always = rest[: len(causes)], rest[len(causes) :]
        return self.compiled

    def read(self, progress: Progress | None = None, *, every_column: bool = False) -> Mapping[str, pa.Table]:
        """Read the paths into tables. `every_column`: also those that no rule asks for. Raises UsageError."""
        from datacheck.folders.find import MaskOptions
        from datacheck.judge.engine import needed_columns
        from datacheck.run.scan import ScanOptions, read_tables

        check_paths(self.settings.paths)
        options = ScanOptions(
            paths=list(self.settings.paths),
            jobs=self.settings.jobs,
            skip_unrecognised=self.settings.skip_unrecognised,
            expectations=self.settings.expectations,
            needed=None if every_column else needed_columns([*self.compiled, *self.causes]),
            masks=MaskOptions(self.settings.masks, self.settings.images, self.settings.pattern),
            depth=self.settings.depth,
        )
        self.scanned = read_tables(options, progress)
        # A report that nobody closes must not leave its temporary files behind.
        self._finalizer = weakref.finalize(self, self.scanned.close)
        return self.scanned.tables

    def judge(self) -> Judgement:
        """Judge what was read by the prepared rules."""
        from datacheck.judge.engine import judge

        if self.scanned is None:
            raise RuntimeError("judge() before read()")
        settings, tables = self.settings, self.scanned.tables
        if not any(tables["datasets"].column("recognised_count").to_pylist()):
            known = {compiled.rule.code for compiled in self.compiled}
            self.compiled = [*self.compiled, *(one for one in self.always if one.rule.code not in known)]
        with interruptible():
            self.judgement = judge(
                tables, self.compiled, causes=self.causes, threads=settings.jobs, memory_limit=settings.memory_limit
            )
        self.seconds = self.elapsed()
        return self.judgement

    def elapsed(self) -> float:
        """Seconds since the session began."""
        return time.perf_counter() - self.started

    def close(self) -> None:
        """Give back what reading holds (mapped files, temporary folders)."""
        if self._finalizer is not None:
            self._finalizer()


@contextmanager
def interruptible() -> Iterator[None]:
    """Lets Ctrl-C during a query be a KeyboardInterrupt, which DuckDB turns into a RuntimeError."""
    try:
        yield
    except RuntimeError as error:
        if "interrupted" in str(error).lower():
            raise KeyboardInterrupt from None
        raise


def check_paths(paths: Sequence[str]) -> None:
    """Raises UsageError for the first path that does not exist."""
    for path in paths:
        try:
            Path(path).lstat()
        except (OSError, ValueError):
            raise UsageError(f"no such file or folder: {path}") from None


def find_rule(rules: Mapping[str, Rule], name: str) -> Rule:
    """The rule of this code or name. Raises UsageError with the nearest one."""
    from datacheck.judge.select import select_rules

    by_name = {rule.name: rule for rule in rules.values()}
    rule = rules.get(name) or rules.get(name.upper()) or by_name.get(name)
    if rule is not None:
        return rule
    select_rules(rules, [name])  # raises, and knows what was meant, unless it is a prefix
    raise UsageError(f"{name} stands for several rules; give the code or the name of one")


def _ignored(rule: Rule, ignore: Sequence[str]) -> bool:
    return any(selector in ("ALL", rule.name) or rule.code.startswith(selector) for selector in ignore)


def _with_severities(chosen: Sequence[Rule], rules: Mapping[str, Rule], severities: Mapping[str, str]) -> list[Rule]:
    import msgspec

    by_code = {find_rule(rules, name).code: severity for name, severity in severities.items()}
    return [
        msgspec.structs.replace(rule, severity=by_code[rule.code]) if rule.code in by_code else rule for rule in chosen
    ]


def _parameters(rules: Mapping[str, Rule], given: Mapping[str, Mapping[str, object]]) -> dict[str, dict[str, object]]:
    """The parameters by code, with text from the command line turned into what the parameter is."""
    found: dict[str, dict[str, object]] = {}
    for name, values in given.items():
        rule = find_rule(rules, name)
        for parameter, value in values.items():
            if parameter not in rule.params:
                near = get_close_matches(parameter, rule.params, 1, 0.5)
                known = f"Did you mean {near[0]}?" if near else f"It has: {', '.join(rule.params) or 'none'}."
                raise UsageError(f"{rule.code} ({rule.name}) has no parameter {parameter}. {known}")
            kind = rule.params[parameter].type
            where = f"{rule.code}.{parameter}"
            found.setdefault(rule.code, {})[parameter] = (
                _from_text(value.text, kind, where) if isinstance(value, Text) else value
            )
    return found


class Text:
    """A parameter's value as typed on the command line; what it means depends on the parameter's type."""

    def __init__(self, text: str) -> None:
        self.text = text

    def __str__(self) -> str:
        return self.text


def _from_text(text: str, kind: str, where: str) -> Any:
    try:
        if kind == "integer":
            return int(text)
        if kind == "number":
            return float(text)
    except ValueError:
        article = "a whole number" if kind == "integer" else "a number"
        raise UsageError(f"--set {where}={text}: it must be {article}") from None
    if kind == "boolean":
        if text.lower() not in ("true", "false"):
            raise UsageError(f"--set {where}={text}: it must be true or false")
        return text.lower() == "true"
    return [item.strip() for item in text.split(",")] if kind == "list" else text
