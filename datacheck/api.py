"""The Python API: `scan` and the `Report` it gives."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping, Sequence
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

from datacheck.errors import UsageError
from datacheck.session import Session

if TYPE_CHECKING:
    import pandas as pd
    import pyarrow as pa

    from datacheck.findings import Finding, Renderer
    from datacheck.judge.engine import CompiledRule, NotChecked
    from datacheck.judged import Judged
    from datacheck.settings import Settings
    from datacheck.summary import Summary

PathLike = str | os.PathLike[str]


class Report:
    """What a scan found. Made by `scan`; a context manager, since the tables may be mapped from temporary files.

    >>> with datacheck.scan("dataset/") as report:      # doctest: +SKIP
    ...     assert report.ok, report.summary
    """

    def __init__(self, session: Session) -> None:
        if session.scanned is None or session.judgement is None:
            raise RuntimeError("a report needs a session that has read and judged")
        self.session = session
        self._scanned, self._judgement = session.scanned, session.judgement

    @property
    def settings(self) -> Settings:
        """The settings that the scan ran with."""
        return self.session.settings

    @property
    def tables(self) -> Mapping[str, pa.Table]:
        """Everything that was read and measured, by name: `report.tables["annotations"]` (see `datacheck columns`)."""
        return self._scanned.tables

    @property
    def sources(self) -> pa.Table:
        """One row an input; the table `sources`."""
        return self._scanned.tables["sources"]

    @property
    def judged(self) -> pa.Table:
        """All findings before rendering: code, severity, table, source, row, explained_by; by rule, then row."""
        return self._judgement.findings

    @cached_property
    def numbered(self) -> Judged:
        """The same as numbers, to count and to choose from."""
        from datacheck.judged import Judged

        return Judged(self._judgement.findings)

    @cached_property
    def findings(self) -> pa.Table:
        """The findings, without those folded under a cause: a row each, with the columns of the JSON output.

        `values` holds JSON text. Rendered when first asked for.
        """
        return _table(self.renderer.batches(self.numbered, self.numbered.unfolded))

    @cached_property
    def folded(self) -> pa.Table:
        """The symptoms: findings that the finding of the rule `explained_by` on their source accounts for."""
        return _table(self.renderer.batches(self.numbered, self.numbered.folded))

    @cached_property
    def summary(self) -> Summary:
        """Counts: of errors, warnings, infos and symptoms, by rule; of records; what was not checked."""
        from datacheck.summary import summarise

        return summarise(self._judgement, self.numbered, self.session.compiled, self.tables, self.session.seconds)

    @property
    def unread(self) -> int:
        """Files that were not read, since the scan was interrupted."""
        return self._scanned.unread

    @property
    def not_checked(self) -> Sequence[NotChecked]:
        """What a rule could not judge: code, name, table, count and reason."""
        return self._judgement.not_checked

    @property
    def ok(self) -> bool:
        """Nothing at or above `fail-on` (an error, unless the configuration says otherwise), and every rule ran."""
        return self.exit_status == 0

    @property
    def exit_status(self) -> int:
        """What the command exits with: 0 clean, 1 findings at or above `fail-on`, 2 a rule could not be evaluated."""
        if self.summary.broken:
            return 2
        return 1 if self.summary.fails(self.settings.fail_on) else 0

    @cached_property
    def rules(self) -> Mapping[str, CompiledRule]:
        """The rules that judged, by code."""
        return {compiled.rule.code: compiled for compiled in self.session.compiled}

    @cached_property
    def renderer(self) -> Renderer:
        """Renders rows of `judged`."""
        from datacheck.findings import Renderer

        return Renderer(self.tables, self._scanned.places, self.rules)

    def to_pandas(self) -> pd.DataFrame:
        """`findings` as a pandas frame. Raises UsageError where pandas is not installed."""
        try:
            import pandas  # noqa: F401 (only to say what is missing)
        except ModuleNotFoundError:
            raise UsageError("to_pandas() needs pandas: pip install 'datacheck[pandas]'") from None
        frame: pd.DataFrame = self.findings.to_pandas()
        return frame

    def query(self, sql: str) -> pa.Table:
        """The answer to one SELECT over `tables`. Raises QueryError."""
        return query_tables(self.tables, sql, self.settings)

    def close(self) -> None:
        """Give back files and temporary folders; tables and findings cannot be used afterwards."""
        self.session.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def __repr__(self) -> str:
        from datacheck.screen import count

        summary = self.summary
        return (
            f"<datacheck.Report: {count(summary.errors, 'error')}, {count(summary.warnings, 'warning')}, "
            f"{count(summary.infos, 'note')} in {count(summary.sources, 'source')}>"
        )


def scan(
    paths: PathLike | Iterable[PathLike] = (),
    *,
    select: Sequence[str] | None = None,
    extend_select: Sequence[str] = (),
    ignore: Sequence[str] = (),
    set: Mapping[str, object] | None = None,  # noqa: A002 (the name of the option)
    expect: Mapping[str, object] | Iterable[str] | None = None,
    rules_dirs: Sequence[PathLike] = (),
    config: PathLike | bool | None = None,
    skip_unrecognised: bool | None = None,
    depth: str | None = None,
    masks: PathLike | None = None,
    images: PathLike | None = None,
    pattern: str | None = None,
    jobs: int | None = None,
    memory_limit: str | None = None,
) -> Report:
    """Scan files and folders; the same scan as `datacheck scan`.

    paths: one or several files or folders; may be left out where `masks` is given.
    select, extend_select, ignore: codes, prefixes or names of rules.
    set: parameters, as {"ANN203.slack": 2.0} or {"ANN203": {"slack": 2.0}}.
    expect: what the sources are expected to be: {"masks": True, "classes": ["cat"]} or ["masks", "classes=cat"].
    rules_dirs: folders of rules besides the built-in ones.
    config: a configuration file; True: look for one as the command does. By default none is read, so that a call
        gives the same result wherever it runs.
    skip_unrecognised: a named file of no known format is no error.
    depth: "annotations" opens annotation files only; "files", the default, mask files and the headers of images too.
    masks, images, pattern: a folder of masks, that of its images, and how its files are called ("{stem}_mask.png").
    jobs: processes; by default all cores.
    memory_limit: for judging, such as "2GB".

    Raises UsageError, ConfigError or RuleError. What the data contains never raises.
    """
    from datacheck import expect as expectations
    from datacheck.config import check_depth, check_memory_limit, find_config, load_config
    from datacheck.settings import Given, resolve

    named = [os.fspath(path) for path in ([paths] if isinstance(paths, str | os.PathLike) else paths)]
    named = named or [os.fspath(folder) for folder in (masks, images) if folder is not None]
    if not named:
        raise UsageError("no path was given to scan")
    for name, value in (("select", select), ("extend_select", extend_select), ("ignore", ignore)):
        if isinstance(value, str):
            raise UsageError(f"{name} must be a list: [{value!r}]")
    if jobs is not None and jobs < 1:
        raise UsageError(f"jobs must be 1 or more, not {jobs}")
    if isinstance(expect, str):
        expect = [expect]
    given = Given(
        select=select,
        extend_select=extend_select,
        ignore=ignore,
        parameters=nested_parameters(set or {}),
        expect=expectations.check(expect) if isinstance(expect, Mapping) else expectations.parse(expect or ()),
        rules_dirs=[os.fspath(folder) for folder in rules_dirs],
        jobs=jobs,
        memory_limit=None if memory_limit is None else check_memory_limit(memory_limit),
        skip_unrecognised=skip_unrecognised,
        depth=check_depth(depth),
        masks=None if masks is None else os.fspath(masks),
        images=None if images is None else os.fspath(images),
        pattern=pattern,
        origin="call",
    )
    file = find_config(Path(named[0])) if config is True else Path(config) if config else None
    session = Session(resolve(named, given, load_config(file) if file else None))
    try:
        session.prepare()
        session.read(every_column=True)
        session.judge()
    except BaseException:
        session.close()
        raise
    return Report(session)


def query_tables(tables: Mapping[str, pa.Table], sql: str, settings: Settings, limit: int | None = None) -> pa.Table:
    """The answer to one SELECT over tables, or its first `limit` rows. Raises QueryError."""
    from datacheck.judge.engine import open_tables, run_query
    from datacheck.session import interruptible

    connection = open_tables(tables, threads=settings.jobs, memory_limit=settings.memory_limit)
    try:
        with interruptible():
            return run_query(connection, sql, limit)
    finally:
        connection.close()


def nested_parameters(flat: Mapping[str, object]) -> dict[str, dict[str, object]]:
    """{"ANN203.slack": 2} or {"ANN203": {"slack": 2}} as the latter. Raises UsageError."""
    nested: dict[str, dict[str, object]] = {}
    for key, value in flat.items():
        rule, dot, parameter = key.partition(".")
        if dot and rule and parameter:
            nested.setdefault(rule, {})[parameter] = value
        elif isinstance(value, Mapping):
            nested.setdefault(rule, {}).update(value)
        else:
            raise UsageError(f"set: {key}: write the rule and its parameter, as ANN203.slack")
    return nested


def _table(batches: Iterable[list[Finding]]) -> pa.Table:
    import msgspec
    import pyarrow as pa

    schema = findings_schema()
    encode = msgspec.json.Encoder().encode
    tables = []
    for batch in batches:
        columns: dict[str, list[Any]] = {name: [getattr(one, name) for one in batch] for name in schema.names}
        columns["values"] = [encode(values).decode() for values in columns["values"]]
        tables.append(pa.table(columns, schema=schema))
    return pa.concat_tables(tables) if tables else schema.empty_table()


def findings_schema() -> pa.Schema:
    """Columns of `Report.findings`: the fields of a finding in the JSON output; `values` is JSON text."""
    import pyarrow as pa

    from datacheck.findings import Finding

    types = {"line": pa.int64(), "column": pa.int64(), "byte_offset": pa.int64()}
    return pa.schema([(name, types.get(name, pa.string())) for name in Finding.__struct_fields__])
