"""The program that calls the REST API, with a server that stands for the workspace."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from types import SimpleNamespace
from typing import Any

import pytest

from mesh.deployment import unity_catalog

TABLE = {"name": "it's", "table_type": "MANAGED"}


class Workspace(BaseHTTPRequestHandler):
    """Has one table for the holder of a token, is busy for one name, and redirects another."""

    asked: list[str]

    def do_GET(self) -> None:
        self.asked.append(self.path)
        name = self.path.removeprefix("/api/2.1/unity-catalog/tables/")
        codes = {"main.s.busy": 429, "main.s.moved": 302, "main.s.it%27s": 200}
        code = codes.get(name, 404) if self.headers["Authorization"] == "Bearer secret" else 401
        self.send_response(code)
        if code == 302:
            self.send_header("Location", "/elsewhere")
        self.end_headers()
        self.wfile.write(json.dumps(TABLE if code == 200 else {"message": "no"}).encode())

    def do_PATCH(self) -> None:
        self.asked.append(self.path)
        self.send_response(404 if self.path.endswith("gone") else 200)
        self.end_headers()
        self.wfile.write(self.rfile.read(int(self.headers["Content-Length"])))

    def log_message(self, *_: Any) -> None:
        """Prints nothing."""


@pytest.fixture
def server() -> Iterator[HTTPServer]:
    Workspace.asked = []
    with HTTPServer(("127.0.0.1", 0), Workspace) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield server
        server.shutdown()


def dbutils(server: HTTPServer, token: str = "secret") -> Any:
    url = f"http://127.0.0.1:{server.server_port}"
    context = SimpleNamespace(
        apiUrl=lambda: SimpleNamespace(get=lambda: url), apiToken=lambda: SimpleNamespace(get=lambda: token)
    )
    notebook = SimpleNamespace(getContext=lambda: context)
    entry = SimpleNamespace(getDbutils=lambda: SimpleNamespace(notebook=lambda: notebook))
    return SimpleNamespace(notebook=SimpleNamespace(entry_point=entry))


@pytest.mark.parametrize(("name", "expected"), [("main.s.it's", TABLE), ("main.s.gone", None)])
def test_a_table_is_read_with_the_token_of_the_notebook(server: HTTPServer, name: str, expected: Any) -> None:
    assert unity_catalog.unity_catalog(dbutils(server))("GET", f"tables/{name}") == expected


def test_a_change_is_sent_as_json(server: HTTPServer) -> None:
    call, change = unity_catalog.unity_catalog(dbutils(server)), {"changes": [{"principal": "é"}]}

    assert call("PATCH", "permissions/function/main.s.f", change) == change
    assert Workspace.asked == ["/api/2.1/unity-catalog/permissions/function/main.s.f"]


def test_a_change_of_nothing_fails(server: HTTPServer, monkeypatch: pytest.MonkeyPatch) -> None:
    from databricks import sdk
    from databricks.sdk.errors import NotFound

    def do(*_: Any, **__: Any) -> Any:
        raise NotFound("there is no group analysts")

    client = SimpleNamespace(api_client=SimpleNamespace(do=do))
    monkeypatch.setattr(sdk, "WorkspaceClient", lambda: client)

    with pytest.raises(NotFound, match="no group analysts"):
        unity_catalog.unity_catalog(dbutils(server))("PATCH", "permissions/function/main.s.gone", {})


@pytest.mark.parametrize(
    ("name", "token"), [("main.s.busy", "secret"), ("main.s.moved", "secret"), ("main.s.it's", "wrong")]
)
def test_the_sdk_asks_where_the_notebook_gets_no_answer(
    server: HTTPServer, monkeypatch: pytest.MonkeyPatch, name: str, token: str
) -> None:
    monkeypatch.setattr(unity_catalog, "_called_by_sdk", lambda _method, path, _body: {"asked": path})

    found = unity_catalog.unity_catalog(dbutils(server, token))("GET", f"tables/{name}")

    assert [found["asked"]] == Workspace.asked  # once: a redirect would take the token elsewhere


def test_the_sdk_asks_where_notebooks_have_no_context(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(unity_catalog, "_called_by_sdk", lambda *_: TABLE)

    assert unity_catalog.unity_catalog(SimpleNamespace())("GET", "tables/main.s.t") == TABLE
