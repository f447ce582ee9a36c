"""Which rules run: selectors are codes, prefixes of codes, names, and ALL."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from difflib import get_close_matches
from typing import TYPE_CHECKING

from datacheck.errors import UsageError

if TYPE_CHECKING:
    from datacheck.judge.rule import Rule

ALL = "ALL"
EXACT = 100
"""How exact a code or a name is: more than any prefix."""

_PREFIX = re.compile(r"[A-Z]{1,3}[0-9]{0,2}")


def select_rules(
    rules: Mapping[str, Rule] | Iterable[Rule],
    select: Sequence[str] | None = None,
    extend_select: Sequence[str] | None = None,
    ignore: Sequence[str] | None = None,
) -> list[Rule]:
    """The rules that run, by code.

    Nothing selected means ALL. The more exact selector decides (ALL < ANN < ANN2 < ANN203 = its name), and `ignore`
    among equals, so that `select=["ANN203"], ignore=["ANN"]` runs ANN203. A preview rule runs only where its code or
    name is selected. Raises UsageError for a selector that fits no rule.
    """
    known = sorted(rules.values() if isinstance(rules, Mapping) else rules, key=lambda rule: rule.code)
    selected = [*(select or [ALL]), *(extend_select or [])]
    for selector in (*selected, *(ignore or [])):
        if selector != ALL and not any(_exactness(selector, rule) for rule in known):
            raise UsageError(f"no such rule: {selector}.{_advice(selector, known)}")
    chosen = []
    for rule in known:
        wanted = max((_exactness(selector, rule) for selector in selected), default=0)
        unwanted = max((_exactness(selector, rule) for selector in ignore or []), default=0)
        if wanted > unwanted and (rule.status != "preview" or wanted == EXACT):
            chosen.append(rule)
    return chosen


def unselected_causes(rules: Mapping[str, Rule], selected: Iterable[Rule]) -> list[Rule]:
    """Rules that explain findings of the selected ones and are not selected themselves, for `judge(causes=...)`.

    Preview rules are not among them: what is not yet announced hides nothing.
    """
    chosen = {rule.code: rule for rule in selected}
    codes = {code for rule in chosen.values() for code in rule.explained_by}
    left = [rules[code] for code in sorted(codes) if code in rules and code not in chosen]
    return [rule for rule in left if rule.status != "preview"]


def _exactness(selector: str, rule: Rule) -> int:
    """How exactly a selector names a rule; 0 if not at all."""
    if selector == ALL:
        return 1
    if selector in (rule.code, rule.name):
        return EXACT
    return 1 + len(selector) if _PREFIX.fullmatch(selector) and rule.code.startswith(selector) else 0


def _advice(selector: str, rules: Sequence[Rule]) -> str:
    by_code = {rule.code: rule for rule in rules}
    by_name = {rule.name: rule for rule in rules}
    prefixes = {rule.code[:n] for rule in rules for n in range(3, 6)}
    slip = selector.upper()[:3] + selector.upper()[3:].translate(str.maketrans("OIL", "011"))
    if slip in by_code:
        return f" Did you mean {slip} ({by_code[slip].name})?"
    for near in get_close_matches(selector.upper(), by_code, 1, 0.7):
        return f" Did you mean {near} ({by_code[near].name})?"
    for near in get_close_matches(selector.lower(), by_name, 1, 0.6):
        return f" Did you mean {by_name[near].code} ({near})?"
    for near in get_close_matches(selector.upper(), sorted(prefixes), 1, 0.6):
        return f" Did you mean {near}?"
    return " `datacheck rules list` shows them all"
