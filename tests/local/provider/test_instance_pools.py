"""Instance pools against a fake workspace."""

from tests.support.rest_api import FakeRestApi, resource

POOLS = "/api/2.0/instance-pools"


def test_a_pool_without_tags_is_sent_with_none() -> None:
    """So that a change removes the tags."""
    workspace = FakeRestApi({f"POST {POOLS}/edit": {}})
    pool, context = resource("databricks_instance_pool", workspace)
    pool.update(context, "1", {"instance_pool_name": "p", "idle_instance_autotermination_minutes": 5}, {})
    assert workspace.sent(f"POST {POOLS}/edit") == {
        "custom_tags": None,
        "idle_instance_autotermination_minutes": 5,
        "instance_pool_id": "1",
        "instance_pool_name": "p",
    }
