"""The workspace's tree: notebooks, files and directories, as real files on disk."""

import base64
import shutil
from pathlib import Path, PurePosixPath

from fastapi import APIRouter, Request, Response
from minilake.errors import DatabricksError
from minilake.services import workspace
from starlette.datastructures import UploadFile

from local.home import Home
from local.workspace.errors import exists, invalid, unsupported
from local.workspace.objects import permissions
from local.workspace.store import Json, StoreOf, now

router = APIRouter(prefix="/api/2.0")

_LANGUAGES = {".py": "PYTHON", ".sql": "SQL", ".scala": "SCALA", ".r": "R"}
# What Databricks begins the source of a notebook with, after the language's comment sign.
_HEADER = "Databricks notebook source"


@router.post("/workspace/import")
async def import_object(request: Request) -> Json:
    """Import a notebook (SOURCE) or a file (RAW); AUTO tells them apart by what is in it.

    The request is JSON with the content in base64, or a form with the content as a file.
    """
    body, content = await _sent(request)
    path = workspace_path(str(body.get("path", "")))
    kind, language = _kind(body, path)
    if body.get("format") == "AUTO" and _is_notebook(content, path, body):
        kind, language = "NOTEBOOK", body.get("language") or _LANGUAGES.get(_suffix(path), "PYTHON")
    overwrite = body.get("overwrite") in (True, "true")
    _put(request.app.state.home, path, content, kind, language, overwrite=overwrite)
    return {}


@router.post("/workspace-files/import-file/{path:path}")
async def import_file(path: str, request: Request, overwrite: bool = True) -> Json:
    """Import a file whose bytes are the request's body."""
    content = await request.body()
    _put(request.app.state.home, workspace_path("/" + path), content, "FILE", None, overwrite=overwrite)
    return {}


@router.get("/workspace-files/{path:path}")
async def read_file(path: str, request: Request) -> Response:
    """Return a file's bytes."""
    return _bytes(_existing_file(request.app.state.home, workspace_path("/" + path)))


@router.get("/workspace/export")
async def export_object(path: str, request: Request, direct_download: bool = False) -> Response:
    """Return a notebook's source or a file's bytes; in base64 unless it is downloaded."""
    file = _existing_file(request.app.state.home, workspace_path(path))
    if direct_download:
        return _bytes(file)
    content = base64.b64encode(file.read_bytes()).decode("ascii")
    file_type = (_suffix(workspace_path(path)) or ".py").lstrip(".")
    return Response(f'{{"content": "{content}", "file_type": "{file_type}"}}', media_type="application/json")


@router.get("/workspace/get-status")
async def get_status(path: str, request: Request) -> Json:
    """Say what is at a path."""
    normal = workspace_path(path)
    file = on_disk(request.app.state.home, normal)
    if not file.exists():
        raise _no_such(normal)
    return _info(file, normal)


@router.get("/workspace/list")
async def list_objects(path: str, request: Request) -> Json:
    """List what is directly in a directory."""
    normal = workspace_path(path)
    folder = on_disk(request.app.state.home, normal)
    if not folder.exists():
        raise _no_such(normal)
    if not folder.is_dir():
        return {"objects": [_info(folder, normal)]}
    return {"objects": [_info(each, _join(normal, each.name)) for each in sorted(folder.iterdir())]}


@router.post("/workspace/mkdirs")
async def mkdirs(body: Json, request: Request) -> Json:
    """Create a directory and those above it; one that is there already is fine."""
    make_directory(request.app.state.home, workspace_path(str(body.get("path", ""))))
    return {}


@router.post("/workspace/delete")
async def delete_object(body: Json, request: Request, store: StoreOf) -> Json:
    """Delete an object; a directory with something in it only with `recursive`."""
    path = workspace_path(str(body.get("path", "")))
    target = on_disk(request.app.state.home, path)
    if not target.exists():
        raise _no_such(path)
    if path == "/":
        raise invalid("the root of the workspace cannot be deleted")
    if target.is_dir():
        if any(target.iterdir()) and not body.get("recursive"):
            raise DatabricksError("DIRECTORY_NOT_EMPTY", f"Folder ({path}) is not empty", 400)
        shutil.rmtree(target)
    else:
        target.unlink()
    gone = [each for each in _objects() if each == path or each.startswith(path + "/")]
    for each in gone:
        object_id = str(_objects().pop(each)["object_id"])
        for object_type in ("notebooks", "directories", "files"):
            permissions.forget(store, object_type, object_id)
    return {}


def workspace_path(path: str) -> str:
    """Return the one spelling of a workspace path: `/Workspace/Users/x/` is `/Users/x`.

    Raises:
        DatabricksError: 400, it is not absolute or climbs with `..`.
    """
    parts = PurePosixPath(path).parts
    if not path.startswith("/") or ".." in parts or "\0" in path:
        raise invalid(f"Path ({path}) doesn't start with '/' or holds '..'")
    names = [part for part in parts if not part.startswith("/")]
    return "/" + "/".join(names[1:] if names[:1] == ["Workspace"] else names)


def on_disk(home: Home, path: str) -> Path:
    """Return the file or folder that a workspace path means."""
    return home.files / path.lstrip("/")


def make_directory(home: Home, path: str) -> None:
    """Create a directory and those above it; one that is there already is fine.

    Raises:
        DatabricksError: a file is in the way.
    """
    folder = on_disk(home, path)
    if folder.is_file():
        raise exists("Path", path)
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except (FileExistsError, NotADirectoryError):
        raise invalid(f"a part of '{path}' is a file, not a directory") from None
    # Now, not when they are first asked for: an id given by a GET would not be saved.
    for each in (PurePosixPath(path), *PurePosixPath(path).parents):
        workspace._directory_object_id(str(each))


def _objects() -> dict[str, Json]:
    records: dict[str, Json] = workspace._state["objects"]
    return records


async def _sent(request: Request) -> tuple[Json, bytes]:
    if request.headers.get("content-type", "").startswith("multipart/form-data"):
        async with request.form() as form:
            sent = form.get("content")
            content = await sent.read() if isinstance(sent, UploadFile) else str(sent or "").encode()
            return {name: value for name, value in form.items() if name != "content"}, content
    try:
        body: Json = await request.json()
        return body, base64.b64decode(body.get("content") or "", validate=True)
    except (ValueError, AttributeError) as error:
        raise invalid(f"not a request to import something, with its content in base64: {error}") from None


def _kind(body: Json, path: str) -> tuple[str, str | None]:
    wanted = body.get("format") or "SOURCE"
    if wanted in ("RAW", "AUTO"):
        return "FILE", None
    if wanted != "SOURCE":
        raise unsupported(f"the local workspace imports SOURCE, RAW and AUTO, not {wanted}")
    language = body.get("language") or _LANGUAGES.get(_suffix(path))
    if language is None:
        raise invalid(f"language is required to import '{path}' as SOURCE")
    return "NOTEBOOK", str(language)


def _is_notebook(content: bytes, path: str, body: Json) -> bool:
    first = content[:200].decode("utf-8", errors="replace").splitlines()[:1]
    headed = bool(first) and first[0].lstrip("#-/ ").startswith(_HEADER)
    return headed or (not _suffix(path) and body.get("language") is not None)


def _put(home: Home, path: str, content: bytes, kind: str, language: str | None, *, overwrite: bool) -> None:
    file = on_disk(home, path)
    if file.is_dir():
        raise exists("Folder", path)
    if file.exists() and not overwrite:
        raise exists("Path", path)
    make_directory(home, str(PurePosixPath(path).parent))
    temporary = file.with_name(f".{file.name}.part")
    temporary.write_bytes(content)
    temporary.replace(file)
    moment = now()
    record = _objects().setdefault(path, {"object_id": workspace._next_id(), "created_at": moment})
    record.update(object_type=kind, language=language, modified_at=moment)


def _existing_file(home: Home, path: str) -> Path:
    file = on_disk(home, path)
    if not file.is_file():
        raise _no_such(path)
    return file


def _info(file: Path, path: str) -> Json:
    if file.is_dir():
        return {"object_type": "DIRECTORY", "path": path, "object_id": workspace._directory_object_id(path)}
    record = _objects().get(path) or {"object_id": workspace._directory_object_id(path)}
    info = {"object_type": "FILE", **record, "path": path, "size": file.stat().st_size}
    info["resource_id"] = str(info["object_id"])
    return {name: value for name, value in info.items() if value is not None}


def _no_such(path: str) -> DatabricksError:
    return DatabricksError("RESOURCE_DOES_NOT_EXIST", f"Path ({path}) doesn't exist.", 404)


def _suffix(path: str) -> str:
    return PurePosixPath(path).suffix.lower()


def _join(folder: str, name: str) -> str:
    return f"{folder.rstrip('/')}/{name}"


def _bytes(file: Path) -> Response:
    return Response(file.read_bytes(), media_type="application/octet-stream")
