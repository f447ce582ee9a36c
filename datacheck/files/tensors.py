"""Masks in files of torch.save, read by torch in a process of its own that may die, hang or ask for too much memory.

Only `torch.load(weights_only=True)` reads them, which runs no code that a file names. The process is started for the
first such file of a group and ends with the group; torch is never imported here.
"""

from __future__ import annotations

import json
import os
import selectors
import subprocess
import sys
import tempfile
import time
from contextlib import suppress
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

import numpy as np

from datacheck.files.arrays import MAX_UNPACKED, directory_fits, is_numeric, shape_text
from datacheck.files.shapes import place

if TYPE_CHECKING:
    from types import TracebackType

    from datacheck.files.mask_files import MaskFile

START_SECONDS = 60.0
"""As long as torch may take to be imported."""
FILE_SECONDS = 4.0
"""As long as one file may take."""

_COPIED = 1 << 20
_CHILD = Path(__file__).with_name("tensor_process.py")


class Tensors:
    """The process that reads tensors; it is started when it is first needed."""

    def __init__(self) -> None:
        self._process: _Process | None = None
        self._installed = True

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._end()

    def read(self, path: str, fd: int, mask: MaskFile) -> None:
        """Open the tensor in a file of torch.save. Raises OSError."""
        if os.pread(fd, 2, 0) == b"PK":
            if not directory_fits(fd, mask) or not _members_fit(fd, mask):
                return None
        elif (mask.size_bytes or 0) > MAX_UNPACKED:
            return mask.fail("too-large", f"a file of torch.save of {mask.size_bytes:,} bytes")
        if not self._installed or find_spec("torch") is None:
            return mask.fail("not-installed", "torch, which alone reads this kind of file, is not installed")
        answer = self._ask(path)
        mask.dtype, shape = answer.get("dtype"), answer.get("shape")
        mask.shape = shape_text(tuple(shape)) if shape is not None else None
        if answer["state"] != "ok":
            return mask.fail(answer["state"], answer["detail"])
        values = np.load(answer["file"], mmap_mode="r", allow_pickle=False)
        if values.nbytes <= _COPIED:
            values = np.array(values)
        os.unlink(answer["file"])
        return place(values, mask) if is_numeric(values.dtype, mask) else None

    def _ask(self, path: str) -> dict[str, Any]:
        if self._process is None:
            self._process = _Process()
        answer = self._process.ask(path)
        self._installed = answer["state"] != "not-installed"
        if answer["state"] in ("not-installed", "worker-died") or answer.get("late"):
            self._end()
        return answer

    def _end(self) -> None:
        if self._process is not None:
            self._process.end()
        self._process = None


class _Process:
    def __init__(self) -> None:
        self.folder = tempfile.TemporaryDirectory(prefix="datacheck-")
        # -P: the folder of the script holds modules with the names of others.
        command = [sys.executable, "-P", str(_CHILD), str(MAX_UNPACKED)]
        self.process = subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, bufsize=0, cwd="/"
        )
        self.ready = self._line(START_SECONDS) == b"ready\n"

    def ask(self, path: str) -> dict[str, Any]:
        """What the process says of one file."""
        if not self.ready:
            return {"state": "not-installed", "detail": "torch is installed, and cannot be imported"}
        question = {"path": os.path.abspath(os.fsencode(path)).hex(), "folder": self.folder.name}
        line = b""
        if self.process.stdin is not None:
            with suppress(OSError):  # It has died.
                self.process.stdin.write(json.dumps(question).encode() + b"\n")
                line = self._line(FILE_SECONDS)
        if line.endswith(b"\n"):
            answer: dict[str, Any] = json.loads(line)
            return answer
        if self.process.poll() is None:
            detail = f"torch.load did not come to an end within {FILE_SECONDS:.0f} seconds"
            return {"state": "corrupt", "detail": detail, "late": True}
        return {"state": "worker-died", "detail": "the process that read it with torch died"}

    def _line(self, seconds: float) -> bytes:
        """The next line of its answers; without an end if it died or took longer than so many seconds."""
        until, got, pipe = time.monotonic() + seconds, b"", self.process.stdout
        if pipe is None:
            return got
        with selectors.DefaultSelector() as selector:
            selector.register(pipe, selectors.EVENT_READ)
            while not got.endswith(b"\n") and selector.select(max(0.0, until - time.monotonic())):
                piece = os.read(pipe.fileno(), 1 << 16)
                if not piece:
                    self.process.wait()
                    break
                got += piece
        return got

    def end(self) -> None:
        self.process.kill()
        for pipe in (self.process.stdin, self.process.stdout):
            if pipe is not None:
                pipe.close()
        self.process.wait()
        self.folder.cleanup()


def _members_fit(fd: int, mask: MaskFile) -> bool:
    """Does all that the archive holds unpack to a sane size?"""
    import zipfile

    try:
        with open(os.dup(fd), "rb") as file, zipfile.ZipFile(file) as archive:
            total = sum(info.file_size for info in archive.infolist())
    except (zipfile.BadZipFile, ValueError, NotImplementedError) as error:
        mask.fail("corrupt", f"the archive is damaged: {error}")
        return False
    if total > MAX_UNPACKED:
        mask.fail("too-large", f"it unpacks to {total:,} bytes; no more than {MAX_UNPACKED:,} are read")
    return total <= MAX_UNPACKED
