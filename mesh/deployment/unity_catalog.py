"""Calls Unity Catalog's REST API: a program of generated notebooks, which hold its text.

It calls with address and token of the notebook's context: importing the Databricks SDK takes longer than all
else that such a notebook does. Where that fails, the SDK calls: it tries again and has other ways to log in.
"""

import json
from typing import Any
from urllib.error import HTTPError
from urllib.parse import quote
from urllib.request import HTTPRedirectHandler, Request, build_opener

_SECONDS = 60


def unity_catalog(dbutils: Any) -> Any:
    """Returns a function that calls the API with method, path and body; a `GET` of nothing returns None.

    A call may be sent twice, so its second effect must be that of the first.
    """

    def call(method: str, path: str, body: Any = None) -> Any:
        path = "/api/2.1/unity-catalog/" + quote(path)
        try:
            return _called(dbutils, method, path, body)
        except Exception:
            return _called_by_sdk(method, path, body)

    return call


class _NoRedirects(HTTPRedirectHandler):
    """Follows no redirect, which would send the token to another address."""

    def redirect_request(self, *_: Any) -> None:
        return None


def _called(dbutils: Any, method: str, path: str, body: Any) -> Any:
    context = dbutils.notebook.entry_point.getDbutils().notebook().getContext()
    headers = {"Authorization": "Bearer " + context.apiToken().get(), "Content-Type": "application/json"}
    data = None if body is None else json.dumps(body).encode()
    address = context.apiUrl().get() + path
    request = Request(address, data, headers, method=method)  # noqa: S310 - the workspace's own
    try:
        with build_opener(_NoRedirects).open(request, timeout=_SECONDS) as answer:
            return json.load(answer)
    except HTTPError as error:
        if error.code == 404 and method == "GET":
            return None
        raise  # a change of what is not there, such as a privilege of a deleted group, has failed


def _called_by_sdk(method: str, path: str, body: Any) -> Any:
    from databricks.sdk import WorkspaceClient
    from databricks.sdk.errors import NotFound

    try:
        return WorkspaceClient().api_client.do(method, path, body=body)
    except NotFound:
        if method == "GET":
            return None
        raise
