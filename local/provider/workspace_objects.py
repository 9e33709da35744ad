"""Resource types of workspace objects: notebooks, files, folders and Git folders."""

from __future__ import annotations

import base64
import binascii
import hashlib
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Any

from typing_extensions import override

from local.provider.api import ApiError, Json
from local.provider.behaviour import Behaviour
from local.provider.constraints import (
    Constraints,
    at_most_one,
    base64_text,
    needs,
    not_blank,
    not_empty,
    one_of,
    url_of,
)
from local.provider.difference import Difference
from local.provider.difference import Path as AttributePath
from local.provider.jobs import guessed_provider
from local.provider.resource_type import CallContext, Known, ResourceType, RestResource, changed
from local.provider.suppression import ignore_case
from local.provider.values import ObjectValue, Value

WORKSPACE = "/api/2.0/workspace"
_LANGUAGES = {".py": "PYTHON", ".sql": "SQL", ".scala": "SCALA", ".r": "R"}


@dataclass(frozen=True, kw_only=True)
class WorkspaceObjectResource(ResourceType):
    """A workspace object; its id is its path."""

    @override
    def can_roll_back(self, planned: ObjectValue) -> bool:
        return False

    @override
    def read(self, context: CallContext, resource_id: str, known: Known) -> ObjectValue:
        status = context.api.get(f"{WORKSPACE}/get-status", path=resource_id)
        return self.written(context, status, known, **computed(context, resource_id))

    @override
    def delete(self, context: CallContext, resource_id: str, state: ObjectValue) -> None:
        recursive = {"recursive": True} if state.get("delete_recursive") else {}
        context.api.post(f"{WORKSPACE}/delete", {"path": resource_id, **recursive})


def computed(context: CallContext, path: str) -> ObjectValue:
    """Return the computed attributes of an object's type that follow from the object's path."""
    values = {"url": f"{context.api.host}/#workspace{path}", "workspace_path": f"/Workspace{path}"}
    return {name: value for name, value in values.items() if name in context.block.attributes}


def _adds_slash(path: AttributePath, difference: Difference) -> bool:
    """Suppress a slash at the end of the path that the configuration has and the state has not."""
    return bool(difference.new == f"{difference.old}/")


class DirectoryResource(WorkspaceObjectResource):
    """A folder; its parent folders are created with it."""

    @override
    def create(self, context: CallContext, planned: ObjectValue) -> str:
        context.api.post(f"{WORKSPACE}/mkdirs", {"path": planned["path"]})
        return str(planned["path"])

    @override
    def update(self, context: CallContext, resource_id: str, planned: ObjectValue, prior: ObjectValue) -> str:
        return resource_id


class FileResource(WorkspaceObjectResource):
    """A file; an existing file is overwritten."""

    @override
    def create(self, context: CallContext, planned: ObjectValue) -> str:
        path = str(planned["path"])
        self._import(context, path, self._import_request(planned))
        return path

    @override
    def update(self, context: CallContext, resource_id: str, planned: ObjectValue, prior: ObjectValue) -> str:
        self._import(context, resource_id, self._import_request(planned))
        return resource_id

    @override
    def read(self, context: CallContext, resource_id: str, known: Known) -> ObjectValue:
        md5 = {"md5": _md5(known.values)} if known.applied else {}
        return {**super().read(context, resource_id, known), **md5}

    def _import(self, context: CallContext, path: str, body: Json) -> None:
        """Import the file; create its folder first if there is none."""
        try:
            context.api.post(f"{WORKSPACE}/import", body)
        except ApiError as error:
            if "parent folder" not in error.message.lower() and "does not exist" not in error.message:
                raise
            context.api.post(f"{WORKSPACE}/mkdirs", {"path": str(PurePosixPath(path).parent)})
            context.api.post(f"{WORKSPACE}/import", body)

    def _import_request(self, planned: ObjectValue) -> Json:
        return {"path": planned["path"], "content": _content(planned), "format": "RAW", "overwrite": True}


class NotebookResource(FileResource):
    """A notebook. Its source is not read back: the state keeps what was imported."""

    @override
    def read(self, context: CallContext, resource_id: str, known: Known) -> ObjectValue:
        if known.applied and _format(known.values) == "SOURCE":
            return self._imported(context, resource_id, known.values)
        return {**super().read(context, resource_id, known), "format": _format(known.values)}

    def _imported(self, context: CallContext, resource_id: str, planned: ObjectValue) -> ObjectValue:
        """Return what the creation sets; a notebook in source format is not read after it."""
        return {
            "format": _format(planned),
            "language": _language(planned),
            "md5": _md5(planned),
            "object_type": planned.get("object_type") or "NOTEBOOK",
            "object_id": 0,
            **computed(context, resource_id),
        }

    @override
    def _import_request(self, planned: ObjectValue) -> Json:
        body = {**super()._import_request(planned), "format": _format(planned)}
        language = _language(planned)
        return {**body, "language": language} if language else body


def _language(planned: ObjectValue) -> str | None:
    language = planned.get("language")
    if isinstance(language, str) and language:
        return language
    return _LANGUAGES.get(PurePosixPath(str(planned.get("source") or "")).suffix.lower())


def _format(planned: ObjectValue) -> str:
    source = PurePosixPath(str(planned.get("source") or ""))
    by_suffix = {".ipynb": "JUPYTER", ".dbc": "DBC"}.get(source.suffix.lower(), "SOURCE")
    return str(planned.get("format") or by_suffix)


def _configured_content(values: ObjectValue) -> bytes | None:
    """Return the content that the configuration holds or names; None if it cannot be read."""
    content, source = values.get("content_base64"), values.get("source")
    try:
        if isinstance(content, str) and content:
            return base64.b64decode(content)
        return Path(source).read_bytes() if isinstance(source, str) and source else None
    except (OSError, binascii.Error):
        return None


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
    def create(self, context: CallContext, planned: ObjectValue) -> str:
        body = self.body(context, planned, ("url", "git_provider", "path", "sparse_checkout"))
        if "provider" not in body:
            body["provider"] = guessed_provider(str(planned.get("url") or ""), "git_provider")
        if planned.get("path"):
            parent = str(PurePosixPath(planned["path"]).parent)
            context.api.post(f"{WORKSPACE}/mkdirs", {"path": parent})
        answer = context.api.post(self.collection, body)
        resource_id = str(answer["id"])
        tag, branch = planned.get("tag"), planned.get("branch")
        if tag:
            context.api.patch(self.path(resource_id), {"tag": tag})
        elif branch and branch != answer.get("branch"):
            context.api.patch(self.path(resource_id), {"branch": branch})
        return resource_id

    @override
    def update(self, context: CallContext, resource_id: str, planned: ObjectValue, prior: ObjectValue) -> str:
        body: dict[str, Any] = {}
        name = "tag" if changed(planned, prior, "tag") else "branch"
        if changed(planned, prior, name):
            body[name] = planned.get(name) or ""
        elif planned.get("branch") or planned.get("tag"):
            name = "branch" if planned.get("branch") else "tag"
            body[name] = planned[name]
        if body:
            context.api.patch(self.path(resource_id), body)
        return resource_id

    @override
    def read(self, context: CallContext, resource_id: str, known: Known) -> ObjectValue:
        answer = context.api.get(self.path(resource_id))
        written = self.written(context, answer, known, workspace_path=f"/Workspace{answer.get('path')}")
        if not known.applied or known.created:
            return written
        # A change checks out a tag or a branch; the other of the two becomes empty.
        return {"branch": "", **written} if known.values.get("tag") else {**written, "tag": ""}


def _md5(values: ObjectValue) -> str | None:
    """Return the hash of the configured content; None if it cannot be read."""
    content = _configured_content(values)
    return None if content is None else hashlib.md5(content, usedforsecurity=False).hexdigest()


def _content_is_unchanged(path: AttributePath, difference: Difference) -> bool:
    """Suppress a difference of the hash while the content has the hash that the state holds."""
    return difference.old is not None and difference.old == _md5(dict(difference.configuration))


def _usable_path(path: Value) -> str | None:
    """Return the problem of the path of a notebook or file."""
    if path.startswith("Volume"):
        return "must begin with /Volumes"
    return "must not begin with dbfs:" if path.startswith("dbfs:") else not_empty(path)


def _existing_file(source: Value) -> str | None:
    """Return the problem of a source that is not there; a relative path is relative to Terraform's folder."""
    missing = Path(source).is_absolute() and not Path(source).exists()
    return f"is {source}, which does not exist" if missing else None


def _git_folder_path(path: Value) -> str | None:
    """Return the problem of a path in `/Repos` that is not `/Repos/<folder>/<name>`."""
    if not path.startswith("/Repos/") or path.rstrip("/").count("/") == 3:
        return None
    return "must be /Repos/<folder>/<name>"


_CONTENT = Behaviour(
    defaults={"md5": "different"},
    forces_new=frozenset({"path"}),
    suppressed={"md5": _content_is_unchanged},
    constraints=Constraints(
        relations={"": (at_most_one("source", "content_base64"),)},
        values={"path": _usable_path, "content_base64": base64_text, "source": _existing_file},
    ),
)
_NOTEBOOK = Behaviour(
    constraints=Constraints(
        relations={"": (at_most_one("source", "content_base64"), needs("content_base64", "language"))},
        values={
            "language": one_of("SCALA", "PYTHON", "R", "SQL"),
            "format": one_of("SOURCE", "DBC", "JUPYTER"),
        },
    )
)

RESOURCE_TYPES: tuple[ResourceType, ...] = (
    DirectoryResource(
        type="databricks_directory",
        behaviour=Behaviour(
            defaults={"delete_recursive": False},
            forces_new=frozenset({"path"}),
            suppressed={"path": _adds_slash},
        ),
        not_read=frozenset({"delete_recursive", "workspace_path"}),
    ),
    FileResource(
        type="databricks_workspace_file",
        behaviour=_CONTENT,
        not_read=frozenset({"md5", "url", "workspace_path"}),
    ),
    NotebookResource(
        type="databricks_notebook",
        behaviour=_CONTENT.merged(_NOTEBOOK),
        not_read=frozenset({"md5", "url", "workspace_path"}),
    ),
    GitFolderResource(
        type="databricks_repo",
        collection="/api/2.0/repos",
        behaviour=Behaviour(
            forces_new=frozenset({"url", "git_provider", "path", "sparse_checkout"}),
            suppressed={"git_provider": ignore_case},
            constraints=Constraints(
                relations={"": (at_most_one("branch", "tag"),)},
                values={
                    "branch": not_blank,
                    "tag": not_blank,
                    "path": _git_folder_path,
                    "url": url_of("https", "http"),
                },
            ),
        ),
        aliases={".git_provider": "provider", ".commit_hash": "head_commit_id"},
        not_sent=frozenset({"commit_hash"}),
        not_read=frozenset({"tag", "workspace_path"}),
    ),
)
