"""Damage within records: syntax, literals that JSON does not know, missing keys, wrong types, odd ids and masks."""

from __future__ import annotations

from collections.abc import Iterable

from tests.hostile.document import (
    BAD,
    CLEAN,
    Case,
    document,
    line_of,
    place_of,
    text_of,
    with_line,
    with_value,
    without,
)


def syntax() -> Iterable[tuple[str, Case]]:
    good = line_of(BAD)
    edits = {
        "missing-comma": (
            good.replace(', "image_id"', ' "image_id"'),
            ' "image_id": 1, "category_id": 1, "bbox": [140.0',
            1,
        ),
        "missing-colon": (good.replace('"area":', '"area"'), '"area" 5400.0, "iscrowd": 0, "segmentation": [[140.0', 7),
        "bare-key": (good.replace('"area"', "area"), "area: 5400.0", 0),
        "single-quotes": (good.replace('"area"', "'area'"), "'area'", 0),
        "python-literal": (good.replace('"iscrowd": 0', '"iscrowd": False'), "False", 0),
        "undefined": (good.replace('"iscrowd": 0', '"iscrowd": undefined'), "undefined", 0),
        "comment": (good.replace('"area"', '/* px */ "area"'), "/*", 0),
        "trailing-comma": (good.replace("}", ",}"), None, 0),
        "missing-value": (good.replace("5400.0", ""), '"area": , ', 8),
        "bare-minus": (good.replace("5400.0", "-"), '"area": -,', 8),
        "garbage": ("<html>", "<html>", 0),
        "unbalanced-bracket": (good.replace("]]}", "]}"), None, 0),
        "extra-brace": (good + "}", None, 0),
        "missing-brace": (good[:-1], None, 0),
        "unterminated-string": (good.replace('"area"', '"area'), None, 0),
        "raw-control-character": (good.replace('"area"', '"ar\x01ea"'), None, 0),
        "raw-newline-in-text": (good.replace('"area"', '"ar\nea"'), None, 0),
        "nul-in-text": (good.replace('"area"', '"ar\0ea"'), None, 0),
        "nul-between-values": (good.replace('"area"', '\0"area"'), None, 0),
        "bad-escape": (good.replace('"area"', '"ar\\qea"'), None, 0),
        "cut-unicode-escape": (good.replace('"area"', '"\\u12"'), None, 0),
        "list-closed-within-a-record": (good.replace(', "segmentation"', '}]], "segmentation"'), None, 0),
        "only-half-a-record": (good[: len(good) // 2], None, 0),
    }
    for name, (line, fragment, offset) in edits.items():
        text = with_line(line)
        place = place_of(text, fragment, offset) if fragment else None
        yield f"syntax-{name}", Case(text.encode(), ("syntax",), place=place)
    for name, number in {
        "leading-zero": "05400",
        "leading-dot": ".5",
        "hex": "0x1F",
        "plus": "+1",
        "bare-exponent": "1e",
    }.items():
        yield f"syntax-number-{name}", Case(with_value("area", number), ("syntax",))
    yield "syntax-number-trailing-dot", Case(with_value("area", "5400."), ("syntax",))
    yield "syntax-no-comma-between-records", Case(with_line(good).replace(good + ",", good).encode(), ("syntax",))
    yield "syntax-two-commas-between-records", Case(with_line(good + ",").encode(), ("syntax",))
    yield "syntax-comma-after-last-record", Case(CLEAN.replace("]]}\n]", "]]},\n]").encode(), ("syntax",))
    yield "syntax-in-images", Case(CLEAN.replace('"height": 480}', '"height" 480}', 1).encode(), ("syntax",))
    yield "syntax-in-categories", Case(CLEAN.replace('"name": "dog"', '"name" "dog"').encode(), ("syntax",))
    yield "syntax-before-sections", Case(CLEAN.replace("{\n", '{\n"info": {"a" 1},\n', 1).encode(), ("syntax",))
    yield (
        "syntax-in-every-second-record",
        Case(
            "\n".join(
                line.replace('"area":', '"area"') if number % 2 else line
                for number, line in enumerate(CLEAN.split("\n"))
            ).encode(),
            ("syntax",),
            judged=False,
        ),
    )


def non_finite() -> Iterable[tuple[str, Case]]:
    for literal in ("NaN", "Infinity", "-Infinity", "1e400", "-1e400"):
        for key, value in {
            "bbox": f"[1, {literal}, 30, 40]",
            "area": literal,
            "segmentation": f"[[10, 10, 20, 10, 20, {literal}]]",
            "keypoints": f"[10, {literal}, 2]",
            "iscrowd": literal,
            "id": literal,
            "image_id": literal,
            "category_id": literal,
        }.items():
            yield f"{literal}-in-{key}", Case(with_value(key, value), ("non-finite",))
        yield f"{literal}-in-width", Case(with_value("width", literal, "images", 0), ("non-finite",))
        yield f"{literal}-in-unknown-key", Case(with_value("extra", literal))
    data = CLEAN.replace('"bbox": [', '"bbox": [NaN, ')
    yield "NaN-in-every-record", Case(data.encode(), ("non-finite",), judged=False)
    rle = '{"size": [480, NaN], "counts": [307200]}'
    yield "NaN-in-rle", Case(with_value("segmentation", rle), (("non-finite", "wrong-type", "ragged"),))


def shapes() -> Iterable[tuple[str, Case]]:
    """Missing keys, wrong types, nulls."""
    for key in ("id", "image_id", "category_id"):
        yield f"missing-{key}", Case(without(key), judged=True)
    for key in ("bbox", "area", "iscrowd", "segmentation"):
        yield f"missing-{key}", Case(without(key))
    for key in ("id", "file_name", "width", "height"):
        yield f"missing-image-{key}", Case(without(key, "images", 3))
    for key in ("id", "name"):
        yield f"missing-category-{key}", Case(without(key, "categories", 0))
    wrong = {
        "id": ("[1]", "{}"),
        "image_id": ("[1]", "{}", "true"),
        "category_id": ("[1]", "{}", "true"),
        "area": ('"5400"', "[5400]", "{}", "true"),
        "iscrowd": ('"0"', "[0]", "{}"),
        "bbox": ('"1,2,3,4"', "5", "{}", '["1", "2", "3", "4"]', "[[1, 2, 3, 4]]", "[1, 2, true, 4]", "[1, 2, {}, 4]"),
        "segmentation": (
            "5",
            '"polygon"',
            "[[[1, 2, 3, 4, 5, 6]]]",
            '[["1", 2, 3, 4, 5, 6]]',
            "[[1, 2, 3, {}]]",
        ),
        "keypoints": ('"1,2,2"', "5", "{}", '["1", 2, 2]', "[[1, 2, 2]]"),
        "num_keypoints": ('"1"', "[1]"),
        "caption": ("5", "[]"),
        "score": ('"0.5"', "[]"),
    }
    for key, literals in wrong.items():
        for number, literal in enumerate(literals):
            yield f"wrong-type-{key}-{number}", Case(with_value(key, literal), (("wrong-type", "ragged"),))
    yield "wrong-type-image-width", Case(with_value("width", '"640"', "images", 0), ("wrong-type",))
    yield "wrong-type-image-file-name", Case(with_value("file_name", "17", "images", 0), ("wrong-type",))
    yield "wrong-type-category-name", Case(with_value("name", "17", "categories", 0), ("wrong-type",))
    for key in ("id", "image_id", "category_id", "bbox", "area", "iscrowd", "segmentation"):
        yield f"null-{key}", Case(with_value(key, "null"), ("null-value",))
    for key in ("id", "file_name", "width"):
        yield f"null-image-{key}", Case(with_value(key, "null", "images", 3), ("null-value",))
    yield "null-in-bbox", Case(with_value("bbox", "[1, null, 3, 4]"), (("null-value", "wrong-type"),))
    yield (
        "null-in-polygon",
        Case(with_value("segmentation", "[[1, 2, null, 4, 5, 6]]"), (("null-value", "wrong-type", "ragged"),)),
    )
    yield (
        "flat-segmentation",
        Case(with_value("segmentation", "[10, 10, 90, 10, 90, 60]"), rules=("flat-segmentation",)),
    )
    yield "mixed-polygons", Case(with_value("segmentation", "[[1, 2, 3, 4, 5, 6], 7]"), (("wrong-type", "ragged"),))
    for name, entry in {"list": "[1, 2]", "number": "5", "string": '"x"', "true": "true", "null": "null"}.items():
        yield f"record-is-{name}", Case(with_line(entry).encode(), ("not-a-record",))
    every = document()
    every["annotations"] = {str(record["id"]): record for record in every["annotations"]}
    yield "annotations-is-an-object", Case(text_of(every).encode(), ("wrong-section",), judged=False)
    for section in ("images", "annotations", "categories"):
        values: dict[str, object] = {"null": None, "number": 5, "string": "none", "object": {}, "true": True}
        for name, value in values.items():
            judged = section == "categories"
            changed = {**document(), section: value}
            yield f"{section}-is-{name}", Case(text_of(changed).encode(), ("wrong-section",), judged=judged)
        less = document()
        del less[section]
        yield f"no-{section}", Case(text_of(less).encode(), judged=section == "categories")
        yield f"empty-{section}", Case(text_of({**document(), section: []}).encode(), judged=section == "categories")
    for name, literal in {
        "past-64-bits": f"[[1, {10**25}]]",
        "wrong-type": '[["a", 2]]',
        "null": "null",
        "flat": "[1, 2]",
        "not-finite": "[[1, NaN]]",
    }.items():
        yield f"skeleton-{name}", Case(with_value("skeleton", literal, "categories", 0))
    # The keys are the ones of the format, but nobody wrote them plainly.
    escaped = CLEAN.replace('"annotations"', '"annot\\u0061tions"').replace('"bbox"', '"bb\\u006fx"')
    yield "escaped-keys", Case(escaped.encode())
    decoys = document()
    decoys["info"] = {"note": '"annotations": [{"id": 1, "image_id": 2}, {"id": 2}]}', "annotations": [1, {"id": 7}]}
    for record in decoys["annotations"]:
        record["note"] = '}, {"id": 5, "image_id": 3, "bbox": [1, 2'
        record["parts"] = [{"id": 1, "image_id": 2, "bbox": [0, 0, 0, 0]}, {"id": 1, "image_id": 99}]
    yield "decoys", Case(text_of(decoys).encode())
