"""The client of the workspace's REST API, and its errors."""

from __future__ import annotations

import ipaddress
from typing import Any
from urllib.parse import quote, urlsplit

import httpx2

Json = dict[str, Any]
# Generous for a workspace on the same machine.
_TIMEOUT = httpx2.Timeout(120, connect=5)
# Shorter than the keep-alive of the workspace: else it could close a connection that is about to be reused.
_IDLE_SECONDS = 2.0


class ApiError(Exception):
    """The workspace refused a request or did not answer.

    Args:
        status: HTTP status; 0 without an answer.
        code: the API's error code, such as RESOURCE_ALREADY_EXISTS.
        message: the workspace's message, unchanged.
        request: method and path; empty if no request was sent.
    """

    def __init__(self, status: int, code: str, message: str, request: str) -> None:
        super().__init__(message)
        self.status, self.code, self.message, self.request = status, code, message, request

    @property
    def not_found(self) -> bool:
        """True if the requested object does not exist."""
        return self.status == 404 or self.code in ("RESOURCE_DOES_NOT_EXIST", "NOT_FOUND")

    @property
    def already_exists(self) -> bool:
        """True if the object to be created exists already."""
        return self.status == 409 or self.code.endswith("ALREADY_EXISTS")


def is_loopback(host: str) -> bool:
    """Return whether an address, such as `http://127.0.0.1:4300`, is a loopback address."""
    name = urlsplit(host if "//" in host else f"//{host}").hostname or ""
    try:
        return ipaddress.ip_address(name).is_loopback
    except ValueError:
        return name == "localhost"


def same_address(left: str, right: str) -> bool:
    """Return whether two loopback addresses have the same port; host names are ignored."""
    return is_loopback(left) and is_loopback(right) and urlsplit(left).port == urlsplit(right).port


def path_segment(text: str) -> str:
    """Escape a name as one segment of a URL path.

    Raises:
        ApiError: the name is empty or consists of dots, which would address another path.
    """
    if not text.strip("."):
        raise ApiError(400, "INVALID", f"{text!r} is not a valid name", "")
    return quote(text, safe="")


class Api:
    """A session with one workspace; usable from several threads.

    Args:
        host: the workspace's address; loopback.
        token: the workspace's access token.
        transport: the HTTP transport; the network by default.

    Raises:
        ValueError: the address is not loopback.
    """

    def __init__(self, host: str, token: str, transport: httpx2.BaseTransport | None = None) -> None:
        if not is_loopback(host):
            raise ValueError(f"the offline provider serves the local workspace only, not {host}")
        self.host = host.rstrip("/")
        # Ignore proxies and netrc of the environment: requests must not leave this machine.
        self._client = httpx2.Client(
            base_url=self.host,
            headers={"Authorization": f"Bearer {token}"},
            timeout=_TIMEOUT,
            trust_env=False,
            transport=transport,
            limits=httpx2.Limits(max_connections=None, keepalive_expiry=_IDLE_SECONDS),
        )

    def get(self, path: str, /, **query: Any) -> Json:
        """Read an object; `None` values of `query` are not sent."""
        return self._call("GET", path, query=query)

    def post(self, path: str, body: Json) -> Json:
        """Create an object, or run the action that the path names."""
        return self._call("POST", path, body=body)

    def put(self, path: str, body: Json) -> Json:
        """Replace an object."""
        return self._call("PUT", path, body=body)

    def patch(self, path: str, body: Json) -> Json:
        """Change fields of an object."""
        return self._call("PATCH", path, body=body)

    def delete(self, path: str, /, **query: Any) -> None:
        """Delete an object; no error if it does not exist."""
        try:
            self._call("DELETE", path, query=query)
        except ApiError as error:
            if not error.not_found:
                raise

    def close(self) -> None:
        """Close the connections."""
        self._client.close()

    def _call(self, method: str, path: str, body: Json | None = None, query: Json | None = None) -> Json:
        parameters = {name: value for name, value in (query or {}).items() if value is not None}
        try:
            response = self._client.request(method, path, json=body, params=parameters)
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
