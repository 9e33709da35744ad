"""Terraform names that nobody chose, compared with cdktf's."""

from __future__ import annotations

import pytest

from datamesh.bindings import Construct, cdktf, databricks
from datamesh.cdktf_in_python.logical_id import logical_id


@pytest.mark.parametrize(
    "ids",
    [
        ["User"],
        ["a-b c"],
        ["Lookups", 'cluster {"name": "Å"}'],
        ["Org", "Domain", "Resource"],
        ["Default", "One", "a One", "One"],
        ["x" * 200, "y" * 200],
    ],
)
def test_the_name_is_that_of_cdktf(ids: list[str]) -> None:
    scope: Construct = cdktf.TerraformStack(cdktf.App(), "stack")
    for id in ids[:-1]:
        scope = Construct(scope, id)
    made = databricks.user.User(scope, ids[-1], user_name="ada@acme.example")

    assert logical_id(ids) == made.friendly_unique_id
