"""Data that a plan would destroy, and how to keep it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Protocol

from mesh.deployment.deployment import Deployment
from mesh.errors import OutsideError
from mesh.git.renames import RenamesSince, no_renames
from mesh.model.flow import terraform_name
from mesh.model.naming import CONFIG_FILE
from mesh.terraform.flow_renames import FlowRenames, flow_renames, owner_of, project_folder
from mesh.terraform.plan import DeclaredResource, Plan, PlannedChange
from mesh.terraform.rename_evidence import deployed_commit
from mesh.terraform.state import State
from mesh.terraform.workspace import RESOURCE_KINDS, ObjectLookup
from mesh.terraform.workspace_contents import DATA_TYPES

_RESTORE_NAME = f"restore the folder or the template in `{CONFIG_FILE}` that its name comes from"
_RESTORE_CATALOG = (
    "if a domain or project was renamed, set `renamed_from: <old domain>/<old project>` in the project.yml "
    f"of each project with data in it; if it shall stay, {_RESTORE_NAME}"
)
_NAMES = ("name", "catalog_name", "schema_name")


class DataPlanner(Protocol):
    """The methods of `mesh.terraform.terraform.Terraform` that a check for data loss needs."""

    @property
    def resources(self) -> Sequence[DeclaredResource]:
        """The resources that the stack declares."""

    @property
    def moved(self) -> Sequence[str]:
        """The old and new addresses of renamed resources."""

    def state(self) -> State:
        """Reads the stack's state."""

    def plan(self, targets: Sequence[str] = ()) -> Plan:
        """Plans these addresses; empty plans all resources."""


@dataclass(frozen=True)
class DataLoss:
    """An object that would be destroyed with its data.

    Args:
        stack: the stack that declares the object.
        change: the planned change.
        contents: the contents of the object, as text; "" if they are unknown.
        remedy: how to keep the object.
    """

    stack: str
    change: PlannedChange
    contents: str
    remedy: str

    def __str__(self) -> str:
        kind = RESOURCE_KINDS[self.change.type]
        name = kind.full_name(self.change.before)
        contents = self.contents or "contents unknown"
        action = "destroyed and recreated" if "create" in self.change.actions else "destroyed"
        return f"{kind.label} `{name}` ({contents}) would be {action} ({self.stack}: {self.change.address})"


def holds_data(state: State) -> bool:
    """True if a state contains objects with data."""
    return any(_is_data(address) for address in state.held)


def plan_data_changes(terraform: DataPlanner) -> tuple[PlannedChange, ...]:
    """Plans a stack, or only its data if the whole stack cannot be planned.

    Raises:
        OutsideError: Terraform cannot plan the data.
    """
    plan = terraform.plan()
    if plan.error and not _destroys_data(plan):
        # a whole plan may look up objects that another stack of this deployment creates; data does not
        addresses = [*terraform.state().held, *(one.address for one in terraform.resources)]
        data = [address for address in dict.fromkeys(addresses) if _is_data(address)]
        plan = terraform.plan([*data, *terraform.moved])
        if plan.error and not _destroys_data(plan):
            raise OutsideError(plan.error)
    return plan.changes


def _destroys_data(plan: Plan) -> bool:
    return any(change.destroys and _is_data(change.address) for change in plan.changes)


def _is_data(address: str) -> bool:
    return address.partition(".")[0] in DATA_TYPES


def find_losses(
    stack: str,
    changes: Sequence[PlannedChange],
    workspace: ObjectLookup,
    deployment: Deployment | None,
    renames: RenamesSince = no_renames,
) -> Iterator[DataLoss]:
    """Yields all data that a plan would destroy.

    Args:
        stack: the stack's name.
        changes: the changes of the stack's plan.
        workspace: the workspace that contains the data.
        deployment: the project's deployment; None for foundations.
        renames: the renames of files since a commit.
    """
    remedies = Remedies(changes, deployment, renames)
    for change in changes:
        if change.type in DATA_TYPES and change.destroys:
            name = RESOURCE_KINDS[change.type].full_name(change.before)
            contents = workspace.holds(change.type, name)
            yield DataLoss(stack, change, contents, remedies.of(change))


def refuse_data_loss(lost: Iterable[DataLoss]) -> None:
    """Refuses to lose data.

    Raises:
        OutsideError: data would be lost; the message lists all such data and how to keep them.
    """
    if losses := list(lost):
        objects = "\n".join(f"  {loss}" for loss in losses)
        remedies = "\n".join(f"  {remedy}" for remedy in dict.fromkeys(loss.remedy for loss in losses))
        raise OutsideError(
            f"this would lose data:\n{objects}\nnothing was changed; to keep it:\n{remedies}\n"
            "to lose it on purpose, drop it in the workspace first"
        )


@dataclass(frozen=True)
class Remedies:
    """How to keep the objects that a plan would destroy; renames without evidence are not proposed.

    Args:
        changes: all changes of the plan.
        deployment: the project's deployment; None for foundations.
        renames: the renames of files since a commit.
    """

    changes: Sequence[PlannedChange]
    deployment: Deployment | None
    renames: RenamesSince = no_renames

    def of(self, change: PlannedChange) -> str:
        """How to keep the object that a change destroys."""
        if "create" in change.actions:
            return _undo_replacement(change)
        if self.deployment is None:
            return _RESTORE_CATALOG
        if change.type == "databricks_mlflow_experiment":
            return _keep_experiment(change, self._flows)
        schema = _schema_of(change, self.changes)
        if schema is not None:
            return _keep_schema(schema, self._flows, self.deployment)
        if change.type == "databricks_pipeline":
            folder = project_folder(self.deployment)
            return f"restore pipeline `{change.before['name']}` in its deployment.yml in {folder}"
        name, field = change.before["name"], f"{RESOURCE_KINDS[change.type].label.replace(' ', '_')}s"
        return f"restore `{name}` in `{field}` of {project_file(self.deployment)}"

    @cached_property
    def _flows(self) -> FlowRenames:
        """The flows that the plan removes and adds; git is called only for this."""
        assert self.deployment is not None
        return flow_renames(self.changes, self.deployment, self.renames(deployed_commit(self.changes)))


def _undo_replacement(change: PlannedChange) -> str:
    """How to avoid the replacement of an object that cannot be changed in place."""
    if not change.because or set(change.because) & set(_NAMES):
        return _RESTORE_NAME
    kept = {name: change.before.get(name) for name in change.because}
    old = " and ".join(f"{name}: {value}" for name, value in kept.items() if value is not None)
    new = ", ".join(f"`{name}`" for name, value in kept.items() if value is None)
    steps = [f"restore `{old}`" if old else "", f"remove {new}" if new else ""]
    return f"{' and '.join(filter(None, steps))}, which cannot be changed later"


def _schema_of(change: PlannedChange, changes: Sequence[PlannedChange]) -> PlannedChange | None:
    """The destroyed schema that contains an object, or the schema itself."""
    if change.type == "databricks_schema":
        return change
    before = change.before
    parent = (before.get("catalog_name"), before.get("schema_name"))
    if change.type == "databricks_pipeline":
        parent = (before.get("catalog"), before.get("schema"))
    for other in changes:
        is_schema = other.type == "databricks_schema" and other.destroys
        if is_schema and (other.before.get("catalog_name"), other.before.get("name")) == parent:
            return other
    return None


def _keep_experiment(experiment: PlannedChange, flows: FlowRenames) -> str:
    """How to keep an experiment that its flow no longer declares."""
    id = experiment.address.partition(".")[2]
    for key, parts in flows.declared.items():
        if terraform_name(*key) == id:
            return f"restore `experiment` in {' or '.join(flow.file for flow in parts)}"
    return flows.remedy(id)


def _keep_schema(schema: PlannedChange, flows: FlowRenames, deployment: Deployment) -> str:
    """How to keep a schema that no flow declares."""
    id = schema.address.partition(".")[2]
    owner = owner_of(id, [*flows.declared, *flows.removed])
    declared = {one.id for one in deployment.schemas}  # in a checkout that is not the planned one
    if owner is None or owner in flows.removed or id in declared:
        return flows.remedy(id)
    files = " or ".join(flow.file for flow in flows.declared[owner])
    name = id.removeprefix("_".join(owner)).removeprefix("_")
    return f"restore {f'`{name}`' if name else 'its schema'} in `schemas` of {files}"


def project_file(deployment: Deployment) -> str:
    """The path of a deployment's project.yml, relative to the mesh's root."""
    return f"{project_folder(deployment)}/project.yml"
