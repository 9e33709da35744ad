"""Terraform is killed while the workspace is at work for it."""

import json
import os
import subprocess
import threading
import time
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from local import toolchain
from local.provider import SOURCE, host


class SlowWorkspace(ThreadingHTTPServer):
    """A workspace with one job, which is made only when it is let go on."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.asked: list[str] = []
        self.go_on = threading.Event()


class _Handler(BaseHTTPRequestHandler):
    def _answer(self) -> None:
        workspace = self.server
        assert isinstance(workspace, SlowWorkspace)
        self.rfile.read(int(self.headers.get("Content-Length") or 0))
        verb = self.path.partition("?")[0].rpartition("/")[2]
        workspace.asked.append(verb)
        if verb == "create":
            workspace.go_on.wait(30)
        answer = {} if verb == "list" else {"job_id": 7, "settings": {"name": "slow"}}
        self.send_response(200)
        self.end_headers()
        self.wfile.write(json.dumps(answer).encode())

    do_GET = do_POST = _answer

    def log_message(self, format: str, *args: object) -> None:
        """Say nothing."""


def wait_until(true: Callable[[], bool]) -> None:
    """Return as soon as it is so."""
    until = time.monotonic() + 30
    while time.monotonic() < until:
        if true():
            return
        time.sleep(0.01)
    pytest.fail("waited in vain")


def test_what_terraform_will_never_hear_of_is_taken_back(tmp_path: Path) -> None:
    """A job that is finished after its Terraform was killed does not stay in the workspace."""
    config = {
        "terraform": {"required_providers": {"databricks": {"source": SOURCE}}},
        "provider": {"databricks": {}},
        "resource": {"databricks_job": {"j": {"name": "slow"}}},
    }
    (tmp_path / "main.tf.json").write_text(json.dumps(config))
    with SlowWorkspace() as workspace:
        threading.Thread(target=workspace.serve_forever).start()
        served = host.start(f"http://127.0.0.1:{workspace.server_port}", "token", tmp_path / "provider")
        kept = {name: value for name, value in os.environ.items() if not name.startswith("TF_")}
        env = kept | {"CHECKPOINT_DISABLE": "1", "TF_REATTACH_PROVIDERS": served.json}
        command = str(toolchain.terraform())
        try:
            subprocess.run([command, "init"], cwd=tmp_path, env=env, check=True, stdout=subprocess.DEVNULL)
            apply = [command, "apply", "-auto-approve"]
            with subprocess.Popen(apply, cwd=tmp_path, env=env, stdout=subprocess.DEVNULL) as process:
                wait_until(lambda: "create" in workspace.asked)
                process.kill()
            workspace.go_on.set()
            wait_until(lambda: workspace.asked[-1] == "delete")
        finally:
            workspace.go_on.set()
            served.stop()
            workspace.shutdown()
