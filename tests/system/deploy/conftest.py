"""Fixtures: a mesh of many small flows, a local workspace without Spark, and the `mesh` command."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from databricks.sdk import WorkspaceClient

from local import toolchain
from local.home import Home, running_status
from local.provider import provider_choice
from mesh.terraform.terraform import Terraform
from mesh.terraform.workspace import DatabricksWorkspace

FLOWS = 24  # enough flows that a signal arrives during the deployment
FEW = 6
SOON = 180.0
OLA = "ola.nordmann@acme.example"
PROJECT = "orgs/acme/domains/transport/projects/many"
MAIN = Path(__file__).resolve().parents[3] / "main.py"
COMMAND = [sys.executable, "-c", "from mesh.cli.main import main; main()"]


@dataclass(frozen=True)
class Mesh:
    """A mesh on disk, and the workspace that it is deployed to.

    Args:
        root: where it is.
        client: reaches the workspace.
        identity: the MESH_… variables.
    """

    root: Path
    client: WorkspaceClient
    identity: Mapping[str, str]

    def environ(self, **identity: str) -> dict[str, str]:
        """Returns the environment variables of a user on this machine."""
        kept = {key: value for key, value in os.environ.items() if not key.startswith("MESH_")}
        return kept | dict(self.identity) | identity

    def terraform(self, stack: str, **identity: str) -> Terraform:
        """Terraform in a stack's folder as `mesh deploy` would run it, after synthesis."""
        environ = self.environ(**identity) | toolchain.environment()
        # a machine's settings that are not there
        environ.pop("TF_CLI_CONFIG_FILE", None)
        status = running_status(Home(self.root))
        environ |= {
            "DATABRICKS_HOST": status.url,
            "DATABRICKS_TOKEN": status.token,
            "DATABRICKS_AUTH_TYPE": "pat",
        }
        provider, _ = provider_choice.provider_environment(
            Home(self.root).path, environ["TERRAFORM_BINARY_NAME"], environ
        )
        output = self.root / ".mesh" / "cdktf.out"
        environ |= {"MESH_ENV": "local", "MESH_ROOT": str(self.root), "CDKTF_OUTDIR": str(output)} | provider
        subprocess.run([sys.executable, "-O", str(MAIN)], env=environ, cwd=self.root, check=True)
        return Terraform(output / "stacks" / stack, environ)

    def workspace(self) -> DatabricksWorkspace:
        """Returns the workspace that `mesh adopt` reads."""
        status = running_status(Home(self.root))
        return DatabricksWorkspace(host=status.url, token=status.token, auth_type="pat")

    def start(self, *arguments: str, **identity: str) -> subprocess.Popen[str]:
        """Start a `mesh` command."""
        command = [*COMMAND, *arguments, "--root", str(self.root)]
        pipe = subprocess.PIPE
        return subprocess.Popen(command, env=self.environ(**identity), stdout=pipe, stderr=pipe, text=True)

    def run(self, *arguments: str, **identity: str) -> subprocess.CompletedProcess[str]:
        """Run a `mesh` command to its end."""
        process = self.start(*arguments, **identity)
        out, err = process.communicate(timeout=SOON)
        return subprocess.CompletedProcess(arguments, process.returncode, out, err)

    def become(self, user: str) -> dict[str, str]:
        """Makes another user the current user of the workspace; returns the user's variables."""
        self.client.api_client.do("PUT", "/local/user", body={"user_name": user})
        return {"MESH_USER": user}

    def flow(self, name: str) -> Path:
        """The folder of a flow."""
        return self.root / PROJECT / "flows" / "prep" / name

    def jobs(self) -> list[str]:
        """The names of all jobs in the workspace."""
        return sorted(job.settings.name or "" for job in self.client.jobs.list() if job.settings)

    def schemas(self) -> list[str]:
        """The names of all schemas in the mesh's catalog, without the default ones."""
        if "acme" not in {catalog.name for catalog in self.client.catalogs.list()}:
            return []
        names = {schema.name or "" for schema in self.client.schemas.list("acme")}
        return sorted(names - {"default", "information_schema"})

    def states(self) -> list[Path]:
        """The states of all deployments."""
        return sorted((self.root / ".mesh" / "local" / "state").rglob("mesh.tfstate"))

    def in_state(self) -> set[tuple[str, str]]:
        """Type and id of all objects in the states; every state must be complete."""
        held = set()
        for path in self.states():
            state: dict[str, Any] = json.loads(path.read_text())
            for one in state["resources"]:
                held |= {(one["type"], instance["attributes"]["id"]) for instance in one["instances"]}
        return held


def settled(mesh: Mesh) -> list[str]:
    """The jobs, once their number is stable: the provider completes requests of a killed Terraform."""
    before: list[str] = []
    while (now := mesh.jobs()) != before:
        before = now
    return now


@pytest.fixture
def mesh(tmp_path: Path) -> Iterator[Mesh]:
    """One project of many flows, deployed to a workspace of its own."""
    yield from _mesh(tmp_path, FLOWS)


@pytest.fixture
def small_mesh(tmp_path: Path) -> Iterator[Mesh]:
    """Like `mesh`, with few flows."""
    yield from _mesh(tmp_path, FEW)


def write_flow(folder: Path) -> None:
    """A flow of one task."""
    folder.mkdir(parents=True)
    (folder / "deployment.yml").write_text("tasks: [{task_key: a, serverless: true}]\n")
    (folder / "a.py").write_text(f"# Databricks notebook source\nprint('{folder.name}')\n")


def _mesh(root: Path, flows: int) -> Iterator[Mesh]:
    for number in range(flows):
        write_flow(root / PROJECT / "flows" / "prep" / f"flow{number:02}")
    (root / ".brickopscfg").mkdir()
    (root / ".brickopscfg" / "config.yml").write_text(
        "naming:\n"
        '  job: {prod: "{flow}", other: "{env}_{username}_{flow}"}\n'
        '  pipeline: {prod: "{flow}", other: "{env}_{username}_{flow}"}\n'
        '  catalog: {prod: "{org}", other: "{org}"}\n'
        '  db: {prod: "{db}", other: "{env}_{username}_{db}"}\n'
    )
    yield from served(root)


def served(root: Path) -> Iterator[Mesh]:
    """The mesh at `root`, and a workspace for it."""
    identity = {"MESH_USER": OLA}
    # in a process of its own, as a person would: what it starts outlives it
    command = [sys.executable, "-m", "tests.system.deploy.without_spark", str(root)]
    subprocess.run(command, check=True, env={**os.environ, **identity})
    try:
        status = running_status(Home(root))
        client = WorkspaceClient(host=status.url, token=status.token, auth_type="pat")
        yield Mesh(root, client, identity)
    finally:
        subprocess.run([*COMMAND, "local", "down", "--root", str(root)], check=True)
