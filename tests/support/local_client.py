"""A client of a workspace that runs in the test's own process."""

from __future__ import annotations

import httpx2

from local.client import Client
from local.home import Home, Status
from tests.local.workspace.conftest import ORIGIN, Workspace


def client_of(workspace: Workspace) -> Client:
    """Returns a client whose requests the workspace of this process answers."""
    Status(ORIGIN, workspace.home.token(), 1, 1.0).write(workspace.home)

    def answer(request: httpx2.Request) -> httpx2.Response:
        response = workspace.http.request(
            request.method,
            request.url.raw_path.decode(),
            content=request.content,
            headers={"Content-Type": "application/json"},
        )
        return httpx2.Response(response.status_code, content=response.content)

    return Client(Home(workspace.home.root), httpx2.MockTransport(answer))
