"""`/code`: the files of a folder of the mesh, as they are in the checkout now."""

import os
from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from urllib.parse import quote

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse

from local.home import Home
from local.workspace.errors import not_found
from local.workspace.pages.page import Link, Page

router = APIRouter()

_TOPS = ("orgs", "domains")
_FILES = 200
# Of one file, and of all files of a page
_FILE_BYTES = 200_000
_PAGE_BYTES = 2_000_000


@router.get("/code/{path:path}")
async def get_folder(path: str, request: Request) -> HTMLResponse:
    """The page of a folder of the mesh: each file with its text, as far as a page has room."""
    home: Home = request.app.state.home
    folder = _folder(home.root, path)
    if folder is None:
        raise not_found("Folder", path)
    inside = folder.relative_to(home.root.resolve()).parts
    page = Page("/".join(inside))
    page.links(_above(inside))
    page.links(_below(folder, inside))
    files = [*islice(_files(folder), _FILES + 1)]
    room = _PAGE_BYTES
    for file in files[:_FILES]:
        name, size = file.relative_to(folder).as_posix(), file.stat().st_size
        text = _text(file) if size <= min(room, _FILE_BYTES) else None
        if text is not None:
            room -= size
            page.folded(name, text, unfolded=name == "deployment.yml")
        elif room < size <= _FILE_BYTES:
            page.text(f"{name}: {size:,} bytes, no room on this page: open its folder")
        else:
            page.text(f"{name}: {size:,} bytes, no text to show")
    if len(files) > _FILES:
        page.text(f"These are the first {_FILES} files: open one of the folders for the others.")
    if not files:
        page.text("There are no files in this folder.")
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
    return folder if parts[:1] and parts[0] in _TOPS and not any(map(_hidden, parts)) else None


def _above(inside: tuple[str, ...]) -> Iterator[Link]:
    """The folders above one, from the top."""
    for end in range(1, len(inside)):
        yield _link(inside[:end], inside[end - 1])


def _below(folder: Path, inside: tuple[str, ...]) -> Iterator[Link]:
    """The folders directly in one."""
    with os.scandir(folder) as found:
        names = sorted(one.name for one in found if one.is_dir(follow_symlinks=False))
    yield from (_link((*inside, name), f"{name}/") for name in names if not _hidden(name))


def _link(parts: tuple[str, ...], text: str) -> Link:
    # names of files are not always UTF-8
    return Link(text, f"/code/{quote('/'.join(parts), errors='surrogateescape')}")


def _files(folder: Path) -> Iterator[Path]:
    """All files in a folder and below, in order; folders that are not shown are not entered."""
    for path, folders, names in os.walk(folder):
        folders[:] = sorted(name for name in folders if not _hidden(name))
        for name in sorted(names):
            file = Path(path, name)
            if not _hidden(name) and not file.is_symlink() and file.is_file():
                yield file


def _hidden(name: str) -> bool:
    return name.startswith(".") or name == "__pycache__"


def _text(file: Path) -> str | None:
    try:
        text = file.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError):
        return None
    return None if "\x00" in text else text
