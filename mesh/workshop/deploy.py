"""`mesh workshop deploy`, `diff` and `plan`: runs Terraform for a class, after checks."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TypeVar

from mesh.console import confirm, diagnostic, emit, require_terminal
from mesh.errors import OutsideError
from mesh.git.checkout import read_git
from mesh.terraform.apply_error import ApplyError
from mesh.terraform.interrupt import RERUN_HINT
from mesh.terraform.plan import Plan
from mesh.terraform.progress import Progress, Verb
from mesh.terraform.runtime import Runtime
from mesh.terraform.saved_plan import read_checkout, save_plan
from mesh.terraform.stack_run import StackTask, run_stacks
from mesh.terraform.state import TruncatedStateError, restore_backup
from mesh.terraform.terraform import Terraform
from mesh.terraform.terraform_command import Reporter
from mesh.terraform.unmanaged import StackOwner, UnmanagedObject, UnmanagedSearch
from mesh.workshop.branches import Branches
from mesh.workshop.plan_summary import PlanSummary
from mesh.workshop.workshop import Workshop

T = TypeVar("T")

# How workshop.yml declares an existing object, by Terraform type
_REMEDIES: Mapping[str, str] = {
    "databricks_catalog": "name it in `existing_catalogs`",
    "databricks_user": "set `users: existing`",
}


@dataclass(frozen=True)
class Deployer:
    """Deploys one workshop.

    Args:
        workshop: the workshop.
        root: the mesh's root.
        progress: receives what happens.
    """

    workshop: Workshop
    root: Path
    progress: Progress

    def deploy(self, *, auto_approve: bool) -> None:
        """Deploys the class as declared; a second deployment changes nothing.

        Args:
            auto_approve: whether to deploy without confirmation.

        Raises:
            UsageError: there is no terminal to confirm on.
            OutsideError: an object exists outside the state, or Terraform failed.
        """
        require_terminal(auto_approve, "mesh workshop diff")
        self._warn_about_git_folders()
        self._refuse_missing_branches()
        self._synthesize()
        self._refuse_unmanaged_objects()
        try:
            plan = self._plan_and_print()
            if not plan.changes:
                emit(f"{self._title} is up to date: nothing to change.")
            elif auto_approve or confirm(f"Deploy {self._title}?"):
                self._apply(plan)
                emit(f"{self._title} is deployed.")
        finally:
            self.terraform.discard_plan()

    def diff(self) -> None:
        """Shows what a deployment would change."""
        self._warn_about_git_folders()
        self._synthesize()
        try:
            if not self._plan_and_print().changes:
                emit(f"{self._title} is up to date: nothing to change.")
        finally:
            self.terraform.discard_plan()

    def plan(self, out: Path) -> None:
        """Plans the class and saves the plan, like `mesh plan`.

        Args:
            out: the folder for the plan.

        Raises:
            OutsideError: planning failed, or the folder cannot be written to.
        """
        self._warn_about_git_folders()
        self._synthesize()
        checkout = read_checkout(self.workshop.environment, read_git(self.root))
        if self._run(
            "plan", lambda reporter: save_plan(self.terraform, out, checkout, reporter=reporter)
        ).error:
            raise OutsideError(f"{self._title} could not be planned (the error is in {out}/workshop.err)")

    def search(self) -> UnmanagedSearch:
        """Synthesizes the class, and returns the search for its objects outside its state."""
        self._synthesize()
        return self._search

    @property
    def _search(self) -> UnmanagedSearch:
        owner = StackOwner(self.workshop.stack, self.workshop.state_key)
        return UnmanagedSearch(owner, self.terraform, self._runtime.workspace(self.workshop.workspace))

    @cached_property
    def terraform(self) -> Terraform:
        """Terraform in the stack's folder."""
        return self._runtime.terraform(self.workshop.stack)

    @cached_property
    def _runtime(self) -> Runtime:
        return Runtime(self.workshop.embedded, self.root)

    @property
    def _title(self) -> str:
        count = len(self.workshop.students)
        return f"workshop {self.workshop.name} with {count} student{'s' if count > 1 else ''}"

    def _synthesize(self) -> None:
        self._runtime.synthesize([self.workshop])
        try:
            if self.terraform.local_state:
                self.terraform.state()
        except TruncatedStateError as error:
            emit(restore_backup(error.path))

    def _warn_about_git_folders(self) -> None:
        """Warns if students get no Git folders, because Databricks cannot clone the repository."""
        if self.workshop.git_folders:
            return
        repository = self.workshop.repository
        why = f"Databricks cannot clone {repository.url}" if repository else "this checkout has no `origin`"
        remedy = "set `repository: {url: https://…}` in workshop.yml"
        diagnostic(f"Warning: students get no Git folders: {why} ({remedy})")

    def _refuse_missing_branches(self) -> None:
        """Checks that all branches exist; without one, a deployment fails half way at its Git folder.

        The local workspace clones nothing, so a rehearsal is not checked.
        """
        repository = self.workshop.git_folders
        if self.workshop.embedded or not repository:
            return
        branches = Branches(self.workshop, self.root)
        try:
            missing = branches.missing()
        except OutsideError as error:
            diagnostic(f"Warning: the branches could not be checked: {error}")
            return
        if missing:
            names = ", ".join(student.branch for student in missing[:3]) + (", …" if len(missing) > 3 else "")
            raise OutsideError(
                f"{len(missing)} of {len(self.workshop.students)} students' branches are not in "
                f"{repository.url}: {names}; nothing was changed "
                "(create them: `mesh workshop branches --push`)"
            )

    def _refuse_unmanaged_objects(self) -> None:
        objects = self._search.objects()
        if not objects:
            return
        remedies = {} if self.workshop.embedded else _REMEDIES
        lines = "\n".join(f"  {_describe(each, remedies)}" for each in objects)
        rehearsal = "; a rehearsal needs its own workspace: `make clean`, or another folder as `--root`"
        raise OutsideError(
            f"objects of this workshop exist already, outside its state:\n{lines}\n"
            "nothing was changed; if a deployment of this workshop created them, take them into its state "
            "with `mesh workshop adopt`, or remove them with `mesh workshop teardown`"
            + (rehearsal if self.workshop.embedded else "")
        )

    def _plan_and_print(self) -> Plan:
        """Plans the class, and prints the changes and the data losses."""
        plan = self._run("plan", lambda reporter: self.terraform.plan(reporter=reporter))
        if plan.error:
            raise OutsideError(plan.error)
        summary = PlanSummary(plan.changes, self.workshop.students)
        holds = self._runtime.workspace(self.workshop.workspace).holds
        for line in (*summary.lines(), *(f"! {loss}" for loss in summary.losses(holds))):
            emit(line)
        return plan

    def _apply(self, plan: Plan) -> None:
        try:
            self._run("apply", lambda reporter: self.terraform.apply(reporter, plan.file_hash))
        except OutsideError as error:
            if isinstance(error, ApplyError) and error.unsaved:
                raise
            raise type(error)(f"{error}\n{RERUN_HINT}") from error

    def _run(self, verb: Verb, work: Callable[[Reporter], T]) -> T:
        """Does the work of the class's only stack, and shows its progress."""
        results = run_stacks(verb, [StackTask(self.workshop.stack, work)], self.progress)
        results.require_all()
        return results.done[self.workshop.stack]


def _describe(unmanaged: UnmanagedObject, remedies: Mapping[str, str]) -> str:
    remedy = remedies.get(unmanaged.resource.type)
    text = f"{unmanaged.title} exists already (id {unmanaged.object.id})"
    return f"{text}: {remedy} in workshop.yml" if remedy else text
