"""The checks before a deployment, which change nothing."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass

from mesh.commands.drift import look_into
from mesh.commands.stack_plans import PlannedStack
from mesh.console import diagnostic, emit, visible
from mesh.deployment import production
from mesh.deployment.deployment import Deployment
from mesh.deployment.foundation_owner import command_of_owner
from mesh.deployment.foundation_use import needed
from mesh.deployment.stack_order import FoundationStack, Stack
from mesh.errors import OutsideError
from mesh.git.renames import RenamesSince, renames_in
from mesh.model.code import GitCode
from mesh.review.declarations import declarations
from mesh.review.mesh_index import MeshIndex
from mesh.review.plan import StackPlan
from mesh.review.sentence import plain
from mesh.review.workspace_drift import workspace_drift
from mesh.terraform import data_loss
from mesh.terraform.target import Target
from mesh.terraform.terraform import Terraform
from mesh.terraform.unmanaged import StackOwner, UnmanagedSearch
from mesh.terraform.workspace import RESOURCE_KINDS


@dataclass(frozen=True)
class Preflight:
    """The checks of stacks before they are deployed.

    Args:
        target: the mesh in its environment.
    """

    target: Target

    def warn_about_code(self, stacks: Sequence[Stack]) -> None:
        """Warns about uncommitted or unpushed code, which jobs cannot check out."""
        from_git = [one for one in stacks if isinstance(one, Deployment) and isinstance(one.code, GitCode)]
        inputs = {one.path: one.inputs for one in from_git if not one.environment.production}
        commits = {one.path: one.code.commit for one in from_git if isinstance(one.code, GitCode)}
        for line in production.warnings(self.target.deployed.git, inputs, commits) if inputs else ():
            diagnostic(f"Warning: {line}")

    def log_in(self) -> None:
        """Has the local workspace log in the user that git names.

        Raises:
            OutsideError: the workspace is not running, or refuses the name.
        """
        if self.target.deployed.embedded:
            self.target.log_in()

    def refuse_other_user(self, stacks: Sequence[Stack]) -> None:
        """Refuses names that are generated for a user other than the logged-in user.

        Terraform would refuse them, too, but only after the foundations are deployed.

        Raises:
            OutsideError: the users differ.
        """
        self.log_in()
        for stack in stacks:
            expected = stack.identity.user if isinstance(stack, Deployment) else None
            if expected and (user := self.target.workspace(stack).user()).lower() != expected.lower():
                raise OutsideError(
                    f"names are generated for {expected}, but {user} is logged in: set MESH_USER={user}, "
                    f"or log in as {expected}; nothing was changed"
                )

    def require_used_objects(self, foundations: Iterable[FoundationStack], stacks: Sequence[Stack]) -> None:
        """Checks that the objects exist which stacks use and which foundations create.

        Args:
            foundations: the foundations that are not deployed with the stacks.
            stacks: the stacks to deploy.

        Raises:
            OutsideError: an object is missing; the message contains the command that deploys the object.
        """
        deployments = [stack for stack in stacks if isinstance(stack, Deployment)]
        missing: list[str] = []
        for one in foundations:
            workspace = self.target.workspace(one)
            used = [each for each in needed(one, deployments) if each.type in RESOURCE_KINDS]
            lost = [each for each in used if not workspace.find(each.type, each.name)]
            missing += [
                f"{RESOURCE_KINDS[each.type].label} `{each.name}` of {one.stack}, which "
                f"`{one.owning_environment.name}` deploys: {command_of_owner(one)}"
                for each in lost
            ]
            if not lost:
                emit(
                    f"not deployed: {one.stack}; all objects that are needed from it exist, grants on them "
                    f"change with it only ({command_of_owner(one)})"
                )
        if missing:
            lines = "\n".join(f"  {line}" for line in missing)
            raise OutsideError(
                f"these objects are needed, but do not exist yet:\n{lines}\nnothing was changed"
            )

    def refuse_unmanaged(self, stacks: Sequence[Stack]) -> None:
        """Refuses to create objects that exist already.

        Raises:
            OutsideError: there are such objects; the message lists all of them.
        """
        if objects := [one for search in self.searches(stacks) for one in search.objects()]:
            lines = "\n".join(f"  {one}" for one in objects)
            raise OutsideError(
                f"this deployment would create objects that exist already, outside its state:\n{lines}\n"
                "nothing was changed (run `mesh adopt` to manage them with Terraform, or remove them from "
                "the workspace; if another deployment is running, wait for it and try again)"
            )

    def with_unmanaged(self, stacks: Sequence[FoundationStack]) -> list[FoundationStack]:
        """The foundations that would create existing objects, which are not in their states."""
        return [
            stack for stack, search in zip(stacks, self.searches(stacks), strict=True) if search.objects()
        ]

    def refuse_data_loss(self, planned: Iterable[PlannedStack], later: Collection[str] = ()) -> None:
        """Refuses to destroy data that other people use.

        Args:
            planned: the stacks with their plans; a plan with an error may be incomplete.
            later: the names of stacks among them that are planned again before they are applied.

        Raises:
            OutsideError: data would be lost; the message lists all such data and how to keep them.
        """
        losses: list[data_loss.DataLoss] = []
        renames = renames_in(self.target.deployed.git.root)
        for one in planned:
            changes = one.plan.changes
            if one.name in later and _is_protected(one.stack, one.terraform):
                # its whole plan may look up objects that this deployment creates; its data does not
                changes = data_loss.plan_data_changes(one.terraform)
            if any(change.destroys for change in changes) and _is_protected(one.stack, one.terraform):
                deployment = one.stack if isinstance(one.stack, Deployment) else None
                workspace = self.target.workspace(one.stack)
                losses += data_loss.find_losses(one.name, changes, workspace, deployment, renames)
        data_loss.refuse_data_loss(losses)

    def warn_about_full_catalogs(self, planned: Iterable[PlannedStack]) -> None:
        """Warns about catalogs that Terraform cannot destroy, because they are not empty."""
        for one in planned:
            for change in one.plan.changes:
                if change.type != "databricks_catalog" or not change.destroys:
                    continue
                name = RESOURCE_KINDS[change.type].full_name(change.before)
                contents = self.target.workspace(one.stack).holds(change.type, name)
                if contents not in ("", "empty"):
                    diagnostic(
                        f"Warning: catalog `{visible(name)}` is not empty ({contents}): Terraform destroys "
                        "it only after the deployments that use it are destroyed"
                    )

    def warn_about_changes_by_hand(
        self, stacks: Sequence[Stack], plans: Mapping[str, StackPlan] | None = None
    ) -> None:
        """Warns about changes by hand that Terraform does not detect, and says what happens to them.

        Args:
            stacks: the stacks to deploy.
            plans: the known plans of these stacks, by stack.
        """
        places = declarations([self.target.deployed])
        for stack in stacks:
            plan = (plans or {}).get(stack.stack, StackPlan(stack.stack, ()))
            try:
                terraform = self.target.terraform(stack)
                if not terraform.state().held:
                    continue
                look = look_into(terraform, self.target.workspace(stack))
            except OutsideError as failure:
                first = str(failure).splitlines()[0]
                diagnostic(f"Warning: {stack.stack} is not checked for changes by hand: {first}")
                continue
            updated = frozenset(one.address for one in plan.changes if one.action == "update")
            for one in workspace_drift(look, plan, MeshIndex(), places, updated):
                diagnostic("Warning: " + "\n  ".join(map(plain, (one.drift.sentence, *one.drift.details))))
            for note in look.live.notes:
                diagnostic(f"Warning: {note}")

    def searches(self, stacks: Sequence[Stack]) -> list[UnmanagedSearch]:
        """The search of each stack for objects that exist outside its state."""
        declared = frozenset(stack.state_key for stack in self.target.stacks)
        renames = renames_in(self.target.deployed.git.root)
        owners = {stack.stack: _owner(stack, declared, renames) for stack in stacks}
        return [
            UnmanagedSearch(owners[stack.stack], self.target.terraform(stack), self.target.workspace(stack))
            for stack in stacks
        ]


def _owner(stack: Stack, declared: frozenset[str], renames: RenamesSince) -> StackOwner:
    if not isinstance(stack, Deployment):
        return StackOwner(stack.stack, stack.state_key)
    file = data_loss.project_file(stack)
    return StackOwner(stack.stack, stack.state_key, stack.identity, file, declared, renames)


def _is_protected(stack: Stack, terraform: Terraform) -> bool:
    """True if the stack holds data that other people use; a personal deployment may lose its own data."""
    personal = isinstance(stack, Deployment) and bool(stack.identity.key)
    if stack.environment.production or (stack.environment.protected and not personal):
        return True
    lifecycles = (resource.arguments.get("lifecycle") or {} for resource in terraform.resources)
    return any(lifecycle.get("prevent_destroy") for lifecycle in lifecycles)
