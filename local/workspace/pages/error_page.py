"""Errors for a browser: what does not exist is told on a page, not in JSON."""

from fastapi import FastAPI, Request
from fastapi.responses import JSONResponse, Response
from minilake.errors import DatabricksError

from local.workspace.pages.page import Page


def install_handler(app: FastAPI) -> None:
    """Add the answers to an application, instead of minilake's, which are JSON for everybody."""
    app.add_exception_handler(DatabricksError, _error)


async def _error(request: Request, error: Exception) -> Response:
    assert isinstance(error, DatabricksError)
    # A browser that opens an address; clients of the API accept JSON or anything
    if request.method == "GET" and "text/html" in request.headers.get("accept", ""):
        page = Page(f"Error {error.status_code}")
        page.text(error.message, "bad")
        return page.response(error.status_code)
    content = {"error_code": error.error_code, "message": error.message}
    return JSONResponse(content, error.status_code)
