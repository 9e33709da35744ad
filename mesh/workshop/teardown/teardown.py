"""`mesh workshop teardown`: removes what a workshop and its students created, and nothing else."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Protocol

from mesh.errors import OutsideError
from mesh.terraform import PARALLELISM
from mesh.terraform.interrupt import StoppedError
from mesh.terraform.orphaned_state import destroy_resources, remove_folder
from mesh.terraform.progress import Progress
from mesh.terraform.stack_run import StackTask, run_stacks
from mesh.terraform.state import State
from mesh.terraform.terraform import Terraform
from mesh.terraform.terraform_command import Reporter
from mesh.workshop.teardown.ownership import catalog_of, plan_teardown
from mesh.workshop.teardown.removals import (
    ObjectToKeep,
    ObjectToRemove,
    TeardownPlan,
    TeardownWorkshop,
    WorkspaceContents,
)
from mesh.workshop.teardown.report import TeardownReport, count_by_type, group_by_reason, resource_label
from mesh.workshop.teardown.workspace_object import WorkspaceObject

_INTERRUPTED = "the tear-down was interrupted; run it again to remove the rest"
# Resources that identify objects of the workshop, also in the next run
_EVIDENCE = frozenset(f"databricks_{name}" for name in ("cluster_policy", "group", "group_member", "user"))


class WorkspaceInventory(Protocol):
    """Reads and removes the objects of a workspace."""

    def read(self, users: Collection[str], catalogs: Collection[str]) -> WorkspaceContents:
        """Reads the objects of these users and in these catalogs."""

    def remove(self, target: WorkspaceObject) -> None:
        """Removes an object with its content; does nothing if it no longer exists.

        Raises:
            OutsideError: the object cannot be removed.
        """


@dataclass(frozen=True)
class Teardown:
    """The tear-down of one workshop.

    Args:
        workshop: the workshop.
        terraform: Terraform on the workshop's state, with an empty configuration.
        deployment_terraform: returns Terraform on the state of a deployment by its key, with an empty
            configuration; None if that state is not in this backend.
        inventory: the workspace.
        emit: prints a line.
        progress: receives what happens to the states.
        parallelism: the number of deployments at a time.
    """

    workshop: TeardownWorkshop
    terraform: Terraform
    deployment_terraform: Callable[[str], Terraform | None]
    inventory: WorkspaceInventory
    emit: Callable[[str], None]
    progress: Progress
    parallelism: int = PARALLELISM

    def run(self, *, dry_run: bool, confirm: Callable[[], bool]) -> TeardownReport:
        """Lists the objects to remove and to keep, and removes the former after confirmation.

        Args:
            dry_run: True to list the objects only.
            confirm: asks before anything is removed.
        """
        state = self.terraform.state()
        plan = self._plan(state)
        preview = TeardownReport(
            [
                *((resource_label(address, state), "its state") for address in plan.addresses),
                *((str(each.object), _reason(each)) for each in plan.removals),
            ],
            list(plan.kept),
        )
        self._print_plan(plan)
        if dry_run or not preview.removed:
            return preview
        if not confirm():
            return TeardownReport(kept=list(plan.kept))
        report = TeardownReport(kept=list(plan.kept))
        try:
            self._remove(plan, state, report)
        except KeyboardInterrupt as interrupt:
            raise StoppedError(_INTERRUPTED) from interrupt
        finally:
            self._print_report(report)
        return report

    def _plan(self, state: State) -> TeardownPlan:
        resources = state.held.items()
        catalogs = {
            str(attributes.get("name"))
            for address, attributes in resources
            if address.startswith("databricks_catalog.")
        }
        invited = {
            str(attributes.get("user_name"))
            for address, attributes in resources
            if address.startswith("databricks_user.")
        }
        users = {user.lower() for user in invited | {student.email for student in self.workshop.students}}
        return plan_teardown(self.workshop, state, self.inventory.read(users, catalogs))

    def _remove(self, plan: TeardownPlan, state: State, report: TeardownReport) -> None:
        """Removes the students' objects first, because the workshop's catalogs contain them."""
        destroyed = self._destroy_deployments(_deployment_keys(plan.removals), report)
        remaining = [each for each in plan.removals if _is_remaining(each, destroyed)]
        for number, each in enumerate(remaining, 1):
            self.emit(f"Removing {each.object} ({number} of {len(remaining)})")
            try:
                self.inventory.remove(each.object)
            except OutsideError as error:
                report.failed.append((str(each.object), str(error)))
            else:
                report.removed.append((str(each.object), _reason(each)))
        failed = {label for label, _ in report.failed}
        left = [each for each in plan.removals if failed & {str(each.object), each.deployment}]
        not_empty = {each.object.catalog for each in left if each.object.type == "databricks_schema"}
        self._destroy_workshop(plan, state, report, not_empty)

    def _destroy_deployments(
        self, keys: Iterable[str], report: TeardownReport
    ) -> dict[str, Collection[tuple[str, str]] | None]:
        """Destroys deployments side by side through their states, if these are in this backend.

        Returns:
            The type and id of each destroyed object, by deployment; None if destroying failed.
        """
        destroyed: dict[str, Collection[tuple[str, str]] | None] = dict.fromkeys(keys, ())
        opened = {key: terraform for key in destroyed if (terraform := self.deployment_terraform(key))}
        try:
            tasks = [
                StackTask(
                    key, partial(self._destroy_state, terraform), summary=_summary, prepare=terraform.init
                )
                for key, terraform in opened.items()
                if not _is_empty(terraform)
            ]
            results = run_stacks("destroy", tasks, self.progress, self.parallelism)
        finally:
            for terraform in opened.values():
                remove_folder(terraform)
        for key, state in results.done.items():
            destroyed[key] = state.ids
            report.removed.append((key, f"its own state, with {count_by_type(state.held)}"))
        for key, error in results.failed.items():
            destroyed[key] = None
            report.failed.append((key, str(error)))
        if results.stopped or results.left:
            raise StoppedError(_INTERRUPTED)
        return destroyed

    def _destroy_state(self, terraform: Terraform, reporter: Reporter) -> State:
        """Destroys everything in a state; returns the state as it was before."""
        state = terraform.state()
        for schema in _schemas_without_force(state, state.held):
            self.inventory.remove(schema)
        destroy_resources(terraform, reporter=reporter)
        return state

    def _destroy_workshop(
        self, plan: TeardownPlan, state: State, report: TeardownReport, not_empty: Collection[str | None]
    ) -> None:
        """Destroys the workshop's state, without the resources that the next run needs after a failure."""
        not_removed: set[str] = set()
        for schema in _schemas_without_force(state, plan.addresses):
            try:
                self.inventory.remove(schema)
            except OutsideError as error:
                report.failed.append((str(schema), str(error)))
                not_removed.add(schema.id)
                not_empty = {*not_empty, schema.catalog}
        kept = {
            address: "an object in its catalog could not be removed"
            for address in plan.addresses
            if catalog_of(address, state.held[address]) in not_empty
            or state.held[address].get("id") in not_removed
        }
        if report.failed:
            evidence = [address for address in plan.addresses if address.partition(".")[0] in _EVIDENCE]
            kept |= dict.fromkeys(evidence, "it may identify an object that could not be removed")
        report.failed += [(resource_label(address, state), reason) for address, reason in kept.items()]
        addresses = [address for address in plan.addresses if address not in kept]
        if not addresses:
            return
        self._destroy_addresses(addresses if len(addresses) < len(state.held) else (), report)
        left = self.terraform.state().held
        for address in addresses:
            if address in left:
                report.failed.append((resource_label(address, state), "Terraform did not destroy it"))
            else:
                report.removed.append((resource_label(address, state), "its state"))

    def _destroy_addresses(self, targets: Sequence[str], report: TeardownReport) -> None:
        """Destroys resources of the workshop's state; no targets are all resources."""
        name = f"workshop {self.workshop.name}"

        def work(reporter: Reporter) -> str:
            return destroy_resources(self.terraform, targets, reporter)

        task = StackTask(name, work, summary=str, prepare=self.terraform.init)
        results = run_stacks("destroy", [task], self.progress)
        report.failed += [("the workshop's state", str(error)) for error in results.failed.values()]
        if results.stopped or results.left:
            raise StoppedError(_INTERRUPTED)

    def _print_plan(self, plan: TeardownPlan) -> None:
        number = len(self.workshop.students)
        self.emit(
            f"Workshop {self.workshop.name}, {number} student{'s' if number != 1 else ''} on the roster"
        )
        if plan.addresses:
            self.emit(f"to remove: {count_by_type(plan.addresses)} in its state")
        for each in plan.removals:
            self.emit(f"to remove: {each.object}: {_reason(each)}")
        self._print_kept("to keep", plan.kept)
        if not plan.addresses and not plan.removals:
            self.emit("Nothing of this workshop is left.")

    def _print_report(self, report: TeardownReport) -> None:
        for label, error in report.failed:
            self.emit(f"failed: {label}: {error}")
        self._print_kept("kept", report.kept)
        total = f"{len(report.removed)} removed, {len(report.kept)} kept, {len(report.failed)} failed"
        self.emit(total + ("; run it again to remove the rest" if report.failed else ""))

    def _print_kept(self, prefix: str, kept: Iterable[ObjectToKeep]) -> None:
        for line in group_by_reason(kept):
            self.emit(f"{prefix}: {line}")


def _is_empty(terraform: Terraform) -> bool:
    """True if the state holds nothing; False if it cannot be read, so that the error is reported."""
    try:
        return not terraform.state().held
    except StoppedError:
        raise
    except OutsideError:
        return False


def _summary(state: State) -> str:
    return f"{len(state.held)} destroyed"


def _schemas_without_force(state: State, addresses: Iterable[str]) -> Iterator[WorkspaceObject]:
    """The schemas that Terraform does not destroy unless they are empty."""
    for address in addresses:
        attributes = state.held[address]
        if address.startswith("databricks_schema.") and not attributes.get("force_destroy"):
            name = str(attributes["id"])
            yield WorkspaceObject("databricks_schema", name, name, parent=name.partition(".")[0])


def _deployment_keys(removals: Iterable[ObjectToRemove]) -> list[str]:
    """The state keys of the deployments to remove, without duplicates."""
    return list(dict.fromkeys(each.deployment for each in removals if each.deployment))


def _is_remaining(
    removal: ObjectToRemove, destroyed: Mapping[str, Collection[tuple[str, str]] | None]
) -> bool:
    """True if the object was not destroyed with its deployment, and destroying did not fail."""
    if removal.deployment is None:
        return True
    ids = destroyed[removal.deployment]
    return ids is not None and (removal.object.type, removal.object.id) not in ids


def _reason(removal: ObjectToRemove) -> str:
    return f"{removal.reason} ({removal.deployment})" if removal.deployment else removal.reason
