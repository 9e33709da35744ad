"""Clusters against a fake workspace."""

from typing import Any

import pytest

from local.provider.clusters import cluster_spec, installed_key, library_key
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
    verbs = [f"POST {CLUSTERS}/{verb}" for verb in ("edit", "resize", "pin", "unpin", "start", "delete")]
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


def resized(planned: dict[str, Any], prior: dict[str, Any]) -> Any:
    """Return how a cluster is resized."""
    return changed(planned, prior).sent(f"POST {CLUSTERS}/resize")


def test_a_resize_sends_the_size_that_changes() -> None:
    few, many = ([{"min_workers": 1, "max_workers": most}] for most in (2, 8))
    scaled = {"autoscale": {"min_workers": 1, "max_workers": 8}}
    assert resized({"autoscale": many}, {"autoscale": few}) == {"cluster_id": "c", **scaled}
    assert resized({"autoscale": many}, {"num_workers": 2}) == {"cluster_id": "c", **scaled}
    assert resized({"num_workers": 2}, {"autoscale": few}) == {"cluster_id": "c", "num_workers": 2}
    beside = {"autoscale": few, "num_workers": 2}
    assert resized(beside, {"autoscale": few, "num_workers": 1}) == {"cluster_id": "c", "num_workers": 2}


def test_the_removal_of_the_autoscaling_alone_sends_no_size() -> None:
    """A flaw of the provider: the cluster keeps its size."""
    assert resized({}, {"autoscale": [{"min_workers": 1, "max_workers": 2}]}) == {"cluster_id": "c"}


def test_a_stopped_cluster_is_started_for_its_libraries_and_stopped_again() -> None:
    library = {"library": [{"jar": "/x.jar"}, {"jar": "/z.jar"}, {"whl": "/y.whl"}, {"jar": "/y.jar"}]}
    workspace = changed(library, {}, state="TERMINATED")
    assert [call for call in workspace.calls if call.startswith("POST")] == [
        f"POST {CLUSTERS}/start",
        f"POST {LIBRARIES}/install",
        f"POST {CLUSTERS}/delete",
    ]
    assert workspace.sent(f"POST {LIBRARIES}/install")["libraries"] == [
        {"jar": "/y.jar"},
        {"jar": "/z.jar"},
        {"whl": "/y.whl"},
    ]


def test_the_driver_moves_with_the_workers_to_another_pool() -> None:
    old, new = ({"instance_pool_id": pool, "driver_instance_pool_id": "a"} for pool in ("a", "b"))
    assert changed(new, old).sent(f"POST {CLUSTERS}/edit")["driver_instance_pool_id"] == "b"
    apart = {**old, "driver_instance_pool_id": "d"}
    kept = changed({**new, "driver_instance_pool_id": "d"}, apart)
    assert kept.sent(f"POST {CLUSTERS}/edit")["driver_instance_pool_id"] == "d"


def test_both_kinds_of_workload_are_sent_and_mounts_are_not() -> None:
    cluster, context = resource("databricks_cluster", FakeRestApi({}))
    planned = {
        "workload_type": [{"clients": [{"jobs": False, "notebooks": True}]}],
        "cluster_mount_info": [{"local_mount_dir_path": "/m"}],
        "idempotency_token": "t",
    }
    assert cluster.body(context, planned) == {
        "num_workers": 0,
        "workload_type": {"clients": {"jobs": False, "notebooks": True}},
    }


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


@pytest.mark.parametrize(
    ("library", "key"),
    [
        ({"whl": "/a.whl", "jar": "/a.jar"}, "whl:/a.whl"),
        ({"egg": "/a.egg"}, "egg:/a.egg"),
        ({"pypi": {"package": "a", "repo": "r"}}, "pypi:ra"),
        ({"maven": {"coordinates": "a:b:1", "exclusions": ["c:d"]}}, "maven:a:b:1c:d"),
        ({"requirements": "/r.txt"}, "unknown"),
    ],
)
def test_an_installed_library_is_the_declared_one_with_the_same_key(
    library: dict[str, Any], key: str
) -> None:
    assert installed_key(library) == key
