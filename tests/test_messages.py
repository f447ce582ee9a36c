"""The formatter of messages."""

from __future__ import annotations

import math

import pytest

from datacheck.messages import MAX_TEXT, Placeholder, formatter, parse_message


def test_parse() -> None:
    assert parse_message("box {box_x:.1f} in {image.width}, {{slack}} {$slack}") == (
        "box ", Placeholder("box_x", ".1f"), " in ", Placeholder("image.width"), ", ", "{", "slack", "}", " ",
        Placeholder("$slack"),
    )  # fmt: skip
    assert parse_message("") == ()


@pytest.mark.parametrize(
    "message",
    [
        "{",
        "}",
        "a } b",
        "{}",
        "{a.b.c}",
        "{a[0]}",
        "{a!r}",
        "{a:>10}",
        "{a:.1g}",
        "{a:{b}}",
        "{__class__.x.y}",
        "{ a }",
        "{a:|masks}",
        "{a:?}",
        "{1}",
    ],
)
def test_nothing_else_is_understood(message: str) -> None:
    with pytest.raises(ValueError, match=r"."):
        parse_message(message)


@pytest.mark.parametrize(
    ("spec", "value", "shown"),
    [
        ("", 640.0, "640"),
        ("", -0.5, "-0.5"),
        ("", 0.1 + 0.2, "0.3"),
        ("", 2.0**80, "1.20893e+24"),
        ("", 2**70, str(2**70)),
        ("", None, "?"),
        ("", True, "true"),
        ("", math.nan, "NaN"),
        ("", -math.inf, "-Infinity"),
        ("", "cat", "cat"),
        ("", ["a", None, 1.0], "a, ?, 1"),
        (".1f", 90, "90.0"),
        (".1f", 90.25, "90.2"),
        (".0f", 1e9, "1000000000"),
        (".1f", math.nan, "NaN"),
        (".1f", None, "?"),
        (".1f", "text", "text"),
        (",", 860001, "860,001"),
        (",", 860001.0, "860,001"),
        (",", 1234.5, "1,234.5"),
        (",.1f", 12345.67, "12,345.7"),
        ("%", 0.616, "61.6 %"),
        (".2%", 0.99701, "99.70 %"),
        ("%", None, "?"),
        (".1f", True, "true"),
        (", mask", 1, "1 mask"),
        (", mask", 1200, "1,200 masks"),
        (" box|boxes", 0, "0 boxes"),
        (" box has|boxes have", 1.0, "1 box has"),
        (" mask", None, "? masks"),
        ("?, near ", "img_7", ", near img_7"),
        ("?, near ", None, ""),
        ("%?: ", 0.616, ": 61.6 %"),
        (" mask?; expected ", 2, "; expected 2 masks"),
    ],
)
def test_shown(spec: str, value: object, shown: str) -> None:
    assert formatter(spec)(value) == shown


def test_long_text_is_cut() -> None:
    assert formatter("")("x" * 1000) == "x" * (MAX_TEXT - 1) + "…"


def test_unknown_spec() -> None:
    with pytest.raises(ValueError, match="not known"):
        formatter(">10")
