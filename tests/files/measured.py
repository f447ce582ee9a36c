"""A process of its own that measures the mask files it is told of, and what that costs."""

from __future__ import annotations

import json
import resource
import subprocess
import sys
from pathlib import Path
from types import TracebackType
from typing import Any, Self

ROOT = Path(__file__).parents[2]


class Measured:
    """Starts the process; `cost` asks it about one file."""

    def __init__(self) -> None:
        command = [sys.executable, "-m", "tests.files.measured"]
        self.process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, cwd=ROOT)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.process.communicate()

    def cost(self, path: Path) -> dict[str, Any]:
        """state, content, image (its state by its header), seconds of the processor, peak memory of it all in bytes."""
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        self.process.stdin.write(json.dumps(str(path)) + "\n")
        self.process.stdin.flush()
        answer: dict[str, Any] = json.loads(self.process.stdout.readline())
        return answer


def spent() -> float:
    used = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(u.ru_utime + u.ru_stime for u in used)


def own_peak() -> int:
    """In kB. Not ru_maxrss: that one starts at what the parent had when it forked."""
    status = Path("/proc/self/status").read_text(encoding="ascii")
    return int(status.split("VmHWM:")[1].split()[0])


def main() -> None:
    from datacheck.files.pictures import read_header
    from datacheck.measure.labels import measure_mask_files

    for line in sys.stdin:
        path = json.loads(line)
        before = spent()
        image = read_header(path).state
        row = measure_mask_files([path], ("components",))[0].to_pylist()[0]
        peak = max(own_peak(), resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss)
        answer = {"state": row["state"], "detail": row["detail"], "content": row.get("content"), "image": image}
        print(json.dumps(answer | {"seconds": spent() - before, "memory": peak << 10}), flush=True)


if __name__ == "__main__":
    main()
