"""Resource types of workspace objects: notebooks, files, folders and Git folders."""

from __future__ import annotations

import base64
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Any

from typing_extensions import override

from local.provider.api import ApiError
from local.provider.resource_type import CallContext, ResourceType, RestResource
from local.provider.values import ObjectValue

WORKSPACE = "/api/2.0/workspace"
_LANGUAGES = {".py": "PYTHON", ".sql": "SQL", ".scala": "SCALA", ".r": "R"}


@dataclass(frozen=True, kw_only=True)
class WorkspaceObjectResource(ResourceType):
    """A workspace object; its id is its path."""

    @override
    def read(self, context: CallContext, resource_id: str, state: ObjectValue) -> ObjectValue:
        status = context.api.get(f"{WORKSPACE}/get-status", path=resource_id)
        return self.to_state(context, status, resource_id, **self._derived(context, resource_id, status))

    @override
    def delete(self, context: CallContext, resource_id: str, state: ObjectValue) -> None:
        context.api.post(
            f"{WORKSPACE}/delete",
            {"path": resource_id, "recursive": bool(state.get("delete_recursive"))},
        )

    def _derived(self, context: CallContext, resource_id: str, status: dict[str, Any]) -> ObjectValue:
        return {"path": resource_id, "workspace_path": f"/Workspace{resource_id}"}


class DirectoryResource(WorkspaceObjectResource):
    """A folder; its parent folders are created with it."""

    @override
    def can_roll_back(self, planned: ObjectValue) -> bool:
        return False

    @override
    def create(self, context: CallContext, planned: ObjectValue) -> str:
        context.api.post(f"{WORKSPACE}/mkdirs", {"path": planned["path"]})
        return str(planned["path"])

    @override
    def update(self, context: CallContext, resource_id: str, planned: ObjectValue, prior: ObjectValue) -> str:
        return resource_id


class FileResource(WorkspaceObjectResource):
    """A file; an existing file is overwritten, as by the real provider."""

    @override
    def can_roll_back(self, planned: ObjectValue) -> bool:
        return False

    @override
    def create(self, context: CallContext, planned: ObjectValue) -> str:
        path = str(planned["path"])
        context.api.post(f"{WORKSPACE}/mkdirs", {"path": str(PurePosixPath(path).parent)})
        context.api.post(f"{WORKSPACE}/import", {**self._import_request(planned), "overwrite": True})
        return path

    @override
    def update(self, context: CallContext, resource_id: str, planned: ObjectValue, prior: ObjectValue) -> str:
        context.api.post(f"{WORKSPACE}/import", {**self._import_request(planned), "overwrite": True})
        return resource_id

    def _import_request(self, planned: ObjectValue) -> dict[str, Any]:
        return {"path": planned["path"], "content": _content(planned), "format": "RAW"}

    def _derived(self, context: CallContext, resource_id: str, status: dict[str, Any]) -> ObjectValue:
        return {
            **super()._derived(context, resource_id, status),
            "url": f"{context.api.host}/#workspace{resource_id}",
        }


class NotebookResource(FileResource):
    """A notebook in source format."""

    def _import_request(self, planned: ObjectValue) -> dict[str, Any]:
        language = planned.get("language")
        if not isinstance(language, str):
            language = _LANGUAGES.get(
                PurePosixPath(str(planned.get("source") or planned["path"])).suffix.lower()
            )
        body = {
            "path": planned["path"],
            "content": _content(planned),
            "format": planned.get("format") or "SOURCE",
        }
        return {**body, "language": language} if language else body


def _content(planned: ObjectValue) -> str:
    content, source = planned.get("content_base64"), planned.get("source")
    if isinstance(content, str):
        return content
    if not isinstance(source, str):
        raise ApiError(400, "INVALID", f"{planned['path']}: set either `content_base64` or `source`", "")
    if not Path(source).is_absolute():
        raise ApiError(
            400, "INVALID", f"{source}: the offline provider needs an absolute path in `source`", ""
        )
    try:
        return base64.b64encode(Path(source).read_bytes()).decode()
    except OSError as error:
        raise ApiError(400, "INVALID", f"{source}: {error.strerror}", "") from error


class GitFolderResource(RestResource):
    """A Git folder."""

    @override
    def update(self, context: CallContext, resource_id: str, planned: ObjectValue, prior: ObjectValue) -> str:
        changes = self.changes(context, planned, prior)
        checkout = {name: changes[name] for name in ("tag", "branch") if changes.get(name)}
        if checkout:
            context.api.patch(self.path(resource_id), checkout)
        return resource_id

    @override
    def read(self, context: CallContext, resource_id: str, state: ObjectValue) -> ObjectValue:
        answer = context.api.get(self.path(resource_id))
        commit, path = answer.get("head_commit_id"), answer.get("path")
        return self.to_state(
            context, answer, resource_id, commit_hash=commit, workspace_path=f"/Workspace{path}"
        )


RESOURCE_TYPES = (
    DirectoryResource(
        type="databricks_directory", forces_new=frozenset({"path"}), defaults={"delete_recursive": False}
    ),
    FileResource(
        type="databricks_workspace_file",
        forces_new=frozenset({"path"}),
        defaults={"md5": "different"},
    ),
    NotebookResource(
        type="databricks_notebook",
        forces_new=frozenset({"path"}),
        defaults={"md5": "different", "format": "SOURCE"},
    ),
    GitFolderResource(
        type="databricks_repo",
        collection="/api/2.0/repos",
        forces_new=frozenset({"url", "git_provider", "path", "sparse_checkout"}),
        recomputed={"branch": ("commit_hash",), "tag": ("commit_hash", "branch")},
        aliases={".git_provider": "provider"},
        not_sent=frozenset({"commit_hash"}),
    ),
)
