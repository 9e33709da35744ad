"""Waivers of rules."""

from __future__ import annotations

import pytest

from tests.mesh.rules.conftest import Checked, Found, told

WAIVER = "{{rule: {rule}, path: {path}, reason: migration, owner: shop-team, until: '{until}'}}"


def rules(
    rule: str = "job-timeout", path: str = "acme/sales", until: str = "2026-12-01", level: str = "error"
) -> str:
    waiver = WAIVER.format(rule=rule, path=path, until=until)
    return f"rules: {{job-timeout: {{level: {level}}}}}\nwaivers:\n- {waiver}\n"


@pytest.mark.parametrize("path", ["acme", "acme/sales", "acme/sales/shop", "acme/sales/shop/prep/orders"])
def test_a_waiver_covers_what_is_below_its_path_until_the_end_of_its_last_day(
    path: str, found: Found
) -> None:
    assert found(rules(path=path)) == []


def test_an_expired_waiver_covers_nothing_and_is_found_itself(checked: Checked) -> None:
    findings = checked(rules(until="2026-11-30", level="warning")).findings

    assert {one.severity for one in findings} == {"warning"}, "as severe as the rule"
    assert [one.code for one in findings] == ["job-timeout", "waiver-expired"]
    assert told(findings[1]) == (
        "rules.yml:3: warning: the waiver of `job-timeout` for acme/sales ended on 2026-11-30 "
        "(shop-team removes the cause, or agrees on another date)"
    )


def test_a_waiver_of_another_path_covers_nothing_and_may_be_removed(found: Found) -> None:
    for path in ("acme/sale", "acme/sales/shop/prep/order", "sales"):
        assert found(rules(path=path))[1:] == [
            f"rules.yml:3: warning: nothing at {path} breaks `job-timeout` (remove the waiver)"
        ]


def test_a_waiver_of_an_unknown_rule_is_an_error(found: Found) -> None:
    assert "rules.yml:3: `job-timout` is not a rule (did you mean `job-timeout`?)" in found(
        rules("job-timout")
    )
