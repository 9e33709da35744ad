"""A fake of the workspace's REST API, for tests of the offline provider."""

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cache
from typing import Any

import httpx2

from local.provider.api import Api
from local.provider.registry import RESOURCE_TYPES
from local.provider.resource_type import CallContext, ResourceType
from local.provider.schema import Schemas, read_schemas

Answer = Callable[[], httpx2.Response] | dict[str, Any]


def error_response(status: int, code: str, text: str) -> Callable[[], httpx2.Response]:
    """Return an answer with an error in the API's form."""
    return lambda: httpx2.Response(status, json={"error_code": code, "message": text})


@dataclass
class FakeRestApi:
    """A workspace that returns fixed answers by `METHOD path`, and 404 otherwise.

    Args:
        answers: the answers.
        calls: `METHOD path` of each request so far.
        bodies: the body of each request so far, None without one.
    """

    answers: dict[str, Any]
    calls: list[str] = field(default_factory=list)
    bodies: list[Any] = field(default_factory=list)

    def __call__(self, request: httpx2.Request) -> httpx2.Response:
        """Answer one request."""
        call = f"{request.method} {request.url.path}"
        self.calls.append(call)
        self.bodies.append(json.loads(request.content) if request.content else None)
        answer = self.answers.get(call, error_response(404, "RESOURCE_DOES_NOT_EXIST", "it is not there"))
        return answer() if callable(answer) else httpx2.Response(200, json=answer)

    def sent(self, call: str) -> Any:
        """Return the body of the last request with this method and path."""
        return self.bodies[len(self.calls) - 1 - self.calls[::-1].index(call)]

    def api(self) -> Api:
        """Return a session with this workspace."""
        return Api("http://127.0.0.1:1", "token", httpx2.MockTransport(self))


@cache
def schemas() -> Schemas:
    """Return the schemas of all resource types."""
    return read_schemas(RESOURCE_TYPES, [])


def resource(type_name: str, workspace: FakeRestApi) -> tuple[ResourceType, CallContext]:
    """Return a resource type, and the context in which it calls the workspace."""
    return RESOURCE_TYPES[type_name], CallContext(workspace.api(), schemas().resources[type_name])
