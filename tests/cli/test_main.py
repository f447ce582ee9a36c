"""The command line as a whole: version, help, unknown commands, what is imported when, pipes and signals."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

import datacheck
from tests.cli.conftest import Command
from tests.cli.dataset import OUTSIDE, coco, faulty, own_rules, write
from tests.conftest import REPOSITORY

COMMANDS = ("scan", "query", "rule", "rules", "columns")
HEAVY = ("numpy", "pyarrow", "duckdb", "pandas", "msgspec", "yaml", "datacheck.session")
HELP_ONLY = ("rich",)


def environment(**more: str) -> dict[str, str]:
    return {**os.environ, "PYTHONPATH": str(REPOSITORY), **more}


def process(*words: str, **more: str) -> subprocess.CompletedProcess[bytes]:
    command = [sys.executable, "-m", "datacheck", *words]
    return subprocess.run(command, capture_output=True, env=environment(**more), check=False, timeout=60)


def test_version(command: Command) -> None:
    for word in ("--version", "-V"):
        result = command(word)
        assert (result.status, result.out) == (0, f"datacheck {datacheck.__version__}\n")


@pytest.mark.parametrize(
    ("words", "unwanted"),
    [
        (["--version"], (*HEAVY, *HELP_ONLY, "pydantic")),
        (["--help"], HEAVY),
        (["scan", "--help"], HEAVY),
        (["nonsense"], (*HEAVY, *HELP_ONLY)),
        (["scan", "--selct", "ANN"], (*HEAVY, *HELP_ONLY)),
        (["scan", "--fail-on", "eror"], (*HEAVY, *HELP_ONLY)),
    ],
)
def test_nothing_heavy_is_imported_before_it_is_needed(words: list[str], unwanted: tuple[str, ...]) -> None:
    code = (
        "import sys; from datacheck.cli import run; run(sys.argv[1:]);"
        f"sys.stderr.write('imported:' + ','.join(name for name in {unwanted} if name in sys.modules))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, *words], capture_output=True, env=environment(), check=True, timeout=60
    )
    assert done.stderr.decode().splitlines()[-1] == "imported:"


def test_help_names_every_command(command: Command) -> None:
    result = command("--help")
    assert result.status == 0
    assert all(re.search(rf"^│ {name} +[A-Z]", result.out, re.MULTILINE) for name in COMMANDS)
    nothing = command()
    assert (nothing.status, nothing.out.rstrip(), nothing.err) == (2, result.out.rstrip(), "")


@pytest.mark.parametrize("name", [*COMMANDS, "rules list", "rules lint", "rules test"])
def test_help_fits_a_screen_and_ends_with_two_examples(
    command: Command, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    monkeypatch.setenv("COLUMNS", "100")
    result = command(*name.split(), "--help")
    lines = [line.rstrip() for line in result.out.splitlines()]
    assert result.status == 0
    assert len(lines) <= 48
    assert max(map(len, lines)) <= 100
    said = [line for line in lines if line]
    assert said[-3] == " examples:"
    assert all(f"{line} ".startswith(f"   datacheck {name} ") for line in said[-2:])
    assert command(*name.split(), "-h").out == result.out


def test_a_group_without_a_command_prints_its_help_and_fails(command: Command) -> None:
    result = command("rules")
    assert (result.status, result.err) == (2, "")
    assert result.out.rstrip() == command("rules", "--help").out.rstrip()


@pytest.mark.parametrize(
    ("words", "offered"),
    [
        ("datacheck ", "scan"),
        ("datacheck rules l", "list\nlint"),
        ("datacheck scan --fail-on e", "error"),
        ("datacheck scan --sk", "--skip-unrecognised"),
        ("datacheck columns an", "annotations"),
        ("datacheck rule ANN203", "ANN203"),
    ],
)
def test_the_shell_completes(words: str, offered: str) -> None:
    asked = {"_DATACHECK_COMPLETE": "complete_bash", "COMP_WORDS": words, "COMP_CWORD": str(words.count(" "))}
    done = process(**asked)
    assert (done.returncode, done.stderr) == (0, b"")
    assert done.stdout.decode().startswith(offered + "\n")


def test_the_shell_learns_to_complete() -> None:
    assert "complete_bash" in process(_DATACHECK_COMPLETE="source_bash").stdout.decode()


@pytest.mark.parametrize("words", [["scan", "--max-per-rule"], ["scan", "--jobs"], ["query", "SELECT 1", "--max-rows"]])
def test_a_number_may_be_absurd(here: Path, command: Command, words: list[str]) -> None:
    write(here / "val.json", coco())
    result = command(*words, "9" * 30, "--isolated")
    assert (result.status, result.err.count("internal error")) == (0, 0), result.err


def test_unknown_commands_get_a_remedy(here: Path, command: Command) -> None:
    (here / "data").mkdir()
    assert command("skan").err == "datacheck: no such command: skan. Did you mean datacheck scan?\n"
    assert command("data").err == "datacheck: no such command: data. To scan it: datacheck scan data\n"
    assert command("nonsense").err == f"datacheck: no such command: nonsense. It is one of: {', '.join(COMMANDS)}.\n"
    assert command("--versoin").err == "datacheck: no such option: --versoin. Did you mean --version?\n"
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
