"""The process that reads files of torch.save: one a group, and nothing that happens to it reaches this one."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import datacheck.files.tensors as tensors
from datacheck.files.mask_files import open_mask
from datacheck.measure.labels import measure_mask_files
from tests.hostile.arrays import ids, zipped

HELPER = """
import json, os, sys, time
print("ready", flush=True)
for line in sys.stdin:
    path = os.fsdecode(bytes.fromhex(json.loads(line)["path"]))
    if "deadly" in path:
        os._exit(11)
    if "endless" in path:
        time.sleep(60)
    print(json.dumps({"state": "unsupported", "detail": "read by " + str(os.getpid())}), flush=True)
"""


@pytest.fixture
def started(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[Any]]:
    """The processes that were started."""
    processes = []
    start = subprocess.Popen

    def recorded(*args: Any, **options: Any) -> Any:
        processes.append(start(*args, **options))
        return processes[-1]

    monkeypatch.setattr(subprocess, "Popen", recorded)
    yield processes
    assert all(process.returncode is not None for process in processes), "all have ended, and were waited for"


@pytest.fixture
def helper(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """In place of torch, a process that dies or hangs where the name of a file says so."""
    script = tmp_path / "helper.py"
    script.write_text(HELPER)
    monkeypatch.setattr(tensors, "_CHILD", script)
    monkeypatch.setattr(tensors, "find_spec", lambda name: object())
    monkeypatch.setattr(tensors, "FILE_SECONDS", 1.0)


def files(folder: Path, *names: str) -> list[str]:
    content = zipped({"archive/data.pkl": b"x"})
    for name in names:
        (folder / name).write_bytes(content)
    return [str(folder / name) for name in names]


def test_one_process_serves_all_files_of_a_group(tmp_path: Path, helper: None, started: list[Any]) -> None:
    rows = measure_mask_files(files(tmp_path, "a.pt", "b.pt", "c.pth"), ())[0].to_pylist()
    assert len(started) == 1
    assert {row["detail"] for row in rows} == {f"read by {started[0].pid}"}


def test_a_file_that_kills_it_or_never_ends_costs_itself_alone(
    tmp_path: Path, helper: None, started: list[Any]
) -> None:
    names = ("a.pt", "deadly.pt", "b.pt", "endless.pt", "c.pt", "deadly-too.pt")
    rows = measure_mask_files(files(tmp_path, *names), ())[0].to_pylist()
    states = [row["state"] for row in rows]
    assert states == ["unsupported", "worker-died", "unsupported", "corrupt", "unsupported", "worker-died"]
    assert "within 1 second" in rows[3]["detail"]
    assert len(started) == 3


def test_without_torch_a_file_is_not_read_and_nothing_is_started(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, started: list[Any]
) -> None:
    monkeypatch.setattr(tensors, "find_spec", lambda name: None)
    mask = open_mask(files(tmp_path, "a.pt")[0])
    assert (mask.kind, mask.state) == ("pt", "not-installed")
    assert not started


def test_a_torch_that_cannot_be_imported_is_tried_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, started: list[Any]
) -> None:
    script = tmp_path / "helper.py"
    script.write_text("raise ImportError")
    monkeypatch.setattr(tensors, "_CHILD", script)
    monkeypatch.setattr(tensors, "find_spec", lambda name: object())
    rows = measure_mask_files(files(tmp_path, "a.pt", "b.pt"), ())[0].to_pylist()
    assert [row["state"] for row in rows] == ["not-installed"] * 2
    assert len(started) == 1


def test_torch_is_not_imported_here_and_leaves_no_files(tmp_path: Path) -> None:
    torch = pytest.importorskip("torch")
    torch.save({"mask": torch.from_numpy(ids())}, tmp_path / "a.pt")
    (tmp_path / "temporary").mkdir()
    program = (
        "import sys; from datacheck.files.mask_files import open_mask; mask = open_mask(sys.argv[1]);"
        "print(mask.state, mask.shape, int(mask.pixels.sum()), 'torch' in sys.modules)"
    )
    environment = os.environ | {"TMPDIR": str(tmp_path / "temporary")}
    command = [sys.executable, "-c", program, str(tmp_path / "a.pt")]
    done = subprocess.run(command, capture_output=True, text=True, env=environment, check=True)
    assert done.stdout.split() == ["ok", "48x64", str(int(ids().sum())), "False"]
    assert not list((tmp_path / "temporary").iterdir())


def test_files_that_are_not_for_torch_start_nothing(tmp_path: Path, started: list[Any]) -> None:
    np.save(tmp_path / "a.npy", ids())
    (tmp_path / "a.pt").write_bytes(b"<html>")
    rows = measure_mask_files([str(tmp_path / "a.npy"), str(tmp_path / "a.pt")], ())[0].to_pylist()
    assert [row["state"] for row in rows] == ["ok", "not-a-mask"]
    assert not started
