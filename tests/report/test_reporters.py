"""Each output format, as a snapshot of one report that has everything and of one that is clean."""

from __future__ import annotations

import io
from typing import Any

import pytest
from syrupy.assertion import SnapshotAssertion

from datacheck.api import Report
from datacheck.report import REPORTERS
from datacheck.report.options import Options
from tests.report.stand_in import SOURCES, SYNTAX, TABLES_OF_ALL, clean_report, full_report, report


def written(name: str, made: Report, **options: Any) -> str:
    out = io.StringIO()
    REPORTERS[name](made, out, Options(**options))
    return out.getvalue()


def test_the_formats_are_pinned() -> None:
    assert list(REPORTERS) == ["full", "concise", "grouped", "json", "jsonl"]


@pytest.mark.parametrize("name", REPORTERS)
def test_everything(name: str, snapshot: SnapshotAssertion) -> None:
    assert written(name, full_report()) == snapshot


@pytest.mark.parametrize("name", REPORTERS)
def test_clean(name: str, snapshot: SnapshotAssertion) -> None:
    assert written(name, clean_report()) == snapshot


@pytest.mark.parametrize("name", ["full", "concise", "grouped"])
def test_colour(name: str, snapshot: SnapshotAssertion) -> None:
    text = written(name, full_report(), colour=True)
    assert text == snapshot
    assert text.count("\x1b[") % 2 == 0


def test_without_places(snapshot: SnapshotAssertion) -> None:
    assert written("concise", full_report(places=False)) == snapshot


def test_verbosity() -> None:
    assert "ANN230 copy" in written("full", full_report(), verbosity=1)
    assert "ANN230 copy" not in written("full", full_report())
    quiet = written("full", full_report(), verbosity=-1)
    assert "ANN221 tiny-box · " not in quiet
    assert "data/notes.json" not in quiet
    assert "not checked  ANN203" in quiet
    assert quiet.count("\nANN") + quiet.startswith("ANN") == 1


def test_max_per_rule() -> None:
    assert "… 3 more: --select ANN203 --max-per-rule 0" in written("full", full_report())
    every = written("full", full_report(), max_per_rule=0)
    assert "more: --select" not in every
    assert every.count("box [") == 8
    assert "… 7 more: --select ANN203 --max-per-rule 0" in written("full", full_report(), max_per_rule=1)
    assert written("concise", full_report()).count("ANN203") == 8
    assert written("concise", full_report(), max_per_rule=2).count("ANN203") == 2
    assert written("grouped", full_report(), max_per_rule=0).count("box [") == 8


def test_statistics(snapshot: SnapshotAssertion) -> None:
    assert written("full", full_report(), statistics=True) == snapshot
    assert written("concise", full_report(), statistics=True) == snapshot


def test_ascii_only() -> None:
    text = written("full", full_report(), unicode=False)
    assert text.isascii()
    assert "... 3 more: --select ANN203" in text


def test_a_broken_rule_is_named() -> None:
    text = written("full", full_report(broken=[("ANN203", "no such thing")]))
    assert "not evaluated  ANN203 box-outside-image: no such thing" in text
    assert "clean" not in written("full", report(TABLES_OF_ALL, [SYNTAX], [], broken=[("SRC101", "x")]))


def test_faults_that_nobody_judged_are_not_passed_over() -> None:
    made = report(TABLES_OF_ALL, [], [])
    assert "not checked  1 fault of the files" in written("full", made)


def test_nothing_recognised_is_not_clean() -> None:
    made = report({"datasets": [{"recognised_count": 0}]}, [], [])
    assert "clean" not in written("full", made)


def test_many_inputs_are_counted_by_folder_and_format() -> None:
    sources = [
        {**SOURCES[0], "source": n, "path": f"sa/{n:04d}.json", "format": "sa-1b", "task": "masks", "image_count": 1,
         "annotation_count": 2, "category_count": 0}
        for n in range(100)
    ]  # fmt: skip
    unknown = [{**SOURCES[2], "source": 100 + n, "path": f"sa/x{n}.json"} for n in range(50)]
    made = report({**TABLES_OF_ALL, "sources": sources + unknown}, [], [])
    head = written("full", made).splitlines()[:7]
    assert head[0] == "sa/   100 × sa-1b   100 images · 200 masks"
    assert head[1] == "sa/x0.json   not recognised, skipped  (it holds: name, notes)"
    assert head[5] == "… 46 more files not recognised, skipped"
    assert head[6] == ""


def test_files_of_one_image_each_share_a_line_from_four_on() -> None:
    one = {
        **SOURCES[0],
        "format": "sa-1b",
        "task": "masks",
        "image_count": 1,
        "annotation_count": 2,
        "category_count": 0,
    }
    sources = [{**one, "source": n, "path": f"{folder}/{n}.json"} for n, folder in enumerate("aaaabbb")]
    sources.insert(2, {**SOURCES[0], "source": 7, "path": "a/coco.json"})
    head = written("full", report({**TABLES_OF_ALL, "sources": sources}, [], [])).splitlines()[:6]
    assert [line.split("   ")[0] for line in head] == ["a/", "a/coco.json", "b/4.json", "b/5.json", "b/6.json", ""]
    assert "4 × sa-1b" in head[0]
    assert "4 images" in head[0]


def test_as_many_folders_as_files() -> None:
    sources = [{**SOURCES[0], "source": n, "path": f"sa/{n}/a.json"} for n in range(100)]
    made = report({**TABLES_OF_ALL, "sources": sources}, [], [])
    assert written("full", made).startswith("sa/   100 × coco instances   300 images")


NASTY = "a\x1b[31m\x9b0m\r\n\u202egpj.\u2028[red]b[/red].jpg"


@pytest.mark.parametrize("name", ["full", "concise", "grouped"])
def test_what_data_holds_never_steers_the_terminal(name: str) -> None:
    tables: dict[str, Any] = {
        **TABLES_OF_ALL,
        "sources": [{**SOURCES[0], "path": NASTY}, {**SOURCES[2], "source": 1, "path": NASTY, "found_keys": NASTY}],
        "faults": [{**TABLES_OF_ALL["faults"][0], "found": NASTY, "detail": NASTY, "pointer": NASTY, "id_text": NASTY}],
    }
    text = written(name, report(tables, [SYNTAX], [("SRC101", 0)], not_checked=[("SRC101", 1, NASTY)]))
    assert not any(ord(c) < 32 and c != "\n" for c in text)
    assert not any(c in text for c in "\x9b\u202e\u2028")
    assert "a\\x1b[31m\\x9b0m\\r\\n\\u202egpj.\\u2028[red]b[/red].jpg" in text
