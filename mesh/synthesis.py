"""The stacks of a mesh in an environment as Terraform code: where it is, and how Terraform runs there."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from mesh.mesh import DeployedMesh
from mesh.runtime import Runtime
from mesh.stack_order import Stack
from mesh.terraform import Terraform
from mesh.undeclared import undeclared
from mesh.workspace import DatabricksWorkspace


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
