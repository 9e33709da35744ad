"""Each test has a schema of its own, which is dropped with its tables."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from threading import Thread

import psutil
import pytest

from local.flow_tests.own_schema import CATALOG, OwnSchema, Workspace
from mesh.errors import OutsideError

Asked = list[tuple[str, str, object]]


def list_schemas() -> list[dict[str, object]]:
    """Schemas of a process that has ended, of this one, of an id that is used again, and of somebody else."""
    started = psutil.Process().create_time()

    def made_by(pid: int, start: float) -> dict[str, str]:
        return {"mesh.test_process": str(pid), "mesh.test_process_started": repr(start)}

    return [
        {"name": "ended", "properties": made_by(2**22 + 1, started)},
        {"name": "running", "properties": made_by(os.getpid(), started)},
        {"name": "again", "properties": made_by(os.getpid(), started - 60)},
        {"name": "mine", "properties": {"mesh.test_process": "?", "mesh.test_process_started": ""}},
        {"name": "default"},
    ]


@pytest.fixture
def server() -> Iterator[tuple[str, Asked]]:
    """A workspace that has the catalog already and refuses the schema `broken`."""
    asked: Asked = []

    class Handler(BaseHTTPRequestHandler):
        def answer(self) -> None:
            length = int(self.headers.get("Content-Length") or 0)
            body = json.loads(self.rfile.read(length)) if length else None
            asked.append((self.command, self.path, body))
            code, text = 200, b"{}"
            if self.path.endswith("/catalogs"):
                code, text = 400, b'{"error_code": "CATALOG_ALREADY_EXISTS"}'
            if self.path.endswith("?catalog_name=mesh_tests"):
                text = json.dumps({"schemas": list_schemas()}).encode()
            if "broken" in self.path:
                code, text = 500, b'{"error_code": "INTERNAL_ERROR"}'
            self.send_response(code)
            self.end_headers()
            self.wfile.write(text)

        do_GET = do_POST = do_DELETE = answer

        def log_message(self, *arguments: object) -> None:
            """Print nothing."""

    with HTTPServer(("127.0.0.1", 0), Handler) as served:
        Thread(target=served.serve_forever, args=(0.02,), daemon=True).start()
        yield f"http://127.0.0.1:{served.server_port}", asked
        served.shutdown()


def test_a_schema_is_named_after_the_flow_and_dropped_by_force(server: tuple[str, Asked]) -> None:
    address, asked = server
    workspace = Workspace(address, "t")

    schema = workspace.create("Trips-2")
    workspace.drop(schema)

    assert schema.catalog == CATALOG and schema.name.startswith("trips_2_")
    assert workspace.create("Trips-2").name != schema.name
    assert [(method, path) for method, path, _ in asked[:3]] == [
        ("POST", "/api/2.1/unity-catalog/catalogs"),
        ("POST", "/api/2.1/unity-catalog/schemas"),
        ("DELETE", f"/api/2.1/unity-catalog/schemas/{schema}?force=true"),
    ]


def test_what_killed_runs_left_is_dropped(server: tuple[str, Asked]) -> None:
    address, asked = server

    Workspace(address, "t").drop_abandoned()

    dropped = [path for method, path, _ in asked if method == "DELETE"]
    assert dropped == [
        f"/api/2.1/unity-catalog/schemas/{CATALOG}.{name}?force=true" for name in ("ended", "again")
    ]


def test_a_table_has_its_full_name() -> None:
    assert OwnSchema("c", "s").table("a-b`c") == "c.s.`a-b``c`"


def test_an_error_of_the_workspace_is_told(server: tuple[str, Asked]) -> None:
    with pytest.raises(OutsideError, match="INTERNAL_ERROR"):
        Workspace(server[0], "t").drop(OwnSchema("c", "broken"))
    with pytest.raises(OutsideError, match="does not answer"):
        Workspace("http://127.0.0.1:1", "t").create("x")
