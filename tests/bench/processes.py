"""Wall time and peak memory of a whole process tree."""

from __future__ import annotations

import subprocess
import tempfile
import time
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO

import psutil

INTERVAL = 0.05


class MeasureError(Exception):
    """A measured command did not end as expected."""


@dataclass
class Memory:
    """Peaks over time of sums over all processes of the tree, in bytes."""

    proportional: int = 0
    """Proportional set size: a page that n processes share counts 1/n in each."""
    anonymous: int = 0
    """The proportional share of pages that no file backs: what the program allocated, mapped files left out."""


def rollup(pid: int) -> tuple[int, int]:
    """(PSS, anonymous PSS) of one process in bytes; zeros when it has just ended."""
    try:
        text = Path(f"/proc/{pid}/smaps_rollup").read_text()
    except (OSError, ProcessLookupError):
        return 0, 0
    values = {line.split(":")[0]: int(line.split()[1]) * 1024 for line in text.splitlines()[1:]}
    return values.get("Pss", 0), values.get("Pss_Anon", values.get("Anonymous", 0))


def tree(pid: int) -> list[int]:
    try:
        process = psutil.Process(pid)
        return [pid, *(child.pid for child in process.children(recursive=True))]
    except psutil.NoSuchProcess:
        return []


def _check(
    process: subprocess.Popen[bytes], command: Sequence[str], expected: Collection[int], complaint: IO[bytes]
) -> None:
    if process.wait() not in expected:
        complaint.seek(0)
        text = complaint.read()[-2000:].decode(errors="replace")
        raise MeasureError(f"{' '.join(command)} exited {process.returncode}\n{text}")


def wall(command: Sequence[str], expected: Collection[int] = (0,)) -> float:
    """Seconds from start to end, unobserved: reading smaps_rollup would hold the process up."""
    with tempfile.TemporaryFile() as complaint:
        started = time.perf_counter()
        process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=complaint)
        process.wait()
        seconds = time.perf_counter() - started
        _check(process, command, expected, complaint)
    return seconds


def peak_memory(command: Sequence[str], expected: Collection[int] = (0,)) -> Memory:
    """Peaks of a run that is looked at every 50 ms."""
    peak = Memory()
    with tempfile.TemporaryFile() as complaint:
        process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=complaint)
        while process.poll() is None:
            proportional, anonymous = 0, 0
            for pid in tree(process.pid):
                one = rollup(pid)
                proportional += one[0]
                anonymous += one[1]
            peak.proportional = max(peak.proportional, proportional)
            peak.anonymous = max(peak.anonymous, anonymous)
            time.sleep(INTERVAL)
        _check(process, command, expected, complaint)
    return peak
