"""Rule `classification`."""

from __future__ import annotations

from tests.mesh.rules.conftest import ORDERS, TASKS, Found

RULE = "rules: {classification: {values: [open, secret]}}"


def test_a_known_class_is_fine(found: Found) -> None:
    assert found(RULE, {ORDERS: "tags: {classification: open}\n" + TASKS}) == []


def test_no_class_and_an_unknown_class_are_found(found: Found) -> None:
    assert found(RULE) == [
        "deployment.yml:1: the job does not classify its data (add the tag `classification`: one of open, "
        "secret) [classification]"
    ]
    (message,) = found(RULE, {ORDERS: TASKS + "tags: {classification: opne}\n"})
    assert message.startswith("deployment.yml:2: `opne` is not a class of data (one of open, secret;")
