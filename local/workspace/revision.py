"""The revision of the workspace: while it is equal, Terraform reads the same objects.

Records of runs, and what runs write into tables and volumes, are no part of it: no resource has them.
"""

import os
import secrets
from collections.abc import Iterator
from dataclasses import dataclass, field
from hashlib import sha256

from fastapi import APIRouter, Request
from starlette.types import ASGIApp, Receive, Scope, Send

from local.home import Home
from local.workspace.store import StoreDependency, current_user

router = APIRouter()

# Not below /api: a real workspace has no such endpoint.
REVISION_PATH = "/local/revision"
_READING = ("GET", "HEAD", "OPTIONS")


@dataclass
class Changes:
    """The changing requests of this process, of which each counts when it begins and when it ends.

    Args:
        process: tells apart this process from an earlier one, which may have had another program.
        count: the number of beginnings and ends.
    """

    process: str = field(default_factory=lambda: secrets.token_hex(16))
    count: int = 0


class ChangesMiddleware:
    """Middleware that counts the requests that may change something.

    Args:
        app: the application.
        ignored: paths whose changes are part of the revision otherwise.
    """

    def __init__(self, app: ASGIApp, ignored: tuple[str, ...] = ()) -> None:
        self.app = app
        self.ignored = ignored

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on."""
        if scope["type"] != "http" or scope["method"] in _READING or scope["path"] in self.ignored:
            await self.app(scope, receive, send)
            return
        changes: Changes = scope["app"].state.changes
        changes.count += 1
        try:
            await self.app(scope, receive, send)
        finally:
            changes.count += 1


@router.get(REVISION_PATH)
async def get_revision(request: Request, store: StoreDependency) -> dict[str, str]:
    """Get the revision.

    Runs change the state and write files of the workspace without a request, so both are part of it.
    """
    changes: Changes = request.app.state.changes
    digest = sha256(f"{changes.process}\0{changes.count}\0{current_user()}\0".encode())
    digest.update(store.snapshot().encode())
    for fact in _files(request.app.state.home):
        digest.update(b"\0" + os.fsencode(fact))
    return {"revision": digest.hexdigest()}


def _files(home: Home) -> Iterator[str]:
    """Every file and folder of the workspace, with what differs after it was written."""
    folders = [str(home.files)]
    while folders:
        with os.scandir(folders.pop()) as entries:
            for entry in sorted(entries, key=lambda one: one.name):
                status = entry.stat(follow_symlinks=False)
                yield f"{entry.path}\0{status.st_ino}\0{status.st_size}\0{status.st_mtime_ns}"
                if entry.is_dir(follow_symlinks=False):
                    folders.append(entry.path)
