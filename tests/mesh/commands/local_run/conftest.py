"""Fixtures: a mesh whose flow is deployed to a workspace in this process."""

from __future__ import annotations

import io
import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from rich.console import Console

from local.client import Client
from local.run_display import Display
from mesh.commands.local_run.checkout_files import record_deployed
from mesh.commands.local_run.flow_run import FlowRunner, RunOptions, SelectedFlow, deployed_ids, select
from mesh.deployment.deployment import Deployment
from mesh.mesh import MeshDeployment
from tests.local.workspace.conftest import Workspace, home, workspace  # noqa: F401 - fixtures
from tests.mesh.conftest import FLOW
from tests.support.local_client import client_of

NOTEBOOK = "# Databricks notebook source\n"
FILES = {
    "orgs/acme/org.yml": "environments: {local: {workspace: local}}",
    f"{FLOW}/deployment.yml": "tasks: [{task_key: a, serverless: true}]\n",
    f"{FLOW}/a.py": f"{NOTEBOOK}print('first')\n",
    f"{FLOW}/helper.py": "x = 1\n",
}


@contextmanager
def kept(client: Client) -> Iterator[Client]:
    """A client that stays open at the end of a context."""
    yield client


@dataclass
class LocalMesh:
    """A mesh on disk, and the workspace that it is deployed to."""

    workspace: Workspace
    root: Path
    deployed: Callable[[], MeshDeployment]

    @property
    def client(self) -> Client:
        """A client of the workspace."""
        return client_of(self.workspace)

    def write(self, file: str, text: str) -> None:
        """Write a file of the flow."""
        (self.root / FLOW / file).write_text(text)

    def selected(self, options: RunOptions | None = None, path: str = "prep/revenue") -> SelectedFlow:
        """The flow as it is in the checkout now."""
        return select(self.deployed(), path, options or RunOptions())

    def deploy(self) -> Deployment:
        """Do what a deployment does: create jobs, upload files, record both."""
        for one in self.deployed().deployments:
            held = deployed_ids(self.root, one)
            for job in (job for flow in one.flows for job in flow.jobs):
                if f"databricks_job.{job.id}" not in held:
                    created = self.workspace.post("/api/2.2/jobs/create", dict(job.settings))
                    held[f"databricks_job.{job.id}"] = str(created["job_id"])
            self._write_state(one, held)
            self.record(one, self.code(one))
        return self.selected().deployment

    def code(self, deployment: Deployment) -> dict[str, Any]:
        """The Terraform code of the uploads, with the content that files have now."""
        resource: dict[str, dict[str, Any]] = {"databricks_notebook": {}, "databricks_workspace_file": {}}
        for file in deployment.uploads.files if deployment.uploads else ():
            kind = "databricks_notebook" if file.language else "databricks_workspace_file"
            values = {"path": file.path, "content_base64": file.content_base64}
            resource[kind][file.id] = values | ({"language": file.language} if file.language else {})
        return {"resource": resource}

    def record(self, deployment: Deployment, code: dict[str, Any]) -> None:
        """Record what was deployed, as the end of a deployment does."""
        record_deployed(self.root, [deployment], lambda _: code, lambda _: kept(self.client))  # type: ignore[arg-type,return-value]

    def _write_state(self, deployment: Deployment, held: dict[str, str]) -> None:
        resources = [
            {
                "mode": "managed",
                "type": address.partition(".")[0],
                "name": address.partition(".")[2],
                "instances": [{"attributes": {"id": id}}],
            }
            for address, id in held.items()
        ]
        file = self.root / deployment.backend.arguments["path"]
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(json.dumps({"version": 4, "resources": resources}))

    def runner(self, output: bool = False) -> tuple[FlowRunner, io.StringIO]:
        """A runner, and what it prints."""
        text = io.StringIO()
        display = Display(Console(file=text, width=200, color_system=None), output)
        return FlowRunner(self.root, self.client, display), text

    def content(self, name: str) -> str:
        """The content of a file of the flow in the workspace."""
        uploads = self.selected().deployment.uploads
        assert uploads
        return (self.workspace.home.files / uploads.folder.lstrip("/") / FLOW / name).read_text()


@pytest.fixture
def files() -> dict[str, str]:
    """The files of the mesh."""
    return FILES


@pytest.fixture
def local_mesh(workspace, deployed, tmp_path, files) -> LocalMesh:  # noqa: F811
    """A mesh with one flow, which is deployed."""
    deployed(files, "local")

    def again() -> MeshDeployment:
        return deployed(
            {file: (tmp_path / file).read_text() for file in files if (tmp_path / file).exists()}, "local"
        )

    mesh = LocalMesh(workspace, tmp_path, again)
    mesh.deploy()
    return mesh
