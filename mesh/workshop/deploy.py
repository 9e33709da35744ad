"""`mesh workshop deploy`, `diff` and `plan`: Terraform for a class, after a look."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from mesh.console import check_answers, confirmed, diagnostic, emit
from mesh.errors import OutsideError
from mesh.git.checkout import read_git
from mesh.terraform.interrupt import NOTHING_LOST
from mesh.terraform.saved_plan import checked_out, keep_plan
from mesh.terraform.state import CutOffError, put_back
from mesh.terraform.synthesis import Runtime
from mesh.terraform.terraform import Terraform
from mesh.terraform.unmanaged import Claim, Unclaimed, unclaimed
from mesh.workshop.branches import Branches
from mesh.workshop.plan_summary import Changes
from mesh.workshop.workshop import Workshop

# How workshop.yml says that something is there already.
_DECLARED: Mapping[str, str] = {
    "databricks_catalog": "name it in `existing_catalogs`",
    "databricks_user": "say `users: existing`",
}


@dataclass(frozen=True)
class Deployer:
    """Deploys one workshop.

    Args:
        workshop: the workshop.
        root: the mesh's root.
    """

    workshop: Workshop
    root: Path

    def deploy(self, *, auto_approve: bool) -> None:
        """Make the class as it is declared; once more changes nothing.

        Args:
            auto_approve: whether to go on without asking.

        Raises:
            UsageError: there is nobody who could answer.
            OutsideError: something is in the way, or Terraform failed.
        """
        check_answers(auto_approve, "mesh workshop diff")
        self._refuse_missing_branches()
        self._synthesize()
        self._refuse_unclaimed()
        try:
            changes = self._planned()
            if not changes.changes:
                emit(f"{self._title} is as it is declared: nothing to change.")
            elif auto_approve or confirmed(f"Deploy {self._title}?"):
                self._apply()
                emit(f"{self._title} is deployed.")
        finally:
            self.terraform.forget()

    def diff(self) -> None:
        """Show what a deployment would change."""
        self._synthesize()
        try:
            if not self._planned().changes:
                emit(f"{self._title} is as it is declared: nothing to change.")
        finally:
            self.terraform.forget()

    def plan(self, out: Path) -> None:
        """Keep what Terraform plans, as `mesh plan` does.

        Args:
            out: the folder for the file.

        Raises:
            OutsideError: it could not be planned, or the folder cannot be written to.
        """
        self._synthesize()
        checkout = checked_out(self.workshop.environment, read_git(self.root))
        if not keep_plan(self.terraform, out, checkout):
            raise OutsideError(f"{self._title} could not be planned; why stands in {out}/workshop.err")

    @cached_property
    def terraform(self) -> Terraform:
        """Terraform in the stack's folder."""
        return self._runtime.terraform(self.workshop.stack)

    @cached_property
    def _runtime(self) -> Runtime:
        return Runtime(self.workshop.environment, self.workshop.embedded, self.root)

    @property
    def _title(self) -> str:
        count = len(self.workshop.students)
        return f"workshop {self.workshop.name} with {count} student{'s' if count > 1 else ''}"

    def _synthesize(self) -> None:
        self._runtime.synthesize()
        try:
            if self.terraform.local_state:
                self.terraform.state()
        except CutOffError as error:
            emit(put_back(error.path))

    def _refuse_missing_branches(self) -> None:
        """A Git folder of a branch that is not there would fail half way; a rehearsal clones nothing."""
        if self.workshop.embedded or not self.workshop.repository:
            return
        branches = Branches(self.workshop, self.root)
        try:
            missing = branches.missing()
        except OutsideError as error:
            diagnostic(f"Warning: nobody knows whether all branches are there: {error}")
            return
        if missing:
            named = ", ".join(one.branch for one in missing[:3]) + (", …" if len(missing) > 3 else "")
            raise OutsideError(
                f"{len(missing)} of {len(self.workshop.students)} students' branches are not in "
                f"{self.workshop.repository.url}: {named}; nothing was changed "
                "(`mesh workshop branches --push` makes them)"
            )

    def _refuse_unclaimed(self) -> None:
        claim = Claim(self.workshop.stack, self.workshop.state_key)
        terraform, workspace = self.terraform, self._runtime.workspace(self.workshop.workspace)
        if there := list(unclaimed(claim, terraform.resources, terraform.state(), workspace)):
            declared = {} if self.workshop.embedded else _DECLARED
            lines = "\n".join(f"  {_in_the_way(one, declared)}" for one in there)
            rehearsed = (
                "; a rehearsal wants a workspace of its own: `make clean`, or another folder as `--root`"
            )
            raise OutsideError(
                f"the workspace has what this workshop would make, outside its state:\n{lines}\n"
                "nothing was changed; what a deployment of this workshop left behind that was cut off, "
                "`mesh workshop teardown` removes" + (rehearsed if self.workshop.embedded else "")
            )

    def _planned(self) -> Changes:
        """What Terraform would change, told on the way."""
        emit(f"Planning {self._title}")
        plan = self.terraform.plan()
        if plan.error:
            raise OutsideError(plan.error)
        changes = Changes(plan.changes, self.workshop.students)
        holds = self._runtime.workspace(self.workshop.workspace).holds
        for line in (*changes.lines(), *(f"! {loss}" for loss in changes.losses(holds))):
            emit(line)
        return changes

    def _apply(self) -> None:
        try:
            self.terraform.apply()
        except OutsideError as error:
            raise OutsideError(f"{error}; {NOTHING_LOST}") from error


def _in_the_way(one: Unclaimed, declared: Mapping[str, str]) -> str:
    remedy = declared.get(one.resource.type)
    said = f"{one.title} is there already (id {one.found.id})"
    return f"{said}: {remedy} in workshop.yml" if remedy else f"{said}: remove or rename it"
