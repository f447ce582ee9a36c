"""Every exception that datacheck raises on purpose.

    DatacheckError            the base: its text is one line that says what is wrong and what to do
    ├── UsageError            a wrong option, path or name on the command line or in a call
    ├── ConfigError           datacheck.toml or [tool.datacheck] cannot be used as it stands
    ├── RuleError             a rule file cannot be used: its YAML, its expression, its message
    └── QueryError            the SQL given to `datacheck query` is refused or fails

What a *data* file contains never raises one of these: it becomes a row of the `faults` table.
"""

from __future__ import annotations


class DatacheckError(Exception):
    """Base of all errors that a caller may want to catch; the command line exits 2 on it."""


class UsageError(DatacheckError):
    """A wrong option, path or name; the message names the remedy."""


class ConfigError(DatacheckError):
    """A configuration file that cannot be used; the message starts with its path."""


class RuleError(DatacheckError):
    """A rule that cannot be loaded or compiled; the message starts with the rule's file or code."""


class QueryError(DatacheckError):
    """SQL that is refused by the guard or fails in the engine."""
