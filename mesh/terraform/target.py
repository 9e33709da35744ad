"""The target of a command: a mesh in one environment, with Terraform and the workspace of each stack."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from mesh.console import emit
from mesh.deployment.stack_order import Stack
from mesh.deployment.stack_selection import select_stacks
from mesh.mesh import Mesh, MeshDeployment
from mesh.terraform.orphaned_state import orphaned_state
from mesh.terraform.runtime import Runtime
from mesh.terraform.saved_plan import Checkout, read_checkout
from mesh.terraform.terraform import Terraform
from mesh.terraform.workspace import DatabricksWorkspace


@dataclass(frozen=True)
class Target:
    """A mesh in one environment, with Terraform and the workspace of each stack.

    Args:
        deployed: the mesh in its environment.
        root: the mesh's root.
    """

    deployed: MeshDeployment
    root: Path

    @property
    def stacks(self) -> list[Stack]:
        """All stacks, foundations first."""
        return [*self.deployed.foundations, *self.deployed.deployments]

    def select(self, names: Sequence[str], removed: Sequence[Stack] = ()) -> list[Stack]:
        """Returns the selected stacks, foundations first.

        Args:
            names: stack names, which may contain `*`, or paths of projects; empty selects all stacks.
            removed: stacks that are no longer declared, which may be selected, too.

        Raises:
            UsageError: a name matches no stack.
        """
        return select_stacks(names, [*self.stacks, *removed])

    def synthesize(self, stacks: Sequence[Stack]) -> None:
        """Writes the Terraform code of declared stacks.

        Args:
            stacks: the stacks. The code of one foundation is always written, for `orphaned`.

        Raises:
            OutsideError: cdktf fails.
        """
        names = {self.stacks[0].stack, *(stack.stack for stack in stacks)}
        self._runtime.synthesize([stack for stack in self.stacks if stack.stack in names])
        self.__dict__.pop("terraforms", None)  # this command works with its own copies from now on

    @cached_property
    def terraforms(self) -> dict[str, Terraform]:
        """Terraform in the folder of each stack, by the stack's name."""
        return {stack.stack: self._runtime.terraform(stack.stack) for stack in self.stacks}

    def terraform(self, stack: Stack) -> Terraform:
        """Terraform in the folder of a declared stack."""
        return self.terraforms[stack.stack]

    def orphaned(self, stack: Stack) -> Terraform:
        """Terraform for the state of a stack that is no longer declared.

        Call `synthesize` first: the provider's version comes from a declared stack.
        """
        config = next(iter(self.terraforms.values())).config
        # each command has its own; as deep as `.mesh/gone/<stack>`, for the relative path of a local state
        folder = self.root / ".mesh" / f"gone.{os.getpid()}" / stack.stack
        host = stack.environment.workspace
        return orphaned_state(folder, stack.backend, host, config, self.root, self.environ)

    def one_moment(self) -> AbstractContextManager[None]:
        """Plans within it hold for the moment of its beginning, where no plan has to be made."""
        return self._runtime.one_moment()

    def workspace(self, stack: Stack) -> DatabricksWorkspace:
        """The workspace that a stack is deployed to."""
        return self._runtime.workspace(stack.environment.workspace)

    def log_in(self) -> None:
        """Makes git's user the user of the local workspace, unless MESH_USER names a user.

        The user may have changed since `mesh local up`: a first commit requires an e-mail.

        Raises:
            OutsideError: the workspace is not running, or refuses the name.
        """
        user = self.deployed.git.user
        if os.environ.get("MESH_USER") or not user:
            return
        from local.current_user import log_in
        from local.home import Home, running_status

        if (previous := log_in(running_status(Home(self.root)), user)) != user:
            emit(f"the user of the workspace is now {user} (was {previous})")

    @property
    def checkout(self) -> Checkout:
        """The facts about the checkout that saved plans record."""
        return read_checkout(self.deployed.name, self.deployed.git)

    @property
    def output(self) -> Path:
        """The folder of the synthesized stacks."""
        return self._runtime.output

    def ask_ahead(self) -> None:
        """Asks which Terraform and provider there are beside other work; errors are those of `environ`."""
        self._runtime.ask_ahead()

    @property
    def environ(self) -> Mapping[str, str]:
        """The whole environment of cdktf and Terraform."""
        return self._runtime.environ

    @cached_property
    def _runtime(self) -> Runtime:
        return Runtime(self.deployed.embedded, self.root)


def target(mesh: Mesh, environment: str) -> Target:
    """A mesh in the environment with this name.

    Raises:
        MeshError: the mesh has errors in the environment.
        UsageError: no org declares the environment.
    """
    return Target(mesh.in_environment(environment), mesh.root)
