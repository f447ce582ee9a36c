"""One planted fault in a small clean dataset of masks, and the finding that it must give."""

from __future__ import annotations

import io
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from tests.masks import small
from tests.masks.odd import (
    AVIF,
    HTML,
    LFS,
    Fifo,
    coloured,
    constant,
    damaged,
    endless,
    four_bits,
    frames,
    full,
    gap,
    gapped,
    grey_photo,
    large,
    logits,
    numbered,
    overlapping,
    raw_png,
    scores,
    soft,
    specks,
    zero,
)  # fmt: skip
from tests.masks.small import HEIGHT, STEMS, WIDTH, Files, blob, jpeg, npy, photo, png

Change = Callable[[Files], Any]
MASKS: Mapping[str, object] = {"masks": True}


@dataclass
class Plant:
    """`change` spoils the files of the clean dataset `base`. `also`: findings that come with it, as code: count."""

    code: str
    base: str
    change: Change
    severity: str | None = None
    count: int = 1
    also: Mapping[str, int] = field(default_factory=dict)
    expect: Mapping[str, object] = field(default_factory=dict)
    select: tuple[str, ...] = ()
    gone: frozenset[str] = frozenset()
    """Findings of the clean dataset that are no longer there."""


def put(name: str, content: bytes) -> Change:
    return lambda files: files.__setitem__(name, content)


def drop(*names: str) -> Change:
    return lambda files: [files.pop(name) for name in names]


def rename(old: str, new: str) -> Change:
    return lambda files: files.__setitem__(new, files.pop(old))


def edit(name: str, old: str, new: str) -> Change:
    def change(files: Files) -> None:
        text, count = re.subn(old, new, files[name].decode(), flags=re.MULTILINE)
        assert count == 1, f"{old} stands {count} times in {name}"
        files[name] = text.encode()

    return change


def every(folder: str, make: Callable[[int], bytes | None]) -> Change:
    """Replace each file below a folder; its number is given; None removes it."""

    def change(files: Files) -> None:
        for number, name in enumerate(sorted(name for name in files if name.startswith(folder))):
            content = make(number)
            if content is None:
                del files[name]
            else:
                files[name] = content

    return change


def and_also(*changes: Change) -> Change:
    return lambda files: [change(files) for change in changes]


def with_stack(name: str, alter: Callable[[Any], Any]) -> Change:
    def change(files: Files) -> None:
        files[name] = npy(alter(np.load(io.BytesIO(files[name]))))

    return change


CITY = "leftImg8bit/train/city/city_0003_000019_leftImg8bit.png"
MASK, IMAGE, MAP, RECORDED = "masks/0003.png", "images/0003.jpg", "sam_masks/0003.png", "sa_3.jpg"
OBJECT, CSV, ARRAY = "masks/0003/2.png", "sam_out/0003/metadata.csv", "masks/0003.npy"

SETS = [
    Plant("MSK101", "salient", drop(MASK)),
    Plant("MSK101", "salient", drop(MASK), severity="error", expect=MASKS),
    Plant("MSK102", "salient", drop(IMAGE)),
    Plant("MSK102", "salient", rename(MASK, "masks/003.png")),
    Plant("MSK110", "sam", put(MAP, png(large())), expect={"min-segments": 16}),
    Plant("MSK110", "sam", put(MAP, png(small.cells(1, 15).astype(np.uint8))), expect={"min-segments": 16}),
    Plant("MSK111", "sam", put(MAP, png(large()))),
    Plant("MSK111", "unnamed", put("masks/0003.png", png(large()))),
    Plant(
        "MSK112",
        "folders_of_objects",
        lambda f: [f.pop(f"masks/0003/{n}.png") for n in range(1, 5)] and put("masks/0003/0.png", full())(f),
    ),
    Plant("MSK113", "salient", put(MASK, zero())),
    Plant("MSK113", "salient", put(MASK, zero()), severity="error", expect=MASKS),
    Plant("MSK113", "sam", put(MAP, zero()), severity="error", expect={"min-segments": 16}),
    Plant("MSK114", "salient", put(MASK, full())),
    Plant("MSK115", "sam", put(MAP, png(blob(3, 1)))),
    Plant("MSK120", "salient", put(MASK, png(blob(3)[::2, ::2]))),
    Plant("MSK120", "salient", put(MASK, png(blob(3)[:40])), severity="error"),
    Plant("MSK121", "salient", put(MASK, png(np.ascontiguousarray(blob(3).T)))),
    Plant("MSK122", "folders_of_objects", put(OBJECT, png(blob(3)[::2, ::2]))),
    Plant(
        "MSK123",
        "salient",
        and_also(put(MASK, png(np.ascontiguousarray(blob(3).T))), put(IMAGE, jpeg(photo(3), 6))),
        also={"IMG520": 1},
    ),
    Plant("MSK130", "amg", drop(CSV)),
    Plant("MSK131", "amg", put(CSV, Fifo())),
    Plant("MSK132", "amg", edit(CSV, r"^id,area", "number,pixels")),
    Plant("MSK133", "amg", drop("sam_out/0003/4.png")),
    Plant("MSK134", "amg", edit(CSV, r"^4,.*\n", "")),
    Plant("MSK135", "amg", edit(CSV, r"^2,(\d+)", r"2,1\1")),
    Plant("MSK136", "amg", edit(CSV, r"^(2,\d+),(\d+)", r"\1,2\2")),
    Plant("MSK132", "amg", edit(CSV, r"^4,(.*)", r"4,\1,7,7")),
    Plant("MSK139", "amg", lambda f: f.update({CSV: f["sam_out/0007/metadata.csv"]})),
    Plant("MSK140", "amg", lambda f: f.update({CSV: f[CSV].replace(b",0.97,", b",nan,")})),
    Plant("MSK124", "salient", lambda f: f.update({"images/0003.png": png(photo(3, 90, 80))})),
    Plant("MSK137", "amg", edit(CSV, r"^(2,.*),0.97,", r"\1,nan,")),
    Plant("MSK138", "amg", edit(CSV, r"^(2,.*),0.97,", r"\1,97,")),
]

STATES = [
    Plant("MSK201", "salient", put(MASK, b"")),
    Plant("MSK202", "salient", lambda f: f.update({MASK: f[MASK][: len(f[MASK]) // 2]})),
    Plant("MSK203", "salient", lambda f: f.update({MASK: damaged(f[MASK])})),
    Plant("MSK204", "salient", put(MASK, HTML)),
    Plant("MSK205", "salient", put(MASK, LFS)),
    Plant("MSK206", "salient", put(MASK, raw_png(60000, 60000, 8, b"\0" * 60001 * 2)), severity="error"),
    Plant("MSK207", "label_arrays", put(ARRAY, b"\x80\x04K\x01.")),
    Plant("MSK208", "label_arrays", put(ARRAY, npy(np.array([None, 1], object), pickles=True))),
    Plant("MSK209", "label_arrays", lambda f: f.update({ARRAY: f[ARRAY].replace(b"NUMPY\x01", b"NUMPY\x09")})),
    Plant("MSK210", "label_arrays", put(ARRAY, npy(small.cells(3).astype(np.complex64)))),
    Plant("MSK211", "salient", put(MASK, Fifo())),
    Plant("MSK203", "sam", lambda f: f.update({MAP: damaged(f[MAP])}), expect={"min-segments": 16}),
]

FILES = [
    Plant("MSK301", "folders_of_objects", put(OBJECT, zero())),
    Plant("MSK301", "files_of_objects", put("masks/0003_2.png", zero()), severity="error", expect=MASKS),
    Plant(
        "MSK302", "salient", put(MASK, png(np.where(blob(3) > 0, np.where(blob(4) > 0, 255, 128), 0).astype(np.uint8)))
    ),
    Plant("MSK302", "folders_of_objects", put(OBJECT, png(np.minimum(small.cells(3), 3).astype(np.uint8)))),
    Plant("MSK303", "salient", put(MASK, soft(3))),
    Plant("MSK303", "folders_of_objects", put(OBJECT, soft(3))),
    Plant("MSK304", "salient", put(MASK, grey_photo(3)), severity="error"),
    Plant(
        "MSK304",
        "label_arrays",
        put(ARRAY, npy(np.random.default_rng(3).normal(0, 9, (HEIGHT, WIDTH)).astype(np.float32))),
    ),
    Plant("MSK305", "sam", put(MAP, coloured(small.cells(3))), severity="error"),
    Plant("MSK306", "salient", put(MASK, jpeg(blob(3), mode="L"))),
    Plant("MSK307", "sam", put(MAP, png(small.cells(3).astype(np.uint8), palette=True))),
    Plant(
        "MSK308",
        "label_arrays",
        put(ARRAY, npy(np.where(small.cells(3) == 2, np.nan, small.cells(3)).astype(np.float32))),
    ),
    Plant("MSK309", "sam", put(MAP, gap(3))),
    Plant("MSK310", "one_hot", with_stack(ARRAY, overlapping), severity="error"),
    Plant("MSK311", "one_hot", with_stack(ARRAY, gapped), severity="error"),
    Plant("MSK312", "one_hot", with_stack(ARRAY, constant)),
    Plant("MSK319", "one_hot", with_stack(ARRAY, scores)),
    Plant("MSK319", "stacks", with_stack(ARRAY, logits)),
    Plant("MSK320", "one_hot", with_stack(ARRAY, numbered)),
    Plant("MSK313", "salient", put(MASK, frames("PNG"))),
    Plant("MSK314", "salient", lambda f: f.update({MASK: f["masks/0005.png"]})),
    Plant("MSK315", "folders_of_objects", lambda f: f.update({OBJECT: f["masks/0003/3.png"]})),
    Plant("MSK315", "files_of_objects", lambda f: f.update({"masks/0003_2.png": f["masks/0003_3.png"]})),
    Plant(
        "MSK315",
        "video_objects",
        lambda f: f.update({"Annotations/sav_1/001/00003.png": f["Annotations/sav_1/000/00003.png"]}),
    ),
    Plant("MSK316", "salient", put(MASK, specks()), select=("MSK", "MSK316")),
    Plant("MSK317", "sam", put(MAP, four_bits())),
    Plant("MSK318", "label_arrays", put(ARRAY, npy(small.cells(3).astype(np.int32) - 1))),
]


def _scaled(files: Files) -> None:
    for number, stem in enumerate(STEMS):
        files[f"masks/{stem}.png"] = png(blob(number)[::2, ::2])


def _turned(files: Files) -> None:
    for number, stem in enumerate(STEMS[:4]):
        files[f"images/{stem}.jpg"] = jpeg(photo(number), 6)
        files[f"masks/{stem}.png"] = png(np.ascontiguousarray(blob(number).T))


def _of_another_run(files: Files) -> None:
    tables = [name for name in files if name.endswith(".csv")]
    files |= {name: files[other] for name, other in zip(tables, [*tables[1:], tables[0]], strict=True)}


def _few_objects(files: Files) -> None:
    for stem in STEMS[2:]:
        for number in range(5):
            files[f"masks/{stem}/{number}.png"] = files[f"masks/{STEMS[int(stem) % 2]}/{number}.png"]


SOURCES = [
    Plant("SRC401", "sam", every("sam_masks/", lambda n: png(large(9 * n))), severity="error"),
    Plant(
        "SRC401", "sam", every("sam_masks/", lambda n: png(large(9 * n))), severity="error", expect={"min-segments": 16}
    ),
    Plant("SRC401", "sam", every("sam_masks/", lambda n: png(large())), severity="error"),
    Plant(
        "SRC401",
        "label_arrays",
        every("masks/", lambda n: npy(large(9 * n))),
        severity="error",
        expect={"min-segments": 16},
    ),
    Plant(
        "SRC401",
        "amg",
        lambda f: (
            [f.pop(n) for n in list(f) if re.search(r"sam_out/.*/[1-4].png", n)]
            and [f.update({n: b"\n".join(f[n].splitlines()[:2]) + b"\n"}) for n in f if n.endswith(".csv")]
        ),
        severity="error",
    ),
    Plant(
        "SRC401",
        "folders_of_objects",
        lambda f: [f.pop(n) for n in list(f) if re.search(r"masks/.*/[1-4].png", n)],
        severity="error",
    ),
    Plant("SRC402", "salient", every("masks/", lambda n: zero()), severity="error"),
    Plant("SRC402", "sam", every("sam_masks/", lambda n: zero()), severity="error"),
    Plant("SRC402", "sam", every("sam_masks/", lambda n: zero()), severity="error", expect={"min-segments": 16}),
    Plant("SRC402", "folders_of_objects", every("masks/", lambda n: zero()), severity="error"),
    Plant(
        "SRC403",
        "salient",
        lambda f: [f.update({f"masks/{7919 * int(n[6:10]) + 20000}.png": f.pop(n)}) for n in list(f) if "mask" in n],
    ),
    Plant("SRC428", "salient", lambda f: [f.pop(n) for n in list(f) if "mask" in n] and f.update({"masks/.keep": b""})),
    Plant("SRC404", "salient", every("masks/", lambda n: full()), severity="error"),
    Plant("SRC404", "sam", every("sam_masks/", lambda n: full(1)), severity="error", expect={"min-segments": 16}),
    Plant("SRC405", "salient", every("masks/", lambda n: png(np.ascontiguousarray(blob(n).T)))),
    Plant("SRC406", "salient", every("masks/", lambda n: png(blob(n, 1 if n % 2 else 255))), severity="error"),
    Plant("SRC407", "sam", every("sam_masks/", lambda n: png(small.cells(n).astype(np.uint8), palette=True))),
    Plant("SRC408", "sam", lambda f: None, expect={"min-segments": 30}),
    Plant("SRC409", "salient", drop(*(f"masks/{stem}.png" for stem in STEMS[2:]))),
    Plant("SRC409", "salient", drop(*(f"masks/{stem}.png" for stem in STEMS[2:])), severity="error", expect=MASKS),
    Plant("SRC426", "defect_folders", every("ground_truth/stain", lambda n: None)),
    Plant("SRC427", "salient", _turned),
    Plant("SRC420", "salient", _scaled),
    Plant("SRC420", "salient", every("masks/", lambda n: png(blob(n)[:40])), severity="error"),
    Plant("SRC421", "salient", every("masks/", soft)),
    Plant("SRC422", "salient", every("masks/", grey_photo), severity="error"),
    Plant("SRC423", "salient", every("masks/", lambda n: coloured(np.minimum(small.cells(n, 6), 3)))),
    Plant("SRC424", "salient", every("masks/", lambda n: png(blob(1)))),
    Plant("SRC425", "salient", every("masks/", lambda n: jpeg(blob(n), mode="L"))),
    Plant(
        "SRC429", "one_hot", every("masks/", lambda n: npy(np.random.default_rng(n).random((4, 48, 64), np.float32)))
    ),
    Plant(
        "SRC429",
        "one_hot",
        every("masks/", lambda n: npy(np.random.default_rng(n).normal(0, 1, (4, 48, 64)).astype(np.float32))),
    ),
    Plant("SRC430", "one_hot", every("masks/", lambda n: npy(numbered(np.zeros((4 + n, 48, 64)))))),
    Plant("SRC431", "one_hot", every("masks/", lambda n: npy(np.stack(small.objects(n)) > 0))),
    Plant("SRC432", "amg", _of_another_run, severity="error"),
    Plant(
        "SRC433",
        "amg",
        lambda f: f.update({n: f[n].replace(b",0.97,", b",nan,") for n in f if n.endswith(".csv")}),
    ),
    Plant("SRC434", "salient", every("masks/", lambda n: png(blob(n % 2))), severity="error"),
    Plant("SRC434", "folders_of_objects", _few_objects),
    Plant("SRC435", "salient", every("masks/", lambda n: LFS + b"%d" % n)),
    Plant("SRC435", "salient", every("images/", lambda n: LFS)),
    Plant("SRC435", "salient", every("", lambda n: LFS)),
]

IMAGES = [
    Plant("IMG501", "salient", put(IMAGE, b"")),
    Plant("IMG502", "salient", lambda f: f.update({IMAGE: f[IMAGE][: len(f[IMAGE]) // 2]})),
    Plant("IMG503", "cityscapes", lambda f: f.update({CITY: f[CITY][:29] + b"\0" + f[CITY][30:]})),
    Plant("IMG504", "salient", put(IMAGE, HTML)),
    Plant("IMG505", "salient", put(IMAGE, LFS)),
    Plant("IMG506", "salient", lambda f: f.update({IMAGE: endless(f[IMAGE])}), severity="error"),
    Plant("IMG507", "salient", put(IMAGE, AVIF)),
    Plant("IMG511", "sa_1b", put(RECORDED, jpeg(photo(3, 96, 72)))),
    Plant("IMG512", "sa_1b", put(RECORDED, jpeg(photo(3, HEIGHT, WIDTH)))),
    Plant("IMG513", "sa_1b", put(RECORDED, jpeg(photo(3, HEIGHT, WIDTH), 6)), also={"IMG520": 1}),
    Plant("IMG508", "salient", put(IMAGE, Fifo())),
    Plant("IMG510", "salient", put(IMAGE, png(photo(3)))),
    Plant("IMG520", "salient", put(IMAGE, jpeg(photo(3), 3))),
    Plant("IMG521", "salient", put(IMAGE, jpeg(photo(3), mode="CMYK"))),
    Plant("IMG522", "cityscapes", put(CITY, png(np.arange(WIDTH * HEIGHT, dtype=np.uint16).reshape(HEIGHT, WIDTH)))),
    Plant("IMG523", "cityscapes", put(CITY, png(np.dstack([photo(3), photo(4)[..., :1]])))),
    Plant("IMG524", "cityscapes", put(CITY, frames("PNG"))),
]

PLANTS = [*SETS, *STATES, *FILES, *SOURCES, *IMAGES]
NOT_PLANTED = {"MSK212": "takes a process that dies while it reads"}
"""Rules on files of masks and images that have no plant here, with the reason."""
