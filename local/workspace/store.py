"""The workspace's state and its snapshot on disk, which is written before a change is answered."""

import copy
import json
import time
from pathlib import Path
from typing import Annotated, Any

from fastapi import Depends, Request
from minilake.services import get_state_functions, identity
from pydantic_core import to_json
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from local.home import write_private
from mesh.errors import OutsideError

Json = dict[str, Any]

FORMAT = 1
# Our routers replace minilake's jobs; results of SQL statements are large and expire on Databricks, too.
_EXCLUDED_MODULES = {"jobs", "sql_statements", "catchall", "identity"}
# The initial state of each minilake module.
_PRISTINE: dict[str, Json] = {}


class Store:
    """The state of our routers (`table`) and of minilake's modules, as one snapshot.

    minilake keeps its state in module globals, so a process has one store at a time: a new store replaces
    the state of the previous one.

    Args:
        file: the snapshot; read on creation if it exists.

    Raises:
        OutsideError: the snapshot cannot be read.
    """

    def __init__(self, file: Path) -> None:
        self._file = file
        self._saved = ""
        self._tables: dict[str, Json] = {}
        self._load()

    def table(self, name: str) -> Json:
        """Return the records of one kind by id; the next save writes changes to it."""
        return self._tables.setdefault(name, {})

    def next_id(self, kind: str) -> int:
        """Return a number that is new for this kind."""
        numbers = self.table("next_id")
        numbers[kind] = numbers.get(kind, 0) + 1
        return int(numbers[kind])

    def save(self) -> None:
        """Write the snapshot atomically, if the state changed since the last snapshot."""
        text = self.snapshot()
        if text != self._saved:
            write_private(self._file, text)
            self._saved = text

    def snapshot(self) -> str:
        """Return the state as JSON."""
        # Who reads the records of a kind before there is one changes nothing.
        tables = {name: records for name, records in self._tables.items() if records}
        # Not json.dumps: every change saves, and with 1,000 jobs to_json takes 2 ms instead of 8 ms.
        return to_json({"format": FORMAT, "tables": tables, "minilake": _minilake_state()}).decode()

    def _load(self) -> None:
        functions = _state_functions()
        if not _PRISTINE:
            _PRISTINE.update({name: copy.deepcopy(each["get_state"]()) for name, each in functions.items()})
        snapshot: Json = {}
        if self._file.exists():
            self._saved = self._file.read_text(encoding="utf-8")
            snapshot = _parse(self._file, self._saved)
        self._tables = snapshot.get("tables", {})
        for name, each in functions.items():
            each["restore_state"](copy.deepcopy(snapshot.get("minilake", {}).get(name, _PRISTINE[name])))


def _parse(file: Path, text: str) -> Json:
    remedy = "move the file away to start with an empty workspace"
    try:
        snapshot: Json = json.loads(text)
    except ValueError as error:
        raise OutsideError(f"{file}: the workspace's state cannot be read ({error}): {remedy}") from None
    if snapshot.get("format") != FORMAT:
        raise OutsideError(
            f"{file}: has format {snapshot.get('format')}, but this version reads format {FORMAT}: {remedy}"
        )
    return snapshot


def _state_functions() -> dict[str, dict[str, Any]]:
    return {name: each for name, each in get_state_functions().items() if name not in _EXCLUDED_MODULES}


def _minilake_state() -> dict[str, Json]:
    return {name: each["get_state"]() for name, each in _state_functions().items()}


def now_ms() -> int:
    """Return the current time as in the API: milliseconds since 1970."""
    return int(time.time() * 1000)


def current_user() -> str:
    """Return the name of the current user; see `local.workspace.objects.users`."""
    return str(identity.USER_NAME)


def store_of(request: Request) -> Store:
    """Return the store of the application that handles a request."""
    store: Store = request.app.state.store
    return store


StoreDependency = Annotated[Store, Depends(store_of)]


class SaveMiddleware:
    """Middleware that saves each change to disk before its response is sent."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on; save when the response to a changing request begins."""
        if scope["type"] != "http" or scope["method"] in ("GET", "HEAD", "OPTIONS"):
            await self.app(scope, receive, send)
            return

        async def save_then_send(message: Message) -> None:
            if message["type"] == "http.response.start":
                scope["app"].state.store.save()
            await send(message)

        await self.app(scope, receive, save_then_send)
