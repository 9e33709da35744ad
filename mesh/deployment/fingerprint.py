"""The inputs of a stack's Terraform code: the fields of the model that constructs and stacks read."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from hashlib import sha256
from typing import Any

from pydantic import BaseModel

from mesh.deployment.deployment import Deployment
from mesh.deployment.flow import FlowDeployment
from mesh.deployment.foundation import Foundation
from mesh.deployment.job import Job
from mesh.deployment.stack_order import Stack
from mesh.deployment.workspace_foundation import WorkspaceFoundation
from mesh.model.code import CodeFile, GitCode, WorkspaceCode
from mesh.model.compute_object import ComputeObject
from mesh.model.environment import Environment
from mesh.model.grant import Grant
from mesh.model.permission import Permission

# Fields that only people, checks and the command line use; tests/stacks/test_ignored_fields.py verifies them.
IGNORED_FIELDS: Mapping[type, frozenset[str]] = {
    Deployment: frozenset({"owner", "inputs"}),
    Foundation: frozenset({"owning_environment"}),
    WorkspaceFoundation: frozenset({"owning_environment"}),
    Environment: frozenset({"embedded", "metastore", "mode", "code", "branch", "folder", "backend"}),
    GitCode: frozenset({"url", "commit", "prefix"}),  # the settings of jobs contain the git source
    WorkspaceCode: frozenset({"commit"}),
    CodeFile: frozenset({"source", "committed"}),  # format and content hash represent the file
    Job: frozenset({"templates"}),
    ComputeObject: frozenset({"origin"}),
    Grant: frozenset({"origins"}),
    Permission: frozenset({"origins"}),
}

_COMMIT = "git_commit"
_COMMIT_PLACES = ("tags", "configuration")  # of jobs and pipelines; parameters of jobs are a list


def fingerprint(stack: Stack) -> str:
    """Returns the inputs of a stack's Terraform code as JSON: equal text gives equal code.

    Uploaded files are included as content hashes.

    Raises:
        OSError: an uploaded file cannot be read.
    """
    return json.dumps(stack, default=_plain)


def settings_hash(flow: FlowDeployment) -> str:
    """Returns a hash of what a deployment sets for a flow besides files: its jobs, pipelines and schemas.

    The git commit in tags and parameters does not count: it changes with every commit, and changes no run.
    """
    return sha256(
        json.dumps(_without_commit(json.loads(json.dumps(flow, default=_plain)))).encode()
    ).hexdigest()


def _without_commit(value: Any) -> Any:
    """Returns a JSON value without the tags and parameters that name the git commit."""
    if isinstance(value, list):
        return [
            _without_commit(one)
            for one in value
            if not (isinstance(one, Mapping) and one.get("name") == _COMMIT)
        ]
    if isinstance(value, Mapping):
        return {
            name: _without_commit(
                {key: one for key, one in held.items() if key != _COMMIT}
                if name in _COMMIT_PLACES and isinstance(held, Mapping)
                else held
            )
            for name, held in value.items()
        }
    return value


def _plain(value: Any) -> Any:
    """Returns a value of the model as a JSON value, one level deep."""
    if is_dataclass(value) and not isinstance(value, type):
        ignored = {
            name for kind, names in IGNORED_FIELDS.items() if isinstance(value, kind) for name in names
        }
        kept = {one.name: getattr(value, one.name) for one in fields(value) if one.name not in ignored}
        return kept | (_held(value) if isinstance(value, CodeFile) else {})
    if isinstance(value, BaseModel):
        return {name: getattr(value, name) for name in type(value).model_fields}
    if isinstance(value, Mapping):
        return dict(value)
    if isinstance(value, set | frozenset):
        return sorted(map(str, value))
    return str(value)


def _held(file: CodeFile) -> dict[str, str | None]:
    return {"format": file.format, "content": sha256(file.content_base64.encode()).hexdigest()}
