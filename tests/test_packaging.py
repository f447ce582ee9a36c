"""An installed datacheck finds its built-in rules: from a wheel, by `pip install .` and by `pip install -e .`.

Each way gets a virtual environment of its own that borrows the dependencies of the one that runs the tests, so that
nothing is downloaded.
"""

from __future__ import annotations

import json
import re
import subprocess
import sys
import sysconfig
import tarfile
import zipfile
from pathlib import Path

import pytest

INSTALLED = (
    "import datacheck, json; from datacheck.judge.packs import builtin_pack_dir; "
    "print(json.dumps([datacheck.__file__, str(builtin_pack_dir())]))"
)


def run(*command: object, cwd: Path) -> str:
    done = subprocess.run([str(part) for part in command], cwd=cwd, capture_output=True, text=True, check=False)
    assert done.returncode == 0, f"{command}\n{done.stdout}\n{done.stderr}"
    return done.stdout


def environment(folder: Path) -> Path:
    """The interpreter of a new environment without datacheck and without pip."""
    run(sys.executable, "-m", "venv", "--without-pip", folder, cwd=folder.parent)
    python = folder / "bin" / "python"
    site = Path(run(python, "-c", "import sysconfig; print(sysconfig.get_path('purelib'))", cwd=folder).strip())
    # A folder named in a .pth file is searched last, and .pth files in it (an editable datacheck) are not followed.
    borrowed = {sysconfig.get_path("purelib"), sysconfig.get_path("platlib")}
    (site / "borrowed.pth").write_text("\n".join(borrowed) + "\n")
    return python


def install(python: Path, *what: object, cwd: Path) -> None:
    pip = [sys.executable, "-m", "pip", "--python", python, "--disable-pip-version-check", "install", "--quiet"]
    run(*pip, "--no-deps", "--no-index", "--no-build-isolation", *what, cwd=cwd)


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory, repository: Path) -> Path:
    folder = tmp_path_factory.mktemp("wheel")
    run(sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", folder, cwd=repository)
    (made,) = folder.glob("*.whl")
    return made


def codes_in(folder: Path) -> set[str]:
    return {path.name[:6] for path in folder.rglob("*.yaml") if re.match(r"[A-Z]{3}\d{3}-", path.name)}


@pytest.mark.parametrize("way", ["wheel", "folder", "editable"])
def test_installed_datacheck_finds_its_rules(way: str, wheel: Path, tmp_path: Path, repository: Path) -> None:
    python = environment(tmp_path / "venv")
    ways: dict[str, list[str | Path]] = {"wheel": [wheel], "folder": [repository], "editable": ["-e", repository]}
    install(python, *ways[way], cwd=tmp_path)

    outside = tmp_path / "outside"
    outside.mkdir()
    listed = run(python.parent / "datacheck", "rules", "list", cwd=outside)
    expected = codes_in(repository / "rules")
    assert expected
    assert expected <= set(re.findall(r"\b[A-Z]{3}\d{3}\b", listed))
    run(python.parent / "datacheck", "scan", repository / "sample_data" / "clean" / "sa1b", cwd=outside)

    package, rules = (Path(text) for text in json.loads(run(python, "-c", INSTALLED, cwd=outside)))
    assert package.is_relative_to(repository if way == "editable" else tmp_path)
    assert rules == (repository / "rules" if way == "editable" else package.parent / "_rules")


def test_the_wheel_holds_rules_types_and_licence(wheel: Path, repository: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        names = set(archive.namelist())
    rules = {path.relative_to(repository / "rules") for path in (repository / "rules").rglob("*.yaml")}
    assert {f"datacheck/_rules/{path.as_posix()}" for path in rules} <= names
    assert "datacheck/py.typed" in names
    assert any(name.endswith("licenses/LICENSE") for name in names)
    assert not [name for name in names if name.startswith(("tests/", "sample_data/"))]


def test_the_source_archive_is_complete(tmp_path: Path, repository: Path) -> None:
    run(sys.executable, "-m", "hatchling", "build", "-t", "sdist", "-d", tmp_path, cwd=repository)
    (made,) = tmp_path.glob("*.tar.gz")
    with tarfile.open(made) as archive:
        names = {name.partition("/")[2] for name in archive.getnames()}
    needed = {"pyproject.toml", "Makefile", "LICENSE", "README.md", ".ci/run", "sample_data/make_sample_data.py"}
    assert needed <= names
    assert codes_in(repository / "rules") == {
        match[1] for name in names if (match := re.match(r"rules/\w+/([A-Z]{3}\d{3})-.*\.yaml", name))
    }
