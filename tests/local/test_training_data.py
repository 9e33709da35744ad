"""`mesh local data load`: the requests to the workspace, and errors. The load itself is tested with Spark."""

import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from local.home import Status
from local.training_data import load_trips
from mesh.errors import OutsideError


class FakeWorkspace(BaseHTTPRequestHandler):
    """A workspace that refuses each collection of `answers` with that error."""

    answers: dict[str, str]
    requests: list[tuple[str, str]]

    def do_POST(self) -> None:
        """Record the request and answer."""
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        collection = self.path.rpartition("/")[2]
        self.requests.append((collection, body["name"]))
        error = self.answers.get(collection, "")
        self.send_response(400 if error else 200)
        self.end_headers()
        self.wfile.write(error.encode())

    def log_message(self, format: str, *arguments: object) -> None:
        """Print nothing."""


@pytest.fixture
def workspace() -> Iterator[ThreadingHTTPServer]:
    """A fake workspace."""
    FakeWorkspace.answers, FakeWorkspace.requests = {}, []
    with ThreadingHTTPServer(("127.0.0.1", 0), FakeWorkspace) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield server
        server.shutdown()


def status(server: ThreadingHTTPServer) -> Status:
    """The status of a workspace without Spark."""
    return Status(f"http://127.0.0.1:{server.server_port}", "secret", 1, 1.0)


def test_an_existing_catalog_is_no_error_and_spark_must_be_running(workspace, tmp_path):
    FakeWorkspace.answers = {"catalogs": '{"error_code": "CATALOG_ALREADY_EXISTS"}'}
    reported: list[str] = []

    with pytest.raises(OutsideError, match="Spark is not running: start it with `mesh local up`"):
        load_trips(status(workspace), tmp_path / "trips.csv", reported.append)
    assert FakeWorkspace.requests == [("catalogs", "training"), ("schemas", "taxinyc_trips")]
    assert reported == [f"loading {tmp_path / 'trips.csv'}"]


def test_another_error_of_the_workspace_is_an_error(workspace):
    FakeWorkspace.answers = {"schemas": "the reason"}

    with pytest.raises(OutsideError, match="cannot create `taxinyc_trips` in schemas: the reason"):
        load_trips(status(workspace), None, print)


def test_a_workspace_that_does_not_answer_is_an_error():
    with pytest.raises(OutsideError, match=r"the workspace at http://127\.0\.0\.1:1 does not answer"):
        load_trips(Status("http://127.0.0.1:1", "secret", 1, 1.0), None, print)
