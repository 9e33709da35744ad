"""Fields of tasks that Databricks refuses, where neither Terraform's schema nor the SDK's types say so.

Rules that a type or a rule of one block expresses are in `mesh/model/job.py`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from mesh.documents.document import Document
from mesh.finding import Finding
from mesh.model.task import Task


@dataclass(frozen=True)
class TaskRule:
    """Fields that a task may not have.

    Args:
        code: the code of its finding.
        applies: True for the tasks that the rule is for.
        fields: the fields that Databricks refuses there.
        why: the reason.
        remedy: what to do.
        source: where Databricks says so.
    """

    code: str
    applies: Callable[[Task], bool]
    fields: tuple[str, ...]
    why: str
    remedy: str
    source: str


def _kind(name: str) -> Callable[[Task], bool]:
    return lambda task: task.kinds == [name]


RULES = (
    TaskRule(
        "libraries-without-cluster",
        lambda task: task.serverless,
        ("libraries",),
        "it is serverless, and libraries are installed on clusters",
        "write them as `dependencies` of an entry of `environments`, which `environment_key` names; a "
        "notebook may use `%pip install`",
        "Jobs API, error INVALID_PARAMETER_VALUE: Libraries field is not supported for serverless task, "
        "please specify libraries in environment",
    ),
    TaskRule(
        "libraries-without-cluster",
        _kind("for_each_task"),
        ("libraries",),
        "it only repeats another task, and has no cluster",
        "move them to its inner task",
        "Databricks documentation, Use a For each task to run another task in a loop: the nested task is "
        "configured like any task; databrickslabs/dbx issue 887: the API refuses libraries of the outer task",
    ),
    TaskRule(
        "libraries-without-cluster",
        _kind("condition_task"),
        ("libraries",),
        "it is a condition, and has no cluster",
        "remove them",
        "Databricks SDK, jobs.Task.condition_task: it does not require a cluster to execute",
    ),
)


def check_task_rules(task: Task, document: Document) -> Iterator[Finding]:
    """Reports fields of a task that Databricks refuses.

    Args:
        task: the task.
        document: the deployment.yml.
    """
    for rule in RULES:
        given = [field for field in rule.fields if task.data.get(field)]
        if given and rule.applies(task):
            message = f"task `{task.key}` has {given[0]}, but {rule.why} ({rule.remedy})"
            yield document.finding(rule.code, (*task.at, given[0]), message, at_key=True)
    yield from _check_nesting(task, document)


def _check_nesting(task: Task, document: Document) -> Iterator[Finding]:
    """Reports a loop in a loop.

    Source: Databricks documentation, "Use a For each task to run another task in a loop".
    """
    if task.inner and "for_each_task" in task.inner.kinds:
        message = f"task `{task.key}` repeats a for_each_task, which Databricks refuses"
        remedy = "write one list of all combinations as `inputs`"
        at = (*task.inner.at, "for_each_task")
        yield document.finding("loop-in-loop", at, f"{message} ({remedy})", at_key=True)
