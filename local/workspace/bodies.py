"""Request bodies: a JSON body that could not be written back is refused before a route reads it."""

import json
import math
from typing import Any, NoReturn

from starlette.datastructures import Headers
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

# Databricks' own bodies have about ten levels; the state can be written with 250 levels.
MAX_DEPTH = 64
_TOO_DEEP = f"it is nested deeper than {MAX_DEPTH} levels"
# Routes whose body is the content of a file.
_FILE_CONTENT = ("/api/2.0/fs/", "/api/2.0/workspace-files/")
_FORMS = ("multipart/form-data", "application/x-www-form-urlencoded")
_READING_METHODS = ("GET", "HEAD", "OPTIONS")


class JsonBodyMiddleware:
    """Middleware that refuses a JSON body which cannot be written back as UTF-8 JSON, or is nested too deep.

    Python's parser accepts lone surrogates, NaN and infinite numbers. A route would store them, and no later
    change could be saved.

    Args:
        app: the application, which reads each body once more.
    """

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer with an error, or pass the request on."""
        if not _has_json_body(scope):
            await self.app(scope, receive, send)
            return
        body = await Request(scope, receive).body()
        fault = _fault(body)
        if fault:
            content = {"error_code": "MALFORMED_REQUEST", "message": f"Invalid JSON in the body: {fault}"}
            await JSONResponse(content, 400)(scope, receive, send)
            return
        await self.app(scope, _replay(body, receive), send)


def _has_json_body(scope: Scope) -> bool:
    if scope["type"] != "http" or scope["method"] in _READING_METHODS:
        return False
    content_type = Headers(scope=scope).get("content-type", "")
    return not scope["path"].startswith(_FILE_CONTENT) and not content_type.startswith(_FORMS)


def _fault(body: bytes) -> str | None:
    """Return what is wrong with a body; None if it is empty or valid."""
    if not body:
        return None
    try:
        value = json.loads(body.decode("utf-8"), parse_constant=_refuse_constant)
        return _fault_of_value(value)
    except RecursionError:
        return _TOO_DEEP
    except UnicodeDecodeError as error:
        return f"it is not UTF-8 (byte {error.start})"
    except ValueError as error:
        return str(error)


def _refuse_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is not a JSON value")


def _fault_of_value(value: Any) -> str | None:
    """Return what is wrong with a value, level by level, because a recursion has a limit of its own."""
    level, depth = [value], 0
    while level:
        for each in level:
            if isinstance(each, dict | list) and depth == MAX_DEPTH:
                return _TOO_DEEP
            if isinstance(each, str) and not _is_unicode(each):
                return "a text contains half of a surrogate pair"
            if isinstance(each, float) and not math.isfinite(each):
                return "a number is too large"
        level, depth = [inner for each in level for inner in _inside(each)], depth + 1
    return None


def _inside(value: Any) -> list[Any]:
    if isinstance(value, dict):
        return [*value.keys(), *value.values()]
    return value if isinstance(value, list) else []


def _is_unicode(text: str) -> bool:
    try:
        text.encode("utf-8")
    except UnicodeEncodeError:
        return False
    return True


def _replay(body: bytes, receive: Receive) -> Receive:
    """Return a `receive` that yields a body that was read already, then what follows it."""
    messages: list[Message] = [{"type": "http.request", "body": body, "more_body": False}]

    async def replayed() -> Message:
        return messages.pop() if messages else await receive()

    return replayed
