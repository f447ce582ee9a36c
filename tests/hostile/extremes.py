"""Depth, range and size."""

from __future__ import annotations

from collections.abc import Iterable

from tests.hostile.document import (
    BAD,
    CLEAN,
    Case,
    document,
    filled,
    lazy,
    line_of,
    text_of,
    with_line,
    with_value,
)


def extremes() -> Iterable[tuple[str, Case]]:
    """Depth and range."""
    for depth in (1_000, 100_000, 10_000_000):
        heavy = depth > 1_000
        kinds = ("nesting",) if heavy else ()
        bombs = {
            "list": (b"[", b"]"),
            "open-list": (b"[", b""),
            "object": (b'{"a":', b"}"),
            "open-object": (b'{"a":', b""),
        }
        for name, (opened, closed) in bombs.items():
            write = filled(b"@@", opened, depth, closed)
            yield f"nesting-{name}-{depth}", Case(write, judged=False, heavy=heavy)
        in_info = CLEAN.encode().replace(b"{\n", b'{\n"info": @@,\n', 1)
        yield f"nesting-in-info-{depth}", Case(filled(in_info, b"[", depth, b"]"), heavy=heavy)
        for key in ("segmentation", "bbox", "extra", "id"):
            write = filled(with_value(key, "@@"), b"[", depth, b"]")
            yield f"nesting-in-{key}-{depth}", Case(write, kinds, heavy=heavy)
        yield (
            f"nesting-open-in-segmentation-{depth}",
            Case(filled(with_value("segmentation", "@@"), b"[", depth), judged=False, heavy=heavy),
        )
    powers = {"2^62": 2**62, "2^63": 2**63, "-2^63": -(2**63), "2^64": 2**64, "2^64+1": 2**64 + 1}
    for name, value in (powers | {"10^30": 10**30, "10^400": 10**400}).items():
        kinds = ("big-integer",) if value >= 2**64 else ()
        for key in ("id", "image_id", "category_id"):
            yield f"{name}-as-{key}", Case(with_value(key, str(value)), kinds)
        yield f"{name}-as-area", Case(with_value("area", str(value)))
        yield f"{name}-in-bbox", Case(with_value("bbox", f"[1, 2, {value}, 4]"))
        yield f"{name}-in-segmentation", Case(with_value("segmentation", f"[[1, 2, {value}, 4, 5, 6]]"))
        yield f"{name}-as-width", Case(with_value("width", str(value), "images", 0))
        yield f"{name}-as-iscrowd", Case(with_value("iscrowd", str(value)))
        yield f"{name}-as-image-id", Case(with_value("id", str(value), "images", 3), kinds)
    digits = "9" * 100_000
    yield "integer-of-100000-digits", Case(with_value("id", digits), (("big-integer", "non-finite"),))
    yield "integer-of-100000-digits-in-bbox", Case(with_value("bbox", f"[1, 2, {digits}, 4]"))
    yield "fraction-of-100000-digits", Case(with_value("area", f"0.{digits}"))
    yield "exponent-of-100000-digits", Case(with_value("area", f"1e{digits}"), (("non-finite", "syntax"),))
    yield "denormal", Case(with_value("area", "5e-324"))
    yield "negative-zero", Case(with_value("bbox", "[-0, -0.0, 10, 10]"))


def sizes() -> Iterable[tuple[str, Case]]:
    """Large values and many of them."""
    text = {
        "text-of-50-mb-in-a-record": filled(with_value("note", '"@@"'), b"x", 50_000_000),
        "file-name-of-10-mb": filled(with_value("file_name", '"@@"', "images", 0), b"x", 10_000_000),
        "id-of-10-mb": filled(with_value("id", '"@@"'), b"x", 10_000_000),
        "key-of-10-mb": filled(CLEAN.encode().replace(b'"iscrowd"', b'"@@"', 1), b"x", 10_000_000),
        "top-level-key-of-10-mb": filled(CLEAN.encode().replace(b"{\n", b'{\n"@@": 1,\n', 1), b"x", 10_000_000),
        "backslashes": filled(with_value("note", '"@@"'), b"\\\\", 1_000_000),
        "space-of-50-mb-between-records": filled(with_line(line_of(BAD) + "@@").encode(), b" ", 50_000_000),
        "record-of-55-mb": filled(with_value("segmentation", "[[@@1, 2]]"), b"10.5,20.25,", 5_000_000),
        "a-million-rings": filled(with_value("segmentation", "[@@[1, 2, 3]]"), b"[1, 2, 3],", 1_000_000),
        "a-million-empty-rings": filled(with_value("segmentation", "[@@[]]"), b"[],", 1_000_000),
        "a-bbox-of-a-million-numbers": filled(with_value("bbox", "[@@1]"), b"1,", 1_000_000),
        "keypoints-of-a-million-numbers": filled(with_value("keypoints", "[@@1, 1, 1]"), b"1,1,1,", 333_333),
        "rle-of-a-million-runs": filled(
            with_value("segmentation", '{"size": [480, 640], "counts": [@@1]}'), b"1,", 1_000_000
        ),
    }
    for name, write in text.items():
        yield name, Case(write, heavy=True)
    too_large = filled(with_value("segmentation", "[[@@1, 2]]"), b"10.5,20.25,", 10_000_000)
    yield "record-of-110-mb", Case(too_large, ("record-too-large",), heavy=True)
    blank = filled(b"@@", b" ", 50_000_000)
    yield "space-of-50-mb", Case(blank, ("empty-file",), judged=False, heavy=True)
    yield "one-text-of-50-mb", Case(filled(b'"@@"', b"x", 50_000_000), judged=False, heavy=True)
    yield "one-open-text-of-50-mb", Case(filled(b'"@@', b"x", 50_000_000), judged=False, heavy=True)
    open_text = with_line('{"id": "@@').encode()
    yield "open-text-of-50-mb-in-a-record", Case(filled(open_text, b"x", 50_000_000), judged=False, heavy=True)

    head = CLEAN.encode().replace(b'"annotations": [\n', b'"annotations": [\n@@')
    many: dict[str, tuple[bytes, tuple[str, ...], bool]] = {
        "empty-records": (b"{},\n", (), False),
        "nulls": (b"null,\n", ("not-a-record",), False),
        "commas": (b",", ("syntax",), True),
    }
    for name, (piece, kinds, judged) in many.items():
        yield (
            f"a-million-{name}",
            Case(filled(head, piece, 1_000_000), kinds, judged=judged, heavy=True, entries=1_000_000),
        )
    broken = filled(head, b"{,},\n", 100_000)
    yield "a-hundred-thousand-syntax-errors", Case(broken, ("syntax",), judged=False, heavy=True, entries=100_000)
    opened = filled(head, b'{"id": 1,\n', 100_000)
    yield "a-hundred-thousand-open-records", Case(opened, ("syntax",), judged=False, heavy=True, entries=100_000)
    behind = filled(CLEAN.encode() + b"@@", b"{}\n", 1_000_000)
    yield "a-million-documents", Case(behind, ("extra-document",), heavy=True)
    keys = lazy(lambda: with_value("extra", "1, " + ", ".join(f'"k{n}": {n}' for n in range(1_000_000))))
    yield "a-million-keys-in-a-record", Case(keys, heavy=True)
    top = lazy(lambda: ("{" + "".join(f'"k{n}": {n},' for n in range(50_000)) + CLEAN[1:]).encode())
    yield "many-top-level-keys", Case(top, heavy=True)

    def records_within_records() -> bytes:
        """Everything that looks like the start of a record, many times, inside each record."""
        nested = document()
        for record in nested["annotations"]:
            record["parts"] = [{"id": n, "image_id": 1, "category_id": 2} for n in range(20_000)]
        return text_of(nested).encode()

    yield "records-within-records", Case(lazy(records_within_records), heavy=True)
