"""What keeps stacks from being deployed, looked at before anything is changed."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from mesh.console import diagnostic, emit
from mesh.deployment import production
from mesh.deployment.deployment import Deployment
from mesh.deployment.stack_order import Stack
from mesh.errors import OutsideError
from mesh.model.code import GitCode
from mesh.terraform import data_loss
from mesh.terraform.synthesis import Synthesis
from mesh.terraform.terraform import Terraform
from mesh.terraform.unmanaged import Adopter, Claim


@dataclass(frozen=True)
class Gate:
    """Looks at stacks that would be deployed.

    Args:
        synthesis: what they are synthesized to, and where they go.
    """

    synthesis: Synthesis

    def warn(self, chosen: Sequence[Stack]) -> None:
        """Say what jobs would not find where they take their code from."""
        pinned = [one for one in chosen if isinstance(one, Deployment) and isinstance(one.code, GitCode)]
        inputs = {one.path: one.inputs for one in pinned if not one.environment.production}
        commits = {one.path: one.code.commit for one in pinned if isinstance(one.code, GitCode)}
        for line in production.warnings(self.synthesis.deployed.git, inputs, commits) if inputs else ():
            diagnostic(f"Warning: {line}")

    def refuse_other_user(self, chosen: Sequence[Stack]) -> None:
        """Refuse names that are made for another one than who is logged in.

        Terraform would refuse as well, but only when the foundations are deployed.

        Raises:
            OutsideError: that is so.
        """
        for one in chosen:
            expected = one.identity.user if isinstance(one, Deployment) else None
            if expected and (user := self.synthesis.workspace(one).user()).lower() != expected.lower():
                raise OutsideError(
                    f"names are made for {expected}, but {user} deploys: set MESH_USER={user}, "
                    f"or log in as {expected}; nothing was changed"
                )

    def refuse_unclaimed(self, chosen: Sequence[Stack]) -> None:
        """Refuse to make what the workspace has already.

        Raises:
            OutsideError: with all that is in the way.
        """
        if in_the_way := [thing for one in self.adopters(chosen) for thing in one.outside()]:
            lines = "\n".join(f"  {one}" for one in in_the_way)
            raise OutsideError(
                f"the workspace has what this deployment would make, outside its state:\n{lines}\n"
                "nothing was changed; `mesh adopt` takes it under Terraform, or remove it there "
                "(if somebody deploys this right now, wait and try again)"
            )

    def refuse_data_loss(self, chosen: Sequence[Stack]) -> None:
        """Refuse to destroy data that people rely on.

        Raises:
            OutsideError: with all that would be lost, and how to keep it.
        """
        lost: list[data_loss.Loss] = []
        for one in chosen:
            terraform = self.synthesis.terraforms[one.stack]
            if _protected(one, terraform) and data_loss.at_stake(terraform.state()):
                emit(f"Looking for data that {one.stack} would lose")
                try:
                    changes = data_loss.planned(terraform)
                finally:
                    terraform.forget()
                deployment = one if isinstance(one, Deployment) else None
                lost += data_loss.losses(one.stack, changes, self.synthesis.workspace(one), deployment)
        data_loss.refuse(lost)

    def adopters(self, chosen: Iterable[Stack]) -> list[Adopter]:
        """What tells what the workspace has of each stack, outside its state."""
        return [
            Adopter(_claim(one), self.synthesis.terraforms[one.stack], self.synthesis.workspace(one))
            for one in chosen
        ]


def _claim(one: Stack) -> Claim:
    if not isinstance(one, Deployment):
        return Claim(one.stack, one.state_key)
    return Claim(one.stack, one.state_key, one.identity, data_loss.project_file(one))


def _protected(one: Stack, terraform: Terraform) -> bool:
    """Whether its data is everybody's; a person's own deployment may lose what it has made."""
    personal = isinstance(one, Deployment) and bool(one.identity.key)
    if one.environment.production or (one.environment.protected and not personal):
        return True
    lifecycles = (resource.arguments.get("lifecycle") or {} for resource in terraform.resources)
    return any(lifecycle.get("prevent_destroy") for lifecycle in lifecycles)
