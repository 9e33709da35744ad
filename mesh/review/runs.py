"""Changes of jobs and pipelines: schedule, run-as principal, tasks, parameters and compute."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from mesh.model.defaults import CONTEXT_PARAMETERS, CONTEXT_TAGS
from mesh.review.masking import Edit
from mesh.review.mesh_index import MeshIndex
from mesh.review.outcome import Outcome, outcome, predicate
from mesh.review.plan import ResourceChange, StackPlan
from mesh.review.schedule import upcoming, when
from mesh.review.sentence import Name, Sentence, listed, value_change

_TYPES = {"databricks_job": "job", "databricks_pipeline": "pipeline"}
# The attributes that follow the commit of a job's code
_COMMIT_ATTRIBUTES = re.compile(
    r"git_source(\[\d+\])?\.commit"
    rf"|tags\.({'|'.join(CONTEXT_TAGS)})"
    rf"|parameter\[({'|'.join(CONTEXT_PARAMETERS)})\]\.default"
    rf"|configuration\.({'|'.join(CONTEXT_PARAMETERS)})"
)
# The attributes that have sentences of their own, or that only the workspace sets
_REPORTED_ELSEWHERE = re.compile(
    r"(task|schedule|triggers?|continuous|run_as|parameter|job_cluster|id|url|environment\[)(\W|$)"
)
_START_ATTRIBUTES = ("schedule", "trigger", "triggers", "continuous")
_ORDER: tuple[Outcome, ...] = (
    *("removed", "replaced", "recreated", "changed", "created"),
    *("released", "moved", "adopted", "repinned"),
)
RUNS_AS = "runs as "  # begins the sentence about the run-as principal


@dataclass(frozen=True)
class RunChange:
    """The change of one job or pipeline, or of several with the same change.

    Args:
        stack: the stack of the plan.
        happens: the outcome; `repinned` where only the commit changes.
        kind: `job` or `pipeline`.
        name: its name in the workspace.
        flow: the path of its flow in the project; "" where it is not known.
        points: its attributes that change, as sentences.
        run_as: the run-as principals before and after, by their Databricks names; None where they are equal.
        principal: the run-as principal after the change; "" for the deployer.
        commit: the new commit; "" where the commit stays.
        more: the names of other jobs or pipelines with the same change.
    """

    stack: str
    happens: Outcome
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
        """The change as a sentence."""
        if self.happens == "repinned":
            number = 1 + len(self.more)
            only = f"{number} {self.kind}s only move" if self.more else f"1 {self.kind} only moves"
            return (f"{only} to commit ", Name.of(self.commit[:8]))
        if self.more:
            names = (self.name, *self.more)
            return (f"{len(names)} {self.kind}s {predicate(self.happens)}: ", *listed(names))
        of_flow: Sentence = (" (", Name.of(self.flow), ")") if self.flow else ()
        return (f"{self.kind} ", Name.of(self.name), *of_flow, f" {predicate(self.happens)}")

    @property
    def details(self) -> tuple[Sentence, ...]:
        """Further sentences: changed attributes, the new commit."""
        if self.happens == "repinned":
            return (listed((self.name, *self.more)),)
        moves: list[Sentence] = [("moves to commit ", Name.of(self.commit[:8]))] if self.commit else []
        return (*self.points, *moves)


def run_changes(plans: Sequence[StackPlan], index: MeshIndex) -> list[RunChange]:
    """All changes of jobs and pipelines; equal changes are merged into one.

    Args:
        plans: all plans.
        index: the index of the mesh.
    """
    alike: dict[RunChange, list[RunChange]] = {}
    for plan in plans:
        dated = replace(index, now=index.now or plan.planned)
        for one in plan.changes:
            if one.type in _TYPES:
                change = _change(plan.stack, one, dated)
                # jobs that are created or removed are reported one by one
                mergeable = change.happens in ("repinned", "changed")
                common = replace(change, name="", flow="") if mergeable else change
                alike.setdefault(common, []).append(change)
    merged = [replace(first, more=tuple(one.name for one in others)) for first, *others in alike.values()]
    return sorted(merged, key=lambda one: (one.stack, _ORDER.index(one.happens), one.name))


def _change(stack: str, change: ResourceChange, index: MeshIndex) -> RunChange:
    name = str(change.before.get("name") or change.after.get("name") or change.address)
    change = _in_declared_order(change, _declared_tasks(stack, change.address, index))
    rest = [edit for edit in change.edits if not _COMMIT_ATTRIBUTES.fullmatch(edit.path)]
    commit = _commit(change)
    happens = outcome(change.action)
    if happens == "changed" and not rest and commit:
        return RunChange(stack, "repinned", _TYPES[change.type], name, commit=commit)
    points: tuple[Sentence, ...] = ()
    if happens in ("created", "recreated"):
        points = tuple(_new_run(change.after, index))
    elif happens in ("changed", "replaced") or (happens == "moved" and rest):
        points = tuple(_points(change, index))
    return RunChange(
        stack=stack,
        happens=happens,
        kind=_TYPES[change.type],
        name=name,
        flow=_flow(stack, change.address, index),
        points=points,
        run_as=_run_as(change),
        principal=_principal(change.after),
        commit=commit if happens in ("changed", "moved") else "",
    )


def _flow(stack: str, address: str, index: MeshIndex) -> str:
    """The path of a job's or pipeline's flow in its project, by address, as names may be ambiguous."""
    deployment = index.deployments.get(stack)
    for flow in deployment.flows if deployment else ():
        addresses = [f"databricks_job.{one.id}" for one in flow.all_jobs]
        addresses += [f"databricks_pipeline.{one.id}" for one in flow.pipelines]
        if deployment and address in addresses:
            return flow.path.removeprefix(f"{deployment.path}/")
    return ""


def _declared_tasks(stack: str, address: str, index: MeshIndex) -> list[str]:
    """The tasks of a job in the order of its deployment.yml; empty if the job is unknown."""
    deployment = index.deployments.get(stack)
    jobs = (job for flow in (deployment.flows if deployment else ()) for job in flow.all_jobs)
    known = next((job for job in jobs if address == f"databricks_job.{job.id}"), None)
    return [str(task.get("task_key")) for task in known.settings["tasks"]] if known else []


def _in_declared_order(change: ResourceChange, keys: Sequence[str]) -> ResourceChange:
    """Sorts the tasks of a change by these keys, other tasks last; plans have the order of the provider."""
    place = {key: index for index, key in enumerate(keys)}

    def ordered(arguments: Mapping[str, Any]) -> Mapping[str, Any]:
        tasks = _blocks(arguments, "task")
        tasks.sort(key=lambda task: place.get(str(task.get("task_key")), len(place)))
        return {**arguments, "task": tasks} if tasks else arguments

    return replace(change, before=ordered(change.before), after=ordered(change.after)) if keys else change


def _commit(change: ResourceChange) -> str:
    """The new commit of a job; "" where the commit stays."""
    was, will = (
        next((str(block.get("commit") or "") for block in _blocks(arguments, "git_source")), "")
        for arguments in (change.before, change.after)
    )
    if not will:
        was, will = (
            str(tags.get("git_commit") or "") if isinstance(tags := arguments.get("tags"), Mapping) else ""
            for arguments in (change.before, change.after)
        )
    return will if will != was else ""


def _blocks(arguments: Mapping[str, Any], name: str) -> list[Mapping[str, Any]]:
    blocks = arguments.get(name)
    return [one for one in blocks if isinstance(one, Mapping)] if isinstance(blocks, list) else []


def _principal(arguments: Mapping[str, Any]) -> str:
    block = next(iter(_blocks(arguments, "run_as")), {})
    return str(block.get("service_principal_name") or block.get("user_name") or "")


def _run_as(change: ResourceChange) -> tuple[str, str] | None:
    was, will = _principal(change.before), _principal(change.after)
    return (was, will) if was != will and change.before and change.after else None


def _new_run(arguments: Mapping[str, Any], index: MeshIndex) -> Iterator[Sentence]:
    """Sentences about a new job or pipeline."""
    if start := when(arguments):
        yield ("runs ", Name.of(start), *_next(arguments, index))
    elif "task" in arguments:  # pipelines are mostly started by jobs
        yield ("has no schedule",)
    if tasks := [str(task.get("task_key")) for task in _blocks(arguments, "task")]:
        yield ("tasks: ", *listed(tasks))
    yield from (("task ", Name.of(key), " runs on ", compute) for key, compute in _classic_compute(arguments))
    if principal := _principal(arguments):
        yield (RUNS_AS, Name.of(index.display_name(principal)))


def _points(change: ResourceChange, index: MeshIndex) -> Iterator[Sentence]:
    """Sentences about all changes of a job or pipeline."""
    before, after = change.before, change.after
    if before.get("name") != after.get("name"):
        yield ("is renamed to ", Name.of(after.get("name")))
    yield from _start(change, index)
    if principals := _run_as(change):
        old, new = (
            Name.of(index.display_name(principal)) if principal else "the deployer"
            for principal in principals
        )
        yield (RUNS_AS, new, " instead of ", old)
    yield from _tasks(change)
    yield from _parameters(change)
    yield from _clusters(change)
    others = dict.fromkeys(
        edit.path
        for edit in change.edits
        if not _COMMIT_ATTRIBUTES.fullmatch(edit.path) and not _REPORTED_ELSEWHERE.match(edit.path)
    )
    for path in [path for path in others if path != "name"]:
        edit = next(edit for edit in change.edits if edit.path == path)
        yield (Name.of(path), ": ", *_value_change(edit))


def _next(arguments: Mapping[str, Any], index: MeshIndex) -> Sentence:
    """The next runs, if the moment of the plan is known and there are any."""
    runs = upcoming(arguments, index.now) if index.now else ""
    return (f", next {runs}",) if runs else ()


def _start(change: ResourceChange, index: MeshIndex) -> Iterator[Sentence]:
    """The schedule, trigger or continuous mode of a job or pipeline, where it changes."""
    was, will = when(change.before), when(change.after)
    if was and will and was != will:
        yield ("runs ", Name.of(will), " instead of ", Name.of(was), *_next(change.after, index))
    elif will and not was:
        yield ("runs ", Name.of(will), "; had no schedule", *_next(change.after, index))
    elif was and not will:
        yield ("has no schedule (was ", Name.of(was), ")")
    elif any(change.before.get(name) != change.after.get(name) for name in _START_ATTRIBUTES):
        paths = (edit.path for edit in change.edits if edit.path.startswith(_START_ATTRIBUTES))
        yield ("schedule or trigger changes: ", *listed(paths))


def _tasks(change: ResourceChange) -> Iterator[Sentence]:
    """Tasks that are added or removed, or whose dependencies, compute or attributes change."""
    before = {str(task.get("task_key")): task for task in _blocks(change.before, "task")}
    after = {str(task.get("task_key")): task for task in _blocks(change.after, "task")}
    for key in [key for key in after if key not in before]:
        upstream, what = _dependencies(after[key]), after[key].get("description")
        place: Sentence = (" after ", *listed(upstream)) if upstream else ()
        yield ("task ", Name.of(key), " is added", *place, *((": ", Name.of(what)) if what else ()))
    if removed := [key for key in before if key not in after]:
        several = len(removed) > 1
        yield (
            "tasks " if several else "task ",
            *listed(removed),
            " are removed" if several else " is removed",
        )
    for key in [key for key in before if key in after]:
        was, will = _dependencies(before[key]), _dependencies(after[key])
        if was != will:
            yield ("task ", Name.of(key), *_order_change(was, will))
        old, new = _compute(before[key]), _compute(after[key])
        if old != new:
            yield ("task ", Name.of(key), " runs on ", Name.of(new), " instead of ", Name.of(old))
        for edit in change.edits:
            inner = edit.path.removeprefix(f"task[{key}].")
            if inner != edit.path and not inner.startswith(("depends_on", *_COMPUTE_ATTRIBUTES)):
                yield ("task ", Name.of(key), ", ", Name.of(inner), ": ", *_value_change(edit))


# Tried with provider 1.99.0: a list of addresses keeps its length where the last address is removed, or where
# another task gets its position, and then has empty addresses
_ADDRESSES = re.compile(r"(.*\.)?email_notifications\.\w+", re.DOTALL)
_EMPTY_ADDRESSES = re.compile(r'\[""(, "")*\]')


def _value_change(edit: Edit) -> Sentence:
    """An attribute's new and old value; says where the provider sets empty addresses."""
    if not (_ADDRESSES.fullmatch(edit.path) and _EMPTY_ADDRESSES.fullmatch(edit.after or "")):
        return value_change(edit.before, edit.after)
    was: Sentence = (" (was not set)",) if edit.before is None else (" instead of ", Name.of(edit.before))
    remedy = ", because the provider cannot empty the list (remove the job's addresses on its page first)"
    return ("an empty address", *was, remedy)


def _order_change(was: Sequence[str], will: Sequence[str]) -> Sentence:
    """The new and old dependencies of a task."""
    if not will:
        return (" has no dependencies (was after ", *listed(was), ")")
    previous: Sentence = (" instead of ", *listed(was)) if was else ("; had no dependencies",)
    return (" runs after ", *listed(will), *previous)


def _dependencies(task: Mapping[str, Any]) -> list[str]:
    """The tasks that a task depends on, with the required outcome of a condition task."""
    return sorted(
        str(one.get("task_key")) + (f" = {one['outcome']}" if one.get("outcome") else "")
        for one in _blocks(task, "depends_on")
    )


_COMPUTE_ATTRIBUTES = ("job_cluster_key", "existing_cluster_id", "environment_key")


def _compute(task: Mapping[str, Any]) -> str:
    """The compute of a task."""
    if key := task.get("job_cluster_key"):
        return f"job cluster {key}"
    if cluster := task.get("existing_cluster_id"):
        return f"cluster {cluster}"
    return "a new cluster" if _blocks(task, "new_cluster") else "serverless"


def _classic_compute(arguments: Mapping[str, Any]) -> Iterator[tuple[str, Name]]:
    """The tasks that do not run on serverless compute, with their compute."""
    for task in _blocks(arguments, "task"):
        if (compute := _compute(task)) != "serverless":
            yield str(task.get("task_key")), Name.of(compute)


def _parameters(change: ResourceChange) -> Iterator[Sentence]:
    for edit in change.edits:
        if not edit.path.startswith("parameter") or _COMMIT_ATTRIBUTES.fullmatch(edit.path):
            continue
        match = re.fullmatch(r"parameter\[(.*)\]\.(name|default)", edit.path, re.DOTALL)
        if match is None:
            yield (Name.of(edit.path), ": ", *value_change(edit.before, edit.after))
        elif match[2] == "default" and edit.before is None and edit.after is not None:
            yield ("parameter ", Name.of(match[1]), " is added: ", Name.of(edit.after))
        elif match[2] == "default" and edit.after is None:
            yield ("parameter ", Name.of(match[1]), " is removed (was ", Name.of(edit.before), ")")
        elif match[2] == "default":
            yield ("parameter ", Name.of(match[1]), " is ", *value_change(edit.before, edit.after))
        else:
            yield ("parameter ", Name.of(match[1]), " is added" if edit.before is None else " is removed")


def _clusters(change: ResourceChange) -> Iterator[Sentence]:
    """Job clusters that are added or removed, or whose attributes change."""
    before = {str(block.get("job_cluster_key")) for block in _blocks(change.before, "job_cluster")}
    after = {str(block.get("job_cluster_key")) for block in _blocks(change.after, "job_cluster")}
    for key in sorted(after - before):
        yield ("job cluster ", Name.of(key), " is added")
    for key in sorted(before - after):
        yield ("job cluster ", Name.of(key), " is removed")
    for edit in change.edits:
        match = re.fullmatch(r"job_cluster\[(.*?)\]\.new_cluster\.(.*)", edit.path, re.DOTALL)
        if match and match[1] in before & after:
            attribute: Sentence = ("job cluster ", Name.of(match[1]), ", ", Name.of(match[2]))
            yield (*attribute, ": ", *value_change(edit.before, edit.after))
