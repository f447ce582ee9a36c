"""The benchmark of `make bench`: `datacheck scan` with every rule against `pycocotools.COCO(file)`, which only loads.

Everything runs as a whole process, one at a time, in rounds; ratios are taken within a round and their median is
shown, so that a machine that slows down for a minute does not decide the result. Time and memory are measured in runs
of their own.
"""

from __future__ import annotations

import argparse
import os
import platform
import statistics
import sys
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, field
from importlib.metadata import version
from pathlib import Path

from tests.bench.dirty import VARIANTS
from tests.bench.make_coco import ANNOTATIONS, IMAGES, write_coco
from tests.bench.processes import MeasureError, Memory, peak_memory, wall

LABELS = {
    "nan": "one NaN in a bbox",
    "truncated": "tail cut off",
    "string_ids": "every id a string",
    "float_ids": "every id a float",
}


@dataclass
class Subject:
    """One thing that is measured: its command, and the exit statuses that say it did its work."""

    label: str
    command: Sequence[str]
    expected: Collection[int] = (0,)
    seconds: list[float] = field(default_factory=list)
    memory: Memory | None = None

    @property
    def median(self) -> float:
        return statistics.median(self.seconds)


def make_files(folder: Path, scale: float) -> dict[str, Path]:
    """The files by name; each is made once and kept."""
    folder.mkdir(parents=True, exist_ok=True)
    suffix = "" if scale == 1 else f"-{scale:g}"
    files = {name: folder / f"{name}{suffix}.json" for name in ("train", "double", *VARIANTS)} | {
        "small": folder / "small.json"
    }
    images, annotations = int(IMAGES * scale), int(ANNOTATIONS * scale)

    def make(name: str, write: Callable[[Path], None]) -> None:
        if files[name].exists():
            return
        print(f"making {files[name]}", file=sys.stderr)
        part = files[name].with_suffix(".part")
        write(part)
        part.rename(files[name])

    make("train", lambda path: write_coco(path, images, annotations))
    make("double", lambda path: write_coco(path, 2 * images, 2 * annotations))
    make("small", lambda path: write_coco(path, 235, 1730, seed=7))
    for name, damage in VARIANTS.items():
        make(name, lambda path, damage=damage: damage(files["train"], path))  # type: ignore[misc]
    return files


def subjects(files: dict[str, Path]) -> dict[str, Subject]:
    python, own = sys.executable, [sys.executable, "-m", "datacheck"]

    def scan(name: str) -> list[str]:
        return [*own, "scan", str(files[name])]

    load = f"from pycocotools.coco import COCO; COCO({str(files['train'])!r})"
    return {
        "train": Subject("`datacheck scan`, all rules", scan("train")),
        "pycocotools": Subject("`pycocotools.COCO(file)`, loading only", [python, "-c", load]),
        "one job": Subject("`datacheck scan --jobs 1`", [*scan("train"), "--jobs", "1"]),
        "double": Subject("a file twice as large", scan("double")),
        **{name: Subject(f"dirty: {LABELS[name]}", scan(name), expected=(0, 1)) for name in VARIANTS},
        "small": Subject("a clean 1 MB file", scan("small")),
        "version": Subject("`datacheck --version`", [*own, "--version"]),
    }


def warm(path: Path) -> None:
    """Brings a file into the page cache: the disk is not what is compared."""
    with path.open("rb") as file:
        while file.read(1 << 24):
            pass


def measure(all_subjects: dict[str, Subject], files: dict[str, Path], rounds: int, memory: bool) -> None:
    for path in files.values():
        warm(path)
    for number in range(rounds):
        for subject in all_subjects.values():
            subject.seconds.append(wall(subject.command, subject.expected))
            print(f"round {number + 1}  {subject.seconds[-1]:7.2f} s  {subject.label}", file=sys.stderr)
    if memory:
        for subject in all_subjects.values():
            subject.memory = peak_memory(subject.command, subject.expected)
            print(f"memory   {gigabytes(subject.memory.proportional)} GB  {subject.label}", file=sys.stderr)


def gigabytes(size: int) -> str:
    return f"{size / 1e9:.2f}"


def ratio(one: Subject, other: Subject) -> str:
    """Median over the rounds of one's time by the other's, with the range."""
    ratios = [a / b for a, b in zip(one.seconds, other.seconds, strict=True)]
    return f"{statistics.median(ratios):.2f} ({min(ratios):.2f} to {max(ratios):.2f})"


def table(measured: dict[str, Subject], files: dict[str, Path], rounds: int) -> str:
    size = files["train"].stat().st_size / 1e6
    lines = [
        f"File: {size:,.0f} MB of COCO instances, in the page cache. Median of {rounds} rounds, whole processes one at "
        f"a time. {os.cpu_count()} cores, {platform.system()} {platform.machine()}, CPython {platform.python_version()}"
        f", pycocotools {version('pycocotools')}. Memory is the peak of the proportional set sizes summed over all "
        "processes.",
        "",
        "| what | seconds | peak memory, GB | of it anonymous, GB |",
        "|---|--:|--:|--:|",
    ]
    for subject in measured.values():
        memory = subject.memory
        peaks = (gigabytes(memory.proportional), gigabytes(memory.anonymous)) if memory else ("", "")
        lines.append(f"| {subject.label} | {subject.median:.2f} | {peaks[0]} | {peaks[1]} |")
    return "\n".join([*lines, "", "| criterion | must be | measured |", "|---|--:|--:|", *criteria(measured)])


def criteria(measured: dict[str, Subject]) -> list[str]:
    """One line a criterion, those about memory only where it was measured."""
    train, peer, small, start = (measured[name] for name in ("train", "pycocotools", "small", "version"))
    lines = [("time against pycocotools", "≤ 0.25", ratio(train, peer))]
    lines += [(f"time of {LABELS[name]} against clean", "≤ 2", ratio(measured[name], train)) for name in VARIANTS]
    lines += [
        ("two cores against one (`--jobs 1`)", "near 0.5", ratio(train, measured["one job"])),
        ("a clean 1 MB file, from a cold start", "< 1 s", f"{small.median:.2f} s"),
        ("`datacheck --version`", "< 0.3 s", f"{start.median:.2f} s"),
    ]
    if train.memory and peer.memory:
        lines.append(
            ("memory against pycocotools", "≤ 0.5", f"{train.memory.proportional / peer.memory.proportional:.2f}")
        )
        double = measured["double"].memory
        assert double is not None
        lines.append(
            ("anonymous memory of a file twice as large", "≤ 1.3", f"{double.anonymous / train.memory.anonymous:.2f}")
        )
        for name in VARIANTS:
            dirty = measured[name].memory
            assert dirty is not None
            share = dirty.proportional / train.memory.proportional
            lines.append((f"memory of {LABELS[name]} against clean", "≤ 2", f"{share:.2f}"))
    return [f"| {' | '.join(line)} |" for line in lines]


def main() -> int:
    parser = argparse.ArgumentParser(prog="make bench BENCH=...", description=__doc__)
    parser.add_argument("--folder", type=Path, default=Path(".bench"), help="where the files are made and kept")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--scale", type=float, default=1.0, help="size of the files: 1 is train2017")
    parser.add_argument("--no-memory", action="store_true", help="measure time only")
    parser.add_argument("--make-only", action="store_true", help="make the files and stop")
    options = parser.parse_args()

    files = make_files(options.folder, options.scale)
    if options.make_only:
        return 0
    measured = subjects(files)
    try:
        measure(measured, files, options.rounds, not options.no_memory)
    except MeasureError as error:
        print(error, file=sys.stderr)
        return 1
    result = table(measured, files, options.rounds)
    (options.folder / "result.md").write_text(result + "\n")
    print(result)
    return 0


if __name__ == "__main__":
    sys.exit(main())
