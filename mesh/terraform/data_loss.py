"""Data that a plan would destroy, and how to keep it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Protocol

from mesh.deployment.deployment import Deployment
from mesh.deployment.flow import FlowDeployment
from mesh.errors import OutsideError
from mesh.model.naming import CONFIG_FILE
from mesh.terraform.plan import DeclaredResource, Plan, PlannedChange
from mesh.terraform.state import State
from mesh.terraform.workspace import DATA_TYPES, RESOURCE_KINDS, ObjectLookup

_RESTORE_NAME = f"restore the folder or the template in `{CONFIG_FILE}` that its name comes from"
_RESTORE_CATALOG = (
    f"{_RESTORE_NAME}; if a domain or project was renamed, add `renamed_from: <old domain>/<old project>` "
    "to each project.yml in it"
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
    stack: str, changes: Sequence[PlannedChange], workspace: ObjectLookup, deployment: Deployment | None
) -> Iterator[DataLoss]:
    """Yields all data that a plan would destroy.

    Args:
        stack: the stack's name.
        changes: the changes of the stack's plan.
        workspace: the workspace that contains the data.
        deployment: the project's deployment; None for foundations.
    """
    for change in changes:
        if change.type in DATA_TYPES and change.destroys:
            name = RESOURCE_KINDS[change.type].full_name(change.before)
            contents = workspace.holds(change.type, name)
            yield DataLoss(stack, change, contents, remedy(change, changes, deployment))


def refuse_data_loss(lost: Iterable[DataLoss]) -> None:
    """Refuses to lose data.

    Raises:
        OutsideError: data would be lost; the message lists all of it and how to keep it.
    """
    if losses := list(lost):
        objects = "\n".join(f"  {loss}" for loss in losses)
        remedies = "\n".join(f"  {remedy}" for remedy in dict.fromkeys(loss.remedy for loss in losses))
        raise OutsideError(
            f"this would lose data:\n{objects}\nnothing was changed; to keep it:\n{remedies}\n"
            "to lose it on purpose, drop it in the workspace first"
        )


def remedy(change: PlannedChange, changes: Sequence[PlannedChange], deployment: Deployment | None) -> str:
    """How to keep an object that a plan would destroy.

    Args:
        change: the change that destroys the object.
        changes: all changes of the plan.
        deployment: the project's deployment; None for foundations.
    """
    if "create" in change.actions:
        return _undo_replacement(change)
    if deployment is None:
        return _RESTORE_CATALOG
    if change.type == "databricks_mlflow_experiment":
        return _keep_experiment(change, changes, deployment)
    schema = _schema_of(change, changes)
    if schema is not None:
        return _keep_schema(schema, changes, deployment)
    if change.type == "databricks_pipeline":
        return f"restore pipeline `{change.before['name']}` in its deployment.yml in {_folder(deployment)}"
    name, field = change.before["name"], f"{RESOURCE_KINDS[change.type].label.replace(' ', '_')}s"
    return f"restore `{name}` in `{field}` of {project_file(deployment)}"


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


def _keep_experiment(
    experiment: PlannedChange, changes: Sequence[PlannedChange], deployment: Deployment
) -> str:
    """How to keep an experiment that its flow no longer declares."""
    id = experiment.address.partition(".")[2]
    files = [flow.file for flow in deployment.flows if f"{flow.id}_".startswith(f"{id}_")]
    if files:
        return f"restore `experiment` in {' or '.join(files)}"
    # without the flow, the remedy is that of a schema with the flow's name
    return _keep_schema(experiment, changes, deployment)


def _keep_schema(schema: PlannedChange, changes: Sequence[PlannedChange], deployment: Deployment) -> str:
    """How to keep a schema that no flow declares."""
    id = schema.address.partition(".")[2]
    for flow in deployment.flows:
        if id.startswith(f"{flow.id}_"):
            return f"restore `{id.removeprefix(f'{flow.id}_')}` in `schemas` of {flow.file}"
    added = dict(_added(changes, deployment))
    similar = get_close_matches(id, added, n=1, cutoff=0) if added else []
    if similar:
        former, files = _former_flow(id, similar[0], added[similar[0]], deployment)
        return f"if it was renamed, add `renamed_from: {former}` to {files}"
    flowtype, _, name = id.partition("_")
    return f"restore {_folder(deployment)}/flows/{flowtype}/{name}"


def _added(changes: Sequence[PlannedChange], deployment: Deployment) -> Iterator[tuple[str, FlowDeployment]]:
    """New flows, by the ids of their schemas."""
    created = {change.address for change in changes if change.actions == ("create",)}
    for flow in deployment.flows:
        addresses = [f"databricks_schema.{schema.id}" for schema in flow.schemas]
        addresses += [f"databricks_job.{job.id}" for job in flow.all_jobs]
        addresses += [f"databricks_pipeline.{one.id}" for one in flow.pipelines]
        if set(addresses) <= created:
            yield from ((schema.id, flow) for schema in flow.schemas)


def _former_flow(old: str, new: str, flow: FlowDeployment, deployment: Deployment) -> tuple[str, str]:
    """The value of `renamed_from`, and the files of the flow's jobs and pipelines that need it."""
    flowtype, name, *_ = flow.path.removeprefix(f"{deployment.path}/").split("/")
    own = new.removeprefix(f"{flowtype}_{name}")
    stem = old.removesuffix(own)
    # if a flow `turnover` becomes a flow with a schema `turnover`, there is no suffix to remove
    former_type, _, former = (stem if "_" in stem else old).partition("_")
    path = f"{deployment.path}/{flowtype}/{name}/"
    files = [one.file for one in deployment.flows if f"{one.path}/".startswith(path)]
    value = former if former_type == flowtype else f"{former_type}/{former}"
    return value, " and ".join(files)


def project_file(deployment: Deployment) -> str:
    """The path of a deployment's project.yml, relative to the mesh's root."""
    return f"{_folder(deployment)}/project.yml"


def _folder(deployment: Deployment) -> str:
    """The project's folder, relative to the mesh's root."""
    return deployment.flows[0].file.partition("/flows/")[0]
