"""Terraform is killed during a request to the workspace."""

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
    """A workspace with one job, whose creation ends when `go_on` is set."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.requests: list[str] = []
        self.go_on = threading.Event()


class _Handler(BaseHTTPRequestHandler):
    def _answer(self) -> None:
        workspace = self.server
        assert isinstance(workspace, SlowWorkspace)
        self.rfile.read(int(self.headers.get("Content-Length") or 0))
        verb = self.path.partition("?")[0].rpartition("/")[2]
        workspace.requests.append(verb)
        if verb == "create":
            workspace.go_on.wait(30)
        answer = {} if verb == "list" else {"job_id": 7, "settings": {"name": "slow"}}
        self.send_response(200)
        self.end_headers()
        self.wfile.write(json.dumps(answer).encode())

    do_GET = do_POST = _answer

    def log_message(self, format: str, *args: object) -> None:
        """Log nothing."""


def wait_until(condition: Callable[[], bool]) -> None:
    """Wait until the condition is true."""
    until = time.monotonic() + 30
    while time.monotonic() < until:
        if condition():
            return
        time.sleep(0.01)
    pytest.fail("the condition did not become true within 30 s")


def test_a_job_created_for_a_killed_terraform_is_deleted(tmp_path: Path) -> None:
    """Otherwise the job would be in the workspace but in no state."""
    config = {
        "terraform": {"required_providers": {"databricks": {"source": SOURCE}}},
        "provider": {"databricks": {}},
        "resource": {"databricks_job": {"j": {"name": "slow"}}},
    }
    (tmp_path / "main.tf.json").write_text(json.dumps(config))
    with SlowWorkspace() as workspace:
        threading.Thread(target=workspace.serve_forever).start()
        provider = host.start(f"http://127.0.0.1:{workspace.server_port}", "token", tmp_path / "provider")
        inherited = {name: value for name, value in os.environ.items() if not name.startswith("TF_")}
        env = inherited | {"CHECKPOINT_DISABLE": "1", "TF_REATTACH_PROVIDERS": provider.json}
        command = str(toolchain.terraform())
        try:
            subprocess.run([command, "init"], cwd=tmp_path, env=env, check=True, stdout=subprocess.DEVNULL)
            apply = [command, "apply", "-auto-approve"]
            with subprocess.Popen(apply, cwd=tmp_path, env=env, stdout=subprocess.DEVNULL) as process:
                wait_until(lambda: "create" in workspace.requests)
                process.kill()
            workspace.go_on.set()
            wait_until(lambda: workspace.requests[-1] == "delete")
        finally:
            workspace.go_on.set()
            provider.stop()
            workspace.shutdown()
