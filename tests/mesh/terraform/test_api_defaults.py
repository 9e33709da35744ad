"""The table of the API's settings and defaults."""

from __future__ import annotations

import pytest

from mesh.documents.provider_fields import names, shape
from mesh.terraform.api_defaults import CREATOR, OBJECT_APIS


@pytest.mark.parametrize("type", OBJECT_APIS)
def test_every_setting_is_an_attribute_of_the_provider(type: str) -> None:
    resource = type.removeprefix("databricks_")
    known = (
        {one.terraform for one in shape(resource).fields.values()}
        if resource in names("resources")
        else set()
    )

    assert set(OBJECT_APIS[type].fields) - known == set()


@pytest.mark.parametrize(
    "name",
    [
        *("schedule", "trigger", "continuous", "email_notifications", "webhook_notifications"),
        *("timeout_seconds", "queue", "health", "description", "notification_settings", "tags", "parameter"),
        "run_as",
    ],
)
def test_all_settings_of_a_job_that_people_change_in_the_user_interface_are_compared(name: str) -> None:
    assert name in OBJECT_APIS["databricks_job"].fields


def test_only_the_creator_is_the_default_of_an_owner() -> None:
    owners = {type: one.fields["owner"] for type, one in OBJECT_APIS.items() if "owner" in one.fields}

    assert set(owners.values()) == {(CREATOR,)}
    assert len(owners) == 6
