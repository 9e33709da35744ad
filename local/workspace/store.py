"""What the workspace knows, and its snapshot on disk: written whole before a change is answered."""

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
# Jobs are ours; results of SQL statements are large and as short-lived as on Databricks.
_NOT_KEPT = {"jobs", "sql_statements", "catchall", "identity"}
_PRISTINE: dict[str, Json] = {}


class Store:
    """The state of our routers (`table`) and of minilake's modules, as one snapshot.

    minilake keeps its state in modules, so there is one store in a process at a time: a new one
    replaces what an older one had put there.

    Args:
        file: the snapshot. Read at once when it exists.

    Raises:
        OutsideError: the snapshot cannot be read.
    """

    def __init__(self, file: Path) -> None:
        self._file = file
        self._saved = ""
        self._tables: dict[str, Json] = {}
        self._load()

    def table(self, name: str) -> Json:
        """Return the records of one kind by their id; what is changed in it is kept at the next save."""
        return self._tables.setdefault(name, {})

    def next_id(self, kind: str) -> int:
        """Return a number that was never given for this kind before."""
        numbers = self.table("next_id")
        numbers[kind] = numbers.get(kind, 0) + 1
        return int(numbers[kind])

    def save(self) -> None:
        """Write the snapshot if something changed since the last one, whole or not at all."""
        # Not json.dumps: with a thousand jobs this takes 2 ms instead of 8, and is done at every change.
        text = to_json({"format": FORMAT, "tables": self._tables, "minilake": _minilake_state()}).decode()
        if text != self._saved:
            write_private(self._file, text)
            self._saved = text

    def _load(self) -> None:
        functions = _kept_functions()
        if not _PRISTINE:
            _PRISTINE.update({name: copy.deepcopy(each["get_state"]()) for name, each in functions.items()})
        kept: Json = {}
        if self._file.exists():
            self._saved = self._file.read_text(encoding="utf-8")
            kept = _parsed(self._file, self._saved)
        self._tables = kept.get("tables", {})
        for name, each in functions.items():
            each["restore_state"](copy.deepcopy(kept.get("minilake", {}).get(name, _PRISTINE[name])))


def _parsed(file: Path, text: str) -> Json:
    remedy = "move it away to start with an empty workspace"
    try:
        kept: Json = json.loads(text)
    except ValueError as error:
        raise OutsideError(f"{file}: the workspace's state cannot be read ({error}); {remedy}") from None
    if kept.get("format") != FORMAT:
        raise OutsideError(
            f"{file}: written in format {kept.get('format')}, this version reads {FORMAT}; {remedy}"
        )
    return kept


def _kept_functions() -> dict[str, dict[str, Any]]:
    return {name: each for name, each in get_state_functions().items() if name not in _NOT_KEPT}


def _minilake_state() -> dict[str, Json]:
    return {name: each["get_state"]() for name, each in _kept_functions().items()}


def now() -> int:
    """Return the time as the API says it: milliseconds since 1970."""
    return int(time.time() * 1000)


def user() -> str:
    """Return the name of the user that callers are taken for now; see `local.workspace.objects.users`."""
    return str(identity.USER_NAME)


def store_of(request: Request) -> Store:
    """Return the store of the application that got the request."""
    store: Store = request.app.state.store
    return store


StoreOf = Annotated[Store, Depends(store_of)]


class SaveBeforeAnswer:
    """Middleware: nobody is told that a change was made before the change is on disk."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on; save when the answer to a changing request begins."""
        if scope["type"] != "http" or scope["method"] in ("GET", "HEAD", "OPTIONS"):
            await self.app(scope, receive, send)
            return

        async def save_then_send(message: Message) -> None:
            if message["type"] == "http.response.start":
                scope["app"].state.store.save()
            await send(message)

        await self.app(scope, receive, save_then_send)
