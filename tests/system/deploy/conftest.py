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
from unittest.mock import patch

import pytest
from databricks.sdk import WorkspaceClient

from local import supervisor, toolchain
from local.home import Home, running_status
from local.provider import provider_choice
from mesh.terraform.terraform import Terraform
from mesh.terraform.workspace import DatabricksWorkspace
from mesh.toolkit import SYNTHESIZER
from tests.support import forked_workspace
from tests.support.command_line import run_mesh
from tests.support.inherited_environment import inherited_environment

FLOWS = 24  # enough flows that a signal arrives during the deployment
FEW = 6
STABLE = 40  # equal answers in a row
SOON = 900.0  # ends a test that hangs; a loaded machine needs minutes
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
        return inherited_environment() | dict(self.identity) | identity

    @property
    def output(self) -> Path:
        """The folder of the synthesized stacks."""
        return self.root / ".mesh" / "cdktf.out"

    def without_mesh(self, **identity: str) -> dict[str, str]:
        """Returns the environment variables that main.py, cdktf and Terraform need without `mesh`."""
        environ = self.environ(**identity) | toolchain.environment()
        status = running_status(Home(self.root))
        environ |= {
            "DATABRICKS_HOST": status.url,
            "DATABRICKS_TOKEN": status.token,
            "DATABRICKS_AUTH_TYPE": "pat",
        }
        provider, _ = provider_choice.provider_environment(
            Home(self.root).path, environ["TERRAFORM_BINARY_NAME"], environ
        )
        return environ | {"MESH_ENV": "local", "MESH_ROOT": str(self.root)} | provider

    def terraform(self, *stacks: str, **identity: str) -> list[Terraform]:
        """Terraform in the stacks' folders as `mesh deploy` would run it, after one synthesis."""
        environ = self.without_mesh(**identity)
        environ |= {"CDKTF_OUTDIR": str(self.output), SYNTHESIZER: "python"}  # as `mesh deploy` synthesizes
        subprocess.run([sys.executable, "-O", str(MAIN)], env=environ, cwd=self.root, check=True)
        return [Terraform(self.output / "stacks" / stack, environ) for stack in stacks]

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
        """Run a `mesh` command to its end, in this process: to import what it needs takes a second each time."""
        return run_mesh([*arguments, "--root", str(self.root)], self.root, self.environ(**identity))

    def run_alone(self, *arguments: str, **variables: str) -> subprocess.CompletedProcess[str]:
        """Run a command in a process of its own: it redirects all output, or finds its programs anew."""
        process = self.start(*arguments, **variables)
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

    def has_catalog(self) -> bool:
        """True if the mesh's catalog is in the workspace."""
        return "acme" in {catalog.name for catalog in self.client.catalogs.list()}

    def schemas(self) -> list[str]:
        """The names of all schemas in the mesh's catalog, without the default ones."""
        if not self.has_catalog():
            return []
        names = {schema.name or "" for schema in self.client.schemas.list("acme")}
        return sorted(names - {"default", "information_schema"})

    def states(self) -> list[Path]:
        """The states of all deployments."""
        return sorted((self.root / ".mesh" / "local" / "state").rglob("mesh.tfstate"))

    def in_state(self) -> set[tuple[str, str]]:
        """Type and id of all objects in the states; every state must be complete.

        Terraform takes an empty file for no state: it makes one to lock it, and may be killed before it writes.
        """
        held = set()
        for path in self.states():
            state: dict[str, Any] = json.loads(path.read_text() or '{"resources": []}')
            for one in state["resources"]:
                if one["mode"] != "managed":
                    continue
                held |= {(one["type"], instance["attributes"]["id"]) for instance in one["instances"]}
        return held


def settled(mesh: Mesh) -> list[str]:
    """The jobs, once many answers are equal: the provider completes requests of a killed Terraform."""
    before: list[str] = []
    equal = 0
    while equal < STABLE:
        now = mesh.jobs()
        equal = equal + 1 if now == before else 0
        before = now
    return before


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
    write_naming(root)
    yield from served(root)


def write_naming(root: Path) -> None:
    """Names that say the flow, in one catalog."""
    (root / ".brickopscfg").mkdir()
    (root / ".brickopscfg" / "config.yml").write_text(
        "naming:\n"
        '  job: {prod: "{flow}", other: "{env}_{username}_{flow}"}\n'
        '  pipeline: {prod: "{flow}", other: "{env}_{username}_{flow}"}\n'
        '  catalog: {prod: "{org}", other: "{org}"}\n'
        '  db: {prod: "{db}", other: "{env}_{username}_{db}"}\n'
    )


def served(root: Path) -> Iterator[Mesh]:
    """The mesh at `root`, and a workspace for it."""
    identity = {"MESH_USER": OLA}
    with patch.dict(os.environ, inherited_environment() | identity, clear=True):
        supervisor.up(Home(root), print, forked_workspace.no_spark, forked_workspace.start)
    try:
        status = running_status(Home(root))
        client = WorkspaceClient(host=status.url, token=status.token, auth_type="pat")
        yield Mesh(root, client, identity)
    finally:
        supervisor.down(Home(root), print)
