"""Which rules are on, and the packs."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path

import pytest
from pydantic import ValidationError

from mesh.model.rules_file import RuleSettings, RulesFile
from mesh.rules.rule import BUILT_IN, PACKS, built_in_rules

PAGE = Path(__file__).resolve().parents[3] / "docs" / "rules.md"


def on(declared: Mapping[str, object]) -> dict[str, str]:
    """The rules that are on, with the severity of their findings."""
    return {rule.name: rule.severity for rule in built_in_rules(RulesFile.model_validate(declared))}


def test_without_a_file_no_rule_is_on() -> None:
    assert on({}) == {}


def test_a_pack_turns_its_rules_on() -> None:
    assert on({"packs": {"access": "warning", "jobs": "ignore"}}) == {
        "no-all-privileges": "warning",
        "no-grants-to-everybody": "warning",
    }


def test_a_rule_overrides_its_pack() -> None:
    declared = {
        "packs": {"access": "warning"},
        "rules": {"no-all-privileges": {"level": "error"}, "no-grants-to-everybody": {"level": "ignore"}},
    }

    assert on(declared) == {"no-all-privileges": "error"}


def test_a_rule_that_is_named_is_on_with_the_level_of_its_pack_or_as_an_error() -> None:
    assert on({"rules": {"job-timeout": {"longest": 60}}}) == {"job-timeout": "error"}
    named = {"packs": {"jobs": "warning"}, "rules": {"job-timeout": {"longest": 60}}}
    assert set(on(named).values()) == {"warning"}
    assert on({"packs": {"jobs": "ignore"}, "rules": {"job-timeout": {}}}) == {"job-timeout": "error"}


def test_every_built_in_rule_has_settings_in_the_file_and_every_pack_has_rules() -> None:
    fields = {field.alias or name for name, field in RuleSettings.model_fields.items()}

    assert fields == set(BUILT_IN)
    assert {rule.pack for rule in BUILT_IN.values()} == set(PACKS)


def test_settings_are_bounded() -> None:
    for wrong in (
        {"job-timeout": {"longest": 0}},
        {"name-style": {"longest": 256}},
        {"has-tags": {"tags": []}},
    ):
        with pytest.raises(ValidationError):
            RulesFile.model_validate({"rules": wrong})


def test_the_documentation_has_every_rule_with_its_pack_and_first_sentence() -> None:
    rows = re.findall(
        r"^\| `([\w-]+)` \| `(\w+)` \| (.+?) \|", PAGE.read_text(encoding="utf-8"), re.MULTILINE
    )
    expected = [
        (name, rule.pack, (rule.check.__doc__ or "").splitlines()[0].strip())
        for name, rule in BUILT_IN.items()
    ]

    assert rows == expected
