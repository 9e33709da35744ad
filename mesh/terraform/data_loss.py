"""What a plan would destroy of the data that people rely on, and how to keep it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Protocol

from mesh.deployment.deployment import DeployedFlow, Deployment
from mesh.errors import OutsideError
from mesh.model.naming import CONFIG_FILE
from mesh.terraform.plan import Change, Plan, Resource
from mesh.terraform.state import State
from mesh.terraform.workspace import DATA_TYPES, KINDS, Workspace

_NAMED = f"put back the folder or the template in `{CONFIG_FILE}` that it got its name from"
_CATALOG = (
    f"{_NAMED}; if a domain or project was renamed, add `renamed_from: <domain>/<project>`, as it was, "
    "to each project.yml below"
)
_NAMES = ("name", "catalog_name", "schema_name")


class Planner(Protocol):
    """What has to be known of `mesh.terraform.terraform.Terraform`."""

    @property
    def resources(self) -> Sequence[Resource]:
        """Everything that the stack declares."""

    @property
    def moved(self) -> Sequence[str]:
        """The addresses that something was renamed from or to."""

    def state(self) -> State:
        """What its state holds."""

    def plan(self, targets: Sequence[str] = ()) -> Plan:
        """Plan for these addresses; none means all."""


@dataclass(frozen=True)
class Loss:
    """One thing that would be gone, with all that lies in it.

    Args:
        stack: the stack whose plan it is.
        change: what Terraform would do.
        holds: what lies in it; "" where that cannot be told.
        remedy: how to keep it.
    """

    stack: str
    change: Change
    holds: str
    remedy: str

    def __str__(self) -> str:
        kind = KINDS[self.change.type]
        name = kind.full_name(self.change.before)
        holds = self.holds or "what it holds cannot be told"
        happens = "destroyed and made anew" if "create" in self.change.actions else "destroyed"
        return f"{kind.word} `{name}` ({holds}) would be {happens} ({self.stack}: {self.change.address})"


def at_stake(state: State) -> bool:
    """Whether a stack has any data to lose."""
    return any(_is_data(address) for address in state.held)


def planned(terraform: Planner) -> tuple[Change, ...]:
    """What a deployment would do to a stack's data, at least.

    Raises:
        OutsideError: Terraform cannot tell.
    """
    plan = terraform.plan()
    if plan.error and not _destroys_data(plan):
        # what the stack looks up may be made by another stack, of the same deployment: data looks up nothing
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


def losses(
    stack: str, changes: Sequence[Change], workspace: Workspace, deployment: Deployment | None
) -> Iterator[Loss]:
    """All data that a plan would destroy.

    Args:
        stack: the stack.
        changes: what its plan would do.
        workspace: says what would be lost.
        deployment: what the stack holds, where it is a project's.
    """
    for change in changes:
        if change.type in DATA_TYPES and change.destroys:
            name = KINDS[change.type].full_name(change.before)
            how = remedy(change, changes, deployment)
            yield Loss(stack, change, workspace.holds(change.type, name), how)


def refuse(lost: Iterable[Loss]) -> None:
    """Nothing is deployed that would lose data.

    Raises:
        OutsideError: with all that would be lost, and how to keep it.
    """
    if found := list(lost):
        what = "\n".join(f"  {one}" for one in found)
        how = "\n".join(f"  {one}" for one in dict.fromkeys(one.remedy for one in found))
        raise OutsideError(
            f"this would lose data:\n{what}\nnothing was changed; to keep it:\n{how}\n"
            "what may go has to be dropped in the workspace first"
        )


def remedy(change: Change, changes: Sequence[Change], deployment: Deployment | None) -> str:
    """How to keep what a plan would destroy.

    Args:
        change: what would be destroyed.
        changes: what the plan would do.
        deployment: what the stack holds, where it is a project's.
    """
    if "create" in change.actions:
        return _put_back(change)
    if deployment is None:
        return _CATALOG
    if change.type == "databricks_mlflow_experiment":
        return _keep_experiment(change, changes, deployment)
    schema = _schema_of(change, changes)
    if schema is not None:
        return _keep_schema(schema, changes, deployment)
    if change.type == "databricks_pipeline":
        return f"put pipeline `{change.before['name']}` back into its deployment.yml in {_folder(deployment)}"
    name, field = change.before["name"], f"{KINDS[change.type].word.replace(' ', '_')}s"
    return f"put `{name}` back into `{field}` of {project_file(deployment)}"


def _put_back(change: Change) -> str:
    """How to avoid that something is made anew, which Terraform does where it cannot be changed."""
    if not change.because or set(change.because) & set(_NAMES):
        return _NAMED
    kept = {name: change.before.get(name) for name in change.because}
    old = " and ".join(f"{name}: {value}" for name, value in kept.items() if value is not None)
    new = ", ".join(f"`{name}`" for name, value in kept.items() if value is None)
    steps = [f"put back `{old}`" if old else "", f"take {new} out again" if new else ""]
    return f"{' and '.join(filter(None, steps))}, which cannot be changed"


def _schema_of(change: Change, changes: Sequence[Change]) -> Change | None:
    """The schema that is lost with it, or is it."""
    if change.type == "databricks_schema":
        return change
    before = change.before
    where = (before.get("catalog_name"), before.get("schema_name"))
    if change.type == "databricks_pipeline":
        where = (before.get("catalog"), before.get("schema"))
    for other in changes:
        is_schema = other.type == "databricks_schema" and other.destroys
        if is_schema and (other.before.get("catalog_name"), other.before.get("name")) == where:
            return other
    return None


def _keep_experiment(experiment: Change, changes: Sequence[Change], deployment: Deployment) -> str:
    """How to keep an experiment that no part of its flow declares any more."""
    id = experiment.address.partition(".")[2]
    parts = [flow.file for flow in deployment.flows if f"{flow.id}_".startswith(f"{id}_")]
    # where the flow is gone, a schema of its name would be kept alike
    said = f"put `experiment` back into {' or '.join(parts)}"
    return said if parts else _keep_schema(experiment, changes, deployment)


def _keep_schema(schema: Change, changes: Sequence[Change], deployment: Deployment) -> str:
    """How to keep a schema that no flow makes any more."""
    id = schema.address.partition(".")[2]
    for flow in deployment.flows:
        if id.startswith(f"{flow.id}_"):
            return f"put `{id.removeprefix(f'{flow.id}_')}` back into `schemas` of {flow.file}"
    added = dict(_added(changes, deployment))
    likely = get_close_matches(id, added, n=1, cutoff=0) if added else []
    if likely:
        former, files = _former(id, likely[0], added[likely[0]], deployment)
        return f"if it was renamed, add `renamed_from: {former}` to {files}"
    flowtype, _, name = id.partition("_")
    return f"put back {_folder(deployment)}/flows/{flowtype}/{name}"


def _added(changes: Sequence[Change], deployment: Deployment) -> Iterator[tuple[str, DeployedFlow]]:
    """Flows that are wholly new, by the ids of their schemas."""
    made = {change.address for change in changes if change.actions == ("create",)}
    for flow in deployment.flows:
        addresses = [f"databricks_schema.{schema.id}" for schema in flow.schemas]
        addresses += [f"databricks_job.{job.id}" for job in flow.all_jobs]
        addresses += [f"databricks_pipeline.{one.id}" for one in flow.pipelines]
        if set(addresses) <= made:
            yield from ((schema.id, flow) for schema in flow.schemas)


def _former(old: str, new: str, flow: DeployedFlow, deployment: Deployment) -> tuple[str, str]:
    """What `renamed_from` has to say, and in which files: those of all parts of the flow."""
    flowtype, name, *_ = flow.path.removeprefix(f"{deployment.path}/").split("/")
    own = new.removeprefix(f"{flowtype}_{name}")
    stem = old.removesuffix(own)
    # a flow `turnover` that becomes one with a schema `turnover` has no such ending to lose
    former_type, _, former = (stem if "_" in stem else old).partition("_")
    path = f"{deployment.path}/{flowtype}/{name}/"
    parts = [one.file for one in deployment.flows if f"{one.path}/".startswith(path)]
    said = former if former_type == flowtype else f"{former_type}/{former}"
    return said, " and ".join(parts)


def project_file(deployment: Deployment) -> str:
    """The project.yml of a deployment, from the mesh's root."""
    return f"{_folder(deployment)}/project.yml"


def _folder(deployment: Deployment) -> str:
    """The project's folder, from the mesh's root."""
    return deployment.flows[0].file.partition("/flows/")[0]
