"""Row filters and column masks in workspaces and states."""

from __future__ import annotations

from types import SimpleNamespace as Object
from typing import Any

from mesh.terraform.policies import find_policy
from mesh.terraform.state import State


def test_a_policy_is_found_by_its_schema_and_name() -> None:
    asked: list[tuple[str, ...]] = []
    client: Any = Object(policies=Object(get_policy=lambda *names: asked.append(names)))

    assert find_policy(client, "SCHEMA.main.sales.hide").id == "SCHEMA,main.sales,hide"
    assert asked == [("SCHEMA", "main.sales", "hide")]


def test_a_state_knows_the_policy_by_the_same_id() -> None:
    """Its attribute `id` is another one, by which nothing is imported."""
    policy = {"id": "8", "policy_type": "POLICY_TYPE_ROW_FILTER", "name": "hide"}
    policy |= {"on_securable_type": "SCHEMA", "on_securable_fullname": "main.sales"}
    assert State({"databricks_policy_info.a": policy}).ids == {
        ("databricks_policy_info", "SCHEMA,main.sales,hide")
    }
