"""The workspace's REST API, and what it says when it refuses."""

from __future__ import annotations

import ipaddress
from typing import Any
from urllib.parse import quote, urlsplit

import httpx2

Json = dict[str, Any]
# The workspace is on this machine; an answer that takes longer is no answer.
_TIMEOUT = httpx2.Timeout(120, connect=5)
# Shorter than the workspace keeps an idle connection, which could otherwise close it while it is taken up.
_IDLE_SECONDS = 2.0


class ApiError(Exception):
    """The workspace refused a request; the message is its own.

    Args:
        status: HTTP status; 0 when there was no answer at all.
        code: the API's error code, such as RESOURCE_ALREADY_EXISTS.
        message: what the workspace says, word for word.
        request: method and path.
    """

    def __init__(self, status: int, code: str, message: str, request: str) -> None:
        super().__init__(message)
        self.status, self.code, self.message, self.request = status, code, message, request

    @property
    def gone(self) -> bool:
        """The thing asked for is not there."""
        return self.status == 404 or self.code in ("RESOURCE_DOES_NOT_EXIST", "NOT_FOUND")

    @property
    def exists(self) -> bool:
        """The thing to be created is there already."""
        return self.status == 409 or self.code.endswith("ALREADY_EXISTS")


def is_loopback(host: str) -> bool:
    """Whether the address, such as `http://127.0.0.1:4300`, can only mean this machine."""
    name = urlsplit(host if "//" in host else f"//{host}").hostname or ""
    try:
        return ipaddress.ip_address(name).is_loopback
    except ValueError:
        return name == "localhost"


def same_address(one: str, other: str) -> bool:
    """Whether two addresses of this machine are the same, however it is named."""
    return is_loopback(one) and is_loopback(other) and urlsplit(one).port == urlsplit(other).port


def part(text: str) -> str:
    """A name as one part of a path, whatever characters it holds.

    Raises:
        ApiError: the name is empty or dots, which would be another path.
    """
    if not text.strip("."):
        raise ApiError(400, "INVALID", f"{text!r} is no name", "")
    return quote(text, safe="")


class Api:
    """A session with one workspace; usable from several threads.

    Args:
        host: the workspace's address; loopback.
        token: what it wants to hear.
        transport: what carries the requests; the network, unless a test says otherwise.

    Raises:
        ValueError: the address is another machine's.
    """

    def __init__(self, host: str, token: str, transport: httpx2.BaseTransport | None = None) -> None:
        if not is_loopback(host):
            raise ValueError(f"the offline provider serves the local workspace only, not {host}")
        self.host = host.rstrip("/")
        # No proxy and no netrc of the environment: the request must not leave this machine.
        self._client = httpx2.Client(
            base_url=self.host,
            headers={"Authorization": f"Bearer {token}"},
            timeout=_TIMEOUT,
            trust_env=False,
            transport=transport,
            limits=httpx2.Limits(max_connections=None, keepalive_expiry=_IDLE_SECONDS),
        )

    def get(self, path: str, /, **query: Any) -> Json:
        """Read; `query` leaves out what is None."""
        return self._call("GET", path, query=query)

    def post(self, path: str, body: Json) -> Json:
        """Create, or do what the path says."""
        return self._call("POST", path, body=body)

    def put(self, path: str, body: Json) -> Json:
        """Replace."""
        return self._call("PUT", path, body=body)

    def patch(self, path: str, body: Json) -> Json:
        """Change in part."""
        return self._call("PATCH", path, body=body)

    def delete(self, path: str, /, **query: Any) -> None:
        """Delete; fine when it is gone already."""
        try:
            self._call("DELETE", path, query=query)
        except ApiError as error:
            if not error.gone:
                raise

    def close(self) -> None:
        """Give the connections back."""
        self._client.close()

    def _call(self, method: str, path: str, body: Json | None = None, query: Json | None = None) -> Json:
        asked = {name: value for name, value in (query or {}).items() if value is not None}
        try:
            response = self._client.request(method, path, json=body, params=asked)
        except httpx2.HTTPError as error:
            text = f"no answer from the local workspace at {self.host}: {error or type(error).__name__}"
            raise ApiError(0, "UNREACHABLE", text, f"{method} {path}") from error
        answer = _json(response)
        if response.is_success:
            return answer
        message = (
            answer.get("message") or answer.get("detail") or response.text[:2000] or response.reason_phrase
        )
        raise ApiError(
            response.status_code, str(answer.get("error_code", "")), str(message), f"{method} {path}"
        )


def _json(response: httpx2.Response) -> Json:
    try:
        answer = response.json()
    except ValueError:
        return {}
    return answer if isinstance(answer, dict) else {"value": answer}
