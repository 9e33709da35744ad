"""Answers for requests with values that a route cannot use: 400 instead of an internal error.

Routes take the values of a body as they are, and Python objects to a wrong type only where one is used. The
log has the place, because a fault of a route may look the same.
"""

import errno
import logging

from fastapi import FastAPI, Request
from fastapi.responses import JSONResponse
from pydantic import ValidationError

_log = logging.getLogger(__name__)
_WRITES = ("POST", "PUT", "PATCH", "DELETE")
# `int("x")` is a ValueError, and so is a ValidationError
_WRONG_TYPES = (TypeError, AttributeError, OverflowError, ValueError)
# What the names in a request can cause: a path that is too long, is there already, or leads through a file
_OF_NAMES = {
    *(errno.ENAMETOOLONG, errno.EEXIST, errno.EINVAL, errno.ENOTDIR, errno.EISDIR, errno.ENOTEMPTY),
    *(errno.ENOENT, errno.ELOOP),
}


def install_handlers(app: FastAPI) -> None:
    """Adds the answers to an application."""
    for kind in _WRONG_TYPES:
        app.add_exception_handler(kind, _wrong_type)
    app.add_exception_handler(OSError, _wrong_name)


async def _wrong_type(request: Request, error: Exception) -> JSONResponse:
    if request.method not in _WRITES or not await request.body():
        return _failed(request, error)
    _log.warning("%s %s", request.method, request.url.path, exc_info=error)
    message = f"a field of the request has a value of the wrong type or form ({_first_line(error)})"
    return JSONResponse({"error_code": "INVALID_PARAMETER_VALUE", "message": message}, 400)


async def _wrong_name(request: Request, error: Exception) -> JSONResponse:
    if not isinstance(error, OSError) or error.errno not in _OF_NAMES:
        return _failed(request, error)
    _log.warning("%s %s", request.method, request.url.path, exc_info=error)
    message = f"this path cannot be used: {error.strerror}"
    return JSONResponse({"error_code": "INVALID_PARAMETER_VALUE", "message": message}, 400)


def _failed(request: Request, error: Exception) -> JSONResponse:
    _log.error("%s %s", request.method, request.url.path, exc_info=error)
    message = f"{type(error).__name__}: {error}"
    return JSONResponse({"error_code": "INTERNAL_ERROR", "message": message}, 500)


def _first_line(error: Exception) -> str:
    if isinstance(error, ValidationError):
        first = error.errors()[0]
        return f"{'.'.join(map(str, first['loc']))}: {first['msg']}"
    return str(error).partition("\n")[0]
