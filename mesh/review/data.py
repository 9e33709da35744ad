"""Changes of data: catalogs, schemas, volumes, models, experiments, storage locations and credentials."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from mesh.review.mesh_index import MeshIndex
from mesh.review.outcome import Outcome, outcome, predicate
from mesh.review.plan import ResourceChange, StackPlan, resources_of
from mesh.review.sentence import Name, Sentence, listed, quoted
from mesh.terraform.data_loss import Remedies
from mesh.terraform.workspace import RESOURCE_KINDS
from mesh.terraform.workspace_contents import DATA_TYPES

_EXPERIMENT = "databricks_mlflow_experiment"
_PIPELINE = "databricks_pipeline"
_TABLE = "databricks_sql_table"
_LABELS = {
    **{type: RESOURCE_KINDS[type].label for type in DATA_TYPES},
    **{
        type: RESOURCE_KINDS[type].label
        for type in ("databricks_external_location", "databricks_storage_credential")
    },
    _EXPERIMENT: "experiment",
    _TABLE: "table",
}
_NAME_ARGUMENTS = {
    _EXPERIMENT: ("name",),
    _TABLE: ("catalog_name", "schema_name", "name"),
    **{type: RESOURCE_KINDS[type].name for type in _LABELS if type in RESOURCE_KINDS},
}
# The types whose destruction loses data; storage locations and credentials only point to data
_HOLDS_DATA = {*DATA_TYPES, _EXPERIMENT, _TABLE}
_MAX_IN_LINE = 10  # readers in one line
_ORDER: tuple[Outcome, ...] = (
    *("destroyed", "replaced", "recreated", "released", "renamed"),
    *("moved", "adopted", "created"),
)


@dataclass(frozen=True)
class DataChange:
    """The change of one object that holds data.

    Args:
        stack: the stack of the plan.
        happens: the outcome.
        kind: the kind of object, for example `schema`.
        name: its full name, before the change.
        becomes: its new full name, where the name changes.
        address: its Terraform address.
        because: the attributes that force a replacement.
        dependents: flows that read it, and jobs that get its name as a parameter.
        tables: the tables in it that code of other flows reads, with the number of flows.
        holds: the objects in it, as far as plans contain them.
        contents: its contents, as the workspace reports them; "" where the workspace was not read.
        remedy: how to keep it; "" where no data is lost.
        loses: True if data is lost.
    """

    stack: str
    happens: Outcome
    kind: str
    name: str
    address: str
    becomes: str | None = None
    because: tuple[str, ...] = ()
    dependents: tuple[str, ...] = ()
    tables: tuple[tuple[str, int], ...] = ()
    holds: tuple[str, ...] = ()
    contents: str = ""
    remedy: str = ""
    loses: bool = False

    area = "data"

    @property
    def sentence(self) -> Sentence:
        """The change as a sentence."""
        subject: Sentence = (f"{self.kind} ", Name.of(self.name))
        if self.happens == "renamed":
            return (*subject, " will be renamed to ", Name.of(self.becomes))
        if self.happens == "released":
            return (*subject, " stays, but Terraform will no longer manage it")
        change: Sentence = (*subject, f" {predicate(self.happens)}")
        if self.happens == "replaced":
            name: Sentence = (" as ", Name.of(self.becomes)) if self.becomes else ()
            cause: Sentence = (" (", *listed(self.because), " changes)") if self.because else ()
            return (*change, *name, *cause)
        return change

    @property
    def details(self) -> tuple[Sentence, ...]:
        """Further sentences: contents, readers, how to keep the data."""
        lines: list[Sentence] = (
            [("its tables will be deleted, too",)] if self.kind == _LABELS[_PIPELINE] else []
        )
        if self.contents:
            lines.append(("is empty" if self.contents == "empty" else f"contains {self.contents}",))
        if self.holds:
            lines.append(("contains ", *listed(self.holds)))
        for first in range(0, len(self.dependents), _MAX_IN_LINE):
            readers = self.dependents[first : first + _MAX_IN_LINE]
            lines.append(("is read by ", *listed(readers, _MAX_IN_LINE)))
        for table, flows in self.tables[:_MAX_IN_LINE]:
            reads = "1 flow reads" if flows == 1 else f"{flows} flows read"
            lines.append((f"{reads} its table ", Name.of(table)))
        if self.remedy:
            lines.append(("to keep it: ", *quoted(self.remedy)))
        return tuple(lines)


def data_changes(plans: Sequence[StackPlan], index: MeshIndex) -> list[DataChange]:
    """All changes of data; data that is lost comes first.

    Args:
        plans: all plans, because jobs of one stack read data of another.
        index: the index of the mesh.
    """
    dependencies = _Dependencies(plans)
    remedies = {
        plan.stack: Remedies(plan.changes, index.deployments.get(plan.stack), index.renames) for plan in plans
    }
    changes = [
        change
        for plan in plans
        for one in (*plan.changes, *plan.deposed)
        if one.type in _LABELS and (change := _change(remedies[plan.stack], plan, one, index, dependencies))
    ]
    return sorted(changes, key=lambda one: (not one.loses, _ORDER.index(one.happens), one.stack, one.name))


def _change(
    remedies: Remedies,
    plan: StackPlan,
    change: ResourceChange,
    index: MeshIndex,
    dependencies: _Dependencies,
) -> DataChange | None:
    happens = _outcome(change)
    # other changes of pipelines are run changes; a destroyed pipeline deletes its tables
    if happens is None or (change.type == _PIPELINE and not change.destroys):
        return None
    old_name, new_name = full_name(change.type, change.before), full_name(change.type, change.after)
    name = old_name or new_name or change.address
    lost = change.destroys and change.type in _HOLDS_DATA
    return DataChange(
        stack=plan.stack,
        happens=happens,
        kind=f"deposed {_LABELS[change.type]}" if change.deposed else _LABELS[change.type],
        name=name,
        address=change.object_address,
        becomes=new_name if new_name and old_name and new_name != old_name else None,
        because=change.because,
        dependents=_dependents(name, index, dependencies) if change.destroys else (),
        tables=_tables(name, index) if change.destroys else (),
        holds=tuple(dependencies.objects_in(name)) if change.destroys else (),
        contents=index.contents.get((change.type, name), "") if change.destroys else "",
        remedy=_remedy(remedies, plan.stack, change, index) if lost else "",
        loses=lost,
    )


def _outcome(change: ResourceChange) -> Outcome | None:
    """The outcome for a data object; None if neither its name nor its address changes."""
    if change.action == "delete":
        return "destroyed"
    if change.action != "update":
        return outcome(change.action)
    if full_name(change.type, change.before) != full_name(change.type, change.after):
        return "renamed"
    return "moved" if change.previous_address else None


def full_name(type: str, arguments: Mapping[str, Any]) -> str | None:
    """The full name in the arguments of a resource; None where it is not known."""
    parts = [arguments.get(part) for part in _NAME_ARGUMENTS.get(type, ())]
    return ".".join(map(str, parts)) if parts and all(parts) else None


def _dependents(name: str, index: MeshIndex, dependencies: _Dependencies) -> tuple[str, ...]:
    """Flows that read a schema, or a schema of a catalog; and jobs that get its name as a parameter."""
    inside = f"{name}."
    schemas = {schema for schema in index.readers if schema == name or schema.startswith(inside)}
    flows = [flow for schema in sorted(schemas) for flow in index.readers[schema]]
    flows += [flow for _, readers in _read_tables(name, index) for flow in readers]
    writer = index.writers.get(name)
    jobs = [job for schema, job in dependencies.readers if schema == name or schema.startswith(inside)]
    jobs = [index.jobs.get(job, job) for job in jobs]
    return tuple(dict.fromkeys([*(flow for flow in flows if flow != writer), *jobs]))


def _read_tables(name: str, index: MeshIndex) -> Iterator[tuple[str, tuple[str, ...]]]:
    """Yields the tables of a schema or catalog that code reads, with the flows."""
    for schema, tables in index.code_readers().items():
        if schema == name or schema.startswith(f"{name}."):
            yield from tables.items()


def _tables(name: str, index: MeshIndex) -> tuple[tuple[str, int], ...]:
    return tuple((table, len(flows)) for table, flows in _read_tables(name, index))


def _remedy(remedies: Remedies, stack: str, change: ResourceChange, index: MeshIndex) -> str:
    if stack in index.project_renames:
        return index.project_renames[stack].remedy(change.id)
    if stack in index.remedies:
        return index.remedies[stack]
    of_catalog = change.type == "databricks_catalog"
    if change.type not in DATA_TYPES or (remedies.deployment is None and not of_catalog):
        return ""
    known = index.catalog_remedies.get(str(change.before.get("name"))) if of_catalog else None
    return known if known and change.action == "delete" else remedies.of(change)


class _Dependencies:
    """The objects in catalogs and schemas, and the jobs that get schemas as parameters.

    Args:
        plans: all plans.
    """

    def __init__(self, plans: Sequence[StackPlan]) -> None:
        runs = (one for _, one in resources_of(plans, "databricks_job", _PIPELINE))
        self.readers = tuple(sorted({pair for one in runs for pair in _schema_parameters(one)}))
        names = ((full_name(one.type, one.before), one.type) for _, one in resources_of(plans, *_HOLDS_DATA))
        self._objects = [(name, _LABELS[type]) for name, type in names if name]

    def objects_in(self, name: str) -> Iterator[str]:
        """The objects in a catalog or schema, as far as plans contain them."""
        inside = f"{name}."
        return (f"{label} {inner}" for inner, label in self._objects if inner.startswith(inside))


def _schema_parameters(change: ResourceChange) -> Iterator[tuple[str, str]]:
    """Pairs of a schema and a job or pipeline that reads it: `reads` sets parameters for each schema."""
    blocks, configuration = change.after.get("parameter"), change.after.get("configuration")
    given = {
        str(block.get("name")): block.get("default")
        for block in (blocks if isinstance(blocks, list) else ())
        if isinstance(block, Mapping)
    }
    given |= configuration if isinstance(configuration, Mapping) else {}
    for name, schema in given.items():
        alias = name.removesuffix("_schema")
        if alias != name and (catalog := given.get(f"{alias}_catalog")):
            yield f"{catalog}.{schema}", str(change.after.get("name"))
