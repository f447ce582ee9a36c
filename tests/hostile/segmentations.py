"""Segmentations that crash what decodes them: each has the finding that names what is wrong with it."""

from __future__ import annotations

import json
from collections.abc import Iterable

from tests.hostile.document import Case, filled, with_value
from tests.measure.rle_reference import encode

FULL = 480 * 640
SIZE = [480, 640]
"""Height and width of every image of the document."""


def rle(counts: object, size: object = SIZE) -> bytes:
    return with_value("segmentation", json.dumps({"size": size, "counts": counts}))


def segmentations() -> Iterable[tuple[str, Case]]:
    yield from _counts()
    yield from _sizes()
    yield from _polygons()
    yield from _large()


def _counts() -> Iterable[tuple[str, Case]]:
    runs = [1000, 50, 430, 50, FULL - 1530]
    texts = {
        "short": (encode([*runs[:-1], 5]), "rle-too-short"),
        "short-by-one": (encode([*runs[:-1], runs[-1] - 1]), "rle-too-short"),
        "long": (encode([*runs, 5]), "rle-too-long"),
        "long-by-one": (encode([*runs[:-1], runs[-1] + 1]), "rle-too-long"),
        "past-2^32": (encode([2**32, FULL]), "rle-too-long"),
        "wraps-at-2^32": (encode([2**32 + FULL]), "rle-too-long"),
        "run-past-2^32": (encode([1000, 2**32 + 50, *runs[2:]]), "rle-too-long"),
        "sum-past-2^32": (encode([2**31] * 4), "rle-too-long"),
        "negative-run": (encode([1000, -50, 530, 50, FULL - 1530]), "rle-negative-run"),
        "negative-first-run": (encode([-1, *runs]), "rle-negative-run"),
        "negative-past-2^32": (encode([1000, 50, 430, 50 - 2**33, FULL - 1530]), "rle-negative-run"),
        "negative-deltas": ("0" + "O" * 300, "rle-negative-run"),
        "truncated-varint": (encode(runs)[:-1], "rle-malformed"),
        "one-unfinished-character": ("o", "rle-malformed"),
        "endless-varint": ("o" * 5000, "rle-malformed"),
        "varint-of-eight-characters": ("oooooo" + "o0", "rle-malformed"),
        "bytes-repr": (str(encode(runs).encode()), "rle-bytes-repr"),
        "bytes-repr-in-double-quotes": ('b"' + encode(runs) + '"', "rle-bytes-repr"),
        "not-ascii": (encode(runs) + "é", "rle-malformed"),
        "emoji": ("😀" * 20, "rle-malformed"),
        "nul": ("\0" * 8, "rle-malformed"),
        "past-the-alphabet": ("\x7f~~", "rle-malformed"),
        "before-the-alphabet": ("!/", "rle-malformed"),
        "white-space": (encode(runs) + "\n", "rle-malformed"),
        "empty": ("", "rle-without-counts"),
        "zeros": ("0" * 5000, "rle-too-short"),
        "all-background": (encode([FULL]), "empty-mask"),
        "all-background-and-an-empty-run": (encode([FULL, 0]), "empty-mask"),
    }
    for name, (text, rule) in texts.items():
        yield f"rle-{name}", Case(rle(text), rules=(rule,))
    lists: dict[str, tuple[list[object], str]] = {
        "short": ([*runs[:-1], 5], "rle-too-short"),
        "long": ([*runs, 5], "rle-too-long"),
        "negative": ([1000, -50, 530, 50, FULL - 1530], "rle-negative-run"),
        "past-2^32": ([2**32 + FULL], "rle-too-long"),
        "past-2^64": ([2**70, FULL], "rle-too-long"),
        "negative-past-2^64": ([2**70, -(2**70), FULL], "rle-negative-run"),
        "1e300": ([1e300, 1e300], "rle-too-long"),
        "fractions": ([1000.5, 49.5, FULL - 1050], "rle-malformed"),
        "empty": ([], "rle-without-counts"),
    }
    for name, (numbers, rule) in lists.items():
        yield f"rle-list-{name}", Case(rle(numbers), rules=(rule,))
    wrong = {"null": None, "a-number": 5, "true": True, "an-object": {"a": 1}, "texts": ["1", "2"], "lists": [[1], [2]]}
    for name, counts in wrong.items():
        kind = "null-value" if counts is None else ("wrong-type", "ragged")
        yield f"rle-counts-are-{name}", Case(rle(counts), (kind,))
    yield "rle-counts-with-null", Case(rle([1000, None, 5]), (("null-value", "wrong-type"),))
    for name, literal in {"nan": "NaN", "infinity": "Infinity", "1e400": "1e400"}.items():
        text = f'{{"size": [480, 640], "counts": [1000, {literal}, 5]}}'
        yield f"rle-counts-with-{name}", Case(with_value("segmentation", text), ("non-finite",))
    yield "rle-without-counts", Case(with_value("segmentation", '{"size": [480, 640]}'), ("missing-key",))
    yield "rle-is-an-empty-object", Case(with_value("segmentation", "{}"), ("missing-key",))


def _sizes() -> Iterable[tuple[str, Case]]:
    sizes: dict[str, tuple[object, str]] = {
        "1e6": ([10**6, 10**6], "rle-oversized"),
        "1e9": ([10**9, 10**9], "rle-oversized"),
        "2^31": ([2**16, 2**15], "rle-oversized"),
        "past-64-bits": ([2**70, 640], "rle-oversized"),
        "past-the-range-of-floats": ([1e308, 1e308], "rle-oversized"),
        "wraps-at-2^32": ([2**32 + 480, 640], "rle-oversized"),
        "negative": ([-480, -640], "rle-bad-size"),
        "one-negative": ([-480, 640], "rle-bad-size"),
        "zero": ([0, 640], "rle-bad-size"),
        "fractions": ([480.5, 640.5], "rle-bad-size"),
        "of-one": ([480], "rle-bad-size"),
        "of-three": ([480, 640, 3], "rle-bad-size"),
        "empty": ([], "rle-bad-size"),
        "swapped": ([640, 480], "rle-size-swapped"),
        "another": ([240, 320], "rle-size-differs"),
    }
    for name, (size, rule) in sizes.items():
        for kind, counts in {"text": encode([FULL]), "list": [FULL]}.items():
            yield f"rle-size-{name}-{kind}", Case(rle(counts, size), rules=(rule,))
    for name, wrong in {"null": None, "texts": ["480", "640"], "with-null": [480, None], "a-text": "480x640"}.items():
        kinds = (("null-value", "wrong-type", "ragged"),)
        yield f"rle-size-{name}", Case(rle(encode([FULL]), wrong), kinds, rules=("rle-bad-size",))
    without = with_value("segmentation", json.dumps({"counts": encode([FULL])}))
    yield "rle-without-size", Case(without, rules=("rle-bad-size",))
    wide = rle(encode([0, 2**31 - 1]), [1, 2**31 - 1])
    yield "rle-of-2-gigapixels-in-7-characters", Case(wide, rules=("rle-size-differs", "mask-fills-image"))


def _polygons() -> Iterable[tuple[str, Case]]:
    def ring(number: str) -> bytes:
        return with_value("segmentation", f"[[10, 10, 90, 10, 90, {number}]]")

    for name, literal in {"nan": "NaN", "inf": "Infinity", "minus-inf": "-Infinity", "1e400": "1e400"}.items():
        yield f"polygon-{name}", Case(ring(literal), ("non-finite",))
    for name, literal in {"1e30": "1e30", "minus-1e30": "-1e30", "1e308": "1e308", "2^70": str(2**70)}.items():
        yield f"polygon-{name}", Case(ring(literal), rules=("polygon-outside-image",))
    rings = {
        "of-one-number": ("[[10]]", "short-polygon"),
        "of-one-point": ("[[10, 10]]", "short-polygon"),
        "of-two-points": ("[[10, 10, 90, 90]]", "short-polygon"),
        "of-no-point": ("[[]]", "short-polygon"),
        "odd": ("[[10, 10, 90, 10, 90, 60, 5]]", "odd-polygon"),
        "on-a-line": ("[[10, 10, 50, 50, 90, 90]]", "polygon-without-area"),
        "all-one-point": ("[[10, 10, 10, 10, 10, 10]]", "polygon-without-area"),
        "flat": ("[10, 10, 90, 10, 90, 60]", "flat-segmentation"),
        "none": ("[]", "empty-segmentation"),
    }
    for name, (literal, rule) in rings.items():
        yield f"polygon-{name}", Case(with_value("segmentation", literal), rules=(rule,))
    nested = {
        "three-deep": "[[[10, 10, 90, 10, 90, 60]]]",
        "points": "[[[10, 10], [90, 10], [90, 60]]]",
        "objects": '[{"x": 10, "y": 10}]',
        "mixed-depth": "[[10, 10, 90, 10, 90, 60], 7]",
        "texts": '[["10", "10", "90", "10", "90", "60"]]',
        "a-null-ring": "[[10, 10, 90, 10, 90, 60], null]",
        "true": "[[10, 10, 90, 10, 90, true]]",
        "a-list-in-the-ring": "[[10, 10, [90, 10], 90, 60]]",
    }
    for name, literal in nested.items():
        kinds = (("wrong-type", "ragged", "null-value"),)
        yield f"polygon-nested-{name}", Case(with_value("segmentation", literal), kinds)


def _large() -> Iterable[tuple[str, Case]]:
    """What takes gigabytes, or minutes, in a decoder that believes it."""
    text = with_value("segmentation", '{"size": [480, 640], "counts": "@@"}')
    listed = with_value("segmentation", '{"size": [480, 640], "counts": [@@1]}')
    polygon = with_value("segmentation", "[[@@5, 5]]")
    yield "rle-of-20-million-runs", Case(filled(text, b"1", 20_000_000), rules=("rle-too-long",), heavy=True)
    yield "rle-endless-varint-of-20-mb", Case(filled(text, b"o", 20_000_000), rules=("rle-malformed",), heavy=True)
    yield "rle-list-of-5-million-runs", Case(filled(listed, b"1,", 5_000_000), rules=("rle-too-long",), heavy=True)
    yield "polygon-of-500000-corners", Case(filled(polygon, b"5, 9, 7, 9, ", 250_000), heavy=True)
    each = b'{"size": [480, 640], "counts": "o"}'
    many = b'{"id": 999, "image_id": 1, "category_id": 1, "segmentation": ' + each + b"},\n"
    head = with_value("segmentation", "[]").replace(b'"annotations": [\n', b'"annotations": [\n@@')
    truncated = filled(head, many, 100_000)
    yield "rle-100000-truncated", Case(truncated, heavy=True, entries=100_000)
