"""The files of a deployment in the local workspace: as deployed, or as they are in the checkout now."""

from __future__ import annotations

import base64
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from local.client import Client
from local.deployment_record import DeploymentRecord, read_record
from local.home import Home
from local.upload import Upload, different, put
from mesh.console import emit
from mesh.deployment.deployment import Deployment
from mesh.deployment.fingerprint import settings_hash
from mesh.deployment.flow import FlowDeployment
from mesh.deployment.stack_order import Stack
from mesh.documents.terraform_text import unescape
from mesh.model.code import CodeFile

# The resources of the construct `Code`
_UPLOADED = ("databricks_notebook", "databricks_workspace_file")


@dataclass(frozen=True)
class FileChanges:
    """The files that were put into the workspace.

    Args:
        written: the paths of new and changed files in the workspace.
        removed: the paths of files that were deleted there.
    """

    written: tuple[str, ...] = ()
    removed: tuple[str, ...] = ()

    def __add__(self, other: FileChanges) -> FileChanges:
        return FileChanges(self.written + other.written, self.removed + other.removed)

    def __bool__(self) -> bool:
        return bool(self.written or self.removed)

    @property
    def text(self) -> str:
        """The numbers of files, such as `2 files`."""
        count = len(self.written) + len(self.removed)
        return f"{count} file{'' if count == 1 else 's'}"


def sources(deployment: Deployment) -> dict[str, Path]:
    """The file of the checkout for each uploaded file, by its path in the workspace."""
    return {file.path: file.source for file in _files(deployment)}


def bring(client: Client, home: Home, deployment: Deployment) -> FileChanges:
    """Puts the files of a deployment that differ from the checkout into the workspace.

    The files are those that `mesh deploy` would upload. The next deployment plans the new content for
    changed files, and nothing for files that are the same again. Files that an earlier deployment or run
    uploaded are deleted if the checkout no longer has them.

    Args:
        client: the client of the workspace.
        home: the home of the workspace.
        deployment: a deployment to the local workspace.

    Raises:
        OutsideError: the workspace refuses a file.
    """
    return _bring(client, home, deployment.stack, [_upload(file) for file in _files(deployment)])


def _bring(client: Client, home: Home, stack: str, uploads: Sequence[Upload]) -> FileChanges:
    paths = tuple(each.path for each in uploads)
    record = read_record(home, stack)
    written = different(home, uploads)
    removed = tuple(path for path in record.files if path not in paths)
    put(client, written, removed)
    if paths != record.files:
        replace(record, files=paths).write(home, stack)
    return FileChanges(tuple(each.path for each in written), removed)


def settings_changed(home: Home, deployment: Deployment, flow: FlowDeployment) -> bool:
    """True if the settings of a flow are not those that were deployed; False if that is unknown."""
    deployed = read_record(home, deployment.stack).settings.get(flow.path)
    return deployed is not None and deployed != settings_hash(flow)


def record_deployed(
    root: Path,
    stacks: Iterable[Stack],
    code: Callable[[Stack], Mapping[str, Any]],
    connect: Callable[[Home], Client] = Client,
) -> None:
    """Records what was deployed to the local workspace just now.

    Terraform compares the checkout with its state, not with the workspace. So files that runs have replaced
    since the last deployment are put back here. Their content comes from the code that was deployed: the
    checkout may have changed while the question waited.

    Args:
        root: the mesh's root.
        stacks: the stacks.
        code: returns the Terraform code of a stack, which was deployed.
        connect: returns a client of the workspace.

    Raises:
        OutsideError: the workspace refuses a file.
    """
    home = Home(root)
    with connect(home) as client:
        for one in (stack for stack in stacks if isinstance(stack, Deployment)):
            uploads = _uploads_in(code(one))
            if changes := _bring(client, home, one.stack, uploads):
                emit(f"put back: {changes.text} of {one.path}, which `mesh local run` had replaced")
            files = tuple(each.path for each in uploads)
            settings = {flow.path: settings_hash(flow) for flow in one.flows}
            DeploymentRecord(files, settings).write(home, one.stack)


def _files(deployment: Deployment) -> tuple[CodeFile, ...]:
    return deployment.uploads.files if deployment.uploads else ()


def _uploads_in(code: Mapping[str, Any]) -> list[Upload]:
    """The files that the Terraform code of a stack uploads."""
    resources = code.get("resource", {})
    return [
        Upload(
            unescape(one["path"]),
            base64.b64decode(one["content_base64"]),
            one.get("language"),
            one.get("format"),
        )
        for kind in _UPLOADED
        for one in resources.get(kind, {}).values()
    ]


def _upload(file: CodeFile) -> Upload:
    return Upload(file.path, base64.b64decode(file.content_base64), file.language, file.format)
