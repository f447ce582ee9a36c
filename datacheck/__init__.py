"""datacheck: a linter for vision training data.

    import datacheck
    report = datacheck.scan("dataset/")
    report.ok, report.findings, report.tables["annotations"]

Importing the package loads nothing else: names are fetched when first used.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from datacheck.api import Report, scan
    from datacheck.errors import ConfigError, DatacheckError, QueryError, RuleError, UsageError

__version__ = "0.1.0"
__all__ = [
    "ConfigError",
    "DatacheckError",
    "QueryError",
    "Report",
    "RuleError",
    "UsageError",
    "__version__",
    "scan",
]

_HOMES = {
    "Report": "datacheck.api",
    "scan": "datacheck.api",
    "ConfigError": "datacheck.errors",
    "DatacheckError": "datacheck.errors",
    "QueryError": "datacheck.errors",
    "RuleError": "datacheck.errors",
    "UsageError": "datacheck.errors",
}


def __getattr__(name: str) -> Any:
    home = _HOMES.get(name)
    if home is None:
        raise AttributeError(f"module 'datacheck' has no attribute {name!r}")
    from importlib import import_module

    return getattr(import_module(home), name)


def __dir__() -> list[str]:
    return sorted({*globals(), *_HOMES})
