"""The base of resource types: request bodies, and errors after a creation."""

import pytest

from local.provider.api import ApiError
from local.provider.resource_type import IncompleteCreation, Known, after_creation, changed, exactly_one
from tests.support.rest_api import FakeRestApi, resource

SCHEMAS = "/api/2.1/unity-catalog/schemas"


def test_a_body_has_no_id_and_no_computed_or_zero_values() -> None:
    pool, context = resource("databricks_instance_pool", FakeRestApi({}))
    planned = {"id": "p", "instance_pool_name": "", "max_capacity": 0}
    assert pool.body(context, {**planned, "min_idle_instances": 1}) == {
        "instance_pool_name": "",
        "min_idle_instances": 1,
        "custom_tags": None,
    }


def test_a_body_may_be_limited_to_some_attributes() -> None:
    schema, context = resource("databricks_schema", FakeRestApi({}))
    planned = {"name": "s", "catalog_name": "c", "owner": "o", "force_destroy": True}
    assert schema.body(context, planned, ("name", "owner")) == {"name": "s", "owner": "o"}


def test_after_the_creation_every_value_of_the_workspace_is_taken_over() -> None:
    pool, context = resource("databricks_instance_pool", FakeRestApi({}))
    answer = {"instance_pool_name": "n", "min_idle_instances": 2, "node_type_id": ""}
    written = pool.written(context, answer, Known({}, created=True))
    assert (written["instance_pool_name"], written["min_idle_instances"]) == ("n", 2)
    assert (written["max_capacity"], "node_type_id" in written) == (0, False)


def test_later_only_what_is_computed_or_set_is_read() -> None:
    """A default of the workspace would else look like a change."""
    pool, context = resource("databricks_instance_pool", FakeRestApi({}))
    answer = {"instance_pool_name": "n", "instance_pool_id": "p", "min_idle_instances": 2}
    assert pool.written(context, answer, Known({"instance_pool_name": "m", "min_idle_instances": 0})) == {
        "instance_pool_name": "n",
        "instance_pool_id": "p",
    }


def test_null_and_zero_are_no_change() -> None:
    assert not changed({"a": 0}, {"a": None}, "a")
    assert changed({"a": 1}, {"a": None}, "a")


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
    assert pool.read(context, "p", Known({}, created=True))["max_capacity"] == 2
    pool.delete(context, "p", {})
    assert workspace.sent(f"POST {prefix}/edit") == {
        "instance_pool_name": "n",
        "max_capacity": 2,
        "instance_pool_id": "p",
        "custom_tags": None,
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
