"""Selectors."""

from __future__ import annotations

import pytest

from datacheck.errors import UsageError
from datacheck.judge.select import select_rules, unselected_causes
from tests.judge.helpers import make_rule

RULES = {
    rule.code: rule
    for rule in (
        make_rule("ANN203", name="box-outside-image", explained_by={"SRC210": "TRUE", "SRC211": "TRUE"}),
        make_rule("ANN204", name="zero-size-box"),
        make_rule("ANN301", name="missing-segmentation", status="deprecated"),
        make_rule("ANN310", name="odd-polygon", status="preview"),
        make_rule("SRC210", name="boxes-normalised", table="sources", when="box_count > 0"),
        make_rule("SRC211", name="boxes-xyxy", table="sources", when="box_count > 0", status="preview"),
    )
}


def chosen(select: str = "", extend: str = "", ignore: str = "") -> list[str]:
    return [rule.code for rule in select_rules(RULES, select.split(), extend.split(), ignore.split())]


@pytest.mark.parametrize(
    ("select", "extend", "ignore", "codes"),
    [
        ("", "", "", "ANN203 ANN204 ANN301 SRC210"),
        ("ALL", "", "", "ANN203 ANN204 ANN301 SRC210"),
        ("ANN2", "", "", "ANN203 ANN204"),
        ("A", "", "", "ANN203 ANN204 ANN301"),
        ("SRC210 ANN204", "", "", "ANN204 SRC210"),
        ("box-outside-image", "", "", "ANN203"),
        ("", "", "ANN", "SRC210"),
        ("", "", "box-outside-image SRC", "ANN204 ANN301"),
        ("ANN", "", "ANN2", "ANN301"),
        ("ANN203", "", "ANN2", "ANN203"),
        ("ANN203", "", "ANN203", ""),
        ("ANN203", "", "box-outside-image", ""),
        ("ANN", "SRC210", "", "ANN203 ANN204 ANN301 SRC210"),
        ("", "ANN310", "", "ANN203 ANN204 ANN301 ANN310 SRC210"),
        ("ANN3", "", "", "ANN301"),
        ("ANN31", "", "", ""),
        ("odd-polygon", "", "", "ANN310"),
        ("ALL", "", "ALL", ""),
        ("ANN2", "", "ALL", "ANN203 ANN204"),
    ],
)
def test_the_more_exact_selector_decides(select: str, extend: str, ignore: str, codes: str) -> None:
    assert chosen(select, extend, ignore) == codes.split()


@pytest.mark.parametrize(
    ("selector", "advice"),
    [
        ("ANN2O3", "Did you mean ANN203 (box-outside-image)?"),
        ("ann203", "Did you mean ANN203 (box-outside-image)?"),
        ("box-outside-imag", "Did you mean ANN203 (box-outside-image)?"),
        ("Zero-Size-Box", "Did you mean ANN204 (zero-size-box)?"),
        ("ANM", "Did you mean ANN?"),
        ("ANN9", "Did you mean ANN"),
        ("nothing like it", "`datacheck rules list` shows them all"),
        ("", "`datacheck rules list` shows them all"),
        ("ANN2030", "Did you mean ANN203"),
        ("all", ""),
    ],
)
@pytest.mark.parametrize("where", ["select", "extend_select", "ignore"])
def test_an_unknown_selector_is_refused_with_advice(selector: str, advice: str, where: str) -> None:
    with pytest.raises(UsageError) as caught:
        select_rules(RULES, **{where: [selector]})
    assert str(caught.value).startswith(f"no such rule: {selector}. ")
    assert advice in str(caught.value)


def test_causes_that_are_not_selected_are_known_unless_they_are_previews() -> None:
    assert [rule.code for rule in unselected_causes(RULES, select_rules(RULES, ["ANN"]))] == ["SRC210"]
    assert unselected_causes(RULES, select_rules(RULES)) == []
