"""Work on many files: in groups, in this process or in several, and none of them can take the others down."""

from __future__ import annotations

import os
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass, field
from typing import Any, Generic, TypeVar

from datacheck.run.pool import Here, Processes, alone

T = TypeVar("T")
R = TypeVar("R")

WORTH_PROCESSES = 256
"""Items from which further processes are worth their start."""
SECONDS, SECONDS_AN_ITEM = 20.0, 5.0
"""How long a process may take for a group before it is taken for one that hangs, and ended."""


def run_groups(
    work: Callable[[Sequence[T]], R],
    items: Sequence[T],
    dead: Callable[[T], R],
    *,
    jobs: int,
    group: int,
    advance: Callable[[Sequence[T]], None],
    harmless: Callable[[Sequence[T]], bool] = bool,
) -> Iterator[R]:
    """Results of `work` on items[0:group], items[group:2 * group], ..., in order; `advance` is told which are done.

    A group whose process dies or hangs is tried again in a process of its own, and if that dies too in halves, so that
    a group may give several results; the item whose process dies when it is alone gives `dead(item)`. Few items are
    worked on in this process, if the group is `harmless`: nothing in it can take the process down. `work` and what it
    takes and gives must be picklable.
    """
    run = _Run(work, dead, jobs, many=jobs > 1 and len(items) >= WORTH_PROCESSES, harmless=harmless)
    waiting: deque[tuple[Future[Any], Sequence[T]]] = deque()
    try:
        for start in range(0, len(items), group):
            own = items[start : start + group]
            waiting.append((run.begin(own), own))
            while len(waiting) > (4 * jobs if run.many else 0):
                yield from run.finish(*waiting[0])
                advance(waiting.popleft()[1])
        while waiting:
            yield from run.finish(*waiting[0])
            advance(waiting.popleft()[1])
    finally:
        run.close()


PNG = b"\x89PNG\r\n\x1a\n"


def only_pngs(paths: Sequence[str]) -> bool:
    """Is every file a PNG, or none at all? Those are taken apart by code that cannot crash, and of Pillow only its zip
    decoder sees them. Other pictures go to their libraries, and an array that shrinks while it is mapped ends the
    process."""
    return all(_begins_as_png(path) for path in paths)


def _begins_as_png(path: str) -> bool:
    try:
        if not os.path.isfile(path):  # a FIFO would hold up whoever opens it
            return True
        with open(path, "rb") as file:
            head = file.read(len(PNG))
    except (OSError, ValueError):
        return True
    return head == PNG or not head


@dataclass
class _Run(Generic[T, R]):
    work: Callable[[Sequence[T]], R]
    dead: Callable[[T], R]
    jobs: int
    many: bool
    harmless: Callable[[Sequence[T]], bool]
    processes: Processes | None = None
    here: Here = field(default_factory=Here)

    def begin(self, own: Sequence[T]) -> Future[Any]:
        if not self.many and self.harmless(own):
            return self.here.submit(self.work, own)
        if self.processes is None:
            self.processes = Processes(self.jobs if self.many else 1)
        return self.processes.submit(self.work, own)

    def finish(self, future: Future[Any], own: Sequence[T]) -> Iterator[R]:
        try:
            yield future.result(_patience(own))
            return
        except BrokenProcessPool:
            pass
        except TimeoutError:
            if self.processes is not None:
                self.processes.kill()
        yield from self._halves(own)

    def _halves(self, own: Sequence[T]) -> Iterator[R]:
        """Each half in a process of its own, down to the item that takes its process down."""
        try:
            yield alone(self.work, own, seconds=_patience(own))
        except (BrokenProcessPool, TimeoutError):
            if len(own) == 1:
                yield self.dead(own[0])
                return
            half = len(own) // 2
            yield from self._halves(own[:half])
            yield from self._halves(own[half:])

    def close(self) -> None:
        if self.processes is not None:
            self.processes.close()


def _patience(own: Sequence[object]) -> float:
    return SECONDS + SECONDS_AN_ITEM * len(own)
