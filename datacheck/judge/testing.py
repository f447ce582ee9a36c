"""Run the inline tests of rules through the engine, and lint packs: what `datacheck rules test` and `rules lint` do."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import msgspec

from datacheck import tables
from datacheck.errors import DatacheckError, RuleError
from datacheck.judge import statements
from datacheck.judge.compiled import CompiledRule, compile_rules
from datacheck.judge.packs import cause_problems, clash, rule_files
from datacheck.judge.query import open_tables
from datacheck.judge.rule import Rule, RuleTest, load_rule, read_rule

if TYPE_CHECKING:
    import pyarrow as pa


@dataclass
class TestReport:
    """How the inline tests of a pack went: `failures` are lines that name the file, the test and what came instead."""

    __test__ = False  # not a test class, whatever its name says to pytest

    passed: int = 0
    failures: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class Outcome:
    """What a rule said of a row: one of OUTCOMES, and the severity of the finding if there is one."""

    outcome: str
    severity: str | None = None

    def __str__(self) -> str:
        words = {"flags": "a finding", "passes": "a pass", "unknown": "not checked", "skips": "not applicable"}
        return words[self.outcome] + (f" of severity {self.severity}" if self.severity else "")


def test_pack(folder: Path) -> TestReport:
    """Run every inline test of every rule in a pack."""
    report = TestReport()
    for path in rule_files(folder):
        try:
            rule = load_rule(path)
            failures = failures_of(rule)
        except DatacheckError as error:
            report.failures.append(str(error))
            continue
        report.passed += len(rule.tests) - len(failures)
        report.failures += [f"{path}: {failure}" for failure in failures.values()]
    return report


test_pack.__test__ = False  # type: ignore[attr-defined]  # pytest would take it for a test where it is imported


def failures_of(rule: Rule) -> dict[int, str]:
    """The tests of a rule that fail, by their position from 0. Raises RuleError if it cannot be evaluated."""
    failures = {}
    for number, (test, got) in enumerate(zip(rule.tests, outcomes(rule), strict=True)):
        expected = Outcome(test.outcome, (test.severity or rule.severity) if test.outcome == "flags" else None)
        if got != expected:
            failures[number] = f"test {number + 1}: expected {expected}, got {got}, for {_shown(test)}"
    return failures


def outcomes(rule: Rule) -> list[Outcome]:
    """What the engine makes of the row of each inline test. Raises RuleError if the rule cannot be evaluated."""
    import duckdb

    # Tests with the same parameters are judged together, as rows of one table.
    groups: dict[bytes, list[int]] = {}
    for number, test in enumerate(rule.tests):
        groups.setdefault(msgspec.json.encode(test.params), []).append(number)
    found: dict[int, Outcome] = {}
    for numbers in groups.values():
        params = rule.tests[numbers[0]].params
        [compiled] = compile_rules([rule], {rule.code: params})
        try:
            rows = _judged(compiled, [rule.tests[number].record for number in numbers])
        except duckdb.Error as error:
            raise RuleError(f"{rule.code}: cannot be evaluated: {str(error).splitlines()[0]}") from None
        found.update(zip(numbers, rows, strict=True))
    return [found[number] for number in range(len(rule.tests))]


def _judged(compiled: CompiledRule, records: Sequence[Mapping[str, Any]]) -> list[Outcome]:
    table = tables.TABLES[compiled.rule.table]
    connection = open_tables(rows_as_tables(table, records), threads=1)
    try:
        sql, parameters = statements.outcomes(table, compiled)
        rows = connection.execute(sql, parameters or None).fetchall()
    finally:
        connection.close()
    return [_outcome(compiled.rule, *row) for row in rows]


def _outcome(rule: Rule, applies: bool | None, state: bool | None, raised: bool | None) -> Outcome:
    if applies is False:
        return Outcome("skips")
    if state is None:
        return Outcome("unknown")
    return Outcome("flags", "error" if raised else rule.severity) if state else Outcome("passes")


def rows_as_tables(table: tables.Table, records: Sequence[Mapping[str, Any]]) -> dict[str, pa.Table]:
    """Arrow tables in which row i of `table` is record i, with its joined records in their own tables.

    A join that a record gives as a mapping gets a row there; one that is None or not given gets none.
    """
    import pyarrow as pa

    rows: dict[str, list[dict[str, Any]]] = {table.name: []}
    for number, record in enumerate(records):
        own = {**record, "row": number}
        for join, target in table.joins.items():
            joined = record.get(join)
            if isinstance(joined, dict):
                theirs = rows.setdefault(target.table, [])
                own[target.row_column] = len(theirs)
                theirs.append({**joined, "row": len(theirs)})
            elif target.row_column == join:
                # `source` is a column and a record: without the record there is nothing that it could number.
                own[join] = None
        rows[table.name].append(own)
    filled = {}
    for name, given in rows.items():
        columns = tables.TABLES[name].columns
        arrays = [pa.array([_value(row.get(column.name), column) for row in given], column.arrow) for column in columns]
        filled[name] = pa.Table.from_arrays(arrays, schema=tables.TABLES[name].schema())
    empty = {target.table: tables.TABLES[target.table].schema().empty_table() for target in table.joins.values()}
    return {**empty, **filled}


def _value(value: object, column: tables.Column) -> object:
    # pyarrow refuses an integer past 2^53 for a double, where a reader rounds it.
    return float(value) if column.type == tables.F64 and isinstance(value, int) else value


def _shown(test: RuleTest) -> str:
    text = msgspec.json.encode(test.record, enc_hook=str).decode()
    return text if len(text) <= 200 else text[:199] + "…"


def lint_pack(folder: Path) -> list[str]:
    """Everything wrong with the rules of a pack, one line each: `file: field: what is wrong, and what is right`."""
    rules: dict[str, Rule] = {}
    files: dict[str, Path] = {}
    lines: list[str] = []
    for path in rule_files(folder):
        if path.suffix != ".yaml":
            lines.append(f"{path}: must end in .yaml")
        try:
            rule = read_rule(path)
        except RuleError as error:
            lines.append(str(error))
            continue
        if wrong := clash(rule, path, rules, files):
            lines.append(wrong)
        else:
            rules[rule.code], files[rule.code] = rule, path
    for code, rule in rules.items():
        lines += [f"{files[code]}: {wrong}" for wrong in _lint(rule, rules)]
    return sorted(lines)


def _lint(rule: Rule, rules: Mapping[str, Rule]) -> Iterator[str]:
    yield from cause_problems(rule, rules)
    for name, param in rule.params.items():
        if not param.doc.strip():
            yield f"params.{name}.doc: is missing: what does it mean, in a sentence?"
    for trainer, text in rule.consequence.items():
        if not text.strip():
            yield f"consequence.{trainer}: must say something"
    try:
        [compiled] = compile_rules([rule], {})
        outcomes(rule)
    except RuleError as error:
        yield str(error).removeprefix(f"{rule.code}: ")
        return
    if compiled.when.reads and not any(test.outcome == "unknown" for test in rule.tests) and compiled.only is None:
        yield "tests: there should be one that is unknown, for `when` can be NULL"
