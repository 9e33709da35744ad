"""The user of the local workspace."""

from http.server import BaseHTTPRequestHandler, HTTPServer
from threading import Thread

import pytest

from local.current_user import log_in
from local.home import Status
from mesh.errors import OutsideError


def test_a_workspace_that_does_not_answer_is_an_error_with_remedies():
    status = Status("http://127.0.0.1:1", "secret", 1, 1.0)

    with pytest.raises(OutsideError, match=r"does not answer .* `mesh local logs`; `mesh local down` stops"):
        log_in(status, "ola@acme.example")


def test_the_user_of_a_running_workspace_changes(tmp_path):
    """The workspace's own routes answer, on a real port."""
    told = []

    class Handler(BaseHTTPRequestHandler):
        def do_PUT(self) -> None:
            told.append((self.path, self.headers["Authorization"], self._body()))
            body = b'{"user_name": "kari@acme.example", "previous": "root"}'
            self.send_response(200)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def _body(self) -> bytes:
            return self.rfile.read(int(self.headers["Content-Length"]))

        def log_message(self, format: str, *args: object) -> None: ...

    with HTTPServer(("127.0.0.1", 0), Handler) as server:
        Thread(target=server.handle_request).start()
        previous = log_in(
            Status(f"http://127.0.0.1:{server.server_port}", "secret", 1, 1.0), "kari@acme.example"
        )

    assert previous == "root"
    assert told == [("/local/user", "Bearer secret", b'{"user_name": "kari@acme.example"}')]
