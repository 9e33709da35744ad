"""Tasks."""

from __future__ import annotations

from mesh.model.task import Task, declared_tasks, with_inner

FILE = "projects/p/flows/prep/f/deployment.yml"


def test_an_environment_beside_serverless_is_no_second_compute() -> None:
    """An environment only sets libraries."""
    assert Task({"serverless": True, "environment_key": "e"}, (), FILE).computes == ["serverless"]
    assert Task({"environment_key": "e"}, (), FILE).computes == ["environment_key"]


def test_inner_tasks_follow_their_task() -> None:
    """Their position is below `for_each_task`."""
    inner = {"task_key": "inner"}
    job = {"tasks": [{"task_key": "outer", "for_each_task": {"inputs": "[]", "task": inner}}, "wrong"]}
    tasks = [*with_inner(declared_tasks(job, FILE))]
    assert [task.key for task in tasks] == ["outer", "inner"]
    assert tasks[1].at == ("tasks", 0, "for_each_task", "task")
