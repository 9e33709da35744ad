#!/usr/bin/env bash
# The Databricks SDK for Python asks the host while a `Config` is created and ignores a failure; a service principal
# then reads "Invalid URL 'None'". An address with `?o=…` stays whole, so that every request asks for the page `/`.
#
# Version: databricks-sdk 0.156.0 with requests 2.34.2. No workspace is needed.
# Seen, with an address where the connection is refused and `retry_timeout_seconds=1`:
#   - token: `Config(…)` succeeds, after at least one request for /.well-known/databricks-config
#   - client_id and client_secret: `Config(…)` fails with "Invalid URL 'None'", without a word about the connection
# Seen, with a server that records what is asked and the address http://127.0.0.1:PORT/?o=1:
#   - `config.host` keeps the query, http://127.0.0.1:PORT?o=1, and `current_user.me()` asks for `/?o=1/api/2.0/preview/scim/v2/Me`
# Without `retry_timeout_seconds` the SDK repeats each of these requests for 300 seconds.
# So an unreachable workspace looks like a wrong setting, and an address copied from a browser like a broken workspace.
# The script fails if any of this changes.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/pip" install --quiet --disable-pip-version-check databricks-sdk==0.156.0 requests==2.34.2
HOME="$work" "$work/venv/bin/python" - <<'PYTHON'
import logging
import os
import socket
import sys
from http.server import BaseHTTPRequestHandler, HTTPServer
from threading import Thread

from databricks.sdk import WorkspaceClient
from databricks.sdk.core import Config

for name in [name for name in os.environ if name.startswith("DATABRICKS_") or name.lower().endswith("_proxy")]:
    del os.environ[name]
logging.getLogger("databricks.sdk").addHandler(logging.NullHandler())
asked: list[str] = []


class Recorder(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        asked.append(self.path)
        self.send_response(200)
        self.send_header("Content-Length", "2")
        self.end_headers()
        self.wfile.write(b"{}")

    def log_message(self, *arguments: object) -> None:
        pass


def created(host: str, **login: str) -> str:
    try:
        Config(host=host, retry_timeout_seconds=1, **login)
    except ValueError as error:
        return str(error)
    return "created"


with socket.create_server(("127.0.0.1", 0)) as listening:
    refused = f"http://127.0.0.1:{listening.getsockname()[1]}"
token = created(refused, token="t", auth_type="pat")
principal = created(refused, client_id="c", client_secret="s", auth_type="oauth-m2m")

server = HTTPServer(("127.0.0.1", 0), Recorder)
Thread(target=server.serve_forever, daemon=True).start()
copied = f"http://127.0.0.1:{server.server_port}/?o=1"
client = WorkspaceClient(host=copied, token="t", auth_type="pat")
at_creation = list(asked)
client.current_user.me()
later = asked[len(at_creation):]

print("token, refused:            ", token)
print("service principal, refused:", principal)
print("host with ?o=1:            ", client.config.host)
print("asked at creation:         ", at_creation)
print("asked by current_user.me():", later)
as_seen = (
    token == "created"
    and "Invalid URL 'None'" in principal
    and "refused" not in principal
    and client.config.host == copied.replace("/?", "?")
    and at_creation == ["/?o=1/.well-known/databricks-config"]
    and later == ["/?o=1/api/2.0/preview/scim/v2/Me"]
)
if not as_seen:
    sys.exit("this is not what was seen before")
print("as described")
PYTHON
