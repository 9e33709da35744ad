"""Tasks that a deployment adds to a job, with the notebooks that it generates for them."""

from __future__ import annotations

import json
from abc import abstractmethod
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path, PurePosixPath
from typing import Any, ClassVar

from mesh.deployment.data_objects import DataNames
from mesh.model.code import CodeFile, code_file_id
from mesh.model.task import ON_COMPUTE

LONGEST_KEY = 100
"""The longest `task_key`. Source: Databricks SDK, `jobs.Task.task_key`."""

_COMPUTE = ("job_cluster_key", "existing_cluster_id", "new_cluster")
# Databricks documentation, "Configure task dependencies": such a task is excluded unless something fails, and
# a task that waits for excluded ones alone is excluded, too
_AFTER_FAILURES = ("AT_LEAST_ONE_FAILED", "ALL_FAILED")


@dataclass(frozen=True)
class GeneratedTask:
    """A task that nobody writes: its notebook is made from what files declare.

    Args:
        key: its `task_key`.
        title: what it is about, such as `contract revenue 1.2.0`.
        position: the file and line that declares it.
        notebook: its notebook, relative to the mesh's root and without suffix. It is generated.
    """

    key: str
    title: str
    position: str
    notebook: PurePosixPath

    verb: ClassVar[str]
    """What the task does with what the title names, such as `verifies`."""

    @property
    @abstractmethod
    def text(self) -> str:
        """The notebook. The same declaration gives the same text, in all environments."""

    @abstractmethod
    def base_parameters(self, names: DataNames, read: Mapping[str, DataNames]) -> dict[str, str]:
        """Returns the parameters of the notebook beside those of the job.

        Args:
            names: the names of the flow's data.
            read: the names of the data that the flow reads, by their names in `reads`.
        """

    def file(self, root: Path, project: str, folder: str) -> CodeFile:
        """Returns the notebook as a file that the deployment uploads.

        Args:
            root: the mesh's root.
            project: the project's folder, from the root.
            folder: the deployment's own folder in the workspace.
        """
        id = code_file_id(self.notebook.relative_to(project).as_posix())
        path = f"{folder}/{self.notebook.as_posix()}"
        return CodeFile(id, root / self.notebook, path, "PYTHON", self.text.encode())

    def task(
        self,
        path: str,
        leaves: Sequence[Mapping[str, Any]],
        cluster: Mapping[str, Any],
        names: DataNames,
        read: Mapping[str, DataNames],
    ) -> dict[str, Any]:
        """Returns the task in the Jobs API.

        Args:
            path: the path of the notebook in the workspace.
            leaves: the tasks that it waits for, in the Jobs API.
            cluster: the fields of its cluster; none for serverless compute.
            names: the names of the flow's data.
            read: the names of the data that the flow reads, by their names in `reads`.
        """
        notebook: dict[str, Any] = {"notebook_path": path, "source": "WORKSPACE"}
        if parameters := self.base_parameters(names, read):
            notebook["base_parameters"] = parameters
        awaited = [{"task_key": task["task_key"]} for task in leaves]
        return {
            "task_key": self.key,
            "description": f"{self.verb} {self.title}",
            **({"depends_on": awaited} if awaited else {}),
            "notebook_task": notebook,
            **cluster,
        }


_NEXT_CELL = "\n\n# COMMAND ----------\n\n"
_FIRST_CELLS = """\
# Databricks notebook source
# Generated from {file}: changes here are lost with the next deployment.

# COMMAND ----------

{programs}

# COMMAND ----------

import json

{name} = json.loads(r'''
{declared}
''')

# COMMAND ----------

"""


def notebook_text(position: str, programs: Sequence[str], name: str, declared: object, last_cell: str) -> str:
    """Returns the text of a generated notebook.

    Args:
        position: the file and line that declares it.
        programs: the files of its programs, beside this one. Each is a cell.
        name: the variable that holds what is declared.
        declared: what is declared, as JSON.
        last_cell: the cell that calls the program.
    """
    # no quotation mark and no line of the files can end the text: JSON escapes both
    held = json.dumps(declared, indent=1).replace("'", "\\u0027")
    file = position.rpartition(":")[0].encode("unicode_escape").decode()
    text = _NEXT_CELL.join(map(_program, programs))
    return _FIRST_CELLS.format(file=file, programs=text, name=name, declared=held) + last_cell


def leaves(tasks: Sequence[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
    """Returns the tasks that no other task waits for, apart from those that run only after failures."""
    usual = [task for task in tasks if task.get("run_if") not in _AFTER_FAILURES]
    awaited = {before["task_key"] for task in usual for before in task.get("depends_on") or ()}
    return [task for task in usual if task["task_key"] not in awaited]


def last_cluster(tasks: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """Returns the cluster of the last tasks that run code, as fields of a task; none for serverless compute.

    Args:
        tasks: the tasks of a job, in the Jobs API.
    """
    return _cluster((leaves(tasks), tasks))


def first_cluster(tasks: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """Returns the cluster of the first tasks that run code, likewise."""
    first = [one for one in tasks if not one.get("depends_on")]
    return _cluster((first[::-1], tasks[::-1]))


def _cluster(steps: Iterable[Sequence[Mapping[str, Any]]]) -> dict[str, Any]:
    """Returns the cluster of the last task of a step that has one; the first step that runs code decides."""
    for step in ([_run(one) for one in each] for each in steps):
        found = ({field: one[field] for field in _COMPUTE if field in one} for one in reversed(step))
        if (cluster := next(filter(None, found), None)) or any(map(_is_code, step)):
            return cluster or {}
    return {}


def _run(task: Mapping[str, Any]) -> Mapping[str, Any]:
    """Returns the task whose code runs: that of the iterations for a loop."""
    inner: Mapping[str, Any] = task.get("for_each_task", {}).get("task", task)
    return inner


def _is_code(task: Mapping[str, Any]) -> bool:
    """True if a task runs on a cluster or on serverless compute, and not on a warehouse or on nothing."""
    return "warehouse_id" not in task.get("notebook_task", {}) and not ON_COMPUTE.isdisjoint(task)


@cache
def _program(name: str) -> str:
    return Path(__file__).with_name(name).read_text(encoding="utf-8").strip()
