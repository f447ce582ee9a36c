"""The command line as a whole: version, help, unknown commands, what is imported when, pipes and signals."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

import datacheck
from datacheck.cli import COMMANDS
from tests.cli.conftest import Command
from tests.cli.dataset import OUTSIDE, coco, faulty, own_rules, write
from tests.conftest import REPOSITORY

HEAVY = ("numpy", "pyarrow", "duckdb", "rich", "pandas", "msgspec", "yaml", "argparse")


def environment(**more: str) -> dict[str, str]:
    return {**os.environ, "PYTHONPATH": str(REPOSITORY), **more}


def process(*words: str, **more: str) -> subprocess.CompletedProcess[bytes]:
    command = [sys.executable, "-m", "datacheck", *words]
    return subprocess.run(command, capture_output=True, env=environment(**more), check=False, timeout=60)


def test_version(command: Command) -> None:
    for word in ("--version", "-V"):
        result = command(word)
        assert (result.status, result.out) == (0, f"datacheck {datacheck.__version__}\n")


@pytest.mark.parametrize("words", [["--version"], ["--help"], ["nonsense"]])
def test_nothing_heavy_is_imported_before_it_is_needed(words: list[str]) -> None:
    code = (
        "import sys; from datacheck.cli import run; run(sys.argv[1:]);"
        f"sys.stderr.write(','.join(name for name in {HEAVY} if name in sys.modules))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, *words], capture_output=True, env=environment(), check=True, timeout=60
    )
    assert done.stderr.decode().splitlines()[-1:] in ([], ["datacheck: no such command: nonsense. " + _choices()])


def _choices() -> str:
    return f"It is one of: {', '.join(COMMANDS)}."


def test_help_names_every_command(command: Command) -> None:
    result = command("--help")
    assert result.status == 0
    assert all(f"  {name} " in result.out for name in COMMANDS)
    nothing = command()
    assert (nothing.status, nothing.out) == (2, result.out)


@pytest.mark.parametrize("name", COMMANDS)
def test_help_fits_a_screen_and_ends_with_two_examples(command: Command, name: str) -> None:
    result = command(name, "--help")
    lines = result.out.splitlines()
    assert result.status == 0
    assert len(lines) <= 45
    assert max(map(len, lines)) <= 104
    assert lines[-3] == "examples:"
    assert all(line.startswith(f"  datacheck {name} ") for line in lines[-2:])


def test_unknown_commands_get_a_remedy(here: Path, command: Command) -> None:
    (here / "data").mkdir()
    assert command("skan").err == "datacheck: no such command: skan. Did you mean datacheck scan?\n"
    assert command("data").err == "datacheck: no such command: data. To scan it: datacheck scan data\n"
    options = command("--select", "ANN")
    assert "Options come after the command" in options.err
    assert options.status == 2


def test_an_exit_status_of_the_whole_process(here: Path) -> None:
    faulty(here / "data")
    assert process("scan", str(here / "data"), "--select", "ANN203").returncode == 1
    assert process("scan", str(here / "data"), "--select", "ANN204").returncode == 0
    assert process("scan", str(here / "none")).returncode == 2


def test_no_pandas_in_a_command(here: Path) -> None:
    faulty(here / "data")
    done = process("scan", str(here / "data"), "--output-format", "full", PYTHONPROFILEIMPORTTIME="1")
    assert done.returncode == 1
    imported = {line.rpartition("|")[2].strip() for line in done.stderr.decode().splitlines()}
    assert "pyarrow" in imported
    assert not {"pandas.core", "rich"} & imported


def test_an_ascii_terminal(here: Path) -> None:
    write(here / "data" / "val.json", coco(images={1: {"file_name": "é.jpg"}}, annotations={2: OUTSIDE}))
    done = process("scan", str(here / "data"), "--output-format", "full", PYTHONIOENCODING="ascii")
    assert done.returncode == 1, done.stderr
    assert b"\\xe9.jpg" in done.stdout
    document = process("scan", str(here / "data"), "--output-format", "json", PYTHONIOENCODING="ascii")
    assert "é.jpg" in document.stdout.decode("utf-8")


@pytest.mark.skipif(os.name == "nt", reason="POSIX pipes")
def test_a_closed_pipe_is_no_error(here: Path) -> None:
    write(here / "data" / "val.json", coco(2000))
    pack = str(own_rules(here / "own"))
    words = [sys.executable, "-m", "datacheck", "scan", str(here / "data"), "--select", "ANN990", "--rules-dir", pack]
    with subprocess.Popen(words, stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=environment()) as running:
        assert running.stdout is not None
        assert running.stderr is not None
        assert b"ANN990" in running.stdout.readline()
        running.stdout.close()
        complaint = running.stderr.read()
        assert running.wait(60) == 1  # what was found is told all the same
    assert complaint == b""


@pytest.mark.skipif(os.name == "nt", reason="POSIX signals")
def test_ctrl_c_of_the_whole_process(here: Path) -> None:
    write(here / "big.json", coco(40_000))
    words = [sys.executable, "-m", "datacheck", "scan", str(here / "big.json"), "--jobs", "1"]
    with subprocess.Popen(words, stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=environment()) as running:
        time.sleep(0.5)
        running.send_signal(signal.SIGINT)
        _, complaint = running.communicate(timeout=60)
    assert running.returncode == 130
    assert complaint.startswith(b"datacheck: interrupted")
    assert len(complaint.splitlines()) == 1
