"""Reports code of production in `/Shared`, the folder where every user of a workspace may write by default.

Whoever writes there would run code as the principal of production. Source: Databricks documentation, "Access
control lists", folders: all users may manage what is in `/Shared`, and folders inherit permissions.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from posixpath import normpath
from typing import Any

from mesh.deployment.compute_lookup import project_reach
from mesh.deployment.scope import Scope
from mesh.documents.document import Document, Location
from mesh.finding import Finding
from mesh.model.code import WorkspaceCode
from mesh.model.task import Task, with_inner

# The fields that name code, wherever they are nested in a job or pipeline; Jobs and Pipelines API
_CODE_FIELDS = frozenset(
    {
        *("notebook_path", "python_file", "project_directory", "profiles_directory", "path", "include"),
        *("whl", "jar", "egg", "requirements", "dependencies", "destination", "root_path"),
    }
)
# The blocks with the same fields for something else
_NO_CODE = frozenset(
    {"parameters", "base_parameters", "named_parameters", "job_parameters", "cluster_log_conf"}
)
# Databricks documentation, "Compute policy reference": the script in the definition of a policy
_POLICY_FIELD = re.compile(r"init_scripts\.\d+\.\w+\.destination")
# A path alone, after an option of pip, or in an address
_PATH = re.compile(r"(?:^|[\s=]|^file:(?://)?)(/\S*)$")


def check_shared_folder(scope: Scope, uploads: WorkspaceCode | None) -> Iterator[Finding]:
    """Reports code in `/Shared` that a production deployment runs.

    Args:
        scope: the deployment.
        uploads: the files that the deployment uploads.
    """
    if not scope.environment.production:
        return
    if uploads and uploads.files and is_shared(uploads.folder):
        yield _upload_folder(scope)
    for entry in (entry for flow in scope.project.flows for entry in flow.entries):
        yield from _shared_code(entry.declared.passed, (), entry.document)
    for at, document in _compute(scope):
        yield from _shared_code(document.part(at).data, at, document)


def _compute(scope: Scope) -> Iterator[tuple[Location, Document]]:
    """Yields the clusters and policies of compute.yml, and the templates that jobs of the project use."""
    used = {task.text("job_cluster_key") for task in _tasks(scope)}
    for layer in reversed(project_reach(scope).layers):
        document = layer.compute.document
        for section in ("clusters", "cluster_policies", "job_clusters"):
            declared = document.data.get(section)
            for name, fields in declared.items() if isinstance(declared, Mapping) else ():
                if isinstance(fields, Mapping) and (section != "job_clusters" or name in used):
                    yield (section, name), document
        used -= layer.compute.declared.job_clusters.keys()  # the nearest template wins


def _tasks(scope: Scope) -> Iterator[Task]:
    """Returns the tasks that use a template of compute.yml, or no job cluster."""
    jobs = (job for flow in scope.project.flows for job in flow.jobs)
    tasks = ((job, task) for job in jobs for task in with_inner(job.tasks))
    return (task for job, task in tasks if task.text("job_cluster_key") not in job.job_clusters)


def _shared_code(fields: Mapping[str, Any], at: Location, document: Document) -> Iterator[Finding]:
    for where, path in _code_paths(fields, at):
        if is_shared(path):
            message = f"`{path[:200]}` runs in production, but every user of a workspace may change /Shared"
            remedy = "move it into the mesh, or to a folder where only its owner may write"
            yield document.finding("code-in-shared-folder", where, f"{message} ({remedy})")


def _upload_folder(scope: Scope) -> Finding:
    env = scope.environment.name
    message = f"`{env}` uploads code to /Shared, where every user of a workspace may change it"
    if scope.environment.folder:
        at, remedy = "folder", "remove `folder`, or name a folder where only the deployer may write"
    else:
        at, remedy = "run_as", "add `run_as: {service_principal_name: …}`, whose home is used, or `folder`"
    return scope.org.document.finding(
        "code-in-shared-folder", ("environments", env, at), f"{message} ({remedy})"
    )


def is_shared(path: str) -> bool:
    """True for a path in the workspace folder `/Shared`."""
    parts = normpath(path).strip("/").split("/")
    return (parts[1:] if parts[0] == "Workspace" else parts)[:1] == ["Shared"]


def _code_paths(value: Any, at: Location, *, code: bool = False) -> Iterator[tuple[Location, str]]:
    """Yields the absolute paths of code in a job or pipeline, with their positions."""
    if isinstance(value, Mapping):
        for name, inner in value.items():
            if _POLICY_FIELD.fullmatch(name) and isinstance(inner, Mapping):
                yield from _code_paths(inner.get("value"), (*at, name, "value"), code=True)
            elif name not in _NO_CODE:
                yield from _code_paths(inner, (*at, name), code=name in _CODE_FIELDS)
    elif isinstance(value, list):
        for index, inner in enumerate(value):
            yield from _code_paths(inner, (*at, index), code=code)
    elif code and isinstance(value, str) and (found := _PATH.search(value)):
        yield at, found[1]
