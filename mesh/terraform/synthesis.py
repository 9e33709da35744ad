"""How main.py and Terraform run for one environment: in which folder, with which login and provider."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from mesh.console import emit
from mesh.deployment.stack_order import Stack
from mesh.errors import OutsideError
from mesh.git.checkout import keep_out
from mesh.mesh import DeployedMesh
from mesh.terraform.orphaned_state import undeclared
from mesh.terraform.terraform import Terraform
from mesh.terraform.workspace import DatabricksWorkspace

CODE = Path(__file__).resolve().parents[2]  # where cdktf.json and main.py are


@dataclass(frozen=True)
class Runtime:
    """What main.py and Terraform find around them.

    Args:
        env: what MESH_ENV says.
        embedded: whether the workspace is the one on this machine.
        root: the mesh's root.
    """

    env: str
    embedded: bool
    root: Path

    @property
    def output(self) -> Path:
        """Where stacks are synthesized: Terraform keeps its working folders there, for each mesh its own."""
        return (CODE if self.root == CODE else self.root / ".mesh") / "cdktf.out"

    def terraform(self, stack: str) -> Terraform:
        """Terraform in the folder of a stack."""
        return Terraform(self.output / "stacks" / stack, self.environ)

    def synthesize(self) -> None:
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

    def workspace(self, host: str | None) -> DatabricksWorkspace:
        """A workspace that stacks are deployed to.

        Args:
            host: its address; None leaves it to DATABRICKS_HOST.
        """
        if host not in self._workspaces:
            login = self.login or ({"host": host} if host else {})
            self._workspaces[host] = DatabricksWorkspace(**login)
        return self._workspaces[host]

    @cached_property
    def _workspaces(self) -> dict[str | None, DatabricksWorkspace]:
        return {}

    @cached_property
    def login(self) -> dict[str, str]:
        """How the embedded workspace is reached; elsewhere the environment variables say it."""
        if not self.embedded:
            return {}
        from local.home import Home, running

        status = running(Home(self.root))
        return {"host": status.url, "token": status.token, "auth_type": "pat"}

    @cached_property
    def environ(self) -> Mapping[str, str]:
        """The whole environment of main.py, cdktf and Terraform."""
        from local import toolchain

        login = {f"DATABRICKS_{key.upper()}": value for key, value in self.login.items()}
        environ = {key: value for key, value in os.environ.items() if not self._foreign(key, value)}
        environ |= toolchain.environment()
        # what a deployment has to be in production was looked at before, and looking is always allowed
        environ |= {"MESH_PLAN_ONLY": "1"} | login
        environ |= {"MESH_ENV": self.env, "MESH_ROOT": str(self.root)}
        environ.setdefault("TF_PLUGIN_CACHE_DIR", str(self.root / ".mesh" / "plugins"))
        for verb in ("plan", "apply", "destroy"):  # who comes second waits, in backends that lock
            environ.setdefault(f"TF_CLI_ARGS_{verb}", "-lock-timeout=10m")
        keep_out(self.root / ".mesh")
        Path(environ["TF_PLUGIN_CACHE_DIR"]).mkdir(parents=True, exist_ok=True)
        if self.embedded:
            environ |= self._provider(environ)
        return environ

    def _foreign(self, key: str, value: str) -> bool:
        """Whether a variable would lead Terraform elsewhere than meant."""
        if key == "TF_CLI_CONFIG_FILE":
            return not Path(value).exists()
        return self.embedded and key.startswith("DATABRICKS_")

    def _provider(self, environ: Mapping[str, str]) -> Mapping[str, str]:
        """The provider for the embedded workspace."""
        from local.home import Home
        from local.provider import provider_choice

        provider, note = provider_choice.environment(
            Home(self.root).path, environ["TERRAFORM_BINARY_NAME"], environ
        )
        if note:
            emit(note)
        return provider


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

    @cached_property
    def _runtime(self) -> Runtime:
        return Runtime(self.deployed.name, self.deployed.embedded, self.root)

    @property
    def output(self) -> Path:
        """Where stacks are synthesized: Terraform keeps its working folders there, for each mesh its own."""
        return self._runtime.output

    @property
    def environ(self) -> Mapping[str, str]:
        """The whole environment of main.py, cdktf and Terraform."""
        return self._runtime.environ

    @cached_property
    def terraforms(self) -> dict[str, Terraform]:
        """Terraform in the folder of each stack."""
        return {one.stack: self._runtime.terraform(one.stack) for one in self.every}

    def write(self) -> None:
        """Write the stacks.

        Raises:
            OutsideError: they cannot be written.
        """
        self._runtime.synthesize()

    def gone(self, one: Stack) -> Terraform:
        """Terraform for a stack that the mesh has no more, in a folder with its state's place alone."""
        config = next(iter(self.terraforms.values())).config
        folder = self.root / ".mesh" / "gone" / one.stack
        host = one.environment.workspace
        return undeclared(folder, one.backend, host, config, self.root, self.environ)

    def workspace(self, one: Stack) -> DatabricksWorkspace:
        """The workspace that a stack is deployed to."""
        return self._runtime.workspace(one.environment.workspace)
