"""What Unity Catalog's objects, pipelines and experiments hold in a workspace, counted."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from itertools import islice
from typing import TYPE_CHECKING, Any

from mesh.terraform.workspace_call import sdk_errors

if TYPE_CHECKING:
    from databricks.sdk import WorkspaceClient

_COUNT_LIMIT = 1000  # items are counted one by one


def contents(on: WorkspaceClient, type: str, full_name: str) -> str:
    """The contents of an object as text, such as "2 tables"; "" if they are unknown.

    Args:
        on: the workspace.
        type: the type of its Terraform resource, one of DATA_TYPES.
        full_name: its full name.
    """
    counts, known = [], False
    for noun, look_up in _LOOK_UPS[type]:
        try:
            number = sum(1 for _ in islice(look_up(on, full_name), _COUNT_LIMIT))
        except sdk_errors():
            continue
        known = True
        if number:
            many = f"{_COUNT_LIMIT:,} or more" if number == _COUNT_LIMIT else str(number)
            counts.append(f"{many} {noun}" + ("s" if number != 1 else ""))
    return ", ".join(counts) or ("empty" if known else "")


def _split(full_name: str) -> tuple[str, str]:
    catalog, _, schema = full_name.partition(".")
    return catalog, schema


def _files(on: WorkspaceClient, path: str) -> Iterable[Any]:
    for entry in on.files.list_directory_contents(path):
        if entry.is_directory:
            yield from _files(on, entry.path or "")
        else:
            yield entry


def _models(on: WorkspaceClient, catalog: str, schema: str) -> Iterable[Any]:
    return on.registered_models.list(catalog_name=catalog, schema_name=schema)


def _tables_of_pipeline(on: WorkspaceClient, name: str) -> Iterable[Any]:
    for pipeline in on.pipelines.list_pipelines():
        if pipeline.name == name:
            spec = on.pipelines.get(pipeline.pipeline_id or "").spec
            if spec and spec.catalog and spec.schema:
                tables = on.tables.list(spec.catalog, spec.schema)
                yield from (one for one in tables if one.pipeline_id == pipeline.pipeline_id)


def _runs(on: WorkspaceClient, experiment: str) -> Iterable[Any]:
    details = on.experiments.get_by_name(experiment).experiment
    return on.experiments.search_runs(experiment_ids=[str(details and details.experiment_id)])


def _schemas(on: WorkspaceClient, catalog: str) -> Iterable[Any]:
    return (one for one in on.schemas.list(catalog) if one.name not in ("default", "information_schema"))


# The contents of each type; Unity Catalog removes them with their container.
_LOOK_UPS: Mapping[str, tuple[tuple[str, Callable[[WorkspaceClient, str], Iterable[Any]]], ...]] = {
    "databricks_catalog": (("schema", _schemas),),
    "databricks_schema": (
        ("table", lambda on, name: on.tables.list(*_split(name))),
        ("volume", lambda on, name: on.volumes.list(*_split(name))),
        ("registered model", lambda on, name: _models(on, *_split(name))),
    ),
    "databricks_volume": (("file", lambda on, name: _files(on, "/Volumes/" + name.replace(".", "/"))),),
    "databricks_registered_model": (("version", lambda on, name: on.model_versions.list(name)),),
    # Databricks documentation, "Delete a pipeline": its tables are deleted with it
    "databricks_pipeline": (("table", _tables_of_pipeline),),
    "databricks_mlflow_experiment": (("run", _runs),),
}
DATA_TYPES = tuple(_LOOK_UPS)
