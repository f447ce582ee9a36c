"""The model of a rule, as its YAML file gives it, and every check that needs no database."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from difflib import get_close_matches
from pathlib import Path
from typing import Any, Literal, get_args

import msgspec

from datacheck import tables
from datacheck.errors import RuleError
from datacheck.judge.document import load_document
from datacheck.judge.grammar import COLUMN_KINDS
from datacheck.messages import Placeholder, is_for_numbers, parse_message

Severity = Literal["error", "warning", "info"]
Status = Literal["preview", "stable", "deprecated"]
ParamType = Literal["number", "integer", "boolean", "string", "list"]
OUTCOMES = ("flags", "passes", "unknown", "skips")
"""What a test may expect of its row: a finding, none, not checked, not applicable."""

_CODE = re.compile(r"[A-Z]{3}\d{3}")
_NAME = re.compile(r"[a-z][a-z0-9]*(-[a-z0-9]+)*")
_PARAM = re.compile(r"[a-z][a-z0-9_]*")


class Param(msgspec.Struct, frozen=True, forbid_unknown_fields=True, rename="kebab"):
    """One parameter of a rule."""

    type: ParamType
    default: bool | int | float | str | list[str]
    doc: str = ""
    unit: str = ""
    min: float | None = None
    max: float | None = None

    def problem(self, value: object) -> str | None:
        """What is wrong with a value, as words that fit after the parameter's name; None if it can be used."""
        suits, words = {
            "number": (isinstance(value, int | float) and not isinstance(value, bool), "a number"),
            "integer": (isinstance(value, int) and not isinstance(value, bool), "a whole number"),
            "boolean": (isinstance(value, bool), "true or false"),
            "string": (isinstance(value, str), "a text"),
            "list": (isinstance(value, list) and all(isinstance(item, str) for item in value), "a list of texts"),
        }[self.type]
        if not suits:
            return f"must be {words}, not {value!r}"
        if isinstance(value, int | float) and not isinstance(value, bool):
            if value != value or abs(value) == float("inf"):
                return "must be finite"
            if self.type == "integer" and not -(2**63) <= value < 2**63:
                return "must fit in 64 bits"
            if self.min is not None and value < self.min:
                return f"must be at least {self.min:g}, not {value!r}"
            if self.max is not None and value > self.max:
                return f"must be at most {self.max:g}, not {value!r}"
        return None


class RuleTest(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One inline test: a row, by column, under the outcome it must have."""

    flags: dict[str, Any] | None = None
    passes: dict[str, Any] | None = None
    unknown: dict[str, Any] | None = None
    skips: dict[str, Any] | None = None
    params: dict[str, Any] = {}
    severity: Severity | None = None

    @property
    def outcome(self) -> str:
        """The outcome that the row must have: one of OUTCOMES."""
        return next(outcome for outcome in OUTCOMES if getattr(self, outcome) is not None)

    @property
    def record(self) -> dict[str, Any]:
        """The row: column -> value, joined record -> mapping or None. A column that is not named is NULL."""
        record: dict[str, Any] = getattr(self, self.outcome)
        return record


class Rule(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, rename="kebab"):
    """One rule. `only`, `when`, `error_when` and the values of `explained_by` are SQL, still as the author wrote it."""

    code: str
    name: str
    table: str
    severity: Severity
    status: Status
    when: str
    message: str
    why: str
    fix: str
    tests: tuple[RuleTest, ...]
    at: str | None = None
    only: str | None = None
    error_when: str | None = None
    params: dict[str, Param] = {}
    consequence: dict[str, str] = {}
    explained_by: dict[str, str] = {}

    def expressions(self) -> Iterator[tuple[str, str]]:
        """Every predicate with the field it stands in."""
        for field, sql in (("only", self.only), ("when", self.when), ("error-when", self.error_when)):
            if sql is not None:
                yield field, sql
        for code, sql in self.explained_by.items():
            yield f"explained-by.{code}", sql

    @property
    def placeholders(self) -> tuple[Placeholder, ...]:
        """The placeholders of the message, in order. Raises ValueError for a malformed message."""
        return tuple(part for part in parse_message(self.message) if isinstance(part, Placeholder))


def load_rule(path: Path | str) -> Rule:
    """Read and check one rule file, expressions included.

    Raises RuleError naming the file, the field, and what is right.
    """
    from datacheck.judge.compiled import compile_rules

    rule = read_rule(path)
    try:
        compile_rules([rule], {})
    except RuleError as error:
        raise RuleError(f"{path}: {str(error).removeprefix(f'{rule.code}: ')}") from None
    return rule


def read_rule(path: Path | str) -> Rule:
    """`load_rule` without the expressions, which are compiled faster all at once. Raises RuleError."""
    path = Path(path)
    document = load_document(path)
    _plain_truths(document)
    try:
        rule = msgspec.convert(document, Rule)
    except msgspec.ValidationError as error:
        raise RuleError(f"{path}: {_explained(error, document)}") from None
    for problem in problems(rule):
        raise RuleError(f"{path}: {problem}")
    expected = f"{rule.code}-{rule.name}.yaml"
    if path.name != expected:
        raise RuleError(f"{path}: the file must be called {expected}")
    return rule


def problems(rule: Rule) -> Iterator[str]:
    """Each thing wrong with a rule, as `field: what, and what is right`; its expressions are left to the compiler."""
    table = tables.TABLES.get(rule.table)
    if table is None:
        yield f"table: there is no table {rule.table!r}; the tables are {', '.join(tables.TABLES)}"
        return
    if not _CODE.fullmatch(rule.code):
        yield f"code: {rule.code!r} must be three capital letters and three digits, such as {table.prefix}203"
    elif not rule.code.startswith(table.prefix):
        yield f"code: {rule.code} must start with {table.prefix}, the prefix of the table {table.name}"
    if not _NAME.fullmatch(rule.name):
        yield f"name: {rule.name!r} must be lower-case words joined by hyphens, such as box-outside-image"
    for field, text in (("why", rule.why), ("fix", rule.fix), ("message", rule.message), ("at", rule.at)):
        if text is not None and not text.strip():
            yield f"{field}: must say something"
    for field, sql in rule.expressions():
        if not sql.strip():
            yield f"{field}: must say something"
    yield from _param_problems(rule)
    yield from _message_problems(rule, table)
    yield from _cause_problems(rule, table)
    yield from _test_problems(rule, table)


def _param_problems(rule: Rule) -> Iterator[str]:
    for name, param in rule.params.items():
        if not _PARAM.fullmatch(name):
            yield f"params.{name}: must be lower-case letters, digits and _"
        if (param.min is not None or param.max is not None) and param.type not in ("number", "integer"):
            yield f"params.{name}: min and max are for numbers"
        if wrong := param.problem(param.default):
            yield f"params.{name}.default: {wrong}"


def _message_problems(rule: Rule, table: tables.Table) -> Iterator[str]:
    try:
        placeholders = rule.placeholders
    except ValueError as error:
        yield f"message: {error}"
        return
    for placeholder in placeholders:
        name = placeholder.name
        if name.startswith("$"):
            if name[1:] not in rule.params:
                yield f"message: {{{name}}}: {_no_param(name[1:], rule.params)}"
            continue
        column, wrong = find_column(table, name)
        if column is None:
            yield f"message: {{{name}}}: {wrong}"
        elif is_for_numbers(placeholder.spec) and COLUMN_KINDS[column.type] != "n":
            yield f"message: {{{name}:{placeholder.spec}}}: the format is for numbers, {name} is {column.type}"


def _cause_problems(rule: Rule, table: tables.Table) -> Iterator[str]:
    for code in rule.explained_by:
        if not _CODE.fullmatch(code):
            yield f"explained-by.{code}: must be the code of a rule, such as SRC210"
        elif code == rule.code:
            yield f"explained-by.{code}: a rule cannot explain itself"
    if rule.explained_by and "source" not in table.by_name:
        yield f"explained-by: rows of {table.name} belong to no source, so nothing on a source explains them"


def _test_problems(rule: Rule, table: tables.Table) -> Iterator[str]:
    outcomes = set()
    for number, test in enumerate(rule.tests, 1):
        given = [outcome for outcome in OUTCOMES if getattr(test, outcome) is not None]
        if len(given) != 1:
            yield f"tests: test {number} must have exactly one of {', '.join(OUTCOMES)}, each a mapping of columns"
            continue
        outcomes.add(given[0])
        if test.severity is not None and given[0] != "flags":
            yield f"tests: test {number} has a severity, which only a test that flags can have"
        for name, value in test.params.items():
            param = rule.params.get(name)
            wrong = param.problem(value) if param is not None else _no_param(name, rule.params)
            if wrong:
                yield f"tests: test {number} ({given[0]}): params.{name}: {wrong}"
        for wrong in _record_problems(test.record, table):
            yield f"tests: test {number} ({given[0]}): {wrong}"
    for outcome in ("flags", "passes"):
        if outcome not in outcomes:
            yield f"tests: there must be one that {outcome}"


def _record_problems(record: Mapping[str, Any], table: tables.Table, prefix: str = "") -> Iterator[str]:
    for name, value in record.items():
        if not prefix and name in table.joins and (value is None or isinstance(value, dict)):
            yield from _record_problems(value or {}, tables.TABLES[table.joins[name].table], f"{name}.")
            continue
        column = table.by_name.get(name)
        if column is None:
            yield f"{prefix}{name}: {_no_column(table, name)}"
        elif not _suits(value, column.type):
            yield f"{prefix}{name}: {value!r} is not {column.type}"


def _suits(value: object, kind: str) -> bool:
    """Whether a value of a test can stand in a column of this type."""
    if value is None:
        return True
    if kind == tables.BOOL:
        return isinstance(value, bool)
    if kind == tables.TEXTS:
        return isinstance(value, list) and all(isinstance(item, str) for item in value)
    if kind in (tables.TEXT, tables.LABEL):
        return isinstance(value, str)
    if isinstance(value, bool) or not isinstance(value, int if kind in (tables.I32, tables.I64) else int | float):
        return False
    bits = {tables.I32: 31, tables.I64: 63}.get(kind, 1000)
    return isinstance(value, float) or -(2**bits) <= value < 2**bits


def find_column(table: tables.Table, name: str) -> tuple[tables.Column | None, str]:
    """The column that `box_x` or `image.width` names in rows of `table`, or None and what is wrong with the name."""
    first, _, second = name.partition(".")
    if not second:
        if first in table.by_name:
            return table.by_name[first], ""
        if first in table.joins:
            example = next(iter(tables.TABLES[table.joins[first].table].by_name))
            return None, f"{first} is a record; name one of its columns, such as {first}.{example}"
        return None, _no_column(table, first)
    if first not in table.joins:
        near = get_close_matches(first, table.joins, 1, 0.6)
        known = f"the joined records are {', '.join(table.joins)}" if table.joins else "it has none"
        advice = f". Did you mean {near[0]}.{second}?" if near else f"; {known}"
        return None, f"{table.name} has no joined record {first!r}{advice}"
    joined = tables.TABLES[table.joins[first].table]
    if second in joined.by_name:
        return joined.by_name[second], ""
    return None, _no_column(joined, second, f"{first}.")


def _no_column(table: tables.Table, name: str, prefix: str = "") -> str:
    known = [*table.by_name, *(() if prefix else table.joins)]
    near = get_close_matches(name.lower(), known, 1, 0.6)
    advice = f"Did you mean {prefix}{near[0]}?" if near else f"`datacheck columns {table.name}` lists them"
    return f"{table.name} has no column {name!r}. {advice}"


def _no_param(name: str, params: Mapping[str, Param]) -> str:
    known = f"the rule has {', '.join(params)}" if params else "the rule declares none"
    return f"there is no parameter {name!r}; {known}"


def _plain_truths(document: dict[str, Any]) -> None:
    """`when: TRUE` is a boolean in YAML and a predicate here."""
    holders: list[dict[str, Any]] = [document]
    if isinstance(document.get("explained-by"), dict):
        holders.append(document["explained-by"])
    for holder in holders:
        for key, value in holder.items():
            if isinstance(value, bool) and (holder is not document or key in ("only", "when", "error-when")):
                holder[key] = str(value).upper()


def _explained(error: msgspec.ValidationError, document: Mapping[str, Any]) -> str:
    """msgspec's message with the field first: "severity: must be one of error, warning, info"."""
    what, _, place = str(error).partition(" - at `")
    if "params[...]" in place:
        # msgspec does not say which; it is the first that cannot be converted by itself.
        place = place.replace("[...]", f".{next(_misfits(document['params']), '')}")
    field = re.sub(r"\[(\d+)\]", lambda found: f" {int(found[1]) + 1}", place.rstrip("`").removeprefix("$"))
    field = field.replace("[...]", "").strip(".") or "rule"
    if missing := re.fullmatch(r"Object missing required field `(.+)`", what):
        return f"{'' if field == 'rule' else field + '.'}{missing[1]}: is missing"
    if unknown := re.fullmatch(r"Object contains unknown field `(.+)`", what):
        fields: Any = {"rule": Rule, "tests": RuleTest, "params": Param}.get(field.split(" ")[0].split(".")[0], Rule)
        known = [item.encode_name for item in msgspec.structs.fields(fields)]
        near = get_close_matches(unknown[1], known, 1, 0.6)
        return f"{field}: there is no field {unknown[1]!r}" + (f". Did you mean {near[0]}?" if near else "")
    if re.match(r"Invalid enum value", what):
        choices = {"severity": Severity, "status": Status, "type": ParamType}.get(field.split(".")[-1].split(" ")[-1])
        listed = ", ".join(get_args(choices))
        return f"{field}: must be one of {listed}, not {what.removeprefix('Invalid enum value ')}"
    return f"{field}: {what[:1].lower()}{what[1:]}"


def _misfits(params: Mapping[str, Any]) -> Iterator[str]:
    for name, given in params.items():
        try:
            msgspec.convert(given, Param)
        except msgspec.ValidationError:
            yield name
