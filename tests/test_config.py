"""datacheck.toml, [tool.datacheck], and how they are merged with the command line."""

from __future__ import annotations

from pathlib import Path

import pytest

from datacheck.config import Config, find_config, load_config
from datacheck.errors import ConfigError, UsageError
from datacheck.settings import Given, Settings, described, resolve


def written(folder: Path, text: str, name: str = "datacheck.toml") -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    file = folder / name
    file.write_text(text, encoding="utf-8")
    return file


def settings_of(file: Path, given: Given | None = None) -> Settings:
    return resolve(["."], given or Given(), load_config(file))


FULL = """
select = ["ANN", "IMG"]
extend-select = ["SRC210"]
ignore = ["tiny-box"]
fail-on = "warning"
max-per-rule = 3
output-format = "grouped"
jobs = 2
memory-limit = "2GB"
skip-unrecognised = true

[rules.ANN203]
severity = "warning"
slack = 2.5

[expect]
task = "instances"
masks = true
classes = ["cat", "dog"]

[sources."**/val.json"]
boxes = "normalised"
"""


def test_every_key(tmp_path: Path) -> None:
    settings = settings_of(written(tmp_path, FULL))
    assert settings.select == ("ANN", "IMG")
    assert settings.extend_select == ("SRC210",)
    assert settings.ignore == ("tiny-box",)
    assert (settings.fail_on, settings.max_per_rule, settings.output_format) == ("warning", 3, "grouped")
    assert (settings.jobs, settings.memory_limit, settings.skip_unrecognised) == (2, "2GB", True)
    assert settings.parameters == {"ANN203": {"slack": 2.5}}
    assert settings.severities == {"ANN203": "warning"}
    expected = settings.expectations.for_source("data/val.json")
    assert (expected.task, expected.masks, expected.boxes) == ("instances", True, "normalised")
    assert settings.expectations.for_source("data/train.json").boxes is None


def test_nothing_said_is_the_default() -> None:
    settings = resolve(["."], Given(), None)
    assert settings.select == ("ALL",)
    assert settings.fail_on == "error"
    assert set(settings.origins.values()) == {"default"}


def test_command_line_is_stronger(tmp_path: Path) -> None:
    file = written(tmp_path, FULL)
    given = Given(select=["CAT"], fail_on="never", parameters={"ANN203": {"slack": 1.0}}, expect={"masks": False})
    settings = settings_of(file, given)
    assert settings.select == ("CAT",)
    assert settings.extend_select == settings.ignore == ()  # --select begins anew
    assert settings.parameters == {"ANN203": {"slack": 1.0}}
    assert settings.expectations.for_source("val.json").masks is False
    assert settings.origins["fail_on"] == "command line"
    assert settings.origins["jobs"] == str(file)


def test_ignore_adds_and_extend_select_takes_back(tmp_path: Path) -> None:
    file = written(tmp_path, FULL)
    assert settings_of(file, Given(ignore=["ANN1"])).ignore == ("tiny-box", "ANN1")
    assert settings_of(file, Given(extend_select=["tiny-box"])).ignore == ()


def test_a_folder_of_rules_is_relative_to_the_file(tmp_path: Path) -> None:
    (tmp_path / "rules").mkdir()
    assert settings_of(written(tmp_path, 'rule-packs = ["./rules"]')).rule_packs == (tmp_path / "rules",)
    with pytest.raises(ConfigError, match="rule-packs: no rule pack nowhere"):
        settings_of(written(tmp_path, 'rule-packs = ["nowhere"]'))
    with pytest.raises(UsageError, match="--rules-dir: no such folder"):
        resolve(["."], Given(rules_dirs=[str(tmp_path / "nowhere")]), None)


def test_described_names_every_setting_and_its_origin(tmp_path: Path) -> None:
    file = written(tmp_path, FULL)
    rows = {name: (value, origin) for name, value, origin in described(settings_of(file, Given(jobs=1)))}
    assert rows["jobs"] == ("1", "command line")
    assert rows["fail-on"] == ("warning", str(file))
    assert rows["rules.ANN203.slack"] == ("2.5", str(file))
    assert rows["rules.ANN203.severity"] == ("warning", str(file))
    assert rows["expect.classes"] == ("cat, dog", str(file))
    assert rows['sources."**/val.json".boxes'] == ("normalised", str(file))


# finding the file


def test_found_upwards(tmp_path: Path) -> None:
    file = written(tmp_path, "")
    deep = tmp_path / "a" / "b"
    deep.mkdir(parents=True)
    (deep / "x.json").write_text("{}")
    assert find_config(deep) == file
    assert find_config(deep / "x.json") == file
    nearer = written(tmp_path / "a", "jobs = 1")
    assert find_config(deep) == nearer


def test_own_file_before_pyproject_and_pyproject_only_with_the_table(tmp_path: Path) -> None:
    written(tmp_path / "a", "[tool.other]\nx = 1\n", "pyproject.toml")
    outer = written(tmp_path, "[tool.datacheck]\njobs = 3\n", "pyproject.toml")
    assert find_config(tmp_path / "a") == outer
    assert load_config(outer).config.jobs == 3
    own = written(tmp_path, "jobs = 4")
    assert find_config(tmp_path / "a") == own


# errors: one line, the file first, the key named


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("slect = []", "no such key: slect. Did you mean select?"),
        ("zzz = 1", "no such key: zzz. The keys are: select,"),
        ("fail_on = 'error'", "no such key: fail_on. Did you mean fail-on?"),
        ("jobs = 'two'", "jobs must be a whole number, not 'two'"),
        ("jobs = 0", "jobs must be a whole number >= 1, not 0"),
        ("max-per-rule = -1", "max-per-rule must be a whole number >= 0, not -1"),
        ("fail-on = 'eror'", "fail-on must be one of error, warning, info, never, not 'eror'. Did you mean error?"),
        ("output-format = 7", "output-format must be one of full, concise,"),
        ("select = 'ANN'", "select must be a list, not 'ANN'"),
        ("select = [1]", "select[0] must be text in quotes, not 1"),
        ("skip-unrecognised = 1", "skip-unrecognised must be true or false, not 1"),
        ("rules = 1", "rules must be a table, not 1"),
        ("[rules.ANN203]\nseverity = 'bad'", "[rules.ANN203] severity must be error, warning or info, not 'bad'"),
        ("memory-limit = 'much'", "memory-limit much: write it as 512MB or 4GB"),
        ("[expect]\ntaks = 'x'", "[expect] no such expectation: taks. Did you mean task?"),
        ("[expect]\nboxes = 'xyhw'", "[expect] boxes must be one of xywh, xyxy,"),
        ("[sources.'a*']\nsplits = ['train']", '[sources."a*"] splits are expected of the whole dataset'),
        ("jobs = ", "not valid TOML"),
    ],
)
def test_errors_name_the_key(tmp_path: Path, text: str, says: str) -> None:
    file = written(tmp_path, text)
    with pytest.raises(ConfigError) as caught:
        load_config(file)
    assert str(caught.value).startswith(f"{file}: ")
    assert says in str(caught.value)
    assert "\n" not in str(caught.value)


def test_files_that_cannot_be_used(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="no such configuration file"):
        load_config(tmp_path / "none.toml")
    with pytest.raises(ConfigError, match=r"no \[tool.datacheck\] table"):
        load_config(written(tmp_path, "", "pyproject.toml"))
    latin = tmp_path / "datacheck.toml"
    latin.write_bytes(b"# caf\xe9\n")
    with pytest.raises(ConfigError, match="not UTF-8"):
        load_config(latin)


def test_the_keys_of_the_file_are_pinned() -> None:
    assert Config.__struct_encode_fields__ == (
        "select", "extend-select", "ignore", "fail-on", "max-per-rule", "output-format", "rule-packs", "jobs",
        "memory-limit", "depth", "skip-unrecognised", "rules", "expect", "sources",
    )  # fmt: skip
