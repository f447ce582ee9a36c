"""What a scan is told to do, merged from the call or command line and the configuration, each value with its origin.

Precedence: command line or call > configuration > default. `select` given on the command line replaces the
configuration's select, extend-select and ignore; `ignore` and `extend-select` given there add to it, and a selector
that is given there to extend-select is taken out of the configuration's ignore.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from datacheck.errors import ConfigError, UsageError
from datacheck.expect import Expectations, check

if TYPE_CHECKING:
    from datacheck.config import Loaded

COMMAND_LINE, DEFAULT = "command line", "default"
DEFAULT_SELECT: Sequence[str] = ("ALL",)
T = TypeVar("T")


@dataclass(frozen=True)
class Given:
    """What the command line or the call says; None or empty: nothing."""

    select: Sequence[str] | None = None
    extend_select: Sequence[str] = ()
    ignore: Sequence[str] = ()
    parameters: Mapping[str, Mapping[str, object]] = field(default_factory=dict)
    """By code or name of the rule, then by parameter."""
    expect: Mapping[str, object] = field(default_factory=dict)
    rules_dirs: Sequence[str] = ()
    fail_on: str | None = None
    max_per_rule: int | None = None
    output_format: str | None = None
    jobs: int | None = None
    memory_limit: str | None = None
    skip_unrecognised: bool | None = None
    depth: str | None = None
    masks: str | None = None
    images: str | None = None
    pattern: str | None = None
    origin: str = COMMAND_LINE


@dataclass(frozen=True)
class Settings:
    """Every setting of a scan. `origins` says for each field where its value comes from, for --show-settings."""

    paths: tuple[str, ...]
    config: Path | None
    select: tuple[str, ...]
    extend_select: tuple[str, ...]
    ignore: tuple[str, ...]
    parameters: Mapping[str, Mapping[str, object]]
    severities: Mapping[str, str]
    expectations: Expectations
    rule_packs: tuple[Path, ...]
    fail_on: str
    max_per_rule: int | None
    """None: as the output format has it."""
    output_format: str | None
    """None: full on a terminal, else concise."""
    jobs: int | None
    memory_limit: str | None
    skip_unrecognised: bool
    depth: str
    """annotations: open annotation files only; files: mask files and the headers of images too."""
    masks: str | None
    images: str | None
    pattern: str | None
    """A folder of masks that was named, that of its images, and how its files are called."""
    origins: Mapping[str, str]


def resolve(paths: Sequence[str], given: Given, loaded: Loaded | None) -> Settings:
    """Merge what was given with the configuration. Raises UsageError or ConfigError."""
    from datacheck.config import Config

    config = loaded.config if loaded else Config()
    merge = _Merge(given.origin, str(loaded.path) if loaded else "")
    select = merge.pick("select", given.select, config.select, DEFAULT_SELECT)
    above = merge.origins["select"] == given.origin
    kept = [selector for selector in config.ignore if selector not in given.extend_select]
    parameters, severities = _rule_settings(config.rules, given.parameters)
    merge.both("rules", config.rules, given.parameters)
    packs = merge.both("rule_packs", _pack_folders(config.rule_packs, loaded), _existing(given.rules_dirs))
    return Settings(
        paths=tuple(paths),
        config=loaded.path if loaded else None,
        select=tuple(select),
        extend_select=merge.both("extend_select", () if above else config.extend_select, given.extend_select),
        ignore=merge.both("ignore", () if above else kept, given.ignore),
        parameters=parameters,
        severities=severities,
        expectations=Expectations(
            general=check(config.expect),
            by_glob=[(glob, check(said, of_one_source=True)) for glob, said in config.sources.items()],
            command=given.expect,
            root=str(loaded.path.parent.absolute()) if loaded else None,
        ),
        rule_packs=tuple(map(Path, packs)),
        fail_on=merge.pick("fail_on", given.fail_on, config.fail_on, "error"),
        max_per_rule=merge.pick("max_per_rule", given.max_per_rule, config.max_per_rule, None),
        output_format=merge.pick("output_format", given.output_format, config.output_format, None),
        jobs=merge.pick("jobs", given.jobs, config.jobs, None),
        memory_limit=merge.pick("memory_limit", given.memory_limit, config.memory_limit, None),
        skip_unrecognised=merge.pick("skip_unrecognised", given.skip_unrecognised, config.skip_unrecognised, False),
        depth=merge.pick("depth", given.depth, config.depth, "files"),
        masks=merge.pick("masks", given.masks, None, None),
        images=merge.pick("images", given.images, None, None),
        pattern=merge.pick("pattern", given.pattern, None, None),
        origins=merge.origins,
    )


@dataclass
class _Merge:
    """Merges one setting after the other and notes where each value came from."""

    call: str
    file: str
    origins: dict[str, str] = field(default_factory=dict)

    def pick(self, name: str, told: T | None, configured: T | None, default: T) -> T:
        """The stronger of the two that is not None."""
        for value, origin in ((told, self.call), (configured, self.file)):
            if value is not None:
                self.origins[name] = origin
                return value
        self.origins[name] = DEFAULT
        return default

    def both(self, name: str, configured: Collection[str], told: Collection[str]) -> tuple[str, ...]:
        """One after the other."""
        self.origins[name] = " and ".join([self.file] * bool(configured) + [self.call] * bool(told)) or DEFAULT
        return (*configured, *told)


def _rule_settings(
    configured: Mapping[str, Mapping[str, object]], told: Mapping[str, Mapping[str, object]]
) -> tuple[dict[str, dict[str, object]], dict[str, str]]:
    """(parameters by rule and name, severity by rule)."""
    parameters: dict[str, dict[str, object]] = {}
    severities: dict[str, str] = {}
    for rule, settings in configured.items():
        for name, value in settings.items():
            if name == "severity":
                severities[rule] = str(value)
            else:
                parameters.setdefault(rule, {})[name] = value
    for rule, settings in told.items():
        parameters.setdefault(rule, {}).update(settings)
    return parameters, severities


def _pack_folders(packs: Sequence[str], loaded: Loaded | None) -> list[str]:
    if loaded is None or not packs:
        return []
    from datacheck.judge.packs import resolve_pack

    try:
        return [str(resolve_pack(pack, loaded.path.parent)) for pack in packs]
    except UsageError as error:
        raise ConfigError(f"{loaded.path}: rule-packs: {error}") from None


def _existing(folders: Sequence[str]) -> Sequence[str]:
    for folder in folders:
        if not Path(folder).is_dir():
            raise UsageError(f"--rules-dir: no such folder: {folder}")
    return folders


def described(settings: Settings) -> list[tuple[str, str, str]]:
    """(name, value as text, origin) of every setting, in the words of the configuration file."""
    origins = settings.origins
    rows = [("config", str(settings.config or "none"), "")]
    for name in ("select", "extend_select", "ignore", "rule_packs"):
        values = getattr(settings, name)
        rows.append((name.replace("_", "-"), ", ".join(map(str, values)) or "none", origins[name]))
    unset = dict.fromkeys(("masks", "images", "pattern"), "found by itself")
    unset |= {"max_per_rule": "by format", "output_format": "by terminal", "jobs": "all cores", "memory_limit": "none"}
    for name in (
        "fail_on",
        "max_per_rule",
        "output_format",
        "jobs",
        "memory_limit",
        "skip_unrecognised",
        "depth",
        "masks",
        "images",
        "pattern",
    ):
        value = getattr(settings, name)
        rows.append((name.replace("_", "-"), unset[name] if value is None else _listed(value), origins[name]))
    for rule, values in settings.parameters.items():
        rows += [(f"rules.{rule}.{name}", _listed(value), origins["rules"]) for name, value in values.items()]
    rows += [(f"rules.{rule}.severity", value, origins["rules"]) for rule, value in settings.severities.items()]
    return rows + _described_expectations(settings)


def _described_expectations(settings: Settings) -> list[tuple[str, str, str]]:
    said, file = settings.expectations, str(settings.config)
    rows = []
    for key, value in {**said.general, **said.command}.items():
        rows.append((f"expect.{key}", _listed(value), COMMAND_LINE if key in said.command else file))
    for glob, declared in said.by_glob:
        rows += [(f'sources."{glob}".{key}', _listed(value), file) for key, value in declared.items()]
    return rows


def _listed(value: object) -> str:
    if isinstance(value, tuple):
        return ", ".join(map(str, value))
    return str(value).lower() if isinstance(value, bool) else str(value)
