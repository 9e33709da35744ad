"""The names that resources have in Terraform's code: in a stack, each resource of a type has its own."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from mesh.deployment.flow import FlowDeployment
from mesh.deployment.pipeline import permissions_id
from mesh.finding import Finding
from mesh.model.experiment import permissions_id as experiment_permissions


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
