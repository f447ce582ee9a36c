"""Paths as text that a table can hold."""

from __future__ import annotations


def as_text(path: str) -> str:
    """The path; bytes of it that are not UTF-8 shown as \\xNN."""
    return path if path.isascii() else path.encode("utf-8", "backslashreplace").decode()
