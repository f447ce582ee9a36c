"""Scanning folders of masks against merely decoding each file once.

Decoding is by PIL or by cv2, whichever is faster; of arrays it is `numpy.load` and a look at every value. It is done in
two processes. Measuring is the same files in two processes, and `datacheck scan` with all its rules, less the time it
takes for a folder of one mask: the start of Python and the rules. Everything in rounds; ratios are taken within a
round, and their median is shown. Ends with 1 where measuring a folder takes more than its target.
"""

from __future__ import annotations

import argparse
import statistics
import sys
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ProcessPoolExecutor
from functools import partial
from multiprocessing import get_context
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tests.bench.processes import wall

JOBS = 2
SINGLE = "objects-64x64"
GROUP = 128
FOLDERS: dict[str, tuple[int, int, int, str, float]] = {
    "objects-640x480": (480, 640, 1, "png", 1.0),
    "labels-640x480": (480, 640, 20, "png", 1.0),
    "objects-2250x1500": (1500, 2250, 1, "png", 0.1),
    "labels-2250x1500": (1500, 2250, 60, "png", 0.1),
    "arrays-640x480": (480, 640, 20, "npy", 1.0),
    "objects-64x64": (64, 64, 1, "png", 1.0),
}
"""Height, width, segments, extension, files for each that is asked for."""
TARGETS = dict.fromkeys(FOLDERS, 1.5) | {"arrays-640x480": 3.0, "objects-64x64": 2.5}
"""Measuring, without connected segments, takes at most so many times merely decoding. Nothing is unpacked of an array,
and a file of 64 x 64 pixels takes some 20 µs in cv2, so that there what a file costs beside its pixels counts."""


def draw(height: int, width: int, segments: int, seed: int) -> NDArray[np.uint8]:
    """A mask of one blob of 255, or a label map of many."""
    import cv2

    chance, labels = np.random.default_rng(seed), np.zeros((height, width), np.uint8)
    for number in range(1, segments + 1):
        angles = np.sort(chance.random(24)) * 2 * np.pi
        radius = chance.uniform(0.05, 0.3) * min(height, width) * chance.uniform(0.6, 1.3, 24)
        points = np.stack([radius * np.cos(angles), radius * np.sin(angles)], axis=1)
        centre = [int(chance.integers(width)), int(chance.integers(height))]
        cv2.fillPoly(labels, [(points + centre).astype(np.int32)], 255 if segments == 1 else number)
    return labels


def make(folder: Path, name: str, files: int) -> Path:
    """The folder of masks of one kind; made once and kept."""
    height, width, segments, extension, share = FOLDERS[name]
    target = folder / f"{name}-{files}" / "masks"
    if not target.exists():
        print(f"making {target}", file=sys.stderr)
        part = target.with_name("part")
        part.mkdir(parents=True)
        for number in range(max(1, int(files * share))):
            write(part / f"{number:06d}.{extension}", draw(height, width, segments, number))
        part.rename(target)
    return target


def write(path: Path, pixels: NDArray[np.uint8]) -> None:
    from PIL import Image

    if path.suffix == ".npy":
        np.save(path, pixels)
    else:
        Image.fromarray(pixels).save(path)


def by_pil(paths: Sequence[str]) -> None:
    from PIL import Image

    for path in paths:
        with Image.open(path) as image:
            image.load()


def by_cv2(paths: Sequence[str]) -> None:
    import cv2

    for path in paths:
        cv2.imread(path, cv2.IMREAD_UNCHANGED)


def by_numpy(paths: Sequence[str]) -> None:
    for path in paths:
        np.load(path).max()


def by_measuring(paths: Sequence[str], kernels: tuple[str, ...]) -> None:
    from datacheck.measure.labels import measure_mask_files

    measure_mask_files(paths, kernels)


def nothing(_: Sequence[str]) -> None:
    import cv2
    import PIL.Image  # noqa: F401

    import datacheck.measure.labels  # noqa: F401

    cv2.setNumThreads(1)


def timed(pool: Any, work: Callable[[Sequence[str]], None], paths: Sequence[str]) -> float:
    """Seconds until all files are done, in groups, by all processes of the pool."""
    start = time.perf_counter()
    list(pool.map(work, [paths[n : n + GROUP] for n in range(0, len(paths), GROUP)]))
    return time.perf_counter() - start


def measure(folder: Path, rounds: int, target: float) -> tuple[str, bool]:
    """(one line of the table, whether its target was missed)."""
    paths = sorted(str(path) for path in folder.iterdir())
    decoders = {"numpy": by_numpy} if paths[0].endswith(".npy") else {"PIL": by_pil, "cv2": by_cv2}
    subjects: dict[str, Callable[[Sequence[str]], None]] = {
        **decoders,
        "measured": partial(by_measuring, kernels=()),
        "with segments": partial(by_measuring, kernels=("components",)),
    }
    seconds: dict[str, list[float]] = {name: [] for name in (*subjects, "scan")}
    starts: list[float] = []
    scan = [sys.executable, "-m", "datacheck", "scan", "--jobs", str(JOBS)]
    single = make(folder.parents[1], SINGLE, 1)
    with ProcessPoolExecutor(JOBS, mp_context=get_context("spawn")) as pool:
        list(pool.map(nothing, [[]] * 4 * JOBS))
        timed(pool, subjects["measured"], paths)
        for _ in range(rounds):
            for name, work in subjects.items():
                seconds[name].append(timed(pool, work, paths))
            starts.append(wall([*scan, str(single.parent)], (0, 1)))
            seconds["scan"].append(wall([*scan, str(folder.parent)], (0, 1)) - starts[-1])
    fastest = min(decoders, key=lambda name: statistics.median(seconds[name]))
    each = statistics.median(seconds[fastest]) / len(paths) * 1e6
    cells = [folder.parent.name, f"{len(paths):,}", f"{fastest} {each:,.0f} µs"]
    for name in ("measured", "with segments", "scan"):
        ratios = [own / base for own, base in zip(seconds[name], seconds[fastest], strict=True)]
        cells.append(f"{statistics.median(ratios):.2f} ({min(ratios):.2f} to {max(ratios):.2f})")
    cells.append(f"{statistics.median(seconds['scan']):.1f} s + {statistics.median(starts):.1f} s")
    reached = statistics.median(a / b for a, b in zip(seconds["measured"], seconds[fastest], strict=True))
    cells.insert(3, f"{target}")
    return f"| {' | '.join(cells)} |", reached > target


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.bench.bench_masks", description=__doc__)
    parser.add_argument("--folder", type=Path, default=Path(".bench"), help="where the files are made and kept")
    parser.add_argument("--files", type=int, default=1000, help="masks of 640 x 480; a tenth of the large ones")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--only", choices=FOLDERS, action="append", help="only these folders")
    options = parser.parse_args()
    lines = [
        f"Merely decoding, in {JOBS} processes, is 1. In all: what the scan takes, and its start.",
        "",
        "| folder | files | decoder | at most | measured | with connected segments | `datacheck scan` | in all |",
        "|---|--:|--:|--:|--:|--:|--:|--:|",
    ]
    print("\n".join(lines), flush=True)
    missed = 0
    for name in options.only or FOLDERS:
        line, over = measure(make(options.folder, name, options.files), options.rounds, TARGETS[name])
        print(line, flush=True)
        missed += over
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main())
