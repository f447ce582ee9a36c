"""Reading all sources: small files in groups, large ones block by block, in this process or in several."""

from __future__ import annotations

import multiprocessing
import os
import signal
import sys
import threading
from collections import deque
from collections.abc import Callable, Collection, Iterator, Sequence
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from multiprocessing.connection import wait
from typing import Any, Protocol

from datacheck.light import without_pandas
from datacheck.read.batch import Piece
from datacheck.read.detect import Seen
from datacheck.read.faults import Fault
from datacheck.read.job import TABLE_OF, BlockDone, BlockJob
from datacheck.read.reader import BLOCK, Reader
from datacheck.read.source import Source, open_source
from datacheck.run.warm import METHOD, WORTH_PROCESSES
from datacheck.run.work import FilesDone, PartDone, Plan, read_files, read_part

LARGE = 2 * BLOCK
GROUP_BYTES, GROUP_FILES = BLOCK, 256

Advance = Callable[[int], None]
"""Called with the number of bytes that have been read since the last call."""


class Executor(Protocol):
    def submit(self, work: Callable[..., Any], *args: Any) -> Future[Any]: ...


class Here:
    """Runs work in this process, at once."""

    def submit(self, work: Callable[..., Any], *args: Any) -> Future[Any]:
        future: Future[Any] = Future()
        future.set_result(work(*args))
        return future


def _pool(jobs: int) -> ProcessPoolExecutor:
    return ProcessPoolExecutor(jobs, mp_context=multiprocessing.get_context(METHOD), initializer=_start)


def _start() -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is the parent's to answer.
    without_pandas()
    threading.Thread(target=_follow_parent, daemon=True).start()


def _follow_parent() -> None:
    """End this process when the one that reads ends, however it ends."""
    parent = multiprocessing.parent_process()
    if parent is not None:
        wait([parent.sentinel])
        os._exit(1)


@contextmanager
def _nameless_main() -> Iterator[None]:
    """Keeps new processes from importing the caller's script again: they need none of it, and it may start a scan."""
    main = sys.modules["__main__"]
    kept = {name: getattr(main, name) for name in ("__file__", "__spec__") if hasattr(main, name)}
    for name in kept:
        setattr(main, name, None)
    try:
        yield
    finally:
        for name, value in kept.items():
            setattr(main, name, value)


def alone(work: Callable[..., Any], *args: Any, seconds: float | None = None) -> Any:
    """Run work in a process of its own. Raises BrokenProcessPool if that dies, TimeoutError if it takes longer."""
    with _pool(1) as pool:
        with _nameless_main():
            future = pool.submit(work, *args)
        try:
            return future.result(seconds)
        except TimeoutError:
            _kill(pool)
            raise


def _kill(pool: ProcessPoolExecutor) -> None:
    """End the processes of a pool at once, whatever they are doing; what they were at breaks."""
    for process in list((getattr(pool, "_processes", None) or {}).values()):  # No public way before Python 3.14.
        process.kill()


class Processes:
    """A pool that survives a worker's death: what was under way is tried again, each piece alone, and what kills a
    worker twice
    is given up."""

    def __init__(self, jobs: int) -> None:
        self.jobs = jobs
        self._pool = _pool(jobs)

    def submit(self, work: Callable[..., Any], *args: Any) -> Future[Any]:
        with _nameless_main():
            try:
                return self._pool.submit(work, *args)
            except BrokenProcessPool:
                self._pool.shutdown(wait=False, cancel_futures=True)
                self._pool = _pool(self.jobs)
                return self._pool.submit(work, *args)

    def kill(self) -> None:
        """End all processes at once; what is under way breaks, and what is submitted next gets new ones."""
        _kill(self._pool)

    def close(self) -> None:
        self._pool.shutdown(wait=False, cancel_futures=True)


class _Blocks:
    """Reads the blocks of one large source through an executor, some ahead of the one that is waited for."""

    def __init__(self, plan: Plan, executor: Executor, advance: Advance) -> None:
        self.plan, self.executor, self.advance = plan, executor, advance
        self.ahead: dict[tuple[int, int, int], Future[PartDone]] = {}
        self.done = FilesDone([])

    def read(self, jobs: Sequence[BlockJob]) -> list[BlockDone]:
        """Have all jobs under way, and wait for the first."""
        wanted = {_key(job): job for job in jobs}
        for key in [k for k in self.ahead if k not in wanted]:
            self.ahead.pop(key).cancel()
        for key, job in wanted.items():
            if key not in self.ahead:
                self.ahead[key] = self.executor.submit(read_part, self.plan, job)
        part = self._result(self.ahead.pop(_key(jobs[0])), jobs[0])
        self.advance(part.block.next - jobs[0].begin)
        self.done.batches += part.batches
        return [part.block]

    def _result(self, future: Future[PartDone], job: BlockJob) -> PartDone:
        try:
            return future.result()
        except BrokenProcessPool:
            self.ahead.clear()
            try:
                part: PartDone = alone(read_part, self.plan, job)
                return part
            except BrokenProcessPool:
                return _dead(job)


def _key(job: BlockJob) -> tuple[int, int, int]:
    return job.generation, job.begin, job.end


def _dead(job: BlockJob) -> PartDone:
    fault = Fault(
        "worker-died", f"the process that read bytes {job.begin:,} to {job.end:,} died", byte_offset=job.begin
    )
    job.source.faults.append(fault)
    table = TABLE_OF.get(job.section, job.section)
    piece = Piece(job.source.index, table, job.section, job.generation, job.begin, job.end, 0, 0)
    return PartDone(BlockDone(0, job.end, job.final, frozenset(), piece, cut_off=True), [])


def read_sources(plan: Plan, sources: Sequence[Source], jobs: int, advance: Advance) -> Iterator[FilesDone]:
    """Read all sources; yields what was read as it comes. `Source.size_on_disk` must be known."""
    total = sum(source.size_on_disk for source in sources)
    processes = Processes(jobs) if jobs > 1 and total >= WORTH_PROCESSES else None
    executor: Executor = processes or Here()
    large = [s for s in sources if processes and s.size_on_disk >= LARGE]
    waiting: deque[tuple[Future[FilesDone], list[Source]]] = deque()
    try:
        for group in _groups(sources, {s.index for s in large}):
            waiting.append((executor.submit(read_files, plan, group), group))
            while len(waiting) > 4 * jobs or (processes is None and waiting):
                yield from _files(plan, *waiting.popleft(), advance)
        for source in large:
            yield _large(plan, source, executor, jobs, advance)
        while waiting:
            yield from _files(plan, *waiting.popleft(), advance)
    finally:
        if processes:
            processes.close()


def _groups(sources: Sequence[Source], large: Collection[int]) -> Iterator[list[Source]]:
    """Small files to read together. No group spans a large file: tables keep the order of the sources."""
    held: list[Source] = []
    size = 0
    for source in sources:
        if source.index not in large:
            held.append(source)
            size += source.size_on_disk
        if held and (source.index in large or size >= GROUP_BYTES or len(held) >= GROUP_FILES):
            yield held
            held, size = [], 0
    if held:
        yield held


def _files(plan: Plan, future: Future[FilesDone], group: list[Source], advance: Advance) -> Iterator[FilesDone]:
    advance(sum(source.size_on_disk for source in group))
    try:
        yield future.result()
        return
    except BrokenProcessPool:
        pass
    for source in group:
        try:
            yield alone(read_files, plan, [source])
        except BrokenProcessPool:
            source.faults = [Fault("worker-died", "the process that read this file died")]
            yield FilesDone([(source, Seen())])


def _large(plan: Plan, source: Source, executor: Executor, jobs: int, advance: Advance) -> FilesDone:
    blocks = _Blocks(plan, executor, advance)
    open_source(source, plan.folder)
    seen = Seen()
    if source.readable:
        try:
            seen = Reader(source, blocks.read, lookahead=jobs + 2).run()
        except OSError as error:
            source.faults.append(Fault("unreadable", error.strerror or str(error)))
        for future in blocks.ahead.values():
            future.cancel()
    blocks.done.sources.append((source, seen))
    return blocks.done
