"""Columns of ids, numbers and texts from decoded values of any type. What is not of its type becomes NULL and a
fault."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import pyarrow as pa
import xxhash
from msgspec import UNSET, UnsetType

from datacheck.read.faults import Fault, shorten
from datacheck.tables import KIND_NAMES

Columns = dict[str, pa.Array]
Report = Callable[[Fault], None]

_CODES = {name: code for code, name in enumerate(KIND_NAMES)}
_BY_TYPE = {
    int: _CODES["integer"],
    float: _CODES["float"],
    str: _CODES["string"],
    bool: _CODES["bool"],
    type(None): _CODES["null"],
    UnsetType: _CODES["absent"],
}
_KINDS = pa.array(KIND_NAMES)
_NUMERIC = ({int}, {float}, {int, float})
_LIMIT = 1 << 63


def label(codes: np.ndarray[Any, Any], names: Sequence[str]) -> pa.Array:
    """A `label` column from int8 codes into `names`; a negative code is NULL."""
    indices = pa.array(codes.astype(np.int8), mask=codes < 0) if (codes < 0).any() else pa.array(codes.astype(np.int8))
    return pa.DictionaryArray.from_arrays(indices, pa.array(list(names), pa.string()))


def constant(value: str | None, n: int) -> pa.Array:
    """A `label` column that says the same everywhere."""
    codes = np.full(n, -1 if value is None else 0, np.int8)
    return label(codes, [value or ""])


def all_absent(values: Sequence[object]) -> bool:
    return values.count(UNSET) == len(values) if isinstance(values, list) else all(v is UNSET for v in values)


def identity(values: list[Any], name: str, section: str, report: Report) -> Columns:
    """The four columns of an id: `name`, `name_text`, `name_kind`, `name_key`."""
    n = len(values)
    types = set(map(type, values))
    nothing = pa.nulls(n, pa.string())
    if types == {int}:
        try:
            ids = pa.array(np.array(values, np.int64))
            return {name: ids, f"{name}_text": nothing, f"{name}_kind": _all("integer", n), f"{name}_key": ids}
        except OverflowError:
            pass
    empty = pa.nulls(n, pa.int64())
    if types <= {UnsetType}:
        return {name: empty, f"{name}_text": nothing, f"{name}_kind": _all("absent", n), f"{name}_key": empty}
    if types == {str}:
        keys = np.fromiter((xxhash.xxh3_64_intdigest(v.encode()) for v in values), np.uint64, n).view(np.int64)
        return {
            name: empty,
            f"{name}_text": pa.array(values),
            f"{name}_kind": _all("string", n),
            f"{name}_key": pa.array(keys),
        }
    if types == {float}:
        floats = np.array(values, np.float64)
        if np.all(np.abs(floats) < 2.0**53) and np.all(floats == np.floor(floats)):
            texts = pa.array(list(map(repr, values)))
            return {
                name: empty,
                f"{name}_text": texts,
                f"{name}_kind": _all("float", n),
                f"{name}_key": pa.array(floats.astype(np.int64)),
            }
    return _mixed_identity(values, name, section, report)


def _all(kind: str, n: int) -> pa.Array:
    return pa.DictionaryArray.from_arrays(pa.array(np.full(n, _CODES[kind], np.int8)), _KINDS)


def _mixed_identity(values: list[Any], name: str, section: str, report: Report) -> Columns:
    ids: list[int | None] = []
    texts: list[str | None] = []
    keys: list[int | None] = []
    codes = np.empty(len(values), np.int8)
    for index, value in enumerate(values):
        code = _BY_TYPE.get(type(value), _CODES["other"])
        own, text, key = None, None, None
        if code == _CODES["integer"]:
            if -_LIMIT <= value < _LIMIT:
                own = key = value
            else:
                code, text = _CODES["big"], shorten(value)
                key = _hash(str(value))
                report(Fault("big-integer", f"{name} is past 64 bits", section, index, text, name, f"/{name}", text))
        elif code == _CODES["string"]:
            text, key = value, _hash(value)
        elif code == _CODES["float"]:
            text = repr(value)
            if math.isfinite(value):
                key = int(value) if value == math.floor(value) and abs(value) < _LIMIT else _hash(text)
            else:
                report(
                    Fault("non-finite", f"{name} is not a finite number", section, index, None, name, f"/{name}", text)
                )
        elif code == _CODES["null"]:
            report(Fault("null-value", f"{name} is null", section, index, None, name, f"/{name}", "null"))
        elif code != _CODES["absent"]:
            text = shorten(value)
            report(
                Fault("wrong-type", f"{name} is {_a(value)}, not an id", section, index, None, name, f"/{name}", text)
            )
        codes[index] = code
        ids.append(own)
        texts.append(text)
        keys.append(key)
    return {
        name: pa.array(ids, pa.int64()),
        f"{name}_text": pa.array(texts, pa.string()),
        f"{name}_kind": label(codes, KIND_NAMES),
        f"{name}_key": pa.array(keys, pa.int64()),
    }


def _hash(text: str) -> int:
    key: int = xxhash.xxh3_64_intdigest(text.encode("utf-8", "backslashreplace"))
    return key - (1 << 64) if key >= _LIMIT else key


def _a(value: object) -> str:
    """The JSON type of `value`, with its article."""
    match value:
        case bool():
            return "a boolean"
        case int() | float():
            return "a number"
        case str():
            return "a string"
        case list():
            return "a list"
        case dict():
            return "an object"
        case _:
            return "null"


def numbers(values: list[Any], name: str, section: str, report: Report) -> tuple[pa.Array, pa.Array]:
    """(value as double, whether the key is there). Null, a text or a boolean is a fault."""
    n = len(values)
    types = set(map(type, values))
    if types <= {UnsetType}:
        return pa.nulls(n, pa.float64()), _flags(False, n)
    if types in _NUMERIC:
        try:
            array = np.array(values, np.float64)
            if np.isfinite(array).all():
                return pa.array(array), _flags(True, n)
        except OverflowError:
            pass
    found: list[float | None] = []
    for index, value in enumerate(values):
        number = None
        if value is not UNSET:
            number = _number(value)
            if number is None:
                report(_not_a_number(value, name, section, index))
        found.append(number)
    return pa.array(found, pa.float64()), pa.array([v is not UNSET for v in values])


def _flags(value: bool, n: int) -> pa.Array:
    return pa.array(np.full(n, value))


def _number(value: object) -> float | None:
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    try:
        number = float(value)
    except OverflowError:
        return None
    return number if math.isfinite(number) else None


def _not_a_number(value: object, name: str, section: str, index: int, tail: str = "") -> Fault:
    place = name + "".join(f"[{part}]" for part in tail.split("/")[1:])
    pointer = f"/{name}{tail}"
    if value is None:
        return Fault("null-value", f"{place} is null", section, index, None, name, pointer, "null")
    if isinstance(value, int | float) and not isinstance(value, bool):
        return Fault(
            "non-finite", f"{place} is not a finite number", section, index, None, name, pointer, shorten(value)
        )
    return Fault(
        "wrong-type", f"{place} is {_a(value)}, not a number", section, index, None, name, pointer, shorten(value)
    )


def texts(values: list[Any], name: str, section: str, report: Report) -> tuple[pa.Array, pa.Array]:
    """(text, whether the key is there)."""
    n = len(values)
    types = set(map(type, values))
    if types <= {UnsetType}:
        return pa.nulls(n, pa.string()), _flags(False, n)
    if types == {str}:
        return pa.array(values), _flags(True, n)
    found: list[str | None] = []
    for index, value in enumerate(values):
        if isinstance(value, str) or value is UNSET:
            found.append(value if isinstance(value, str) else None)
            continue
        found.append(None)
        if value is None:
            report(Fault("null-value", f"{name} is null", section, index, None, name, f"/{name}", "null"))
        else:
            report(
                Fault(
                    "wrong-type",
                    f"{name} is {_a(value)}, not a string",
                    section,
                    index,
                    None,
                    name,
                    f"/{name}",
                    shorten(value),
                )
            )
    return pa.array(found, pa.string()), pa.array([v is not UNSET for v in values])


def not_numbers(value: object, name: str, section: str, index: int, *, depth: int) -> Fault:
    """Why `value` is no list (`depth` 1) or list of lists (`depth` 2) of finite numbers: its first fault."""
    if value is None:
        return Fault("null-value", f"{name} is null", section, index, None, name, f"/{name}", "null")
    if not isinstance(value, list):
        return Fault(
            "wrong-type", f"{name} is {_a(value)}, not a list", section, index, None, name, f"/{name}", shorten(value)
        )
    for i, item in enumerate(value):
        if depth == 2:
            if not isinstance(item, list):
                break
            for j, inner in enumerate(item):
                if isinstance(inner, list | dict):
                    break
                if _number(inner) is None:
                    return _not_a_number(inner, name, section, index, f"/{i}/{j}")
            else:
                continue
            break
        if isinstance(item, list | dict):
            break
        if _number(item) is None:
            return _not_a_number(item, name, section, index, f"/{i}")
    shape = "a list of numbers" if depth == 1 else "a list of lists of numbers"
    return Fault("ragged", f"{name} is not {shape}", section, index, None, name, f"/{name}", shorten(value))
