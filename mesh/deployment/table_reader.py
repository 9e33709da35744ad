"""Reads tables of Unity Catalog by its REST API: a program of generated notebooks, which hold its text.

It asks with address and token of the notebook's context: importing the Databricks SDK takes longer than all
else that such a notebook does. Where that fails, the SDK asks: it tries again and has other ways to log in.
"""

import json
from typing import Any
from urllib.error import HTTPError
from urllib.parse import quote
from urllib.request import HTTPRedirectHandler, Request, build_opener

_SECONDS = 60


def table_reader(dbutils: Any) -> Any:
    """Returns a function that returns a table by its full name, as the API does; None if there is none."""

    def read(name: str) -> Any:
        path = "/api/2.1/unity-catalog/tables/" + quote(name, safe="")
        try:
            return _asked(dbutils, path)
        except Exception:
            return _asked_by_sdk(path)

    return read


class _NoRedirects(HTTPRedirectHandler):
    """Follows no redirect, which would send the token to another address."""

    def redirect_request(self, *_: Any) -> None:
        return None


def _asked(dbutils: Any, path: str) -> Any:
    context = dbutils.notebook.entry_point.getDbutils().notebook().getContext()
    headers = {"Authorization": "Bearer " + context.apiToken().get()}
    request = Request(context.apiUrl().get() + path, headers=headers)  # noqa: S310 - the workspace's own
    try:
        with build_opener(_NoRedirects).open(request, timeout=_SECONDS) as answer:
            return json.load(answer)
    except HTTPError as error:
        if error.code == 404:
            return None
        raise


def _asked_by_sdk(path: str) -> Any:
    from databricks.sdk import WorkspaceClient
    from databricks.sdk.errors import NotFound

    try:
        return WorkspaceClient().api_client.do("GET", path)
    except NotFound:
        return None
