"""Notebooks, files, folders and Git folders of the workspace."""

from __future__ import annotations

import base64
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Any

from typing_extensions import override

from local.provider.api import ApiError
from local.provider.resource import Resource, Rest, Target
from local.provider.values import Object

WORKSPACE = "/api/2.0/workspace"
_LANGUAGES = {".py": "PYTHON", ".sql": "SQL", ".scala": "SCALA", ".r": "R"}


@dataclass(frozen=True, kw_only=True)
class WorkspaceObject(Resource):
    """A thing with a path, which is its id."""

    @override
    def read(self, on: Target, identity: str, state: Object) -> Object:
        status = on.api.get(f"{WORKSPACE}/get-status", path=identity)
        return self.found(on, status, identity, **self._derived(on, identity, status))

    @override
    def delete(self, on: Target, identity: str, state: Object) -> None:
        on.api.post(
            f"{WORKSPACE}/delete",
            {"path": identity, "recursive": bool(state.get("delete_recursive"))},
        )

    def _derived(self, on: Target, identity: str, status: dict[str, Any]) -> Object:
        return {"path": identity, "workspace_path": f"/Workspace{identity}"}


class Directory(WorkspaceObject):
    """A folder; the folders above it are made with it."""

    @override
    def makes_new(self, wanted: Object) -> bool:
        return False

    @override
    def create(self, on: Target, wanted: Object) -> str:
        on.api.post(f"{WORKSPACE}/mkdirs", {"path": wanted["path"]})
        return str(wanted["path"])

    @override
    def update(self, on: Target, identity: str, wanted: Object, prior: Object) -> str:
        return identity


class File(WorkspaceObject):
    """A file as it is; one that is there already is overwritten, as by the real provider."""

    @override
    def makes_new(self, wanted: Object) -> bool:
        return False

    @override
    def create(self, on: Target, wanted: Object) -> str:
        path = str(wanted["path"])
        on.api.post(f"{WORKSPACE}/mkdirs", {"path": str(PurePosixPath(path).parent)})
        on.api.post(f"{WORKSPACE}/import", {**self._import(wanted), "overwrite": True})
        return path

    @override
    def update(self, on: Target, identity: str, wanted: Object, prior: Object) -> str:
        on.api.post(f"{WORKSPACE}/import", {**self._import(wanted), "overwrite": True})
        return identity

    def _import(self, wanted: Object) -> dict[str, Any]:
        return {"path": wanted["path"], "content": _content(wanted), "format": "RAW"}

    def _derived(self, on: Target, identity: str, status: dict[str, Any]) -> Object:
        return {**super()._derived(on, identity, status), "url": f"{on.api.host}/#workspace{identity}"}


class Notebook(File):
    """A notebook in source format."""

    def _import(self, wanted: Object) -> dict[str, Any]:
        language = wanted.get("language")
        if not isinstance(language, str):
            language = _LANGUAGES.get(
                PurePosixPath(str(wanted.get("source") or wanted["path"])).suffix.lower()
            )
        body = {
            "path": wanted["path"],
            "content": _content(wanted),
            "format": wanted.get("format") or "SOURCE",
        }
        return {**body, "language": language} if language else body


def _content(wanted: Object) -> str:
    content, source = wanted.get("content_base64"), wanted.get("source")
    if isinstance(content, str):
        return content
    if not isinstance(source, str):
        raise ApiError(400, "INVALID", f"{wanted['path']}: set either `content_base64` or `source`", "")
    if not Path(source).is_absolute():
        raise ApiError(
            400, "INVALID", f"{source}: the offline provider needs an absolute path in `source`", ""
        )
    try:
        return base64.b64encode(Path(source).read_bytes()).decode()
    except OSError as error:
        raise ApiError(400, "INVALID", f"{source}: {error.strerror}", "") from error


class Repo(Rest):
    """A Git folder."""

    @override
    def update(self, on: Target, identity: str, wanted: Object, prior: Object) -> str:
        changes = self.changes(on, wanted, prior)
        moved = {name: changes[name] for name in ("tag", "branch") if changes.get(name)}
        if moved:
            on.api.patch(self.path(identity), moved)
        return identity

    @override
    def read(self, on: Target, identity: str, state: Object) -> Object:
        answer = on.api.get(self.path(identity))
        commit, path = answer.get("head_commit_id"), answer.get("path")
        return self.found(on, answer, identity, commit_hash=commit, workspace_path=f"/Workspace{path}")


RESOURCES = (
    Directory(
        type="databricks_directory", forces_new=frozenset({"path"}), defaults={"delete_recursive": False}
    ),
    File(
        type="databricks_workspace_file",
        forces_new=frozenset({"path"}),
        defaults={"md5": "different"},
    ),
    Notebook(
        type="databricks_notebook",
        forces_new=frozenset({"path"}),
        defaults={"md5": "different", "format": "SOURCE"},
    ),
    Repo(
        type="databricks_repo",
        collection="/api/2.0/repos",
        forces_new=frozenset({"url", "git_provider", "path", "sparse_checkout"}),
        follows={"branch": ("commit_hash",), "tag": ("commit_hash", "branch")},
        aliases={".git_provider": "provider"},
        unsent=frozenset({"commit_hash"}),
    ),
)
