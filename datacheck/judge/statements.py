"""The SQL that judges: a few statements a table, for all of its rules at once.

Every statement reads one subquery, `states`: the row of the table, the joined records it reaches as plain columns
("image.width", and "image.row", which is NULL where there is no such image), and two booleans a rule.

    o<i>  applicable: `only`, with NULL as FALSE.  NULL itself: `only` could not be computed
    s<i>  `when` where applicable: TRUE finding, FALSE pass, NULL not checked

so that of n rows count_if(NOT o) are not applicable, count_if(s) findings, count(s) known, and the rest not checked.
Plain counts are four times as fast as `count(*) FILTER (...)`. TRY makes a predicate that overflows on a row NULL
there.

Only text that the guard has rebuilt, names from `tables` and numbers go into a statement; parameters are bound.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from typing import TYPE_CHECKING, Any

from datacheck import tables

if TYPE_CHECKING:
    from datacheck.judge.compiled import CompiledRule
    from datacheck.judge.expression import Expression

Statement = tuple[str, dict[str, Any]]
"""SQL and the parameters to bind."""


def counts(table: tables.Table, rules: Sequence[CompiledRule]) -> Statement:
    """One row: number of rows, then per rule how many are not applicable, findings, and known (finding or pass)."""
    wanted = ["count(*)"]
    for i, each in enumerate(rules):
        wanted.append(f"count_if(NOT o{i})" if each.only is not None else "0")
        wanted += [f"count_if(s{i})", f"count(s{i})"]
    return f"SELECT {', '.join(wanted)} FROM ({_states(table, rules)})", _bound(rules)


def fired_sources(table: tables.Table, rules: Sequence[CompiledRule]) -> Statement:
    """One row: per rule the list of sources that it has findings on."""
    wanted = [f"list(DISTINCT source) FILTER (WHERE s{i})" for i, _ in enumerate(rules)]
    return f"SELECT {', '.join(wanted)} FROM ({_states(table, rules)})", _bound(rules)


FIRED = "fired causes"
"""Name of the table of sources with a column a cause: did it fire there? A join scales where a list of sources does
not."""


def findings(
    table: tables.Table, rules: Sequence[CompiledRule], fired: Collection[str]
) -> tuple[str, dict[str, Any], list[list[str]]]:
    """Rows with a finding of any of the rules: row, source (-1: none), and a byte a rule.

    The byte is 0 for no finding, else 1, + 2 where its severity is raised, + 4 x the number (from 1) of the cause that
    explains it. The last value lists per rule the causes that fired, in the order of these numbers. `fired`: the causes
    that have a column in the table FIRED.
    """
    inner = _states(table, rules, [e for each in rules for e in (each.error_when, *each.explained_by.values())])
    source = "coalesce(source, -1)::INTEGER" if "source" in table.by_name else "(-1)::INTEGER"
    wanted, causes, bound = ['"row"', f"{source} AS source"], [], _bound(rules)
    for i, each in enumerate(rules):
        value = "1"
        if each.error_when is not None:
            value += f" + CASE WHEN TRY({each.error_when.sql}) THEN 2 ELSE 0 END"
        causes.append([code for code in each.explained_by if code in fired])
        tests = []
        for number, code in enumerate(causes[-1], 1):
            tests.append(f'WHEN "fired {code}" AND TRY({each.explained_by[code].sql}) THEN {4 * number}')
        if tests:
            value += f" + CASE {' '.join(tests)} ELSE 0 END"
        wanted.append(f"(CASE WHEN s{i} THEN {value} ELSE 0 END)::UTINYINT AS f{i}")
        bound |= each.bound(each.error_when, *(each.explained_by[code] for code in causes[-1]))
    any_fired = " OR ".join(f"s{i}" for i, _ in enumerate(rules))
    found = f"(SELECT * FROM ({inner}) WHERE {any_fired})"
    if any(causes):
        found += f' LEFT JOIN "{FIRED}" USING (source)'
    return f"SELECT {', '.join(wanted)} FROM {found}", bound, causes


def unknowns(table: tables.Table, rules: Sequence[CompiledRule]) -> tuple[str, dict[str, Any], list[list[str]]]:
    """One row: per rule and reason the number of rows not checked; and the reasons, rule by rule in that order."""
    marks, wanted, all_reasons = [], [], []
    for i, each in enumerate(rules):
        tests, reasons = _reasons(table, each)
        computed = len(reasons) - 1
        whens = "".join(f"WHEN {test} THEN {n} " for test, n in tests)
        why = f"CASE {whens}ELSE {computed} END" if whens else f"{computed}"
        marks.append(f"CASE WHEN o{i} IS NULL THEN {computed} WHEN o{i} AND s{i} IS NULL THEN {why} END AS u{i}")
        wanted += [f"count_if(u{i} = {n})" for n in range(len(reasons))]
        all_reasons.append(reasons)
    inner = f"SELECT {', '.join(marks)} FROM ({_states(table, rules, every_only=True)})"
    return f"SELECT {', '.join(wanted)} FROM ({inner})", _bound(rules), all_reasons


def outcomes(table: tables.Table, rule: CompiledRule) -> Statement:
    """Per row, by row: o, s and whether the severity is raised, for the tests of a rule."""
    raised = "FALSE" if rule.error_when is None else f"TRY({rule.error_when.sql})"
    inner = _states(table, [rule], [rule.error_when], every_only=True)
    return f'SELECT o0, s0, {raised} FROM ({inner}) ORDER BY "row"', rule.bound(rule.only, rule.when, rule.error_when)


COMPUTED = "its numbers overflow or divide by zero"
UNDECIDED = "its values are beyond what the rule can judge"
"""The reasons when no column that is needed is missing: the second where the rule says NULL itself."""


def _reasons(table: tables.Table, each: CompiledRule) -> tuple[list[tuple[str, int]], list[str]]:
    """(test, number of the reason) in the order to try, and the reasons; the last is for when none is true."""
    reasons: dict[str, int] = {}
    tests: list[tuple[str, int]] = []
    reads = each.when.reads
    for name in dict.fromkeys(name.partition(".")[0] for name in reads if "." in name):
        column = table.by_name[table.joins[name].row_column]
        reason = column.null or f"there is no such {name}"
        tests.append((f'"{name}.row" IS NULL', reasons.setdefault(reason, len(reasons))))
    tests += [(f'"{name}" IS NULL', reasons.setdefault(_missing(table, name), len(reasons))) for name in reads]
    return tests, [*reasons, UNDECIDED if each.when.says_null else COMPUTED]


def _missing(table: tables.Table, name: str) -> str:
    """Why a column may be NULL, in words that fit after "because"."""
    first, _, second = name.partition(".")
    if not second:
        return table.by_name[name].null or f"{name} is missing"
    text = tables.TABLES[table.joins[first].table].by_name[second].null or f"there is no {second}"
    for opening in ("there is no ", "there are no ", "it has no "):
        if text.startswith(opening):
            return f"its {first} has no {text.removeprefix(opening)}"
    return f"{text} (its {first})"


def _states(
    table: tables.Table,
    rules: Sequence[CompiledRule],
    more: Iterable[Expression | None] = (),
    *,
    every_only: bool = False,
) -> str:
    """The subquery of o<i> and s<i>, with the columns that `more` reads beside them."""
    onlys: dict[str, str] = {}
    states = []
    for i, each in enumerate(rules):
        when = f"TRY({each.when.sql})"
        if each.only is None:
            states += [f"TRUE AS o{i}"] if every_only else []
            states.append(f"{when} AS s{i}")
            continue
        # Many rules apply to the same rows: each distinct `only` is bound and computed once.
        only = onlys.setdefault(f"TRY(coalesce({each.only.sql}, FALSE))", f"p{len(onlys)}")
        states += [f"{only} AS o{i}", f"CASE WHEN {only} THEN {when} END AS s{i}"]
    used = [e for each in rules for e in (each.only, each.when) if e is not None] + [e for e in more if e is not None]
    view = _view(table, used)
    if onlys:
        view = f"SELECT *, {', '.join(f'{sql} AS {name}' for sql, name in onlys.items())} FROM ({view})"
    return f"SELECT *, {', '.join(states)} FROM ({view})"


def _view(table: tables.Table, expressions: Iterable[Expression]) -> str:
    """Rows of the table with the joined columns that the expressions read; row numbers make the joins one to one."""
    columns: set[str] = {"row"} | ({"source"} & table.by_name.keys())
    joins: set[str] = set()
    for expression in expressions:
        columns |= expression.columns
        joins |= expression.joins
    joins |= {name.partition(".")[0] for name in columns if "." in name}
    selected = [f't."{name}"' for name in sorted(columns) if "." not in name]
    sources = f'"{table.name}" AS t'
    for n, join in enumerate(sorted(joins)):
        target = table.joins[join]
        theirs = {name.partition(".")[2] for name in columns if name.startswith(f"{join}.")} | {"row"}
        selected += [f'j{n}."{name}" AS "{join}.{name}"' for name in sorted(theirs)]
        sources += f' LEFT JOIN "{target.table}" AS j{n} ON t."{target.row_column}" = j{n}."row"'
    return f"SELECT {', '.join(selected)} FROM {sources}"


def _bound(rules: Iterable[CompiledRule]) -> dict[str, Any]:
    return {name: value for each in rules for name, value in each.bound(each.only, each.when).items()}
