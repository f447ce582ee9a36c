"""RLE masks checked by datacheck against the same masks decoded by pycocotools: python -m tests.bench.bench_rle

One process on one core. Masks are random blobs, about as large and as ragged as those of COCO val2017 (247 characters
of counts and 196 runs on average) and, at 1500 x 2250, of SA-1B. Each round measures everything once, one after the
other; ratios are taken within a round, and their median is shown. pycocotools is given a part of the masks, since at
its speed all of them take minutes (`--full`: 200,000 masks for both).
"""

from __future__ import annotations

import argparse
import os
import platform
import statistics
import subprocess
import sys
import time
import warnings
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from importlib.util import find_spec
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray
from pycocotools import mask as coco_mask

from datacheck.measure.rle import Masks, component_columns, rle_columns
from datacheck.measure.rle_engine import VARIABLE
from datacheck.read.numbers import Ragged

SIZES = {"480 x 640": (480, 640, 0.055), "1500 x 2250": (1500, 2250, 0.07)}
"""Height, width, and the median radius of a blob as a share of the shorter side."""
SHAPES = 1_000
ENGINES = ("plain", "compiled")
TARGETS = {
    ("check", "plain", "480 x 640"): 15,
    ("check", "plain", "1500 x 2250"): 45,
    ("check", "compiled", "480 x 640"): 100,
    ("check", "compiled", "1500 x 2250"): 300,
    ("segments", "compiled", "480 x 640"): 50,
    ("segments", "compiled", "1500 x 2250"): 50,
}
"""How many times faster it has to be; the exit status is 1 if it is not."""


def blob(generator: np.random.Generator, height: int, width: int, radius: float) -> NDArray[np.uint8]:
    """One mask: a closed curve of twelve random waves, drawn anywhere, cut off at the edge."""
    angle = np.linspace(0, 2 * np.pi, 96, endpoint=False)
    wave = np.arange(1, 13)
    height_of_wave = generator.normal(0, 0.35, 12) / wave**0.9
    phase = generator.random(12) * 2 * np.pi
    size = np.exp(generator.normal(np.log(radius), 0.9)) * min(height, width)
    outline = size * np.clip(1 + height_of_wave @ np.cos(wave[:, None] * angle + phase[:, None]), 0.1, None)
    stretch = np.exp(generator.normal(0, 0.4))
    x = generator.random() * width + outline * np.cos(angle) * stretch
    y = generator.random() * height + outline * np.sin(angle) / stretch
    mask = np.zeros((height, width), np.uint8)
    cv2.fillPoly(mask, [np.stack([x, y], axis=1).round().astype(np.int32)], [1])
    return mask


def make_texts(height: int, width: int, radius: float, count: int) -> list[str]:
    """Compressed counts of `count` masks, SHAPES of them different, each a text of its own."""
    generator = np.random.default_rng(1)
    found: list[bytes] = []
    while len(found) < min(SHAPES, count):
        mask = blob(generator, height, width, radius)
        if mask.any():
            found.append(coco_mask.encode(np.asfortranarray(mask))["counts"])
    return [found[number % len(found)].decode() for number in range(count)]


def as_masks(texts: Sequence[str], height: int, width: int) -> Masks:
    m = len(texts)
    yes, none = np.ones(m, bool), Ragged(np.empty(0), np.empty(0, np.int64), [])
    return Masks(np.arange(m), np.tile([float(height), float(width)], (m, 1)), yes, texts, ~yes, yes, none)


def decode_any(objects: Sequence[Any]) -> None:
    for one in objects:
        coco_mask.decode(one).any()


def decode_segments(objects: Sequence[Any]) -> None:
    for one in objects:
        cv2.connectedComponents(coco_mask.decode(one), connectivity=8)


def check(texts: Sequence[str], height: int, width: int, engine: str) -> None:
    os.environ[VARIABLE] = engine
    rle_columns(as_masks(texts, height, width), len(texts))


def check_segments(texts: Sequence[str], height: int, width: int, engine: str) -> None:
    os.environ[VARIABLE] = engine
    masks = as_masks(texts, height, width)
    component_columns(masks, len(texts))
    rle_columns(masks, len(texts))


def seconds(work: Callable[[], None], count: int) -> float:
    """Per mask."""
    started = time.perf_counter()
    work()
    return (time.perf_counter() - started) / count


def load_seconds() -> float:
    """Loading numba and the code that it keeps, in a process that has loaded all else."""
    code = (
        "import time; import datacheck.measure.rle; t = time.perf_counter()\n"
        "import datacheck.measure.rle_compiled; print(time.perf_counter() - t)"
    )
    runs = [subprocess.run([sys.executable, "-c", code], capture_output=True, check=True) for _ in range(3)]
    return statistics.median(float(run.stdout) for run in runs)


@dataclass
class Row:
    """One subject: microseconds a mask and how many times faster than pycocotools, medians over the rounds."""

    size: str
    what: str
    micro: float
    ratio: float
    target: int | None

    def __str__(self) -> str:
        target = "" if self.target is None else f"{self.target} ×"
        ratio = "" if self.what.startswith("pycocotools") else f"{self.ratio:,.0f} ×"
        return f"| {self.size} | {self.what} | {self.micro:,.2f} µs | {ratio} | {target} |"


REFERENCES = {
    "check": ("pycocotools decode + any", decode_any, check),
    "segments": ("pycocotools decode + cv2.connectedComponents", decode_segments, check_segments),
}


def bench(size: str, count: int, sample: int, rounds: int) -> Iterator[Row]:
    height, width, radius = SIZES[size]
    texts = make_texts(height, width, radius, count)
    print(f"{size}: {count:,} masks of {sum(map(len, texts)) / count:.0f} characters", file=sys.stderr)
    objects = [{"size": [height, width], "counts": text.encode()} for text in texts[:sample]]
    engines = ENGINES if find_spec("numba") else ENGINES[:1]
    for kind, (label, reference, own) in REFERENCES.items():
        times: dict[str, list[float]] = {engine: [] for engine in ("", *engines)}
        for engine in engines:
            own(texts[:100], height, width, engine)  # loads what is to be loaded
        for _ in range(rounds):
            times[""].append(seconds(partial(reference, objects), len(objects)))
            for engine in engines:
                times[engine].append(seconds(partial(own, texts, height, width, engine), count))
        yield Row(size, label, statistics.median(times[""]) * 1e6, 1, None)
        for engine in engines:
            ratio = statistics.median(a / b for a, b in zip(times[""], times[engine], strict=True))
            what = f"datacheck, {engine}" + (", segments too" if kind == "segments" else "")
            yield Row(size, what, statistics.median(times[engine]) * 1e6, ratio, TARGETS.get((kind, engine, size)))


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--masks", type=int, default=20_000, help="masks for datacheck (20,000)")
    parser.add_argument("--sample", type=int, default=500, help="of them for pycocotools (500)")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--full", action="store_true", help="200,000 masks for both, one round: about half an hour")
    options = parser.parse_args()
    if options.full:
        options.masks = options.sample = 200_000
        options.rounds = 1
    os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})
    cv2.setNumThreads(1)
    warnings.simplefilter("ignore", DeprecationWarning)  # pycocotools 2.0.11 under numpy 2
    print(f"{platform.machine()}, one core, Python {platform.python_version()}, numpy {np.__version__}")
    print("| size | what | a mask | faster | at least |")
    print("|---|---|---|---|---|")
    missed = 0
    for size in SIZES:
        for row in bench(size, options.masks, options.sample, options.rounds):
            print(row, flush=True)
            missed += row.target is not None and row.ratio < row.target
    if find_spec("numba"):
        print(f"loading numba and its machine code: {load_seconds():.2f} s")
    return 1 if missed else 0


if __name__ == "__main__":
    raise SystemExit(main())
