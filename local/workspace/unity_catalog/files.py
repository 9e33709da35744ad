"""Files of volumes (the Files API): paths below `/Volumes` are real files on disk."""

import shutil
from pathlib import Path, PurePosixPath

from fastapi import APIRouter, Request, Response
from fastapi.responses import FileResponse

from local.home import Home
from local.workspace.authentication import is_from_page
from local.workspace.errors import already_exists, invalid, invalid_state, not_found
from local.workspace.store import Json
from local.workspace.unity_catalog import securable, volumes

router = APIRouter(prefix="/api/2.0/fs")


@router.put("/files/{path:path}", status_code=204)
async def upload(path: str, request: Request, overwrite: bool = False) -> Response:
    """Write the request's body to a file. Creates missing directories."""
    file = _disk_path(request, path)
    if file.is_dir():
        raise already_exists("Directory", f"/{path}")
    if file.exists() and not overwrite:
        raise already_exists("File", f"/{path}")
    _create_folder(file.parent, path)
    part = file.with_name(f".{file.name}.part")
    with part.open("wb") as stream:
        async for chunk in request.stream():
            stream.write(chunk)
    part.replace(file)
    return Response(status_code=204)


@router.api_route("/files/{path:path}", methods=["GET", "HEAD"])
async def download(path: str, request: Request) -> Response:
    """Return a file's content or a range of it (GET), or its size only (HEAD)."""
    return FileResponse(_existing_file(request, path), media_type="application/octet-stream")


@router.delete("/files/{path:path}", status_code=204)
async def delete(path: str, request: Request) -> Response:
    """Delete a file."""
    _existing_file(request, path).unlink()
    return Response(status_code=204)


@router.put("/directories/{path:path}", status_code=204)
async def create_directory(path: str, request: Request) -> Response:
    """Create a directory and its missing parents. An existing directory is no error."""
    _create_folder(_disk_path(request, path), path)
    return Response(status_code=204)


@router.head("/directories/{path:path}")
async def get_directory_metadata(path: str, request: Request) -> Response:
    """Answer 200 if a directory exists, else 404."""
    _existing_directory(request, path)
    return Response()


@router.get("/directories/{path:path}")
async def list_directory_contents(path: str, request: Request) -> Json:
    """List the direct children of a directory.

    The page of files begins above the volumes, where Databricks' API has no directories.
    """
    if is_from_page(request) and (names := _above_volumes(path)) is not None:
        parent = f"/{path.strip('/')}".rstrip("/")
        return {"contents": [{"path": f"{parent}/{one}", "name": one, "is_directory": True} for one in names]}
    children = sorted(_existing_directory(request, path).iterdir())
    return {"contents": [_entry(f"/{path.strip('/')}", each) for each in children]}


@router.delete("/directories/{path:path}", status_code=204)
async def delete_directory(path: str, request: Request) -> Response:
    """Delete an empty directory."""
    folder = _existing_directory(request, path)
    if any(folder.iterdir()):
        raise invalid_state(f"Directory '/{path}' is not empty")
    shutil.rmtree(folder)
    return Response(status_code=204)


def _entry(parent: str, file: Path) -> Json:
    entry: Json = {"path": f"{parent}/{file.name}", "name": file.name, "is_directory": file.is_dir()}
    if not file.is_dir():
        entry["file_size"] = file.stat().st_size
    return {**entry, "last_modified": int(file.stat().st_mtime * 1000)}


def _above_volumes(path: str) -> list[str] | None:
    """Return the names below a path that leads to volumes; None for a path inside a volume."""
    parts = PurePosixPath(path.strip("/")).parts
    if len(parts) >= 4:
        return None
    known = (("Volumes", *name.split(".")) for name in securable.registry("volumes"))
    return sorted({one[len(parts)] for one in known if one[: len(parts)] == parts})


def _disk_path(request: Request, path: str) -> Path:
    parts = PurePosixPath(path).parts
    if parts[:1] != ("Volumes",) or len(parts) < 4 or ".." in parts or "\0" in path:
        raise invalid(f"'/{path}' is not a path in a volume: /Volumes/<catalog>/<schema>/<volume>/…")
    home: Home = request.app.state.home
    volume = securable.find("volumes", ".".join(parts[1:4]))
    return volumes.folder(home, volume).joinpath(*parts[4:])


def _create_folder(folder: Path, path: str) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except (FileExistsError, NotADirectoryError):
        raise invalid(f"a parent of '/{path}' is a file, not a directory") from None


def _existing_file(request: Request, path: str) -> Path:
    file = _disk_path(request, path)
    if not file.is_file():
        raise not_found("File", f"/{path}", "NOT_FOUND")
    return file


def _existing_directory(request: Request, path: str) -> Path:
    folder = _disk_path(request, path)
    if not folder.is_dir():
        raise not_found("Directory", f"/{path}", "NOT_FOUND")
    return folder
