"""Judge tables by rules: one scan a table counts for all rules, a second one fetches rows where rules fired.

    count every table ─► which sources did causes fire on? ─► rows, severities and folds ─► why was what not checked?

A statement for many rules that fails is split in halves until the rule that breaks it stands alone: it is reported as
broken, and the others are judged as if it were not there.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, TypeVar

from datacheck import tables as known
from datacheck.judge import statements
from datacheck.judge.compiled import CompiledRule, compile_rules, needed_columns
from datacheck.judge.query import check_query, open_tables, run_query

if TYPE_CHECKING:
    import duckdb
    import pyarrow as pa

    from datacheck.judge.found import Found

__all__ = [
    "Broken", "CompiledRule", "Judgement", "NotChecked", "check_query", "compile_rules", "judge", "needed_columns",
    "open_tables", "run_query",
]  # fmt: skip

T = TypeVar("T")


@dataclass(frozen=True)
class NotChecked:
    """Rows that a rule could not judge; `reason` reads on after "because"."""

    code: str
    name: str
    table: str
    count: int
    reason: str


@dataclass(frozen=True)
class Broken:
    """A rule that could not be evaluated at all."""

    code: str
    name: str
    message: str


@dataclass
class Judgement:
    """What rules say of tables.

    `findings`: code, severity, table, source (row of `sources`; NULL for datasets), row (of that table), explained_by
    (code of the cause that the finding is folded under, or NULL); by code, rows ascending.
    `applicable`: per rule the number of rows that it applies to, those that it could not judge included.
    """

    findings: pa.Table
    not_checked: list[NotChecked] = field(default_factory=list)
    applicable: dict[str, int] = field(default_factory=dict)
    broken: list[Broken] = field(default_factory=list)


@dataclass(frozen=True)
class _Count:
    applicable: int = 0
    hits: int = 0
    unknown: int = 0


def judge(
    tables: Mapping[str, pa.Table],
    compiled: Sequence[CompiledRule],
    *,
    causes: Sequence[CompiledRule] = (),
    threads: int | None = None,
    memory_limit: str | None = None,
) -> Judgement:
    """Judge tables by rules.

    `causes` are rules that were not selected but explain findings of those that were: they fold, and nothing of their
    own is reported. `threads` (None: every core) and `memory_limit` ("2GB") bound the database. Nothing here raises for
    what a table holds, nor for a rule that cannot be evaluated; UsageError for a memory limit that is none.
    """
    connection = open_tables(tables, threads=threads, memory_limit=memory_limit)
    try:
        return _Judge(connection, tables, compiled, causes).run()
    finally:
        connection.close()


class _Judge:
    def __init__(
        self,
        connection: duckdb.DuckDBPyConnection,
        tables: Mapping[str, pa.Table],
        compiled: Sequence[CompiledRule],
        causes: Sequence[CompiledRule],
    ) -> None:
        self.connection, self.tables = connection, tables
        self.reported = {each.rule.code: each for each in sorted(compiled, key=lambda each: each.rule.code)}
        self.silent = {each.rule.code: each for each in causes if each.rule.code not in self.reported}
        self.counts: dict[str, _Count] = {}
        self.broken: dict[str, Broken] = {}

    def run(self) -> Judgement:
        from datacheck.judge.found import assemble, fired_sources

        self._each_table([*self.reported.values(), *self.silent.values()], self._count)
        fired = self._fired()
        if fired:
            self.connection.register(statements.FIRED, fired_sources(fired))
        hits = [each for code, each in self.reported.items() if self._counted(code).hits]
        found: dict[str, Found] = {}
        self._each_table(hits, lambda table, rules: found.update(self._find(table, rules, fired)))
        not_checked: list[NotChecked] = []
        unknown = [each for code, each in self.reported.items() if self._counted(code).unknown]
        self._each_table(unknown, lambda table, rules: not_checked.extend(self._explain(table, rules)))
        not_checked.sort(key=lambda each: (each.code, -each.count, each.reason))
        return Judgement(
            assemble({code: found[code] for code in sorted(found)}),
            not_checked,
            {code: self._counted(code).applicable for code in self.reported},
            [self.broken[code] for code in self.reported if code in self.broken],
        )

    def _counted(self, code: str) -> _Count:
        return self.counts.get(code, _Count())

    def _each_table(
        self, rules: Sequence[CompiledRule], work: Callable[[known.Table, Sequence[CompiledRule]], None]
    ) -> None:
        for table in known.TABLES.values():
            if table.name not in self.tables or not self.tables[table.name].num_rows:
                continue
            mine = [each for each in rules if each.rule.table == table.name and each.rule.code not in self.broken]
            if mine:
                self._isolated(table, mine, work)

    def _isolated(
        self,
        table: known.Table,
        rules: Sequence[CompiledRule],
        work: Callable[[known.Table, Sequence[CompiledRule]], None],
    ) -> None:
        """Do the work for all rules at once; where it fails, for halves, down to the rule that breaks it."""
        import duckdb

        try:
            work(table, rules)
        except duckdb.Error as error:
            if len(rules) > 1:
                middle = len(rules) // 2
                self._isolated(table, rules[:middle], work)
                self._isolated(table, rules[middle:], work)
                return
            rule = rules[0].rule
            message = (str(error).splitlines() or [type(error).__name__])[0]
            self.broken[rule.code] = Broken(rule.code, rule.name, message)

    def _count(self, table: known.Table, rules: Sequence[CompiledRule]) -> None:
        total, *values = self._row(*statements.counts(table, rules))
        for i, each in enumerate(rules):
            away, hits, seen = values[3 * i : 3 * i + 3]
            self.counts[each.rule.code] = _Count(total - away, hits, total - away - seen)

    def _fired(self) -> dict[str, list[int]]:
        """Code of a cause -> the sources that it has findings on, of which there is at least one."""
        hit = [each for code, each in self.reported.items() if self._counted(code).hits]
        wanted = {code for each in hit for code in each.explained_by}
        fired: dict[str, list[int]] = {}

        def collect(table: known.Table, rules: Sequence[CompiledRule]) -> None:
            for each, sources in zip(rules, self._row(*statements.fired_sources(table, rules)), strict=True):
                known_ones = [source for source in sources or () if source is not None]
                if known_ones:
                    fired[each.rule.code] = known_ones

        everything = {**self.reported, **self.silent}
        causes = [each for code, each in everything.items() if code in wanted and self._counted(code).hits]
        of_sources = [each for each in causes if "source" in known.TABLES[each.rule.table].by_name]
        self._each_table(of_sources, collect)
        sources = list(range(self.tables["sources"].num_rows)) if "sources" in self.tables else []
        if sources:  # What concerns the whole dataset concerns each of its sources.
            fired |= {each.rule.code: sources for each in causes if each not in of_sources}
        return fired

    def _find(self, table: known.Table, rules: Sequence[CompiledRule], fired: Collection[str]) -> dict[str, Found]:
        from datacheck.judge.found import collect

        sql, parameters, causes = statements.findings(table, rules, fired)
        relation = self.connection.sql(sql, params=parameters) if parameters else self.connection.sql(sql)
        return collect(relation.to_arrow_reader(), rules, causes)

    def _explain(self, table: known.Table, rules: Sequence[CompiledRule]) -> list[NotChecked]:
        sql, parameters, reasons = statements.unknowns(table, rules)
        counts = iter(self._row(sql, parameters))
        return [
            NotChecked(each.rule.code, each.rule.name, table.name, count, reason)
            for each, mine in zip(rules, reasons, strict=True)
            for reason, count in zip(mine, counts, strict=False)
            if count
        ]

    def _row(self, sql: str, parameters: Mapping[str, Any]) -> tuple[Any, ...]:
        [row] = self.connection.execute(sql, dict(parameters) or None).fetchall()
        return tuple(row)
