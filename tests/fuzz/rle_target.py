"""Fuzz target: RLE objects, measured by both engines and by the slow reference, which must agree."""

from __future__ import annotations

import os
import sys
from itertools import pairwise
from typing import Any

import atheris

with atheris.instrument_imports(include=["datacheck.measure", "datacheck.read.segmentations", "tests.measure"]):
    from tests.measure import rle_reference
    from tests.measure.test_rle import agree

from datacheck.measure import rle_plain
from datacheck.measure.rle_engine import VARIABLE

ENGINES = ("plain", "compiled")
rle_plain.LONG = 256  # long texts are read in parts; here all but the short ones are long


def number(data: atheris.FuzzedDataProvider) -> int:
    """Small ones mostly, and those next to where 31, 32 and 35 bits end."""
    bits = data.PickValueInList([3, 3, 6, 6, 12, 31, 33, 35, 36, 62])
    return int(data.ConsumeIntInRange(-(1 << bits) if data.ConsumeBool() else 0, 1 << bits))


def one(data: atheris.FuzzedDataProvider) -> tuple[Any, Any]:
    """A size and counts."""
    kind = data.ConsumeIntInRange(0, 5)
    if kind == 0:  # any text
        return [number(data), number(data)], data.ConsumeUnicodeNoSurrogates(data.ConsumeIntInRange(0, 30))
    if kind == 1:  # any characters of the alphabet
        raw = data.ConsumeBytes(data.ConsumeIntInRange(0, 40))
        return [number(data), number(data)], "".join(chr(48 + byte % 64) for byte in raw)
    if kind == 2:  # any runs
        runs = [number(data) for _ in range(data.ConsumeIntInRange(0, 12))]
        return [number(data), number(data)], rle_reference.encode(runs) if data.ConsumeBool() else runs
    if kind == 3:  # a size that is none
        size = data.PickValueInList([None, [], [3], [1.5, 2], [1e308, 9], "3x3", [2, 3, 4], {}, [True, 2]])
        return size, "3"
    height, width = data.ConsumeIntInRange(1, 16), data.ConsumeIntInRange(1, 16)
    if kind == 5:
        height, width = data.ConsumeIntInRange(1, 1 << 16), data.ConsumeIntInRange(1, 1 << 15)
    cuts = sorted(data.ConsumeIntInRange(0, height * width) for _ in range(data.ConsumeIntInRange(0, 40)))
    ends = [0, *cuts, height * width]
    runs = [after - before for before, after in pairwise(ends)]
    if data.ConsumeIntInRange(0, 7) == 0:
        runs[data.ConsumeIntInRange(0, len(runs) - 1)] += number(data)
    counts: Any = runs if data.ConsumeBool() else rle_reference.encode(runs)
    if isinstance(counts, str) and data.ConsumeIntInRange(0, 15) == 0:
        counts = counts[: data.ConsumeIntInRange(0, len(counts))]
    return [height, width], counts


def test_one_input(raw: bytes) -> None:
    data = atheris.FuzzedDataProvider(raw)
    given = [one(data) for _ in range(data.ConsumeIntInRange(1, 6))]
    for engine in ENGINES:
        os.environ[VARIABLE] = engine
        agree(given)


if __name__ == "__main__":
    atheris.Setup(sys.argv, test_one_input)
    atheris.Fuzz()
