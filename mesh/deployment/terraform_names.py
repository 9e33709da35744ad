"""The names that resources have in Terraform's code: in a stack, each resource of a type has its own."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from mesh.deployment.flow import FlowDeployment
from mesh.deployment.pipeline import permissions_id
from mesh.finding import Finding
from mesh.model.catalog_function import CatalogFunction
from mesh.model.experiment import permissions_id as experiment_permissions
from mesh.model.flow import Flow
from mesh.model.table import Table


def check_terraform_names(flows: Iterable[FlowDeployment]) -> Iterator[Finding]:
    """Reports resources of one type with the same Terraform name, in the flows of one deployment."""
    jobs: dict[str, FlowDeployment] = {}
    schemas: dict[str, FlowDeployment] = {}
    experiments: dict[str, FlowDeployment] = {}
    for flow in flows:
        jobs_and_pipelines = [job.id for job in flow.jobs] + [pipeline.id for pipeline in flow.pipelines]
        experiment = [flow.experiment.id] if flow.experiment else []
        permissions = {
            *(permissions_id(pipeline.id) for pipeline in flow.pipelines),
            *map(experiment_permissions, experiment),
        }
        for taken, ids in (
            (jobs, {flow.id, *jobs_and_pipelines, *permissions}),
            (experiments, experiment),
            (schemas, {schema.id for schema in flow.schemas}),
        ):
            for id in ids:
                if (first := taken.setdefault(id, flow)) is not flow:
                    message = f"has the same Terraform name as {first.path}, `{id}` (rename one)"
                    yield Finding(flow.file, 1, 1, "same-terraform-name", message)


def check_shared_objects(
    tables: Iterable[Table], functions: Iterable[CatalogFunction], flows: Iterable[Flow]
) -> Iterator[Finding]:
    """Reports grants and tags of one table or function in two parts of a flow, which share a schema.

    Args:
        tables: the tables of a project that have tags or grants of their own.
        functions: its functions.
        flows: its flows.
    """
    by_path = {flow.path: flow for flow in flows}
    granted = [("function", one) for one in functions if one.grants]
    objects: list[tuple[str, Table | CatalogFunction]] = [*(("table", one) for one in tables), *granted]
    taken: dict[tuple[str, str], Table | CatalogFunction] = {}
    for kind, one in objects:
        if (first := taken.setdefault((kind, one.id), one)) is not one:
            message = f"{kind} `{one.full_name.rpartition('.')[2]}` has grants or tags in {first.flow}, too"
            at = (f"{kind}s", one.declared) if one.declared else ()
            yield by_path[one.flow].document.finding(
                "one-name-twice", at, f"{message} (declare them in one of the two)", at_key=True
            )
