"""What plans do to data: catalogs, schemas, volumes, models, experiments, and where they are kept."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from mesh.review.mesh_index import Known
from mesh.review.plan import Planned, StackPlan, resources
from mesh.review.sentence import Name, Sentence, listed, quoted
from mesh.terraform import data_loss
from mesh.terraform.workspace import DATA_TYPES, KINDS

_EXPERIMENT = "databricks_mlflow_experiment"
_PIPELINE = "databricks_pipeline"
_TABLE = "databricks_sql_table"
_WORDS = {
    **{type: KINDS[type].word for type in DATA_TYPES},
    **{type: KINDS[type].word for type in ("databricks_external_location", "databricks_storage_credential")},
    _EXPERIMENT: "experiment",
    _TABLE: "table",
}
_NAMES = {
    _EXPERIMENT: ("name",),
    _TABLE: ("catalog_name", "schema_name", "name"),
    **{type: KINDS[type].name for type in _WORDS if type in KINDS},
}
# What people lose when it is destroyed: locations and credentials only lead to data
_LOSES = {*DATA_TYPES, _EXPERIMENT, _TABLE}
_IN_LINE = 10  # readers in one line
_ORDER = ("destroyed", "replaced", "released", "renamed", "moved", "adopted", "created")

Happens = Literal["destroyed", "replaced", "released", "renamed", "moved", "adopted", "created"]


@dataclass(frozen=True)
class DataChange:
    """What happens to one thing that holds data.

    Args:
        stack: whose plan it is.
        happens: what.
        kind: what it is, in words.
        name: its full name; what it is called now, where that changes.
        becomes: its new name, where that changes.
        address: what Terraform calls it.
        because: the attributes that force a replacement.
        dependents: flows that read it, and jobs that are told its name.
        holds: what lies in it and is known.
        contents: how much lies in it, as the workspace says; "" where that was not asked.
        remedy: how to keep it; "" where nothing is lost.
        loses: whether people lose data.
    """

    stack: str
    happens: Happens
    kind: str
    name: str
    address: str
    becomes: str | None = None
    because: tuple[str, ...] = ()
    dependents: tuple[str, ...] = ()
    holds: tuple[str, ...] = ()
    contents: str = ""
    remedy: str = ""
    loses: bool = False

    area = "data"

    @property
    def sentence(self) -> Sentence:
        """What a person reads."""
        what: Sentence = (f"{self.kind} ", Name.of(self.name))
        match self.happens:
            case "destroyed":
                return ("destroys ", *what)
            case "replaced":
                why: Sentence = (" (", *listed(self.because), " changes)") if self.because else ()
                anew: Sentence = (" as ", Name.of(self.becomes)) if self.becomes else ()
                return ("destroys ", *what, " and makes it anew", *anew, *why)
            case "released":
                return ("leaves ", *what, " where it is, but manages it no more")
            case "renamed":
                return ("renames ", *what, " to ", Name.of(self.becomes))
            case "moved":
                return ("keeps ", *what, " under another place in the mesh")
            case "adopted":
                return ("takes ", *what, " under Terraform as it is")
        return ("makes ", *what)

    @property
    def details(self) -> tuple[Sentence, ...]:
        """What a person wants to know besides."""
        lines: list[Sentence] = [("its tables go with it",)] if self.kind == _WORDS[_PIPELINE] else []
        if self.contents:
            lines.append(("it is empty" if self.contents == "empty" else f"{self.contents} in it now",))
        if self.holds:
            lines.append(("holds ", *listed(self.holds)))
        for first in range(0, len(self.dependents), _IN_LINE):
            lines.append(("is read by ", *listed(self.dependents[first : first + _IN_LINE], _IN_LINE)))
        if self.remedy:
            lines.append(("to keep it: ", *quoted(self.remedy)))
        return tuple(lines)


def data_changes(plans: Sequence[StackPlan], known: Known) -> list[DataChange]:
    """What happens to data, what is lost first.

    Args:
        plans: all plans: one stack's data is read by another's jobs.
        known: what the mesh knows.
    """
    around = _Around(plans)
    found = [
        change
        for plan in plans
        for one in plan.changes
        if one.type in _WORDS and (change := _change(plan, one, known, around))
    ]
    return sorted(found, key=lambda one: (not one.loses, _ORDER.index(one.happens), one.stack, one.name))


def _change(plan: StackPlan, one: Planned, known: Known, around: _Around) -> DataChange | None:
    happens = _happens(one)
    # a pipeline is told among what runs, unless its tables go with it
    if happens is None or (one.type == _PIPELINE and not one.destroys):
        return None
    now, then = full_name(one.type, one.before), full_name(one.type, one.after)
    name = now or then or one.address
    lost = one.destroys and one.type in _LOSES
    return DataChange(
        stack=plan.stack,
        happens=happens,
        kind=_WORDS[one.type],
        name=name,
        address=one.address,
        becomes=then if then and now and then != now else None,
        because=one.because,
        dependents=_dependents(name, known, around) if one.destroys else (),
        holds=tuple(around.held(name)) if one.destroys else (),
        contents=known.holds.get((one.type, name), "") if one.destroys else "",
        remedy=_remedy(plan, one, known) if lost else "",
        loses=lost,
    )


def _happens(one: Planned) -> Happens | None:
    match one.action:
        case "delete":
            return "destroyed"
        case "replace":
            return "replaced"
        case "forget":
            return "released"
        case "create":
            return "created"
        case "import":
            return "adopted"
        case "move":
            return "moved"
    if full_name(one.type, one.before) != full_name(one.type, one.after):
        return "renamed"
    return "moved" if one.former else None


def full_name(type: str, arguments: Mapping[str, Any]) -> str | None:
    """The name of what a resource with these arguments makes; None where there is none, or none yet."""
    parts = [arguments.get(part) for part in _NAMES.get(type, ())]
    return ".".join(map(str, parts)) if parts and all(parts) else None


def _dependents(name: str, known: Known, around: _Around) -> tuple[str, ...]:
    """Flows that read a schema, or what lies in a catalog, and jobs that are told where it is."""
    inside = f"{name}."
    schemas = {schema for schema in known.readers if schema == name or schema.startswith(inside)}
    flows = [flow for schema in sorted(schemas) for flow in known.readers[schema]]
    filler = known.fillers.get(name)
    told = [job for schema, job in around.told if schema == name or schema.startswith(inside)]
    told = [known.jobs.get(name, name) for name in told]
    return tuple(dict.fromkeys([*(flow for flow in flows if flow != filler), *told]))


def _remedy(plan: StackPlan, one: Planned, known: Known) -> str:
    if plan.stack in known.gone:
        return known.gone[plan.stack]
    deployment = known.deployments.get(plan.stack)
    if one.type not in DATA_TYPES or (deployment is None and one.type != "databricks_catalog"):
        return ""
    return data_loss.remedy(one, plan.changes, deployment)


class _Around:
    """What lies around the data of a plan: what is in it, and who is told where it is.

    Args:
        plans: all plans.
    """

    def __init__(self, plans: Sequence[StackPlan]) -> None:
        runs = (one for _, one in resources(plans, "databricks_job", _PIPELINE))
        self.told = tuple(sorted({found for one in runs for found in _read(one)}))
        things = ((full_name(one.type, one.before), one.type) for _, one in resources(plans, *_LOSES))
        self._things = [(name, _WORDS[type]) for name, type in things if name]

    def held(self, name: str) -> Iterator[str]:
        """What lies in a catalog or schema, as far as plans know it."""
        inside = f"{name}."
        return (f"{word} {inner}" for inner, word in self._things if inner.startswith(inside))


def _read(one: Planned) -> Iterator[tuple[str, str]]:
    """The schemas that a job or pipeline will read, as `reads` puts them into its parameters."""
    blocks, configuration = one.after.get("parameter"), one.after.get("configuration")
    given = {
        str(block.get("name")): block.get("default")
        for block in (blocks if isinstance(blocks, list) else ())
        if isinstance(block, Mapping)
    }
    given |= configuration if isinstance(configuration, Mapping) else {}
    for name, schema in given.items():
        alias = name.removesuffix("_schema")
        if alias != name and (catalog := given.get(f"{alias}_catalog")):
            yield f"{catalog}.{schema}", str(one.after.get("name"))
