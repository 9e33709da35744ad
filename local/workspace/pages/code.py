"""`/code`: the files of a flow, as they are in the checkout now."""

from pathlib import Path

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse

from local.home import Home
from local.workspace.errors import not_found
from local.workspace.pages.page import Page

router = APIRouter()

_TOPS = ("orgs", "domains")
_FILES = 200
_BYTES = 200_000


@router.get("/code/{path:path}")
async def get_folder(path: str, request: Request) -> HTMLResponse:
    """The page of a folder of the mesh: each file with its text."""
    home: Home = request.app.state.home
    folder = _folder(home.root, path)
    if folder is None:
        raise not_found("Folder", path)
    page = Page(path)
    files = [file for file in sorted(folder.rglob("*")) if _shown(file, folder)]
    for file in files[:_FILES]:
        name = file.relative_to(folder).as_posix()
        text = _text(file)
        if text is None:
            page.text(f"{name}: {file.stat().st_size:,} bytes, no text to show")
        else:
            page.folded(name, text, unfolded=name == "deployment.yml")
    if len(files) > _FILES:
        page.text(f"and {len(files) - _FILES} more files")
    return page.response()


def _folder(root: Path, path: str) -> Path | None:
    """Return a folder of the mesh; None if there is none, also outside of the folders that people own."""
    try:
        folder = (root / path).resolve()
        if not folder.is_relative_to(root.resolve()) or not folder.is_dir():
            return None
    except (OSError, ValueError):  # too long for a path, or with a null character
        return None
    parts = folder.relative_to(root.resolve()).parts
    hidden = any(part.startswith(".") for part in parts)
    return folder if parts[:1] and parts[0] in _TOPS and not hidden else None


def _shown(file: Path, folder: Path) -> bool:
    parts = file.relative_to(folder).parts
    hidden = any(part.startswith(".") or part == "__pycache__" for part in parts)
    return not hidden and file.is_file() and not file.is_symlink()


def _text(file: Path) -> str | None:
    if file.stat().st_size > _BYTES:
        return None
    try:
        text = file.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError):
        return None
    return None if "\x00" in text else text
