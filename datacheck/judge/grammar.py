"""What the SQL of a rule may consist of: literal tables of operators, functions and types, each with its kinds.

Kinds are single letters: n number, t text, b boolean, l list of texts, z the literal NULL, which fits every kind.
"""

from __future__ import annotations

import re
from functools import cache

KINDS = {"n": "a number", "t": "a text", "b": "a boolean", "l": "a list", "z": "NULL"}

COLUMN_KINDS = {
    "bool": "b", "int32": "n", "int64": "n", "double": "n", "string": "t", "label": "t", "list<string>": "l",
}  # fmt: skip
"""Type name of a column in `datacheck.tables` -> kind."""

PARAM_TYPES = {
    "number": ("n", "DOUBLE"), "integer": ("n", "BIGINT"), "boolean": ("b", "BOOLEAN"), "string": ("t", "VARCHAR"),
    "list": ("l", "VARCHAR[]"),
}  # fmt: skip
"""Type of a rule's parameter -> kind and SQL type."""

CASTS = {
    "BOOLEAN": "b", "BOOL": "b", "INTEGER": "n", "INT": "n", "BIGINT": "n", "HUGEINT": "n", "DOUBLE": "n",
    "VARCHAR": "t", "TEXT": "t", "STRING": "t",
}  # fmt: skip

COMPARISONS = {
    "COMPARE_EQUAL": "=", "COMPARE_NOTEQUAL": "<>", "COMPARE_LESSTHAN": "<", "COMPARE_GREATERTHAN": ">",
    "COMPARE_LESSTHANOREQUALTO": "<=", "COMPARE_GREATERTHANOREQUALTO": ">=",
    "COMPARE_DISTINCT_FROM": "IS DISTINCT FROM", "COMPARE_NOT_DISTINCT_FROM": "IS NOT DISTINCT FROM",
}  # fmt: skip

_LIKE, _ARITHMETIC = ("tt", "b"), ("nn", "n")
OPERATORS = {
    "+": ("nn?", "n"), "-": ("nn?", "n"), "*": _ARITHMETIC, "/": _ARITHMETIC, "//": _ARITHMETIC, "%": _ARITHMETIC,
    "^": _ARITHMETIC, "**": _ARITHMETIC, "||": ("[tnb][tnb]", "t"),
    "~~": _LIKE, "!~~": _LIKE, "~~*": _LIKE, "!~~*": _LIKE, "~~~": _LIKE,
    "like_escape": ("ttt", "b"), "not_like_escape": ("ttt", "b"),
    "ilike_escape": ("ttt", "b"), "not_ilike_escape": ("ttt", "b"),
}  # fmt: skip
"""Operator, as the parser names it -> (kinds of its operands as a regular expression, kind of its result)."""

_N, _T, _NB = ("n", "n"), ("t", "t"), ("n", "b")
FUNCTIONS = {
    "abs": _N, "sign": _N, "floor": _N, "ceil": _N, "ceiling": _N, "trunc": _N, "sqrt": _N, "ln": _N, "log10": _N,
    "log2": _N, "exp": _N, "round": ("nn?", "n"), "pow": _ARITHMETIC, "power": _ARITHMETIC, "mod": _ARITHMETIC,
    "least": ("n+|t+", "="), "greatest": ("n+|t+", "="), "nullif": ("nn|tt|bb", "="), "if": ("bnn|btt|bbb", "="),
    "isfinite": _NB, "isnan": _NB, "isinf": _NB,
    "length": ("t|l", "n"), "len": ("t|l", "n"), "lower": _T, "upper": _T,
    "trim": ("tt?", "t"), "ltrim": ("tt?", "t"), "rtrim": ("tt?", "t"),
    "starts_with": _LIKE, "ends_with": _LIKE, "prefix": _LIKE, "suffix": _LIKE, "contains": ("tt|lt", "b"),
    "regexp_matches": ("ttt?", "b"), "regexp_full_match": ("ttt?", "b"), "regexp_extract": ("ttn?", "t"),
    "regexp_replace": ("tttt?", "t"), "replace": ("ttt", "t"), "substring": ("tnn?", "t"), "substr": ("tnn?", "t"),
    "left": ("tn", "t"), "right": ("tn", "t"), "split_part": ("ttn", "t"), "string_split": ("tt", "l"),
    "position": ("tt", "n"), "strpos": ("tt", "n"), "instr": ("tt", "n"), "concat": ("[tnb]+", "t"),
    "list_contains": ("lt", "b"), "list_has": ("lt", "b"), "list_value": ("t+", "l"),
}  # fmt: skip
"""Function -> (kinds of its arguments as a regular expression, kind of its result; "=": that of its last argument)."""

SKIPS_NULL = frozenset({"least", "greatest", "concat"})
"""Functions that are NULL only when all their arguments are."""


@cache
def _pattern(signature: str) -> re.Pattern[str]:
    # NULL stands for any kind: every letter outside a character class becomes a class with z in it.
    inside, parts = False, []
    for char in signature:
        if char in "[]":
            inside = char == "["
            parts.append("[z" if inside else "]")
        else:
            parts.append(f"[z{char}]" if char.isalpha() and not inside else char)
    return re.compile("".join(parts))


def fits(signature: str, kinds: str) -> bool:
    """Whether arguments of these kinds (one letter each) suit the signature."""
    return _pattern(signature).fullmatch(kinds) is not None


def takes(signature: str) -> str:
    """The signature in words, for a message: `nn?` is "a number and perhaps a number"."""
    alternatives = []
    for alternative in signature.split("|"):
        words = [
            ("perhaps " if mark == "?" else "") + (f"{KINDS[kind[0]]}" if len(kind) == 1 else "any scalar")
            + (" or more of them" if mark == "+" else "")
            for kind, mark in re.findall(r"(\[\w+\]|\w)([?+]?)", alternative)
        ]  # fmt: skip
        alternatives.append(" and ".join(words))
    return "; or ".join(alternatives)
