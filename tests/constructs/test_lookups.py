"""Ids in the place of references: of resources of the same stack, and of objects of the workspace."""

from __future__ import annotations

from typing import Any

import pytest

from datamesh.bindings import databricks
from datamesh.lookups import Lookups
from mesh.model.compute_object import Lookup


def resolve(synth: Any, value: Any) -> tuple[Any, dict[str, Any]]:
    """The value with its ids in Terraform JSON, and the data sources of the stack."""

    def build(scope: Any) -> None:
        databricks.directory.Directory(scope, "user", path="/x").add_override(
            "value", Lookups(scope).resolve(value)
        )

    stack = synth(build)
    return stack["resource"]["databricks_directory"]["user"]["value"], stack.get("data", {})


def test_values_without_a_lookup_stay_equal(synth) -> None:
    value = {"name": "x", "sizes": [1, 2.5, 0, True, ""], "nested": {"list": [{"a": "b"}]}}

    assert resolve(synth, value) == (value, {})


def test_a_lookup_is_resolved_however_deep_it_is(synth) -> None:
    value = {"tasks": ({"sql_task": {"warehouse_id": Lookup("sql_warehouse", None, {"name": "bi"})}},)}

    assert resolve(synth, value) == (
        {"tasks": [{"sql_task": {"warehouse_id": "${data.databricks_sql_warehouse.bi.id}"}}]},
        {"databricks_sql_warehouse": {"bi": {"name": "bi"}}},
    )


def test_the_id_of_a_resource_of_the_stack_is_not_looked_up_in_the_workspace(synth) -> None:
    resolved = []

    def build(scope: Any) -> None:
        lookups = Lookups(scope)
        lookups.add("cluster_policy", "small", "${databricks_cluster_policy.small.id}")
        resolved.append(lookups.resolve({"policy_id": Lookup("cluster_policy", "small")}))

    assert synth(build) == {}
    assert resolved == [{"policy_id": "${databricks_cluster_policy.small.id}"}]


@pytest.mark.parametrize("kind", ["job", "pipeline"])
def test_a_job_or_pipeline_of_the_stack_may_be_created_after_its_reference(synth, kind: Any) -> None:
    """The reference does not need `add` before."""
    assert resolve(synth, [Lookup(kind, "prep")]) == ([f"${{databricks_{kind}.prep.id}}"], {})


@pytest.mark.parametrize(
    ("kind", "source", "arguments"),
    [
        ("cluster_policy", "databricks_cluster_policy", {"name": "x"}),
        ("instance_pool", "databricks_instance_pool", {"name": "x"}),
        ("cluster", "databricks_cluster", {"cluster_name": "x"}),
        ("sql_warehouse", "databricks_sql_warehouse", {"name": "x"}),
        ("job", "databricks_job", {"job_name": "x"}),
        ("pipeline", "databricks_pipelines", {"pipeline_name": "x"}),
    ],
)
def test_each_kind_is_looked_up_by_its_name(synth, kind: Any, source: str, arguments: dict[str, str]) -> None:
    lookup = Lookup(kind, None, {"name": "x"})

    assert resolve(synth, [lookup, lookup])[1] == {source: {"x": arguments}}


def test_the_id_of_a_pipeline_is_the_only_match_of_its_name(synth) -> None:
    """The provider returns a set of ids; `one` fails where several pipelines have the name."""
    [resolved], _ = resolve(synth, [Lookup("pipeline", None, {"name": "trips"})])

    assert resolved == "${one(data.databricks_pipelines.trips.ids)}"


def test_a_node_type_without_requirements_is_the_smallest(synth) -> None:
    assert resolve(synth, [Lookup("node_type")])[1] == {"databricks_node_type": {"smallest": {}}}


def test_names_with_the_same_identifier_have_two_data_sources(synth) -> None:
    names = ["by hand", "by_hand"]
    resolved, data = resolve(synth, [Lookup("cluster", None, {"name": name}) for name in names])

    assert sorted(source["cluster_name"] for source in data["databricks_cluster"].values()) == names
    assert data["databricks_cluster"]["by_hand"] == {"cluster_name": "by hand"}
    assert len(set(resolved)) == 2
