"""What can go wrong in reading: the kinds of fault, and one fault."""

from __future__ import annotations

from dataclasses import dataclass

FAULT_KINDS: dict[str, str] = {
    "syntax": "not JSON at this byte; the record it is in is lost",
    "truncated": "the file ends inside a value",
    "extra-document": "a second JSON document follows the first",
    "duplicate-key": "a top-level key appears twice; JSON parsers silently take the last",
    "nesting": "nested deeper than parsers can follow",
    "non-finite": "NaN, Infinity or a number past the range of a double",
    "missing-key": "a key that the format requires is not there",
    "wrong-type": "a value of another type than the format says",
    "null-value": "null where a value belongs",
    "big-integer": "an integer past 64 bits",
    "bom": "a byte order mark, which json.load refuses",
    "utf-16": "UTF-16 or UTF-32, which JSON does not allow",
    "invalid-utf-8": "text that is not UTF-8, or a lone surrogate",
    "compression": "gzip that is corrupt or expands beyond reason",
    "misplaced-key": "a key that was meant to be another",
    "empty-file": "nothing but white space",
    "record-too-large": "a record over 32 MiB",
    "not-a-record": "an entry of a list that is not an object",
    "worker-died": "the process that read this part died",
    "unreadable": "it cannot be opened or read",
    "wrong-section": "images, annotations or categories is not a list",
    "ragged": "a list nested otherwise than the format says",
}


@dataclass(slots=True)
class Fault:
    """One thing that could not be read. `ordinal` counts within the block that was read; `tail` ends the JSON
    pointer."""

    kind: str
    detail: str
    section: str | None = None
    ordinal: int | None = None
    id_text: str | None = None
    field: str | None = None
    tail: str = ""
    found: str | None = None
    byte_offset: int | None = None


def shorten(value: object, limit: int = 60) -> str:
    """`value` as JSON would write it, cut to `limit` characters."""
    text = {True: "true", False: "false"}[value] if isinstance(value, bool) else "null" if value is None else None
    if text is None:
        text = _bounded(value, limit)
    return text if len(text) <= limit else text[: limit - 1] + "…"


def _bounded(value: object, limit: int) -> str:
    # A value from a hostile file may be huge or deep: never ask for the repr of more than a few of its parts.
    if isinstance(value, str):
        return repr(value[: limit + 1])
    if isinstance(value, int):
        return repr(value) if value.bit_length() <= 512 else f"an integer of {value.bit_length():,} bits"
    if isinstance(value, list):
        return (
            "["
            + ", ".join(_bounded(v, limit) if not isinstance(v, list | dict) else "…" for v in value[:4])
            + (", …]" if len(value) > 4 else "]")
        )
    if isinstance(value, dict):
        return "{" + ", ".join(f"{str(k)[:20]!r}: …" for k in list(value)[:4]) + "}"
    return repr(value)
