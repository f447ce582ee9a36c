"""The spool: a temporary folder of Arrow files, one a batch and table, mapped back without being copied into memory."""

from __future__ import annotations

import itertools
import os
import shutil
import tempfile
from pathlib import Path

import pyarrow as pa

_counter = itertools.count()


class Spool:
    """A folder that goes when it is closed. What is still mapped from it stays readable."""

    def __init__(self) -> None:
        self.folder = Path(tempfile.mkdtemp(prefix="datacheck-"))

    def close(self) -> None:
        shutil.rmtree(self.folder, ignore_errors=True)


def write(folder: Path, table: pa.Table) -> str:
    """Write a table; returns its path. Names are unique over all processes that share the folder."""
    path = folder / f"{os.getpid()}-{next(_counter)}.arrow"
    with pa.ipc.new_file(str(path), table.schema) as writer:
        writer.write_table(table)
    return str(path)


def mapped(path: str) -> pa.Table:
    """The table at `path`, its columns backed by the file."""
    return pa.ipc.open_file(pa.memory_map(path)).read_all()
