"""Asking a workspace for its revision."""

from http.server import BaseHTTPRequestHandler, HTTPServer
from threading import Thread

import pytest

from local.home import Status
from local.revision import workspace_revision


@pytest.mark.parametrize(
    ("code", "body", "revision"),
    [(200, b'{"revision": "a1"}', "a1"), (404, b'{"revision": "a1"}', None), (200, b"<html>", None)],
)
def test_an_older_workspace_does_not_tell_its_revision(code, body, revision):
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(code if self.headers["Authorization"] == "Bearer secret" else 403)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: object) -> None: ...

    with HTTPServer(("127.0.0.1", 0), Handler) as server:
        Thread(target=server.handle_request).start()
        assert (
            workspace_revision(Status(f"http://127.0.0.1:{server.server_port}", "secret", 1, 1.0)) == revision
        )


def test_a_workspace_that_does_not_answer_has_no_revision():
    assert workspace_revision(Status("http://127.0.0.1:1", "secret", 1, 1.0)) is None
