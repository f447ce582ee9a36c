"""Every hostile input: the fault is named, the good records beside it are judged, time and memory stay bounded."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pyarrow.compute as pc
import pytest
from msgspec.structs import asdict

from tests.hostile.corpus import CASES
from tests.hostile.document import PLANTED, PLANTED_RULE, RECORDS, Case
from tests.scanning import quick_scan

if TYPE_CHECKING:
    from datacheck.api import Report

SECONDS = 5.0
"""Processor time that any one input of a few kilobytes may take, start included."""
BASE_MEMORY = 500e6
"""Bytes that a process may take for itself, before what follows the size of the file."""
MEMORY_PER_BYTE = 8
SECONDS_PER_BYTE = 50e-9
MEMORY_PER_ENTRY = 1_200
SECONDS_PER_ENTRY = 5e-6
SHOWN = 1_000
"""More findings than these are not rendered."""
LONGEST_MESSAGE = 2_000

LIGHT = [name for name, case in CASES.items() if not case.heavy]
HEAVY = [name for name, case in CASES.items() if case.heavy]


def look(path: Path) -> dict[str, Any]:
    """What a scan says, as plain data. Rendering findings is part of it, but for millions of one kind."""
    with quick_scan(path) as report:
        judged = report.judged.to_pylist() if report.judged.num_rows <= SHOWN else []
        findings = (report.findings.to_pylist() + report.folded.to_pylist()) if judged else _some(report)
        ids = report.tables["annotations"]["id"]
        return {
            "status": report.exit_status,
            "kinds": report.tables["faults"]["kind"].value_counts().to_pylist(),
            "reported": report.judged["table"].to_pylist().count("faults"),
            "findings": findings,
            "ids": [str(value) for value in ids.to_pylist()] if len(ids) <= SHOWN else None,
        }


def _some(report: Report) -> list[dict[str, Any]]:
    """The first findings and the planted one, which is the last of its rule."""
    rule = next(code for code, compiled in report.rules.items() if compiled.rule.name == PLANTED_RULE)
    judged = report.judged
    planted = judged.filter(pc.equal(judged["code"], rule))
    chosen = [judged.slice(0, SHOWN), planted.slice(max(0, planted.num_rows - SHOWN))]
    return [asdict(finding) for table in chosen for batch in report.renderer.batches(table) for finding in batch]


def check(case: Case, seen: dict[str, Any]) -> None:
    kinds = {count["values"]: count["counts"] for count in seen["kinds"]}
    for expected in case.kinds:
        choice = (expected,) if isinstance(expected, str) else expected
        assert set(choice) & set(kinds), f"expected a fault of kind {' or '.join(choice)}, found {sorted(kinds)}"
    assert seen["reported"] == sum(kinds.values()), "every fault must be a finding"
    findings = seen["findings"]
    assert set(case.rules) <= {finding["name"] for finding in findings}
    if case.judged:
        keys = [finding["key"] for finding in findings if finding["name"] == PLANTED_RULE]
        assert str(PLANTED + 1) in keys, "the planted finding beside the fault is lost"
        assert seen["status"] == 1
        if seen["ids"] is not None:
            lost = {str(number + 1) for number in range(RECORDS) if number != case.damaged} - set(seen["ids"])
            assert not lost, f"one bad record costs others: ids {sorted(lost)}"
    assert seen["status"] in (0, 1)
    assert max((len(finding["message"]) for finding in findings), default=0) <= LONGEST_MESSAGE


@contextmanager
def no_hang(seconds: int) -> Iterator[None]:
    def stop(*_: object) -> None:
        raise TimeoutError(f"not done in {seconds} s")

    previous = signal.signal(signal.SIGALRM, stop)
    signal.alarm(seconds)
    try:
        yield
    finally:
        signal.alarm(0)
        signal.signal(signal.SIGALRM, previous)


@pytest.mark.parametrize("name", LIGHT)
def test_every_input(name: str, tmp_path: Path) -> None:
    case = CASES[name]
    path = case.put(tmp_path)
    started = time.process_time()
    with no_hang(30):
        seen = look(path)
    assert time.process_time() - started < SECONDS
    check(case, seen)


CHILD = """
import json, re, sys
from pathlib import Path
from tests.read.test_never_gives_up import look

seen = look(Path(sys.argv[1]))
# Not ru_maxrss: that one starts at what the parent had when it forked.
peak = int(re.search(r"VmHWM:\\s+(\\d+) kB", Path("/proc/self/status").read_text())[1]) * 1024
print(json.dumps({**seen, "peak": peak}))
"""


@pytest.mark.parametrize("name", HEAVY)
def test_every_large_input_in_bounded_time_and_memory(name: str, tmp_path: Path, repository: Path) -> None:
    case = CASES[name]
    path = case.put(tmp_path)
    size = path.stat().st_size
    answer, complaint = tmp_path / "stdout", tmp_path / "stderr"
    with answer.open("wb") as out, complaint.open("wb") as err:
        process = subprocess.Popen([sys.executable, "-c", CHILD, str(path)], cwd=repository, stdout=out, stderr=err)
        try:
            with no_hang(30):
                _, status, usage = os.wait4(process.pid, 0)
        except TimeoutError:
            process.kill()
            process.wait()
            raise
        process.returncode = os.waitstatus_to_exitcode(status)
    assert process.returncode == 0, complaint.read_text()[-2000:]
    seen = json.loads(answer.read_text())
    peak, limit = seen["peak"], BASE_MEMORY + MEMORY_PER_BYTE * size + MEMORY_PER_ENTRY * case.entries
    assert peak < limit, f"{peak / 1e6:.0f} MB for a file of {size / 1e6:.0f} MB"
    seconds = usage.ru_utime + usage.ru_stime
    assert seconds < SECONDS + SECONDS_PER_BYTE * size + SECONDS_PER_ENTRY * case.entries, (
        f"{seconds:.1f} s of processor time"
    )
    check(case, seen)


@pytest.mark.parametrize("name", [name for name, case in CASES.items() if case.place])
def test_syntax_errors_have_line_column_and_byte(name: str, tmp_path: Path) -> None:
    case = CASES[name]
    path = case.put(tmp_path)
    with quick_scan(path) as report:
        places = [
            (finding["line"], finding["column"], finding["byte_offset"])
            for finding in report.findings.to_pylist()
            if finding["table"] == "faults"
        ]
    assert places[0] == case.place


@pytest.fixture(scope="module")
def folder_of_all(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """All light inputs side by side, each in a folder of its own."""
    folder = tmp_path_factory.mktemp("hostile")
    for number, name in enumerate(LIGHT):
        place = folder / f"{number:03d}"
        place.mkdir()
        CASES[name].put(place)
    return folder


def scan_folder(folder: Path, *options: str) -> subprocess.CompletedProcess[bytes]:
    command = [sys.executable, "-m", "datacheck", "scan", "--color", "never", *options, str(folder)]
    return subprocess.run(command, capture_output=True, timeout=120, check=False)


@pytest.mark.parametrize("layout", ["full", "grouped", "concise", "json", "jsonl"])
def test_all_inputs_at_once(layout: str, folder_of_all: Path) -> None:
    done = scan_folder(folder_of_all, "--output-format", layout)
    complaint = done.stderr.decode()
    assert "Traceback" not in complaint
    assert done.returncode == 1, complaint
    text = done.stdout.decode()  # what is printed is UTF-8, whatever the files hold
    assert text.strip()
    controls = [character for character in text if character < " " and character not in "\n\t"]
    assert not controls, "file names and values from files must not reach a terminal as control characters"
    if layout == "json":
        sources = json.loads(text)["sources"]
        folders = {Path(source["path"]).parent.name for source in sources}
        # A folder that is named like a file holds none.
        names = {f"{number:03d}" for number, name in enumerate(LIGHT) if name != "directory-named-json"}
        assert names <= folders
    if layout == "jsonl":
        assert all(isinstance(json.loads(line), dict) for line in text.splitlines())
