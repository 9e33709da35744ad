"""Notebooks, files and directories of the workspace (the Workspace API), as real files on disk."""

import base64
import json
import shutil
from collections.abc import Iterator
from pathlib import Path, PurePosixPath

from fastapi import APIRouter, Request, Response
from fastapi.responses import FileResponse, StreamingResponse
from minilake.errors import DatabricksError
from minilake.services import workspace
from starlette.datastructures import UploadFile

from local.home import Home
from local.workspace.errors import already_exists, invalid, not_implemented
from local.workspace.objects import permissions
from local.workspace.store import Json, StoreDependency, now_ms

router = APIRouter(prefix="/api/2.0")

_LANGUAGES = {".py": "PYTHON", ".sql": "SQL", ".scala": "SCALA", ".r": "R"}
# The first line of a notebook's source, after the language's comment sign.
_HEADER = "Databricks notebook source"
# A multiple of 3 bytes has base64 without padding.
_EXPORT_CHUNK = 3 * 65_536


@router.post("/workspace/import")
async def import_(request: Request) -> Json:
    """Import a notebook (SOURCE, JUPYTER) or a file (RAW); AUTO decides by the content.

    The request is JSON with the content in base64, or a form with the content as a file.
    """
    body, content = await _read_request(request)
    path = normalize_path(str(body.get("path", "")))
    object_type, language = _type_and_language(body, path)
    if body.get("format") == "AUTO" and _is_notebook(content, path, body):
        object_type, language = "NOTEBOOK", body.get("language") or _LANGUAGES.get(_suffix(path), "PYTHON")
    overwrite = body.get("overwrite") in (True, "true")
    _write(request.app.state.home, path, content, object_type, language, overwrite=overwrite)
    return {}


@router.post("/workspace-files/import-file/{path:path}")
async def import_file(path: str, request: Request, overwrite: bool = True) -> Json:
    """Import a file; its content is the request's body."""
    content = await request.body()
    _write(request.app.state.home, normalize_path("/" + path), content, "FILE", None, overwrite=overwrite)
    return {}


@router.get("/workspace-files/{path:path}")
async def read_file(path: str, request: Request) -> Response:
    """Return a file's content."""
    file = _existing_file(request.app.state.home, normalize_path("/" + path))
    return FileResponse(file, media_type="application/octet-stream")


@router.get("/workspace/export")
async def export(path: str, request: Request, direct_download: bool = False) -> Response:
    """Return a notebook's source or a file's content; in base64, unless `direct_download` is set."""
    file = _existing_file(request.app.state.home, normalize_path(path))
    if direct_download:
        return FileResponse(file, media_type="application/octet-stream")
    file_type = (_suffix(normalize_path(path)) or ".py").lstrip(".")
    return StreamingResponse(_exported(file, file_type), media_type="application/json")


@router.get("/workspace/get-status")
async def get_status(path: str, request: Request) -> Json:
    """Get the type and the id of an object."""
    path = normalize_path(path)
    file = disk_path(request.app.state.home, path)
    if not file.exists():
        raise _path_not_found(path)
    return _status(file, path)


@router.get("/workspace/list")
async def list_(path: str, request: Request) -> Json:
    """List the direct children of a directory."""
    path = normalize_path(path)
    folder = disk_path(request.app.state.home, path)
    if not folder.exists():
        raise _path_not_found(path)
    if not folder.is_dir():
        return {"objects": [_status(folder, path)]}
    return {"objects": [_status(each, _join(path, each.name)) for each in sorted(folder.iterdir())]}


@router.post("/workspace/mkdirs")
async def mkdirs(body: Json, request: Request) -> Json:
    """Create a directory and its missing parents. An existing directory is no error."""
    create_directory(request.app.state.home, normalize_path(str(body.get("path", ""))))
    return {}


@router.post("/workspace/delete")
async def delete(body: Json, request: Request, store: StoreDependency) -> Json:
    """Delete an object. Deleting a directory that is not empty needs `recursive`."""
    path = normalize_path(str(body.get("path", "")))
    target = disk_path(request.app.state.home, path)
    if not target.exists():
        raise _path_not_found(path)
    if path == "/":
        raise invalid("the root of the workspace cannot be deleted")
    if target.is_dir():
        if any(target.iterdir()) and not body.get("recursive"):
            raise DatabricksError("DIRECTORY_NOT_EMPTY", f"Folder ({path}) is not empty", 400)
        shutil.rmtree(target)
    else:
        target.unlink()
    deleted = [each for each in _records() if each == path or each.startswith(path + "/")]
    for each in deleted:
        object_id = str(_records().pop(each)["object_id"])
        for object_type in ("notebooks", "directories", "files"):
            permissions.delete(store, object_type, object_id)
    return {}


def normalize_path(path: str) -> str:
    """Return the normal form of a workspace path: `/Users/x` for `/Workspace/Users/x/`.

    Raises:
        DatabricksError: 400, the path is not absolute or contains `..`.
    """
    parts = PurePosixPath(path).parts
    if not path.startswith("/") or ".." in parts or "\0" in path:
        raise invalid(f"Path ({path}) doesn't start with '/' or contains '..'")
    names = [part for part in parts if not part.startswith("/")]
    return "/" + "/".join(names[1:] if names[:1] == ["Workspace"] else names)


def disk_path(home: Home, path: str) -> Path:
    """Return the file or folder of a normalized workspace path."""
    return home.files / path.lstrip("/")


def create_directory(home: Home, path: str) -> None:
    """Create a directory and its missing parents. An existing directory is no error.

    Raises:
        DatabricksError: 400 or 409, the path or a parent is a file.
    """
    folder = disk_path(home, path)
    if folder.is_file():
        raise already_exists("Path", path)
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except (FileExistsError, NotADirectoryError):
        raise invalid(f"a parent of '{path}' is a file, not a directory") from None
    # Assign the ids now: the store does not save after a GET.
    for each in (PurePosixPath(path), *PurePosixPath(path).parents):
        workspace._directory_object_id(str(each))


def _records() -> dict[str, Json]:
    records: dict[str, Json] = workspace._state["objects"]
    return records


async def _read_request(request: Request) -> tuple[Json, bytes]:
    if request.headers.get("content-type", "").startswith("multipart/form-data"):
        async with request.form() as form:
            field = form.get("content")
            content = await field.read() if isinstance(field, UploadFile) else str(field or "").encode()
            return {name: value for name, value in form.items() if name != "content"}, content
    try:
        body: Json = await request.json()
        return body, base64.b64decode(body.get("content") or "", validate=True)
    except (ValueError, AttributeError) as error:
        raise invalid(f"the body must be a JSON object with `content` in base64: {error}") from None


def _type_and_language(body: Json, path: str) -> tuple[str, str | None]:
    format = body.get("format") or "SOURCE"
    if format in ("RAW", "AUTO"):
        return "FILE", None
    if format == "JUPYTER":
        return "NOTEBOOK", str(body.get("language") or "PYTHON")
    if format != "SOURCE":
        raise not_implemented(f"the local workspace imports SOURCE, JUPYTER, RAW and AUTO, not {format}")
    language = body.get("language") or _LANGUAGES.get(_suffix(path))
    if language is None:
        raise invalid(f"language is required to import '{path}' as SOURCE")
    return "NOTEBOOK", str(language)


def _is_notebook(content: bytes, path: str, body: Json) -> bool:
    first_line = content[:200].decode("utf-8", errors="replace").partition("\n")[0]
    has_header = first_line.lstrip("#-/ ").startswith(_HEADER)
    if path.endswith(".ipynb"):
        return True
    return has_header or (not _suffix(path) and body.get("language") is not None)


def _write(
    home: Home, path: str, content: bytes, object_type: str, language: str | None, *, overwrite: bool
) -> None:
    file = disk_path(home, path)
    if file.is_dir():
        raise already_exists("Folder", path)
    if file.exists() and not overwrite:
        raise already_exists("Path", path)
    create_directory(home, str(PurePosixPath(path).parent))
    temporary = file.with_name(f".{file.name}.part")
    temporary.write_bytes(content)
    temporary.replace(file)
    moment = now_ms()
    record = _records().setdefault(path, {"object_id": workspace._next_id(), "created_at": moment})
    record.update(object_type=object_type, language=language, modified_at=moment)


def _existing_file(home: Home, path: str) -> Path:
    file = disk_path(home, path)
    if not file.is_file():
        raise _path_not_found(path)
    return file


def _status(file: Path, path: str) -> Json:
    if file.is_dir():
        return {"object_type": "DIRECTORY", "path": path, "object_id": workspace._directory_object_id(path)}
    record = _records().get(path) or {"object_id": workspace._directory_object_id(path)}
    info = {"object_type": "FILE", **record, "path": path, "size": file.stat().st_size}
    info["resource_id"] = str(info["object_id"])
    return {name: value for name, value in info.items() if value is not None}


def _path_not_found(path: str) -> DatabricksError:
    return DatabricksError("RESOURCE_DOES_NOT_EXIST", f"Path ({path}) doesn't exist.", 404)


def _suffix(path: str) -> str:
    return PurePosixPath(path).suffix.lower()


def _join(folder: str, name: str) -> str:
    return f"{folder.rstrip('/')}/{name}"


def _exported(file: Path, file_type: str) -> Iterator[bytes]:
    """Yield the parts of an export: JSON with the content in base64."""
    yield b'{"content": "'
    with file.open("rb") as stream:
        while chunk := stream.read(_EXPORT_CHUNK):
            yield base64.b64encode(chunk)
    yield f'", "file_type": {json.dumps(file_type)}}}'.encode()
