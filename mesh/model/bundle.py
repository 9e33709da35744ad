"""Recognizes files and variables of Databricks' bundles, which the mesh does not evaluate.

Source: Databricks documentation, "Substitutions and variables in Declarative Automation Bundles", and
"Declarative Automation Bundle configuration".
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from mesh.documents.document import Document, Location
from mesh.finding import Finding

FILES = ("databricks.yml", "databricks.yaml", "bundle.yml", "bundle.yaml")
GUIDE = "docs/bundles.md"

# The keys of its top level that no deployment.yml has
_KEYS = ("bundle", "resources", "targets", "variables", "artifacts")
REFERENCE = re.compile(r"\$\{(?:var|bundle|workspace|resources|artifacts)\.[^{}\s]{1,200}\}")
# Fields with text for people, which nothing evaluates
_PROSE = {"description", "comment"}

# Our word for a variable, by the field that has it as its whole value
_BY_FIELD = {
    "warehouse_id": "write `warehouse_name`, the name in compute.yml or in the workspace",
    "existing_cluster_id": "write `existing_cluster_name`, the name in compute.yml or in the workspace",
    "job_id": "write `flow`, the path of the flow whose job runs",
    "pipeline_id": "write `flow`, the path of the flow whose pipeline runs",
    "policy_id": "write `policy_name`, the name in compute.yml or in the workspace",
    "instance_pool_id": "write `instance_pool_name`, the name in compute.yml or in the workspace",
    "node_type_id": "write `node`, for example `node: {min_cores: 4}`",
    "catalog": "remove it: the naming templates set it",
}
# Our word for a variable, by its beginning; the first that fits
_ENVIRONMENT_WORD = "the parameter `pipeline_env` at run time; `environments` for what differs"
_BY_BEGINNING = (
    ("bundle.target", _ENVIRONMENT_WORD),
    ("bundle.environment", _ENVIRONMENT_WORD),
    ("bundle.git.", "the parameters `git_commit`, `git_branch` and `git_url` at run time"),
    ("bundle.name", "write the name; naming templates have `{project}`"),
    ("bundle.", "write the value"),
    ("var.", "write the value; for one environment, in `environments`"),
    ("workspace.current_user", "write the name; naming templates have `{username}` for the deployer"),
    ("workspace.host", "the environments of org.yml have the address of the workspace"),
    ("workspace.", "write the path relative to the folder of deployment.yml"),
    ("artifacts.", "write the path relative to the folder of deployment.yml"),
    ("resources.jobs.", "a task runs another job by `run_job_task: {flow: …}`"),
    ("resources.pipelines.", "a task runs a pipeline by `pipeline_task: {flow: …}`"),
    ("resources.clusters.", "write `existing_cluster_name`"),
    ("resources.sql_warehouses.", "write `warehouse_name`"),
    ("resources.schemas.", "the parameter `schema` at run time: the schema of the flow"),
    ("resources.catalogs.", "the parameter `catalog` at run time: the catalog of the flow"),
    ("resources.experiments.", "the parameter `experiment` at run time, with `experiment: {}`"),
    ("resources.", "write the name of the object"),
)


def is_bundle(document: Document) -> bool:
    """True if the file is a configuration of a bundle, or the part of one that declares its resources."""
    return any(isinstance(document.data.get(key), Mapping) for key in _KEYS)


def bundle_finding(document: Document) -> Finding:
    """Returns the finding for a file that `is_bundle`."""
    key = next(key for key in _KEYS if isinstance(document.data.get(key), Mapping))
    message = f"`{key}` belongs to a file of Databricks' bundles, which is no deployment.yml"
    return document.finding(
        "bundle-file",
        (key,),
        f"{message} (`mesh import bundle` writes it as flows, see {GUIDE})",
        at_key=True,
    )


def check_bundle_references(document: Document) -> Iterator[Finding]:
    """Reports variables of bundles, which would reach Databricks as they are written."""
    yield from _references(document.data, document, ())


def _references(value: Any, document: Document, at: Location) -> Iterator[Finding]:
    if isinstance(value, str):
        if found := REFERENCE.search(value):
            message = f"`{found[0]}` is a variable of Databricks' bundles, which is not replaced"
            yield document.finding("bundle-variable", at, f"{message} ({our_word(found[0], value, at)})")
    elif isinstance(value, list):
        for index, inner in enumerate(value):
            yield from _references(inner, document, (*at, index))
    elif isinstance(value, Mapping):
        for name, inner in value.items():
            if name not in _PROSE:
                yield from _references(inner, document, (*at, name))


def our_word(reference: str, value: str, at: Location) -> str:
    """Returns what to write in place of a reference of a bundle.

    Args:
        reference: the reference, such as `${var.x}`.
        value: the whole text that contains it.
        at: the location of the text.
    """
    field = next((part for part in reversed(at) if isinstance(part, str)), "")
    if reference == value.strip() and field in _BY_FIELD:
        return _BY_FIELD[field]
    name = reference[2:]
    return next(word for beginning, word in _BY_BEGINNING if name.startswith(beginning))
