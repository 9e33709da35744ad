"""The stacks of a mesh in an environment as Terraform code: where it is, and how Terraform runs there."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from mesh.errors import OutsideError
from mesh.git import keep_out
from mesh.mesh import DeployedMesh
from mesh.stack_order import Stack
from mesh.terraform import Terraform
from mesh.workspace import DatabricksWorkspace

CODE = Path(__file__).resolve().parent.parent  # where cdktf.json and main.py are


@dataclass(frozen=True)
class Synthesis:
    """The Terraform code of one mesh in one environment.

    Args:
        deployed: the mesh in its environment.
        root: the mesh's root.
    """

    deployed: DeployedMesh
    root: Path

    @property
    def every(self) -> list[Stack]:
        """All stacks, foundations first."""
        return [*self.deployed.foundations, *self.deployed.deployments]

    @property
    def output(self) -> Path:
        """Where stacks are synthesized: Terraform keeps its working folders there, for each mesh its own."""
        return (CODE if self.root == CODE else self.root / ".mesh") / "cdktf.out"

    @cached_property
    def terraforms(self) -> dict[str, Terraform]:
        """Terraform in the folder of each stack."""
        folders = self.output / "stacks"
        return {one.stack: Terraform(folders / one.stack, self.environ) for one in self.every}

    def write(self) -> None:
        """Write the stacks as `cdktf synth` does, without the seconds that Node takes to start it.

        Raises:
            OutsideError: they cannot be written.
        """
        done = subprocess.run(
            [sys.executable, "-O", "main.py"],
            cwd=CODE,
            env={**self.environ, "CDKTF_OUTDIR": str(self.output)},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=False,
        )
        if done.returncode:
            said = "\n".join(f"  {line}" for line in done.stderr.strip().splitlines()[-20:])
            raise OutsideError(f"the stacks cannot be synthesized; main.py says:\n{said}")
        for stack in (self.output / "stacks").iterdir():
            # what a kill left there would be part of every plan
            Terraform(stack, {}).forget()

    def workspace(self, one: Stack) -> DatabricksWorkspace:
        """The workspace that a stack is deployed to."""
        host = one.environment.workspace
        if host not in self._workspaces:
            login = self._login or ({"host": host} if host else {})
            self._workspaces[host] = DatabricksWorkspace(**login)
        return self._workspaces[host]

    @cached_property
    def _workspaces(self) -> dict[str | None, DatabricksWorkspace]:
        return {}

    @cached_property
    def _login(self) -> dict[str, str]:
        """How the embedded workspace is reached; elsewhere the environment variables say it."""
        if not self.deployed.embedded:
            return {}
        from local.home import Home, running

        status = running(Home(self.root))
        return {"host": status.url, "token": status.token, "auth_type": "pat"}

    @cached_property
    def environ(self) -> Mapping[str, str]:
        """The whole environment of main.py, cdktf and Terraform."""
        from local import toolchain

        login = {f"DATABRICKS_{key.upper()}": value for key, value in self._login.items()}
        environ = {key: value for key, value in os.environ.items() if not self._foreign(key, value)}
        environ |= toolchain.environment()
        # what a deployment has to be in production was looked at before, and looking is always allowed
        environ |= {"MESH_PLAN_ONLY": "1"} | login
        environ |= {"MESH_ENV": self.deployed.name, "MESH_ROOT": str(self.root)}
        environ.setdefault("TF_PLUGIN_CACHE_DIR", str(self.root / ".mesh" / "plugins"))
        for verb in ("plan", "apply", "destroy"):  # who comes second waits, in backends that lock
            environ.setdefault(f"TF_CLI_ARGS_{verb}", "-lock-timeout=10m")
        keep_out(self.root / ".mesh")
        Path(environ["TF_PLUGIN_CACHE_DIR"]).mkdir(parents=True, exist_ok=True)
        if self.deployed.embedded:
            environ |= self._provider(environ)
        return environ

    def _foreign(self, key: str, value: str) -> bool:
        """Whether a variable would lead Terraform elsewhere than meant."""
        if key == "TF_CLI_CONFIG_FILE":
            return not Path(value).exists()
        return self.deployed.embedded and key.startswith("DATABRICKS_")

    def _provider(self, environ: Mapping[str, str]) -> Mapping[str, str]:
        """The provider for the embedded workspace."""
        from local.home import Home
        from local.provider import choice

        provider, note = choice.environment(Home(self.root).path, environ["TERRAFORM_BINARY_NAME"], environ)
        if note:
            print(note)
        return provider
