"""A local workspace in a separate process, and real Terraform that deploys to it."""

import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx2
import pytest

from local import toolchain
from local.home import Home

_DEADLINE_SECONDS = 60


@dataclass(frozen=True)
class Workspace:
    """A running workspace: its address, a session with its API, and its folder with the provider's address."""

    url: str
    api: httpx2.Client
    home: Home

    def get(self, path: str, /, **query: str) -> Any:
        """Return the answer of a successful request."""
        return self.api.get(path, params=query).raise_for_status().json()

    def post(self, path: str, body: dict[str, Any]) -> Any:
        """Return the answer of a successful request."""
        return self.api.post(path, json=body).raise_for_status().json()

    def jobs(self, prefix: str) -> list[str]:
        """Return the sorted names of the jobs with this prefix."""
        names: list[str] = []
        page = self.get("/api/2.2/jobs/list", limit="100")
        while True:
            names += [job["settings"]["name"] for job in page.get("jobs", [])]
            if not page.get("next_page_token"):
                return sorted(name for name in names if name.startswith(prefix))
            page = self.get("/api/2.2/jobs/list", limit="100", page_token=page["next_page_token"])


@pytest.fixture(scope="session")
def workspace(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Workspace]:
    """One workspace for all tests of this folder, which use different names."""
    root = tmp_path_factory.mktemp("mesh")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    home = Home(root)
    log = root / "workspace.log"
    command = [sys.executable, "-m", "local.workspace", "--root", str(root), "--port", str(port)]
    with log.open("wb") as stream:
        process = subprocess.Popen(command, stdout=stream, stderr=stream)
    url = f"http://127.0.0.1:{port}"
    try:
        _wait_until_up(url, home, process, log)
        headers = {"Authorization": f"Bearer {home.token()}"}
        with httpx2.Client(base_url=url, headers=headers, trust_env=False) as api:
            yield Workspace(url, api, home)
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(timeout=_DEADLINE_SECONDS)


def _wait_until_up(url: str, home: Home, process: subprocess.Popen[bytes], log: Path) -> None:
    until = time.monotonic() + _DEADLINE_SECONDS
    while time.monotonic() < until and process.poll() is None:
        try:
            if home.reattach.exists() and httpx2.get(f"{url}/ready", timeout=5, trust_env=False):
                return
        except httpx2.HTTPError:
            pass
        time.sleep(0.1)
    pytest.fail(f"the workspace does not start:\n{log.read_text()}")


@dataclass
class Terraform:
    """Terraform in a separate folder, with the offline provider of a workspace."""

    folder: Path
    workspace: Workspace
    command: str = field(default_factory=lambda: str(toolchain.terraform()))

    @property
    def env(self) -> dict[str, str]:
        """The environment, without this machine's settings of Terraform and Databricks."""
        inherited = {
            name: value for name, value in os.environ.items() if not name.startswith(("TF_", "DATABRICKS_"))
        }
        offline = {
            "CHECKPOINT_DISABLE": "1",
            "TF_REATTACH_PROVIDERS": self.workspace.home.reattach.read_text(),
        }
        return inherited | offline

    def write(self, resources: dict[str, Any], **more: Any) -> None:
        """Write the configuration: `{type: {name: {attribute: value}}}`."""
        provider = {"databricks": {"source": "databricks/databricks", "version": "~> 1.99"}}
        config = {"terraform": {"required_providers": provider}, "provider": {"databricks": {}}, **more}
        if resources:
            config["resource"] = resources
        (self.folder / "main.tf.json").write_text(json.dumps(config))

    def start(self, *arguments: str) -> subprocess.Popen[str]:
        """Start Terraform without waiting for its end."""
        command = [self.command, *arguments, "-no-color"]
        streams = {"stdout": subprocess.PIPE, "stderr": subprocess.STDOUT}
        return subprocess.Popen(command, cwd=self.folder, env=self.env, text=True, **streams)  # type: ignore[call-overload, no-any-return]

    def run(self, *arguments: str) -> tuple[int, str]:
        """Run Terraform and return the exit code and the output."""
        with self.start(*arguments) as process:
            output, _ = process.communicate(timeout=_DEADLINE_SECONDS)
        return process.returncode, output

    def apply(self) -> str:
        """Apply the configuration and return the output."""
        code, output = self.run("apply", "-auto-approve", "-input=false")
        assert code == 0, output
        return output

    def destroy(self) -> str:
        """Destroy all resources of the state and return the output."""
        code, output = self.run("destroy", "-auto-approve", "-input=false")
        assert code == 0, output
        return output

    def planned(self) -> dict[str, list[str]]:
        """Return the planned changes: address → actions."""
        code, output = self.run("plan", "-input=false", "-out=plan")
        assert code == 0, output
        code, output = self.run("show", "-json", "plan")
        assert code == 0, output
        changes = json.loads(output)["resource_changes"] if "resource_changes" in output else []
        actions = {change["address"]: change["change"]["actions"] for change in changes}
        return {address: names for address, names in actions.items() if names not in (["no-op"], ["read"])}

    def state(self, address: str) -> dict[str, Any]:
        """Return the attributes of a resource in the state."""
        code, output = self.run("show", "-json")
        assert code == 0, output
        resources = json.loads(output)["values"]["root_module"]["resources"]
        values: dict[str, Any] = next(
            resource["values"] for resource in resources if resource["address"] == address
        )
        return values


@pytest.fixture
def terraform(workspace: Workspace, tmp_path: Path) -> Terraform:
    """Terraform in an empty folder, after `terraform init`."""
    initialized = Terraform(tmp_path, workspace)
    initialized.write({})
    code, output = initialized.run("init", "-input=false")
    assert code == 0, output
    return initialized
