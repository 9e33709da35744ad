"""Rule `job-failure-notification`."""

from __future__ import annotations

import pytest

from tests.mesh.rules.conftest import ORDERS, TASKS, Found

RULE = "rules: {job-failure-notification: {}}"


@pytest.mark.parametrize(
    "text",
    [
        "email_notifications: {on_failure: [team@acme.example]}\n",
        "webhook_notifications: {on_failure: [{id: abc}]}\n",
    ],
)
def test_somebody_is_told(text: str, found: Found) -> None:
    assert found(RULE, {ORDERS: text + TASKS}) == []


def test_other_events_and_an_empty_list_tell_nobody(found: Found) -> None:
    message = (
        "deployment.yml:2: nobody is told when the job fails (add `email_notifications: {on_failure: …}`) "
        "[job-failure-notification]"
    )
    empty = {
        "orgs/acme/defaults.yml": "email_notifications: {on_failure: [team@acme.example]}",
        ORDERS: TASKS + "email_notifications: {on_failure: []}\n",
    }

    assert found(RULE, {ORDERS: TASKS + "email_notifications: {on_success: [team@acme.example]}\n"}) == [
        message
    ]
    assert found(RULE, empty) == [message]
