"""Starting the processes that read, early: they import what they need while the caller still loads its rules.

Imports next to nothing itself.
"""

from __future__ import annotations

import multiprocessing
import os
from collections.abc import Sequence

METHOD = "forkserver" if "forkserver" in multiprocessing.get_all_start_methods() else "spawn"
"""How processes start. Never by a plain fork: the caller may have threads."""

WORTH_PROCESSES = 12 << 20
"""Bytes in all from which further processes read faster than this one alone, their start included."""


def default_jobs() -> int:
    """The processors this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def warm_up(paths: Sequence[str], jobs: int | None) -> None:
    """Start the server that workers are forked from, if the files at `paths` are worth it."""
    if METHOD != "forkserver" or (jobs or default_jobs()) < 2 or not _are_large(paths):
        return
    from multiprocessing import forkserver

    multiprocessing.set_forkserver_preload(["datacheck.run.preload"])
    forkserver.ensure_running()


def _are_large(paths: Sequence[str]) -> bool:
    from datacheck.read.detect import find_files

    total = 0
    for path, _ in find_files(paths):
        try:
            total += os.path.getsize(path)
        except OSError:
            continue
        if total >= WORTH_PROCESSES:
            return True
    return False
