"""The base of resource types: request bodies, and errors after a creation."""

import pytest

from local.provider.api import ApiError
from local.provider.resource_type import IncompleteCreation, after_creation, exactly_one
from tests.support.rest_api import FakeRestApi, resource

SCHEMAS = "/api/2.1/unity-catalog/schemas"


def test_a_body_has_no_id_and_no_computed_or_terraform_only_attributes() -> None:
    schema, context = resource("databricks_schema", FakeRestApi({}))
    planned = {"id": "c.s", "name": "s", "catalog_name": "c", "schema_id": "1", "force_destroy": True}
    assert schema.body(context, planned) == {"name": "s", "catalog_name": "c"}


def test_a_change_sends_only_values_that_differ() -> None:
    schema, context = resource("databricks_schema", FakeRestApi({}))
    prior = {"name": "s", "comment": "old", "owner": "o"}
    assert schema.changes(context, {**prior, "comment": "new"}, prior) == {"comment": "new"}


def test_an_attribute_that_is_no_longer_set_is_cleared() -> None:
    schema, context = resource("databricks_schema", FakeRestApi({}))
    prior = {"comment": "old", "properties": {"a": "b"}}
    assert schema.changes(context, {"comment": None, "properties": None}, prior) == {
        "comment": "",
        "properties": {},
    }


def test_a_rest_resource_has_one_path_per_object() -> None:
    path = f"{SCHEMAS}/c.s%2Fx"
    workspace = FakeRestApi({f"DELETE {SCHEMAS}/c.s/x": {}})
    schema, context = resource("databricks_schema", workspace)
    assert schema.path("c.s/x") == path  # type: ignore[attr-defined]
    schema.delete(context, "c.s/x", {})
    assert workspace.calls == [f"DELETE {SCHEMAS}/c.s/x"]


def test_an_rpc_resource_has_one_path_per_verb() -> None:
    prefix = "/api/2.0/instance-pools"
    workspace = FakeRestApi(
        {
            f"POST {prefix}/create": {"instance_pool_id": "p"},
            f"POST {prefix}/edit": {},
            f"GET {prefix}/get": {"instance_pool_name": "n", "max_capacity": 2},
            f"POST {prefix}/delete": {},
        }
    )
    pool, context = resource("databricks_instance_pool", workspace)
    assert pool.create(context, {"instance_pool_name": "n"}) == "p"
    assert pool.update(context, "p", {"instance_pool_name": "n", "max_capacity": 2}, {}) == "p"
    assert pool.read(context, "p", {})["max_capacity"] == 2
    pool.delete(context, "p", {})
    assert workspace.sent(f"POST {prefix}/edit") == {
        "instance_pool_name": "n",
        "max_capacity": 2,
        "instance_pool_id": "p",
    }
    assert workspace.sent(f"POST {prefix}/delete") == {"instance_pool_id": "p"}


def test_a_failure_after_the_creation_keeps_the_id() -> None:
    cause = ApiError(403, "PERMISSION_DENIED", "no", "PATCH /x")
    with pytest.raises(IncompleteCreation) as raised, after_creation("7"):
        raise cause
    assert (raised.value.resource_id, raised.value.cause) == ("7", cause)


@pytest.mark.parametrize("planned", [{}, {"a": "1", "b": "2"}, {"a": None}])
def test_exactly_one_attribute_must_be_set(planned: dict[str, str | None]) -> None:
    assert exactly_one({"b": "2", "a": None}, ["a", "b"]) == ("b", "2")
    with pytest.raises(ApiError, match="set exactly one of a, b"):
        exactly_one(planned, ["a", "b"])
