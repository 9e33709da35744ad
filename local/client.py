"""Calls of the workspace's REST API."""

from typing import Any

import httpx2

from local.home import Home, running
from mesh.errors import OutsideError

Json = dict[str, Any]

# The Databricks SDK would cost 1.7 s of import for each command; httpx2 costs 0.15 s.


class Client:
    """The API of a local workspace that is up.

    Args:
        home: of which mesh.
        transport: how requests travel; the network by default.

    Raises:
        OutsideError: it is not up.
    """

    def __init__(self, home: Home, transport: httpx2.BaseTransport | None = None) -> None:
        status = running(home)
        self._http = httpx2.Client(
            base_url=status.url,
            headers={"Authorization": f"Bearer {status.token}"},
            timeout=httpx2.Timeout(10, read=None),
            transport=transport,
            trust_env=False,
        )

    def get(self, path: str, **query: Any) -> Json:
        """Return what a GET answers.

        Raises:
            OutsideError: the workspace does not answer, or refuses.
        """
        return self._answer("GET", path, params=query)

    def post(self, path: str, body: Json) -> Json:
        """Return what a POST answers.

        Raises:
            OutsideError: the workspace does not answer, or refuses.
        """
        return self._answer("POST", path, json=body)

    def _answer(self, method: str, path: str, **request: Any) -> Json:
        try:
            response = self._http.request(method, path, **request)
        except httpx2.HTTPError as error:
            raise OutsideError(
                f"the local workspace at {self._http.base_url} does not answer ({error}):"
                " see `mesh local status` and `mesh local logs`"
            ) from error
        answer: Json = response.json()
        if response.is_error:
            raise OutsideError(f"the local workspace refused: {answer.get('message', response.text)}")
        return answer
