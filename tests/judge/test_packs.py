"""Packs: which files are rules, what clashes, and where the built-in pack is."""

from __future__ import annotations

from pathlib import Path

import pytest

from datacheck.errors import RuleError, UsageError
from datacheck.judge.packs import builtin_pack_dir, load_packs, resolve_pack, rule_files
from tests.judge.helpers import RULE, write_rule

OTHER = RULE.replace("ANN900", "ANN901").replace("thin-box", "slim-box")


def test_the_built_in_pack_is_that_of_the_checkout(repository: Path) -> None:
    assert builtin_pack_dir() == repository / "rules"


def test_the_built_in_pack_loads() -> None:
    rules = load_packs([builtin_pack_dir()])
    assert list(rules) == sorted(rules)
    assert all(code == rule.code for code, rule in rules.items())


def test_rules_of_several_packs_are_put_together(tmp_path: Path) -> None:
    write_rule(tmp_path / "one" / "annotations")
    write_rule(tmp_path / "two", OTHER, "ANN901-slim-box.yaml")
    assert list(load_packs([tmp_path / "two", tmp_path / "one"])) == ["ANN900", "ANN901"]


def test_a_pack_named_twice_is_read_once(tmp_path: Path) -> None:
    write_rule(tmp_path)
    assert list(load_packs([tmp_path, tmp_path])) == ["ANN900"]


def test_presets_and_hidden_folders_hold_no_rules(tmp_path: Path) -> None:
    path = write_rule(tmp_path / "annotations")
    for folder in ("presets", ".git", "_drafts"):
        write_rule(tmp_path / folder, "not: a rule", "x.yaml")
    (tmp_path / "README.md").write_text("x")
    assert list(rule_files(tmp_path)) == [path]


def test_a_code_or_a_name_may_not_stand_twice(tmp_path: Path) -> None:
    write_rule(tmp_path / "one")
    write_rule(tmp_path / "two", RULE.replace("thin-box", "slim-box"), "ANN900-slim-box.yaml")
    with pytest.raises(RuleError, match=r"two/ANN900-slim-box\.yaml: code: ANN900 is already the code of .*one/ANN900"):
        load_packs([tmp_path / "one", tmp_path / "two"])
    write_rule(tmp_path / "three", RULE.replace("ANN900", "ANN901"), "ANN901-thin-box.yaml")
    with pytest.raises(
        RuleError, match=r"three/ANN901-thin-box\.yaml: name: thin-box is already the name of .*one/ANN900"
    ):
        load_packs([tmp_path / "one", tmp_path / "three"])


def test_a_rule_that_does_not_compile_is_named_by_its_file(tmp_path: Path) -> None:
    write_rule(tmp_path, RULE.replace("box_w < $least", "bow_w < $least"))
    with pytest.raises(RuleError, match=r"ANN900-thin-box\.yaml: when: names bow_w: annotations has no column 'bow_w'"):
        load_packs([tmp_path])


def test_a_cause_must_be_a_rule(tmp_path: Path) -> None:
    write_rule(tmp_path, RULE + "explained-by: {ANN910: TRUE}\n")
    write_rule(tmp_path, OTHER, "ANN901-slim-box.yaml")
    with pytest.raises(RuleError, match=r"explained-by\.ANN910: there is no such rule\. Did you mean ANN901\?"):
        load_packs([tmp_path])
    write_rule(tmp_path, RULE + "explained-by: {SRC900: TRUE}\n")
    dataset = OTHER.replace("ANN901", "SRC900").replace("slim-box", "few-sources").replace("annotations", "datasets")
    dataset = dataset.replace("box_w", "source_count").replace("0.5", "0")
    write_rule(tmp_path, dataset, "SRC900-few-sources.yaml")
    assert set(load_packs([tmp_path])) == {"ANN900", "ANN901", "SRC900"}


def test_a_pack_that_is_no_folder_is_an_error_of_usage(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="is not a folder"):
        load_packs([tmp_path / "nowhere"])


def test_packs_are_resolved_from_the_configuration(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    package = tmp_path / "acme_rules"
    package.mkdir()
    (package / "__init__.py").write_text("raise RuntimeError('a pack must not be imported')")
    monkeypatch.syspath_prepend(tmp_path)
    assert resolve_pack("pkg:acme_rules", tmp_path) == package
    assert resolve_pack("acme_rules", tmp_path) == package
    for text in ("pkg:nothing_of_that_name", "pkg:a.b", "pkg:", "nowhere"):
        with pytest.raises(UsageError, match=f"no rule pack {text}"):
            resolve_pack(text, tmp_path)
