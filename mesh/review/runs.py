"""What runs differently: jobs and pipelines, when they run and as whom, with their tasks and compute."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Literal

from mesh.model.defaults import CONTEXT_PARAMETERS, CONTEXT_TAGS
from mesh.review.mesh_index import Known
from mesh.review.plan import Planned, StackPlan
from mesh.review.schedule import NEVER, when
from mesh.review.sentence import Name, Sentence, listed

_TYPES = {"databricks_job": "job", "databricks_pipeline": "pipeline"}
# What follows the commit that a job takes its code from
_PINNED = re.compile(
    r"git_source(\[\d+\])?\.commit"
    rf"|tags\.({'|'.join(CONTEXT_TAGS)})"
    rf"|parameter\[({'|'.join(CONTEXT_PARAMETERS)})\]\.default"
    rf"|configuration\.({'|'.join(CONTEXT_PARAMETERS)})"
)
# What sentences of their own tell of, and what only the workspace sets
_TOLD = re.compile(
    r"(task|schedule|trigger|continuous|run_as|parameter|job_cluster|id|url|environment\[)(\W|$)"
)
_WHEN = ("schedule", "trigger", "continuous")
_ORDER = ("removed", "replaced", "changed", "created", "released", "moved", "adopted", "repinned")

Happens = Literal["removed", "replaced", "changed", "created", "released", "moved", "adopted", "repinned"]


@dataclass(frozen=True)
class RunChange:
    """What happens to one job or pipeline, or to several that only move to another commit.

    Args:
        stack: whose plan it is.
        happens: what.
        kind: `job` or `pipeline`.
        name: its name in the workspace.
        flow: its flow in the mesh; "" where that is not known.
        points: everything about it that changes, in sentences.
        run_as: who it ran as and will, as Databricks knows them; None where that stays.
        principal: who it will run as; "" where that is the one who deploys.
        commit: the commit that it moves to; "" where that stays.
        more: the names of others of which the same holds.
    """

    stack: str
    happens: Happens
    kind: str
    name: str
    flow: str = ""
    points: tuple[Sentence, ...] = ()
    run_as: tuple[str, str] | None = None
    principal: str = ""
    commit: str = ""
    more: tuple[str, ...] = ()

    area = "runs"

    @property
    def sentence(self) -> Sentence:
        """What a person reads."""
        if self.happens == "repinned":
            number = 1 + len(self.more)
            only = f"{number} {self.kind}s only move" if self.more else f"1 {self.kind} only moves"
            return (f"{only} to commit ", Name.of(self.commit[:8]))
        words = {
            "removed": "removes",
            "replaced": "removes and makes anew",
            "changed": "changes",
            "created": "adds",
            "released": "manages no more",
            "moved": "keeps under another place in the mesh",
            "adopted": "takes under Terraform",
        }
        if self.more:
            names = (self.name, *self.more)
            return (f"{words[self.happens]} {len(names)} {self.kind}s: ", *listed(names))
        of_flow: Sentence = (" (", Name.of(self.flow), ")") if self.flow else ()
        return (f"{words[self.happens]} {self.kind} ", Name.of(self.name), *of_flow)

    @property
    def details(self) -> tuple[Sentence, ...]:
        """What a person wants to know besides."""
        if self.happens == "repinned":
            return (listed((self.name, *self.more)),)
        moves: list[Sentence] = [("moves to commit ", Name.of(self.commit[:8]))] if self.commit else []
        return (*self.points, *moves)


def run_changes(plans: Sequence[StackPlan], known: Known) -> list[RunChange]:
    """What happens to jobs and pipelines; those that only move to another commit in one line per commit.

    Args:
        plans: all plans.
        known: what the mesh knows.
    """
    alike: dict[RunChange, list[RunChange]] = {}
    for plan in plans:
        for one in plan.changes:
            if one.type in _TYPES:
                change = _change(plan.stack, one, known)
                # what several do alike is said once, but each that comes or goes is named with all it does
                together = change.happens in ("repinned", "changed")
                alike.setdefault(replace(change, name="", flow="") if together else change, []).append(change)
    found = [replace(first, more=tuple(one.name for one in others)) for first, *others in alike.values()]
    return sorted(found, key=lambda one: (one.stack, _ORDER.index(one.happens), one.name))


def _change(stack: str, one: Planned, known: Known) -> RunChange:
    name = str(one.before.get("name") or one.after.get("name") or one.address)
    rest = [edit for edit in one.edits if not _PINNED.fullmatch(edit.path)]
    commit = _commit(one)
    happens = _happens(one)
    if happens == "changed" and not rest and commit:
        return RunChange(stack, "repinned", _TYPES[one.type], name, commit=commit)
    points: tuple[Sentence, ...] = ()
    if happens == "created":
        points = tuple(_made(one.after, known))
    elif happens in ("changed", "replaced") or (happens == "moved" and rest):
        points = tuple(_points(one, known))
    return RunChange(
        stack=stack,
        happens=happens,
        kind=_TYPES[one.type],
        name=name,
        flow=_flow(stack, one.address, known),
        points=points,
        run_as=_run_as(one),
        principal=_principal(one.after),
        commit=commit if happens in ("changed", "moved") else "",
    )


def _flow(stack: str, address: str, known: Known) -> str:
    """The flow of a job or pipeline, as its project calls it; names may be those of several flows."""
    deployment = known.deployments.get(stack)
    for flow in deployment.flows if deployment else ():
        made = [f"databricks_job.{one.id}" for one in flow.all_jobs]
        made += [f"databricks_pipeline.{one.id}" for one in flow.pipelines]
        if deployment and address in made:
            return flow.path.removeprefix(f"{deployment.path}/")
    return ""


def _happens(one: Planned) -> Happens:
    match one.action:
        case "delete":
            return "removed"
        case "replace":
            return "replaced"
        case "create":
            return "created"
        case "forget":
            return "released"
        case "import":
            return "adopted"
        case "move":
            return "moved"
    return "changed"


def _commit(one: Planned) -> str:
    """The commit that a job moves to; "" where it stays."""
    was, will = (
        next((str(block.get("commit") or "") for block in _blocks(arguments, "git_source")), "")
        for arguments in (one.before, one.after)
    )
    if not will:
        was, will = (
            str(tags.get("git_commit") or "") if isinstance(tags := arguments.get("tags"), Mapping) else ""
            for arguments in (one.before, one.after)
        )
    return will if will != was else ""


def _blocks(arguments: Mapping[str, Any], name: str) -> list[Mapping[str, Any]]:
    blocks = arguments.get(name)
    return [one for one in blocks if isinstance(one, Mapping)] if isinstance(blocks, list) else []


def _principal(arguments: Mapping[str, Any]) -> str:
    block = next(iter(_blocks(arguments, "run_as")), {})
    return str(block.get("service_principal_name") or block.get("user_name") or "")


def _run_as(one: Planned) -> tuple[str, str] | None:
    was, will = _principal(one.before), _principal(one.after)
    return (was, will) if was != will and one.before and one.after else None


def _made(arguments: Mapping[str, Any], known: Known) -> Iterator[Sentence]:
    """A new job."""
    # a pipeline that something else starts says nothing of when
    if "task" in arguments or when(arguments) != NEVER:
        yield ("runs ", Name.of(when(arguments)))
    if tasks := [str(task.get("task_key")) for task in _blocks(arguments, "task")]:
        yield ("tasks: ", *listed(tasks))
    yield from (("task ", Name.of(key), " on ", where) for key, where in _computed(arguments) if where)
    if principal := _principal(arguments):
        yield ("runs as ", Name.of(known.called(principal)))


def _points(one: Planned, known: Known) -> Iterator[Sentence]:
    """All that changes in a job or pipeline."""
    before, after = one.before, one.after
    if before.get("name") != after.get("name"):
        yield ("is called ", Name.of(after.get("name")))
    was, will = when(before), when(after)
    if was != will:
        yield ("runs ", Name.of(will), " instead of ", Name.of(was))
    elif any(before.get(name) != after.get(name) for name in _WHEN):
        yield ("changes what starts it: ", *listed(_paths(one, _WHEN)))
    if principals := _run_as(one):
        old, new = (known.called(principal) or "the one who deploys" for principal in principals)
        yield ("runs as ", Name.of(new), " instead of ", Name.of(old))
    yield from _tasks(one)
    yield from _parameters(one)
    yield from _clusters(one)
    others = dict.fromkeys(
        edit.path for edit in one.edits if not _PINNED.fullmatch(edit.path) and not _TOLD.match(edit.path)
    )
    for path in [path for path in others if path != "name"]:
        edit = next(edit for edit in one.edits if edit.path == path)
        yield (Name.of(path), ": ", *_from_to(edit.before, edit.after))


def _paths(one: Planned, names: Sequence[str]) -> list[str]:
    return [edit.path for edit in one.edits if edit.path.startswith(tuple(names))]


def _from_to(before: str | None, after: str | None) -> Sentence:
    if before is None:
        return (Name.of(after), " is new")
    if after is None:
        return (Name.of(before), " goes")
    return (Name.of(after), " instead of ", Name.of(before))


def _tasks(one: Planned) -> Iterator[Sentence]:
    """Tasks that are added, removed, in another order, on other compute, or doing something else."""
    before = {str(task.get("task_key")): task for task in _blocks(one.before, "task")}
    after = {str(task.get("task_key")): task for task in _blocks(one.after, "task")}
    for key in [key for key in after if key not in before]:
        first = _after(after[key])
        yield ("new task ", Name.of(key), *((" after ", *listed(first)) if first else ()))
    if gone := [key for key in before if key not in after]:
        yield ("task " if len(gone) == 1 else "tasks ", *listed(gone), " removed")
    for key in [key for key in before if key in after]:
        was, will = _after(before[key]), _after(after[key])
        if was != will:
            now: Sentence = (" runs after ", *listed(will)) if will else (" waits for nothing",)
            then: Sentence = (" instead of ", *listed(was)) if was else (" instead of at once",)
            yield ("task ", Name.of(key), *now, *then)
        old, new = _where(before[key]), _where(after[key])
        if old != new:
            yield ("task ", Name.of(key), " runs on ", Name.of(new), " instead of ", Name.of(old))
        for edit in one.edits:
            inner = edit.path.removeprefix(f"task[{key}].")
            if inner != edit.path and not inner.startswith(("depends_on", *_COMPUTE)):
                yield ("task ", Name.of(key), ", ", Name.of(inner), ": ", *_from_to(edit.before, edit.after))


def _after(task: Mapping[str, Any]) -> list[str]:
    """The tasks that one waits for, with the outcomes that it waits for."""
    return sorted(
        str(one.get("task_key")) + (f" = {one['outcome']}" if one.get("outcome") else "")
        for one in _blocks(task, "depends_on")
    )


_COMPUTE = ("job_cluster_key", "existing_cluster_id", "environment_key")


def _where(task: Mapping[str, Any]) -> str:
    """What a task runs on."""
    if key := task.get("job_cluster_key"):
        return f"job cluster {key}"
    if cluster := task.get("existing_cluster_id"):
        return f"cluster {cluster}"
    return "a cluster of its own" if _blocks(task, "new_cluster") else "serverless"


def _computed(arguments: Mapping[str, Any]) -> Iterator[tuple[str, Name]]:
    """The tasks that do not run on serverless compute, and what they run on."""
    for task in _blocks(arguments, "task"):
        if (where := _where(task)) != "serverless":
            yield str(task.get("task_key")), Name.of(where)


def _parameters(one: Planned) -> Iterator[Sentence]:
    for edit in one.edits:
        if not edit.path.startswith("parameter") or _PINNED.fullmatch(edit.path):
            continue
        match = re.fullmatch(r"parameter\[(.*)\]\.(name|default)", edit.path, re.DOTALL)
        if match is None:
            yield (Name.of(edit.path), ": ", *_from_to(edit.before, edit.after))
        elif match[2] == "default" and edit.before is None and edit.after is not None:
            yield ("new parameter ", Name.of(match[1]), ": ", Name.of(edit.after))
        elif match[2] == "default" and edit.after is None:
            yield ("parameter ", Name.of(match[1]), " goes, it was ", Name.of(edit.before))
        elif match[2] == "default":
            yield ("parameter ", Name.of(match[1]), " is ", *_from_to(edit.before, edit.after))
        else:
            yield ("parameter ", Name.of(match[1]), " is new" if edit.before is None else " goes")


def _clusters(one: Planned) -> Iterator[Sentence]:
    """Job clusters: what they are made of."""
    before = {str(block.get("job_cluster_key")) for block in _blocks(one.before, "job_cluster")}
    after = {str(block.get("job_cluster_key")) for block in _blocks(one.after, "job_cluster")}
    for key in sorted(after - before):
        yield ("new job cluster ", Name.of(key))
    for key in sorted(before - after):
        yield ("job cluster ", Name.of(key), " removed")
    for edit in one.edits:
        match = re.fullmatch(r"job_cluster\[(.*?)\]\.new_cluster\.(.*)", edit.path, re.DOTALL)
        if match and match[1] in before & after:
            where: Sentence = ("job cluster ", Name.of(match[1]), ", ", Name.of(match[2]))
            yield (*where, ": ", *_from_to(edit.before, edit.after))
