"""MLflow experiments of a project: one for all parts of a flow."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from mesh.deployment.job_settings import job_permissions, merge_settings
from mesh.deployment.scope import Scope
from mesh.finding import Finding
from mesh.model.experiment import Experiment, ExperimentFile
from mesh.model.flow import Flow, terraform_name
from mesh.model.permission import MANAGER, Permission, merged_permissions
from mesh.model.project import Project

# Databricks documentation, "Access control lists": the experiment level for each job level
_OF_EXPERIMENTS = {"CAN_VIEW": "CAN_READ", "CAN_MANAGE_RUN": "CAN_EDIT", MANAGER: MANAGER}

# MLflow documentation, "System Tags": the tag shown as the description
_NOTE = "mlflow.note.content"


def experiments(scope: Scope) -> dict[tuple[str, str], Experiment]:
    """Returns the experiments of a project by flowtype and name of their flows.

    Args:
        scope: the project, its environment and identity.
    """
    by_flow: dict[tuple[str, str], Experiment] = {}
    for flow in scope.project.flows:
        if flow.declared.experiment is not None:
            by_flow.setdefault((flow.flowtype, flow.name), _experiment(scope, flow, flow.declared.experiment))
    return by_flow


def declaring(flow: Flow, project: Project) -> Flow | None:
    """Returns the part of a flow that declares the experiment of all its parts; None if there is none."""
    parts = (part for part in project.flows if (part.flowtype, part.name) == (flow.flowtype, flow.name))
    return next((part for part in parts if part.declared.experiment is not None), None)


def check_experiments(project: Project) -> Iterator[Finding]:
    """Reports a second experiment among the parts of a flow, which share one."""
    for flow in project.flows:
        first = declaring(flow, project) if flow.declared.experiment is not None else None
        if first and first is not flow:
            message = f"{first.path_in_project} declares an experiment, which all parts of a flow share"
            yield flow.document.finding("experiment-twice", ("experiment",), f"{message} (keep one)")


def _experiment(scope: Scope, flow: Flow, declared: ExperimentFile) -> Experiment:
    # runs are data: like a schema, the experiment keeps its first name
    folder = f"{scope.home}/experiments/{scope.folder_name(scope.project.former_path)}"
    oldest = flow.former[-1][0] if flow.former else flow.flowtype
    return Experiment(
        id=terraform_name(flow.flowtype, flow.name),
        flow=flow.path,
        folder=folder,
        name=f"{folder}/{terraform_name(oldest, flow.data_name)}",
        arguments=_arguments(flow, declared),
        permissions=_permissions(scope, flow),
        protected=scope.protected,
        formerly=tuple(terraform_name(*path[:2]) for path in reversed(flow.former)),
    )


def _arguments(flow: Flow, declared: ExperimentFile) -> dict[str, Any]:
    """Returns the arguments, with the description as a tag: Terraform ignores its `description` field."""
    arguments = declared.arguments
    tags = list(arguments.pop("tags", ()))
    description = declared.description or flow.declared.description
    if description and not any(tag.get("key") == _NOTE for tag in tags):
        tags.insert(0, {"key": _NOTE, "value": description})
    return arguments | ({"tags": tags} if tags else {})


def _permissions(scope: Scope, flow: Flow) -> tuple[Permission, ...]:
    given = job_permissions(scope, merge_settings(scope.org, scope.domain, scope.project, flow))
    usable = [replace(permission, level=_OF_EXPERIMENTS[permission.level]) for permission in given]
    return merged_permissions("experiment", [*usable, *_of_run_as(scope)])


def _of_run_as(scope: Scope) -> Iterator[Permission]:
    """Yields manage rights for the run-as principal, which logs runs and may be the next deployer."""
    run_as = scope.environment.run_as
    if run_as and run_as.service_principal_name:
        principal = scope.org.principals.databricks_name(run_as.service_principal_name)
        yield Permission("service_principal_name", principal, MANAGER, ("run_as",))
    if run_as and run_as.user_name and run_as.user_name != scope.identity.user:
        yield Permission("user_name", run_as.user_name, MANAGER, ("run_as",))
