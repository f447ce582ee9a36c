"""Rules made ready to run: expressions compiled, parameters settled, and the columns that they need."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from datacheck import tables
from datacheck.errors import RuleError, UsageError
from datacheck.judge.expression import Expression, Request, compile_all

if TYPE_CHECKING:
    from datacheck.judge.rule import Rule

MAX_CAUSES = 60
"""Causes that one rule may name: the engine tells them apart in one byte."""


@dataclass(frozen=True)
class CompiledRule:
    """A rule whose expressions passed the guard and whose parameters have their values."""

    rule: Rule
    when: Expression
    only: Expression | None = None
    error_when: Expression | None = None
    explained_by: dict[str, Expression] = field(default_factory=dict)
    params: dict[str, Any] = field(default_factory=dict)

    def expressions(self) -> Iterator[Expression]:
        """Every expression of the rule."""
        yield from (each for each in (self.only, self.when, self.error_when) if each is not None)
        yield from self.explained_by.values()

    def bound(self, *expressions: Expression | None) -> dict[str, Any]:
        """The parameters that these expressions use, under the names they have in a query."""
        used = {name for each in expressions if each is not None for name in each.params}
        return {_prefix(self.rule) + name: self.params[name] for name in sorted(used)}


def compile_rules(
    rules: Sequence[Rule], overrides: Mapping[str, Mapping[str, object]] | None = None
) -> list[CompiledRule]:
    """Compile the expressions of rules and settle their parameters, in the order given.

    `overrides` has parameters by the code or the name of a rule; what it says of rules that are not given is left
    aside. Raises RuleError for an expression, UsageError for an override.
    """
    places: list[tuple[Rule, str]] = []
    requests: list[Request] = []
    for rule in rules:
        declared = tuple((name, param.type) for name, param in rule.params.items())
        for place, sql in rule.expressions():
            places.append((rule, place))
            # NULL of `only` is "not applicable", as FALSE is.
            requests.append(Request(sql, rule.table, declared, _prefix(rule), stepwise=place == "only"))
    found: dict[str, dict[str, Expression]] = {rule.code: {} for rule in rules}
    for (rule, place), result in zip(places, compile_all(requests), strict=True):
        if isinstance(result, RuleError):
            raise RuleError(f"{rule.code}: {place}: {result}")
        found[rule.code][place] = result
    return [_compiled(rule, found[rule.code], overrides or {}) for rule in rules]


def _compiled(
    rule: Rule, expressions: Mapping[str, Expression], overrides: Mapping[str, Mapping[str, object]]
) -> CompiledRule:
    used = {name for each in expressions.values() for name in each.params}
    used.update(each.name[1:] for each in rule.placeholders if each.name.startswith("$"))
    for name in rule.params:
        if name not in used:
            raise RuleError(f"{rule.code}: params.{name}: is declared, but no expression and no message uses it")
    if len(rule.explained_by) > MAX_CAUSES:
        raise RuleError(f"{rule.code}: explained-by: names more than {MAX_CAUSES} causes")
    return CompiledRule(
        rule,
        expressions["when"],
        expressions.get("only"),
        expressions.get("error-when"),
        {code: expressions[f"explained-by.{code}"] for code in rule.explained_by},
        _settled(rule, {**overrides.get(rule.name, {}), **overrides.get(rule.code, {})}),
    )


def _settled(rule: Rule, given: Mapping[str, object]) -> dict[str, Any]:
    for name, value in given.items():
        if name not in rule.params:
            known = ", ".join(rule.params) or "none"
            raise UsageError(f"{rule.code} ({rule.name}) has no parameter {name!r}; it has {known}")
        if wrong := rule.params[name].problem(value):
            raise UsageError(f"{rule.code}.{name} {wrong}")
    return {name: given.get(name, param.default) for name, param in rule.params.items()}


def _prefix(rule: Rule) -> str:
    return f"{rule.code}_"


def needed_columns(compiled: Sequence[CompiledRule]) -> set[tuple[str, str]]:
    """Every (table, column) that judging these rules and rendering their messages reads.

    A joined column stands under its own table.
    """
    needed: set[tuple[str, str]] = set()
    for each in compiled:
        table = tables.TABLES[each.rule.table]
        names = {name for expression in each.expressions() for name in expression.columns}
        names.update(part.name for part in each.rule.placeholders if not part.name.startswith("$"))
        joins = {name for expression in each.expressions() for name in expression.joins}
        needed.add((table.name, "row"))
        needed.update((table.name, name) for name in ("source",) if name in table.by_name)
        for name in names:
            first, _, second = name.partition(".")
            if second:
                joins.add(first)
                needed.add((table.joins[first].table, second))
            else:
                needed.add((table.name, first))
        for name in joins:
            needed.update(((table.name, table.joins[name].row_column), (table.joins[name].table, "row")))
    return needed
