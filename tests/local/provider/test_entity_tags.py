"""Tags of tables and columns against a fake workspace."""

from __future__ import annotations

import pytest

from local.provider.api import ApiError
from local.provider.resource_type import Known
from tests.support.rest_api import FakeRestApi, resource

TAGS = "/api/2.1/unity-catalog/entity-tag-assignments"
ONE = f"{TAGS}/columns/main.sales.trips.fare/tags/pii"
TAG = {"entity_type": "columns", "entity_name": "main.sales.trips.fare", "tag_key": "pii", "tag_value": "no"}


def test_a_tag_is_created_read_and_deleted() -> None:
    workspace = FakeRestApi({f"POST {TAGS}": TAG, f"GET {ONE}": TAG, f"DELETE {ONE}": {}})
    tag, context = resource("databricks_entity_tag_assignment", workspace)
    assert tag.create(context, TAG) == "columns,main.sales.trips.fare,pii"
    assert workspace.sent(f"POST {TAGS}") == TAG
    assert tag.read(context, tag.id_of(TAG), Known(TAG)) == TAG
    tag.delete(context, tag.id_of(TAG), TAG)


def test_a_value_that_is_gone_is_read_as_none() -> None:
    workspace = FakeRestApi({f"GET {ONE}": {name: TAG[name] for name in TAG if name != "tag_value"}})
    tag, context = resource("databricks_entity_tag_assignment", workspace)
    assert tag.read(context, tag.id_of(TAG), Known(TAG))["tag_value"] is None


def test_an_id_without_three_parts_is_refused() -> None:
    tag, context = resource("databricks_entity_tag_assignment", FakeRestApi({}))
    with pytest.raises(ApiError, match="is not <entity type>"):
        tag.read(context, "columns,main.sales.trips.fare", Known({}))
