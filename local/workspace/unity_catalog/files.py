"""Files of volumes: read and written by their path below `/Volumes`, as real files on disk."""

import shutil
from datetime import UTC, datetime
from pathlib import Path, PurePosixPath

from fastapi import APIRouter, Request, Response

from local.home import Home
from local.workspace.errors import conflict, exists, invalid, missing
from local.workspace.store import Json
from local.workspace.unity_catalog import securable, volumes

router = APIRouter(prefix="/api/2.0/fs")


@router.put("/files/{path:path}", status_code=204)
async def write_file(path: str, request: Request, overwrite: bool = False) -> Response:
    """Write a file, the request's body; the directories above it are made with it."""
    file = _on_disk(request, path)
    if file.is_dir():
        raise exists("Directory", f"/{path}")
    if file.exists() and not overwrite:
        raise exists("File", f"/{path}")
    _make_directory(file.parent, path)
    part = file.with_name(f".{file.name}.part")
    with part.open("wb") as stream:
        async for chunk in request.stream():
            stream.write(chunk)
    part.replace(file)
    return Response(status_code=204)


@router.api_route("/files/{path:path}", methods=["GET", "HEAD"])
async def read_file(path: str, request: Request) -> Response:
    """Return a file's bytes, or only how many there are."""
    file = _existing_file(request, path)
    stat = file.stat()
    modified = datetime.fromtimestamp(stat.st_mtime, UTC).strftime("%a, %d %b %Y %H:%M:%S GMT")
    headers = {"Last-Modified": modified, "Content-Length": str(stat.st_size)}
    content = b"" if request.method == "HEAD" else file.read_bytes()
    return Response(content, headers=headers, media_type="application/octet-stream")


@router.delete("/files/{path:path}", status_code=204)
async def delete_file(path: str, request: Request) -> Response:
    """Delete a file."""
    _existing_file(request, path).unlink()
    return Response(status_code=204)


@router.put("/directories/{path:path}", status_code=204)
async def make_directory(path: str, request: Request) -> Response:
    """Create a directory and those above it; one that is there already is fine."""
    _make_directory(_on_disk(request, path), path)
    return Response(status_code=204)


@router.head("/directories/{path:path}")
async def find_directory(path: str, request: Request) -> Response:
    """Say whether a directory is there."""
    _existing_directory(request, path)
    return Response()


@router.get("/directories/{path:path}")
async def list_directory(path: str, request: Request) -> Json:
    """List what is directly in a directory."""
    listed = sorted(_existing_directory(request, path).iterdir())
    return {"contents": [_told(f"/{path.strip('/')}", each) for each in listed]}


@router.delete("/directories/{path:path}", status_code=204)
async def delete_directory(path: str, request: Request) -> Response:
    """Delete a directory with nothing in it."""
    folder = _existing_directory(request, path)
    if any(folder.iterdir()):
        raise conflict(f"Directory '/{path}' is not empty")
    shutil.rmtree(folder)
    return Response(status_code=204)


def _told(parent: str, file: Path) -> Json:
    told: Json = {"path": f"{parent}/{file.name}", "name": file.name, "is_directory": file.is_dir()}
    if not file.is_dir():
        told["file_size"] = file.stat().st_size
    return {**told, "last_modified": int(file.stat().st_mtime * 1000)}


def _on_disk(request: Request, path: str) -> Path:
    parts = PurePosixPath(path).parts
    if parts[:1] != ("Volumes",) or len(parts) < 4 or ".." in parts or "\0" in path:
        raise invalid(f"'/{path}' is not a path in a volume: /Volumes/<catalog>/<schema>/<volume>/…")
    home: Home = request.app.state.home
    volume = securable.find("volumes", ".".join(parts[1:4]))
    return volumes.folder(home, volume).joinpath(*parts[4:])


def _make_directory(folder: Path, path: str) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except (FileExistsError, NotADirectoryError):
        raise invalid(f"a part of '/{path}' is a file, not a directory") from None


def _existing_file(request: Request, path: str) -> Path:
    file = _on_disk(request, path)
    if not file.is_file():
        raise missing("File", f"/{path}", "NOT_FOUND")
    return file


def _existing_directory(request: Request, path: str) -> Path:
    folder = _on_disk(request, path)
    if not folder.is_dir():
        raise missing("Directory", f"/{path}", "NOT_FOUND")
    return folder
