"""Work on many files: in groups, in this process or in several, and none of them can take the others down."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future
from concurrent.futures.process import BrokenProcessPool
from typing import Any, TypeVar

from datacheck.run.pool import Here, Processes, alone

T = TypeVar("T")
R = TypeVar("R")

WORTH_PROCESSES = 256
"""Items from which further processes are worth their start."""


def run_groups(
    work: Callable[[Sequence[T]], R],
    items: Sequence[T],
    dead: Callable[[T], R],
    *,
    jobs: int,
    group: int,
    advance: Callable[[Sequence[T]], None],
) -> Iterator[R]:
    """Results of `work` on items[0:group], items[group:2 * group], ..., in order; `advance` is told which are done.

    A group whose process dies is tried again in a process of its own, and if that dies too in halves, so that a group
    may give several results; the item whose process dies when it is alone gives `dead(item)`. `work` and what it takes
    and gives must be picklable.
    """
    processes = Processes(jobs) if jobs > 1 and len(items) >= WORTH_PROCESSES else None
    executor = processes or Here()
    waiting: deque[tuple[Future[Any], Sequence[T]]] = deque()
    try:
        for start in range(0, len(items), group):
            own = items[start : start + group]
            waiting.append((executor.submit(work, own), own))
            if processes is None or len(waiting) > 4 * jobs:
                yield from _finished(work, *waiting.popleft(), dead, advance)
        while waiting:
            yield from _finished(work, *waiting.popleft(), dead, advance)
    finally:
        if processes is not None:
            processes.close()


def _finished(
    work: Callable[[Sequence[T]], R],
    future: Future[Any],
    own: Sequence[T],
    dead: Callable[[T], R],
    advance: Callable[[Sequence[T]], None],
) -> Iterator[R]:
    try:
        yield future.result()
    except BrokenProcessPool:
        yield from _in_halves(work, own, dead)
    advance(own)


def _in_halves(work: Callable[[Sequence[T]], R], own: Sequence[T], dead: Callable[[T], R]) -> Iterator[R]:
    try:
        yield alone(work, own)
    except BrokenProcessPool:
        if len(own) == 1:
            yield dead(own[0])
            return
        half = len(own) // 2
        yield from _in_halves(work, own[:half], dead)
        yield from _in_halves(work, own[half:], dead)
