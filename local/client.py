"""A client of the local workspace's REST API."""

from typing import Any, Self

import httpx2

from local.home import Home, running_status
from mesh.errors import OutsideError

Json = dict[str, Any]

# Not the Databricks SDK: its import takes 1.7 s per command, that of httpx2 0.15 s.


class _NotFoundError(OutsideError):
    """The workspace has no such object."""


class Client:
    """Calls the API of a running local workspace; as a context manager, it closes its connections at the end.

    Args:
        home: the home of the workspace.
        transport: sends the requests; the network by default.

    Raises:
        OutsideError: the workspace is not running.
    """

    def __init__(self, home: Home, transport: httpx2.BaseTransport | None = None) -> None:
        status = running_status(home)
        self._http = httpx2.Client(
            base_url=status.url,
            headers={"Authorization": f"Bearer {status.token}"},
            timeout=httpx2.Timeout(10, read=None),
            transport=transport,
            trust_env=False,
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exception: object) -> None:
        self._http.close()

    def get(self, path: str, /, **query: Any) -> Json:
        """Send a GET request and return the response.

        Raises:
            OutsideError: the workspace does not answer, or it answers with an error.
        """
        return self._request("GET", path, params=query)

    def exists(self, path: str, /, **query: Any) -> bool:
        """Send a GET request and return whether the workspace finds the object.

        Raises:
            OutsideError: the workspace does not answer, or it answers with another error.
        """
        try:
            self._request("GET", path, params=query)
        except _NotFoundError:
            return False
        return True

    def post(self, path: str, body: Json) -> Json:
        """Send a POST request and return the response.

        Raises:
            OutsideError: the workspace does not answer, or it answers with an error.
        """
        return self._request("POST", path, json=body)

    def _request(self, method: str, path: str, /, **arguments: Any) -> Json:
        try:
            response = self._http.request(method, path, **arguments)
        except httpx2.HTTPError as error:
            raise OutsideError(
                f"the local workspace at {self._http.base_url} does not answer ({error}):"
                " check `mesh local status` and `mesh local logs`"
            ) from error
        body = _json(response)
        if not isinstance(body, dict):
            raise OutsideError(
                f"something else than the local workspace answers at {self._http.base_url}: check"
                " `mesh local status`, or start it again with `mesh local down` and `mesh local up`"
            )
        if response.is_error:
            kind = _NotFoundError if response.status_code == httpx2.codes.NOT_FOUND else OutsideError
            raise kind(f"the local workspace answered with an error: {body.get('message', response.text)}")
        return body


def _json(response: httpx2.Response) -> Any:
    """The JSON of a response; None if it is no JSON."""
    try:
        return response.json()
    except ValueError:
        return None
