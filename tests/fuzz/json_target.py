"""Fuzz target: files of any bytes, read whole. Nothing may be raised, nothing may hang, and every batch is a table."""

from __future__ import annotations

import shutil
import sys
import tempfile
from pathlib import Path

import atheris

with atheris.instrument_imports(include=["datacheck"]):
    from datacheck.measure.registry import plan
    from datacheck.read.source import Source
    from datacheck.run import spool
    from datacheck.run.work import Plan, read_files

KERNELS = plan(None)
SHARED = "/dev/shm"
FOLDER = Path(tempfile.mkdtemp(prefix="fuzz-", dir=SHARED if Path(SHARED).is_dir() else None))


def test_one_input(raw: bytes) -> None:
    path = FOLDER / "input.json"
    path.write_bytes(raw)
    work = FOLDER / "work"
    work.mkdir()
    try:
        done = read_files(Plan(work, KERNELS), [Source(0, str(path), size_on_disk=len(raw))])
        assert len(done.sources) == 1
        for batch in done.batches:
            rows = {name: len(spool.mapped(file)) for name, file in batch.tables.items()}
            assert set(rows) <= {"images", "annotations", "categories", "segments", "faults"}
    finally:
        shutil.rmtree(work)


if __name__ == "__main__":
    atheris.Setup(sys.argv, test_one_input)
    try:
        atheris.Fuzz()
    finally:
        shutil.rmtree(FOLDER, ignore_errors=True)
