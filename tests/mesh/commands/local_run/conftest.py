"""Fixtures: a mesh whose flow is deployed to a workspace in this process."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest
from rich.console import Console

from local.client import Client
from local.run_display import Display
from mesh.commands.local_run.checkout_files import record_deployed
from mesh.commands.local_run.flow_run import FlowRunner, RunOptions, SelectedFlow, select
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
            for job in (job for flow in one.flows for job in flow.jobs):
                listed = self.workspace.get("/api/2.2/jobs/list", name=job.name)["jobs"]
                if not listed:
                    self.workspace.post("/api/2.2/jobs/create", dict(job.settings))
            record_deployed(self.root, [one], lambda _: kept(self.client))  # type: ignore[arg-type,return-value]
        return self.selected().deployment

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
def local_mesh(workspace, deployed, tmp_path) -> LocalMesh:  # noqa: F811
    """A mesh with one flow, which is deployed."""
    deployed(FILES, "local")

    def again() -> MeshDeployment:
        return deployed(
            {file: (tmp_path / file).read_text() for file in FILES if (tmp_path / file).exists()}, "local"
        )

    mesh = LocalMesh(workspace, tmp_path, again)
    mesh.deploy()
    return mesh
