"""The objects that a tear-down reads, and the requests that remove them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from types import SimpleNamespace
from typing import Any

import pytest
from databricks.sdk.errors import NotFound, PermissionDenied
from databricks.sdk.service import catalog, compute, iam, jobs, ml, pipelines, sql, workspace

from mesh.errors import OutsideError
from mesh.model.schema import DEPLOYMENT_PROPERTY
from mesh.workshop.teardown.inventory import DatabricksInventory
from mesh.workshop.teardown.workspace_object import WorkspaceObject

OLA = "Ola@acme.example"
KEY = {DEPLOYMENT_PROPERTY: f"acme/transport/taxinyc/dev/{OLA}/b/c"}


def raises(error: Exception) -> Callable[..., Any]:
    def ask(*arguments: object, **options: object) -> Iterator[object]:
        raise error
        yield

    return ask


def gives(*items: object) -> Callable[..., Iterator[object]]:
    return lambda *arguments, **options: iter(items)


def schemas(name: str) -> Iterator[catalog.SchemaInfo]:
    if name == "locked":
        raise PermissionDenied("no USE CATALOG\nDetails: x")
    found = {
        "training": [("data", {}), ("information_schema", {}), ("default", {})],
        "transport": [("dev_ola", KEY), ("default", {})],
    }
    for schema, properties in found[name]:
        yield catalog.SchemaInfo(
            full_name=f"{name}.{schema}", name=schema, owner=OLA, created_by=OLA, properties=properties
        )


def client(**others: Any) -> Any:
    """A workspace with a few objects of each type."""
    defaults = {"catalog": "transport", "schema": "dev_ola", "experiment": "/Users/x/e"}
    parameters = [jobs.JobParameterDefinition(name=name, default=value) for name, value in defaults.items()]
    new_cluster = compute.ClusterSpec(policy_id="p1")
    job = jobs.JobSettings(
        name="revenue",
        tags={"git_branch": "b"},
        parameters=parameters,
        job_clusters=[jobs.JobCluster("a", new_cluster)],
        tasks=[jobs.Task("t", new_cluster=compute.ClusterSpec(policy_id="p2")), jobs.Task("u")],
    )
    spec = pipelines.PipelineSpec(catalog="transport", schema="dev_ola", tags={"git_branch": "b"})
    source = compute.ClusterSource
    clusters = [
        compute.ClusterDetails(cluster_id="c1", cluster_name="own", creator_user_name=OLA, cluster_source=source.UI, policy_id="p1"),
        compute.ClusterDetails(cluster_id="c2", cluster_name="of a job", cluster_source=source.JOB),
    ]  # fmt: skip
    tags = sql.EndpointTags([sql.EndpointTagPair("workshop", "oslo")])
    kinds = catalog.CatalogType
    apis: dict[str, Any] = {
        "current_user": SimpleNamespace(me=lambda: iam.User(user_name="admin@acme.example")),
        "catalogs": SimpleNamespace(
            list=gives(
                catalog.CatalogInfo(name="training", catalog_type=kinds.MANAGED_CATALOG),
                catalog.CatalogInfo(name="transport"),
                catalog.CatalogInfo(name="locked"),
                catalog.CatalogInfo(name="system", catalog_type=kinds.SYSTEM_CATALOG),
            )
        ),
        "schemas": SimpleNamespace(list=schemas),
        "tables": SimpleNamespace(list=gives()),
        "volumes": SimpleNamespace(list=gives()),
        "registered_models": SimpleNamespace(list=gives(catalog.RegisteredModelInfo(name="m"))),
        "jobs": SimpleNamespace(list=gives(jobs.BaseJob(job_id=7, creator_user_name=OLA, settings=job), jobs.BaseJob(job_id=8))),
        "pipelines": SimpleNamespace(
            list_pipelines=gives(
                pipelines.PipelineStateInfo(pipeline_id="p", name="dlt", creator_user_name=OLA),
                pipelines.PipelineStateInfo(pipeline_id="q", name="other", creator_user_name="x@acme.example"),
            ),
            get={"p": pipelines.GetPipelineResponse(spec=spec)}.__getitem__,
        ),
        "clusters": SimpleNamespace(list=gives(*clusters)),
        "warehouses": SimpleNamespace(list=gives(sql.EndpointInfo(id="w", name="class", creator_name=OLA, tags=tags))),
        "experiments": SimpleNamespace(search_experiments=gives(ml.Experiment(experiment_id="5", name="/Users/x/e"))),
        "workspace": SimpleNamespace(list=lambda path: iter([workspace.ObjectInfo(path=f"{path}/x")])),
        "users": SimpleNamespace(list=gives(iam.User(id="1", user_name=OLA), iam.User(id="2", user_name="new@x"))),
        "groups": SimpleNamespace(
            list=gives(
                iam.Group(display_name="class", members=[iam.ComplexValue(value="1"), iam.ComplexValue(value="9")]),
                iam.Group(display_name="empty"),
            )
        ),
    }  # fmt: skip
    return SimpleNamespace(**{**apis, **others})


def test_all_objects_are_read_with_owner_and_tags() -> None:
    contents = DatabricksInventory(client()).read({OLA.lower()}, {"training"})

    found = {f"{one.type.removeprefix('databricks_')} {one.id}": one for one in contents.objects}
    assert [*found] == [
        "catalog training", "schema training.data", "schema training.default", "catalog transport",
        "schema transport.dev_ola", "catalog locked", "job 7", "job 8", "pipeline p", "cluster c1",
        "sql_endpoint w", "mlflow_experiment 5", f"directory /Users/{OLA}/mesh/x",
        f"directory /Users/{OLA}/mesh/experiments/x",
    ]  # fmt: skip
    assert found["job 7"] == WorkspaceObject(
        "databricks_job", "7", "revenue", creator=OLA, tags={"git_branch": "b"}, parent="transport.dev_ola",
        policies=frozenset({"p1", "p2"}), experiment="/Users/x/e",
    )  # fmt: skip
    assert found["schema transport.dev_ola"] == WorkspaceObject(
        "databricks_schema", "transport.dev_ola", "transport.dev_ola", OLA, OLA, KEY, "transport"
    )
    assert found["pipeline p"].parent == "transport.dev_ola"
    assert found["sql_endpoint w"].tags == {"workshop": "oslo"}
    assert contents.unreadable == {"locked": "no USE CATALOG"}
    assert contents.groups == {OLA.lower(): frozenset({"class"}), "new@x": frozenset()}
    assert contents.caller == "admin@acme.example"


def test_an_empty_default_schema_is_ignored() -> None:
    """It is read in the workshop's own catalogs only."""
    empty = client(registered_models=SimpleNamespace(list=gives()))

    contents = DatabricksInventory(empty).read(set(), {"training"})

    assert [one.id for one in contents.objects if one.id.endswith(".default")] == []


def test_a_missing_folder_is_ignored_and_a_refused_request_is_an_error() -> None:
    missing = client(workspace=SimpleNamespace(list=raises(NotFound("no such folder"))))
    assert DatabricksInventory(missing).read({OLA.lower()}, ()).objects

    down = client(jobs=SimpleNamespace(list=raises(PermissionDenied("no\nmore"))))
    with pytest.raises(OutsideError, match=r"the workspace refuses: no \(check DATABRICKS_HOST"):
        DatabricksInventory(down).read({OLA.lower()}, ())


REQUESTS = {
    "databricks_catalog": "catalogs.delete('1')",
    "databricks_schema": "schemas.delete('1', force=True)",
    "databricks_job": "jobs.delete(1)",
    "databricks_pipeline": "pipelines.delete('1')",
    "databricks_cluster": "clusters.permanent_delete('1')",
    "databricks_sql_endpoint": "warehouses.delete('1')",
    "databricks_mlflow_experiment": "experiments.delete_experiment('1')",
    "databricks_directory": "workspace.delete('1', recursive=True)",
}


class Recorder:
    """Records requests, and raises an error if it has one."""

    def __init__(
        self, error: Exception | None = None, path: str = "", asked: list[str] | None = None
    ) -> None:
        self.error, self.path, self.asked = error, path, [] if asked is None else asked

    def __getattr__(self, name: str) -> Recorder:
        return Recorder(self.error, f"{self.path}.{name}".strip("."), self.asked)

    def __call__(self, *arguments: object, **options: object) -> None:
        given = [*map(repr, arguments), *(f"{name}={value!r}" for name, value in options.items())]
        self.asked.append(f"{self.path}({', '.join(given)})")
        if self.error:
            raise self.error


@pytest.mark.parametrize("type", REQUESTS)
def test_objects_are_removed_by_id_with_their_content(type: str) -> None:
    """A catalog only if it is empty."""
    on, missing, refused = (
        Recorder(),
        Recorder(NotFound("gone")),
        Recorder(PermissionDenied("not yours\nat all")),
    )
    target = WorkspaceObject(type, "1", "n")

    DatabricksInventory(on).remove(target)
    DatabricksInventory(missing).remove(target)
    with pytest.raises(OutsideError, match=r"^not yours$"):
        DatabricksInventory(refused).remove(target)

    assert on.asked == missing.asked == refused.asked == [REQUESTS[type]]
