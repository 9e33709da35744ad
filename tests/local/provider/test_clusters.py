"""Clusters, policies and pools against a fake workspace."""

from typing import Any

import pytest

from local.provider.clusters import cluster_spec, library_key
from local.provider.resource_type import IncompleteCreation, Known
from tests.support.rest_api import FakeRestApi, resource

CLUSTERS = "/api/2.1/clusters"
LIBRARIES = "/api/2.0/libraries"


def test_a_cluster_is_pinned_installs_its_libraries_and_is_running() -> None:
    workspace = FakeRestApi(
        {
            f"POST {CLUSTERS}/create": {"cluster_id": "c"},
            f"POST {CLUSTERS}/pin": {},
            f"POST {LIBRARIES}/install": {},
            f"GET {CLUSTERS}/get": {"state": "RUNNING"},
        }
    )
    cluster, context = resource("databricks_cluster", workspace)
    planned = {"cluster_name": "n", "is_pinned": True, "library": [{"jar": "/x.jar"}]}
    assert cluster.create(context, planned) == "c"
    assert workspace.calls == list(workspace.answers)
    assert workspace.sent(f"POST {CLUSTERS}/create") == {"cluster_name": "n", "num_workers": 0}
    assert workspace.sent(f"POST {LIBRARIES}/install")["libraries"] == [{"jar": "/x.jar"}]


INSTALLED = {"library_statuses": [{"library": {"jar": "/x.jar"}}]}


def changed(planned: dict[str, Any], prior: dict[str, Any], state: str = "RUNNING") -> FakeRestApi:
    """Change a cluster; return the workspace."""
    verbs = [f"POST {CLUSTERS}/{verb}" for verb in ("edit", "resize", "pin", "unpin")]
    verbs += [f"POST {LIBRARIES}/{verb}" for verb in ("install", "uninstall")]
    reads = {f"GET {CLUSTERS}/get": {"state": state}, f"GET {LIBRARIES}/cluster-status": INSTALLED}
    workspace = FakeRestApi({**{key: {} for key in verbs}, **reads})
    cluster, context = resource("databricks_cluster", workspace)
    cluster.update(context, "c", planned, prior)
    return workspace


def test_removed_libraries_are_uninstalled_and_the_cluster_is_unpinned() -> None:
    workspace = changed({}, {"is_pinned": True, "library": [{"jar": "/x.jar"}]})
    assert [call for call in workspace.calls if call.startswith("POST")] == [
        f"POST {CLUSTERS}/unpin",
        f"POST {LIBRARIES}/uninstall",
    ]


def test_a_library_that_is_installed_already_is_not_installed_again() -> None:
    workspace = changed({"library": [{"jar": "/x.jar"}, {"jar": "/y.jar"}]}, {})
    assert workspace.sent(f"POST {LIBRARIES}/install")["libraries"] == [{"jar": "/y.jar"}]


def test_a_running_cluster_of_which_only_the_size_changes_is_resized() -> None:
    assert changed({"num_workers": 2}, {"num_workers": 1}).sent(f"POST {CLUSTERS}/resize") == {
        "cluster_id": "c",
        "num_workers": 2,
    }
    stopped = changed({"num_workers": 2}, {"num_workers": 1}, state="TERMINATED")
    assert f"POST {CLUSTERS}/edit" in stopped.calls
    other = changed({"num_workers": 2, "cluster_name": "n"}, {"num_workers": 1})
    assert f"POST {CLUSTERS}/edit" in other.calls


def test_libraries_are_read_only_for_a_cluster_that_declares_some() -> None:
    answers = {f"GET {CLUSTERS}/get": {"cluster_name": "n"}, f"GET {CLUSTERS}/list": {"clusters": []}}
    installed = {"library_statuses": [{"library": {"jar": "/x.jar"}}]}
    workspace = FakeRestApi({**answers, f"GET {LIBRARIES}/cluster-status": installed})
    cluster, context = resource("databricks_cluster", workspace)
    assert "library" not in cluster.read(context, "c", Known({}))
    assert cluster.read(context, "c", Known({"library": [{"jar": "/y.jar"}]}))["library"] == [
        {"jar": "/x.jar"}
    ]


def test_a_cluster_that_fails_to_start_keeps_its_id() -> None:
    workspace = FakeRestApi(
        {f"POST {CLUSTERS}/create": {"cluster_id": "c"}, f"GET {CLUSTERS}/get": {"state": "ERROR"}}
    )
    cluster, context = resource("databricks_cluster", workspace)
    with pytest.raises(IncompleteCreation, match="cluster c is ERROR") as raised:
        cluster.create(context, {})
    assert raised.value.resource_id == "c"


def test_an_instance_pool_decides_the_machines() -> None:
    body = {
        "instance_pool_id": "p",
        "node_type_id": "x",
        "driver_node_type_id": "x",
        "aws_attributes": {"availability": "SPOT", "instance_profile_arn": "a"},
    }
    assert cluster_spec(body) == {
        "instance_pool_id": "p",
        "num_workers": 0,
        "aws_attributes": {"instance_profile_arn": "a"},
    }
    assert cluster_spec({"driver_instance_pool_id": "p", "autoscale": {}}) == {"autoscale": {}}


@pytest.mark.parametrize(
    ("library", "key"),
    [
        ({"whl": "/a.whl", "jar": ""}, "whl:/a.whl"),
        ({"pypi": [{"package": "a", "repo": ""}]}, "pypi:a"),
        ({"maven": [{"coordinates": "a:b:1"}]}, "maven:a:b:1"),
        ({"cran": [{"package": "c"}]}, "cran:c"),
        ({}, ""),
    ],
)
def test_a_library_is_identified_by_what_it_installs(library: dict[str, Any], key: str) -> None:
    assert library_key(library) == key


def test_a_policy_is_read_by_its_id() -> None:
    path = "/api/2.0/policies/clusters/get"
    answer = {"name": "p", "policy_id": "1", "max_clusters_per_user": 2}
    policy, context = resource("databricks_cluster_policy", FakeRestApi({f"GET {path}": answer}))
    state = policy.read(context, "1", Known({}, created=True))
    assert (state["policy_id"], state["name"], state["max_clusters_per_user"]) == ("1", "p", 2)
