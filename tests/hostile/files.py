"""Damage to the file: its encoding, compression, end, top level, and what stands at its path."""

from __future__ import annotations

import gzip
import json
import os
from collections.abc import Iterable
from pathlib import Path

from tests.hostile.document import (
    CLEAN,
    RECORDS,
    Case,
    document,
    line_of,
    text_of,
    with_value,
)


def encodings() -> Iterable[tuple[str, Case]]:
    yield "bom", Case(b"\xef\xbb\xbf" + CLEAN.encode(), ("bom",))
    for name in ("utf-16-le", "utf-16-be", "utf-32-le", "utf-32-be"):
        mark = "\ufeff".encode(name)
        yield f"{name}-with-bom", Case(mark + CLEAN.encode(name), ("utf-16",))
        yield f"{name}-without-bom", Case(CLEAN.encode(name), ("utf-16",))
        yield f"{name}-cut", Case((mark + CLEAN.encode(name))[:-7], ("utf-16", "truncated"))
    yield "utf-16-odd-bytes", Case(b"\xff\xfe" + CLEAN.encode("utf-16-le") + b"\x00", ("utf-16",))
    yield "bom-only", Case(b"\xef\xbb\xbf", judged=False)
    yield "utf-16-bom-only", Case(b"\xff\xfe", judged=False)
    yield "crlf", Case(CLEAN.replace("\n", "\r\n").encode())
    yield "cr-only", Case(CLEAN.replace("\n", "\r").encode())
    yield "one-line", Case(json.dumps(document(), separators=(",", ":")).encode())
    yield "indented", Case(json.dumps(document(), indent=4).encode())
    yield "space-before-and-after", Case(b" \r\n\t" * 1000 + CLEAN.encode() + b" \r\n\t" * 1000)
    for name, literal in {"high": "\\ud800", "low": "\\udc00", "reversed": "\\udc00\\ud800"}.items():
        yield (
            f"surrogate-{name}-in-file-name",
            Case(with_value("file_name", f'"a{literal}.jpg"', "images", 0), ("invalid-utf-8",)),
        )
        yield (
            f"surrogate-{name}-in-category-name",
            Case(with_value("name", f'"{literal}"', "categories", 0), ("invalid-utf-8",)),
        )
        yield f"surrogate-{name}-in-id", Case(with_value("id", f'"{literal}"'), ("invalid-utf-8",))
        yield f"surrogate-{name}-in-key", Case(CLEAN.replace('"iscrowd"', f'"{literal}"', 1).encode())
        yield f"surrogate-{name}-in-top-level-key", Case(CLEAN.replace("{\n", f'{{\n"{literal}": 1,\n', 1).encode())
        yield f"surrogate-{name}-in-unknown-key", Case(with_value("note", f'"{literal}"'))
    yield "surrogate-pair", Case(with_value("file_name", '"\\ud83d\\ude00.jpg"', "images", 0))
    for name, wild in {
        "latin-1": b"\xe9",
        "overlong": b"\xc0\x80",
        "encoded-surrogate": b"\xed\xa0\x80",
        "ff": b"\xff",
    }.items():
        plain = CLEAN.encode()
        yield f"invalid-utf-8-{name}-in-file-name", Case(plain.replace(b"001.jpg", wild + b".jpg"), ("invalid-utf-8",))
        yield (
            f"invalid-utf-8-{name}-in-record",
            Case(with_value("note", '"##"').replace(b"##", wild), ("invalid-utf-8",)),
        )
        yield (
            f"invalid-utf-8-{name}-between-values",
            Case(plain.replace(b'"area"', wild + b'"area"', 1), (("syntax", "invalid-utf-8"),), damaged=0),
        )
        yield f"invalid-utf-8-{name}-in-top-level-key", Case(plain.replace(b"{\n", b'{\n"' + wild + b'": 1,\n', 1))
    yield "nul-escape", Case(with_value("file_name", '"a\\u0000b.jpg"', "images", 0))
    yield "nul-tail", Case(CLEAN.encode() + b"\0" * 4096, (("extra-document", "syntax"),))
    yield "nul-only", Case(b"\0" * 4096, judged=False)
    yield "binary", Case(bytes(range(256)) * 64, judged=False)
    yield "png-named-json", Case(b"\x89PNG\r\n\x1a\n" + bytes(100), judged=False)


def gzipped() -> Iterable[tuple[str, Case]]:
    packed = gzip.compress(CLEAN.encode(), mtime=0)
    yield "gzip", Case(packed)
    yield "gzip-by-name", Case(packed, name="input.json.gz")
    yield "gzip-truncated", Case(packed[: len(packed) * 9 // 10], ("compression",), judged=False)
    yield "gzip-head-only", Case(packed[:10], ("compression",), judged=False)
    yield "gzip-magic-only", Case(packed[:2], ("compression",), judged=False)
    yield "gzip-bad-checksum", Case(packed[:-8] + b"\1\2\3\4" + packed[-4:], ("compression",))
    yield "gzip-corrupt", Case(packed[:60] + b"\xff" * 20 + packed[80:], ("compression",), judged=False)
    yield "gzip-garbage-behind", Case(packed + b"garbage", ("compression",))
    yield "gzip-twice", Case(gzip.compress(packed, mtime=0), judged=False)
    yield "gzip-two-members", Case(packed + gzip.compress(b"  \n", mtime=0))
    yield "gzip-of-utf-16", Case(gzip.compress(CLEAN.encode("utf-16"), mtime=0), ("utf-16",))
    yield "gzip-of-nothing", Case(gzip.compress(b"", mtime=0), judged=False)

    def bomb(path: Path) -> None:
        with gzip.open(path, "wb", compresslevel=9) as out:
            out.write(b'{"images": [')
            for _ in range(512):
                out.write(b" " * (1 << 20))
            out.write(b"]}")

    yield "gzip-bomb", Case(bomb, ("compression",), judged=False, heavy=True)


def truncated() -> Iterable[tuple[str, Case]]:
    """The file ends at each kind of place; what stood before the cut is judged when it holds the planted record."""
    last = CLEAN.index(line_of(RECORDS - 1))
    ends = {
        "in-key": CLEAN.index('"area"', last) + 3,
        "after-key": CLEAN.index('"area"', last) + 6,
        "after-colon": CLEAN.index('"area":', last) + 7,
        "in-number": CLEAN.index("5400.0", last) + 3,
        "in-list": CLEAN.index('"bbox": [', last) + 12,
        "in-polygon": CLEAN.index('"segmentation": [[', last) + 25,
        "after-value": CLEAN.index(', "area"', last),
        "after-comma": CLEAN.index(', "area"', last) + 2,
        "after-open-brace": last + 1,
        "before-record": last,
        "after-record": last + len(line_of(RECORDS - 1)),
        "after-list": CLEAN.index("]", last + len(line_of(RECORDS - 1))) + 1,
        "in-next-section-key": CLEAN.index('"categories"') + 5,
        "in-text": CLEAN.index('"name": "dog"') + 11,
        "in-last-section": CLEAN.index('{"id": 2, "name"') + 4,
        "before-last-brace": CLEAN.rindex("}"),
    }
    for name, end in ends.items():
        yield f"truncated-{name}", Case(CLEAN[:end].encode(), ("truncated",), damaged=RECORDS - 1)
    first = CLEAN.index('"images"')
    early = {
        "in-images": CLEAN.index('"width"') + 3,
        "after-images": CLEAN.index('"annotations"') - 2,
        "in-annotations-key": CLEAN.index('"annotations"') + 5,
        "at-first-annotation": CLEAN.index(line_of(0)) + 10,
    }
    for name, end in early.items():
        yield f"truncated-early-{name}", Case(CLEAN[:end].encode(), ("truncated",), judged=False)
    # Nothing tells what these were going to be: that they are not recognised is enough.
    for name, end in {"brace": 1, "in-first-key": first + 4, "after-first-key": first + 8}.items():
        yield f"truncated-early-{name}", Case(CLEAN[:end].encode(), rules=("not-recognised",), judged=False)
    yield (
        "truncated-in-escape",
        Case(with_value("note", '"\\u12').partition(b"\\u12")[0] + b"\\u12", ("truncated",), judged=False),
    )
    yield (
        "truncated-in-literal",
        Case(
            CLEAN[: CLEAN.index('"iscrowd": 0', last)].encode() + b'"iscrowd": tr',
            (("truncated", "syntax"),),
            damaged=RECORDS - 1,
        ),
    )
    yield (
        "truncated-in-character",
        Case(
            CLEAN.encode()[: last + 1] + b'"note": "\xe2\x82',
            (("truncated", "invalid-utf-8"),),
            damaged=RECORDS - 1,
        ),
    )
    yield "truncated-head", Case(CLEAN[200:].encode(), judged=False)


def documents() -> Iterable[tuple[str, Case]]:
    """What stands at the top level."""
    yield "two-documents", Case((CLEAN + CLEAN).encode(), ("extra-document",))
    yield "two-documents-on-one-line", Case((CLEAN.rstrip() + CLEAN).encode(), ("extra-document",))
    yield "second-document-broken", Case((CLEAN + '{"images": [').encode(), ("extra-document",))
    yield "text-behind", Case((CLEAN + "-- end --").encode(), (("extra-document", "syntax"),))
    yield "comma-behind", Case((CLEAN + ",").encode(), (("extra-document", "syntax"),))
    yield (
        "records-one-a-line",
        Case("\n".join(json.dumps(record) for record in document()["annotations"]).encode(), judged=False),
    )
    for section in ("images", "annotations", "categories"):
        block = f'"{section}": {json.dumps(document()[section])}'
        twice = CLEAN.rstrip()[:-1] + f",\n{block}\n}}"
        yield f"duplicate-{section}", Case(twice.encode(), ("duplicate-key",))
        none = CLEAN.rstrip()[:-1] + f',\n"{section}": []\n}}'
        yield f"duplicate-{section}-then-empty", Case(none.encode(), ("duplicate-key",), judged=False)
    info = CLEAN.replace("{\n", '{\n"info": 1,\n"info": {},\n', 1)
    yield "duplicate-info", Case(info.encode(), ("duplicate-key",))
    yield "duplicate-key-in-record", Case(with_value("extra", '1, "area": 5400.0, "area": 5400.0'))
    yield (
        "many-top-level-keys",
        Case(("{" + "".join(f'"k{n}": {n},' for n in range(100_000)) + CLEAN[1:]).encode(), heavy=True),
    )
    literals = {
        "empty": "",
        "space": " \n\t",
        "object": "{}",
        "list": "[]",
        "number": "17",
        "text": '"text"',
        "true": "true",
        "null": "null",
        "nan": "NaN",
        "brace": "{",
        "bracket": "[",
        "close": "}",
        "quote": '"',
        "minus": "-",
        "comma": ",",
        "list-of-numbers": "[1, 2, 3]",
        "list-of-null": "[null, null]",
        "list-of-lists": "[[], []]",
        "list-of-empty-records": "[{}, {}]",
        "other-object": '{"a": 1}',
        "html": "<html></html>",
        "geojson": '{"type": "FeatureCollection", "features": []}',
    }
    for name, literal in literals.items():
        kinds = ("empty-file",) if name in ("empty", "space") else ()
        yield f"bare-{name}", Case(literal.encode(), kinds, judged=False)
    yield (
        "keys-bboxes-masks",
        Case(
            text_of({"images": document()["images"], "bboxes": [[1, 2, 3, 4]], "masks": []}).encode(),
            ("misplaced-key",),
            judged=False,
        ),
    )


def _fifo(path: Path) -> None:
    os.mkfifo(path)


def _loop(path: Path) -> None:
    path.symlink_to(path)


def _unreadable(path: Path) -> None:
    path.write_text(CLEAN)
    path.chmod(0)


def places() -> Iterable[tuple[str, Case]]:
    """What is no plain readable file."""
    yield "fifo", Case(_fifo, ("unreadable",), judged=False)
    yield "dangling-link", Case(lambda path: path.symlink_to("nowhere.json"), ("unreadable",), judged=False)
    yield "link-to-itself", Case(_loop, ("unreadable",), judged=False)
    yield "device", Case(lambda path: path.symlink_to("/dev/zero"), ("unreadable",), judged=False)
    yield "directory-named-json", Case(Path.mkdir, judged=False)
    yield "link-to-a-good-file", Case(_link_to_good)
    yield "name-with-newline", Case(CLEAN.encode(), name="in\nput.json")
    yield "name-with-escape", Case(CLEAN.encode(), name="\x1b[31mred.json")
    yield "name-with-brackets", Case(CLEAN.encode(), name="[bold]x[red].json")
    yield "name-not-utf-8", Case(CLEAN.encode(), name=os.fsdecode(b"caf\xe9.json"))
    if os.geteuid() != 0:  # root may read everything
        yield "unreadable", Case(_unreadable, ("unreadable",), judged=False)


def _link_to_good(path: Path) -> None:
    target = path.with_name("target.data")
    target.write_text(CLEAN)
    path.symlink_to(target)
