"""`datacheck rule`: one rule as a page."""

from __future__ import annotations

import textwrap
from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer

from datacheck.cli.output import columns, opened
from datacheck.cli.shared import RulesDir, examples, rule_codes, rule_folders

if TYPE_CHECKING:
    from datacheck.judge.rule import Param, Rule, RuleTest


app = typer.Typer()


@app.command(epilog=examples("datacheck rule ANN203", "datacheck rule box-outside-image --output-format markdown"))
def rule(
    code: Annotated[str, typer.Argument(metavar="CODE", help="code or name of the rule", autocompletion=rule_codes)],
    output_format: Annotated[Literal["text", "json", "markdown"], typer.Option()] = "text",
    rules_dir: RulesDir = None,
) -> None:
    """Explain one rule: what it looks at, why it matters, how to fix what it finds."""
    from datacheck.judge.packs import load_packs
    from datacheck.session import find_rule

    found = find_rule(load_packs(rule_folders(rules_dir or ())), code)
    with opened(None, utf8=output_format == "json") as out:
        if output_format == "json":
            out.write(_json(found))
        elif output_format == "markdown":
            out.write(markdown(found))
        else:
            out.write(_text(found, min(100, columns(out))))


def _json(rule: Rule) -> str:
    import msgspec

    said = _without_nulls(msgspec.to_builtins(rule))
    said["tests"] = [_without_nulls(test) for test in said["tests"]]  # a NULL in a row is there on purpose
    return msgspec.json.format(msgspec.json.encode(said), indent=2).decode() + "\n"


def _without_nulls(fields: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in fields.items() if value is not None}


def _facts(rule: Rule) -> list[tuple[str, str]]:
    """(label, text) of the rule's prose."""
    facts = [("why", rule.why), ("fix", rule.fix)]
    facts += [(f"in {trainer}", text) for trainer, text in rule.consequence.items()]
    if rule.explained_by:
        facts.append(("folds under", ", ".join(f"{code} where {sql}" for code, sql in rule.explained_by.items())))
    return [(label, " ".join(text.split())) for label, text in facts if text.strip()]


def _predicates(rule: Rule) -> list[tuple[str, str]]:
    named = (("only rows where", rule.only), ("finds rows where", rule.when), ("error where", rule.error_when))
    return [(label, " ".join(sql.split())) for label, sql in named if sql]


def _parameter(name: str, param: Param) -> str:
    notes = [param.type, f"default {_value(param.default)}" + (f" {param.unit}" if param.unit else "")]
    notes += [] if param.min is None else [f"at least {param.min:g}"]
    notes += [] if param.max is None else [f"at most {param.max:g}"]
    return f"{param.doc or name} ({', '.join(notes)})"


def _value(value: object) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def _about(rule: Rule) -> str:
    return f"{rule.severity} · about {rule.table} · {rule.status}"


def _text(rule: Rule, width: int) -> str:
    lines = [f"{rule.code} {rule.name}", _about(rule), ""]
    for label, text in [*_facts(rule), *_predicates(rule), ("says", rule.message)]:
        lines += _labelled(label, text, width)
    if rule.params:
        lines += ["", "parameters"]
        for name, param in rule.params.items():
            lines += _labelled(f"  {name}", _parameter(name, param), width)
        first = next(iter(rule.params))
        lines += _labelled("  set with", f"--set {rule.code}.{first}={_value(rule.params[first].default)}", width)
    lines += ["", "examples"]
    lines += [f"  {outcome:<12}{_row(test)}" for outcome, test in _examples(rule)]
    return "\n".join(lines) + "\n"


def _labelled(label: str, text: str, width: int) -> list[str]:
    indent = max(18, len(label) + 2)
    wrapped = textwrap.wrap(text, max(30, width - indent), break_long_words=False, break_on_hyphens=False) or [""]
    return [f"{label:<{indent}}{wrapped[0]}", *(" " * indent + line for line in wrapped[1:])]


def _examples(rule: Rule) -> list[tuple[str, RuleTest]]:
    """The first test of each outcome, under words for the outcome."""
    words = {"flags": "finding", "passes": "passes", "unknown": "not checked", "skips": "skipped"}
    first: dict[str, RuleTest] = {}
    for test in rule.tests:
        first.setdefault(test.outcome, test)
    return [(words[outcome], first[outcome]) for outcome in words if outcome in first]


def _row(test: RuleTest) -> str:
    """The row of a test as YAML would write it on one line."""
    return _flow(test.record) + (f" with {_flow(test.params)}" if test.params else "")


def _flow(value: Any) -> str:
    if isinstance(value, dict):
        return "{" + ", ".join(f"{key}: {_flow(item)}" for key, item in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(map(_flow, value)) + "]"
    return "null" if value is None else _value(value)


def markdown(rule: Rule) -> str:
    """The page as Markdown; the rule reference of the documentation is made of these."""
    lines = [f"# {rule.code} {rule.name}", "", f"*{_about(rule)}*", ""]
    for label, text in _facts(rule):
        lines += [f"**{label}**: {text}", ""]
    lines += ["```sql"]
    for label, sql in _predicates(rule):
        lines += [f"-- {label}", sql]
    lines += ["```", "", f"Message: `{rule.message}`", ""]
    if rule.params:
        lines += ["| parameter | meaning |", "|---|---|"]
        lines += [f"| `{name}` | {_parameter(name, param)} |" for name, param in rule.params.items()]
        lines.append("")
    lines += ["| row | outcome |", "|---|---|"]
    lines += [f"| `{_row(test)}` | {outcome} |" for outcome, test in _examples(rule)]
    return "\n".join(lines) + "\n"
