"""Tasks that a deployment adds to a job, with the notebooks that it generates for them."""

from __future__ import annotations

import json
from abc import abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path, PurePosixPath
from typing import Any, ClassVar

from mesh.deployment.data_objects import DataNames
from mesh.model.code import CodeFile, code_file_id

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
        names: DataNames,
        read: Mapping[str, DataNames],
    ) -> dict[str, Any]:
        """Returns the task in the Jobs API.

        Args:
            path: the path of the notebook in the workspace.
            leaves: the tasks that it waits for, in the Jobs API.
            names: the names of the flow's data.
            read: the names of the data that the flow reads, by their names in `reads`.
        """
        notebook: dict[str, Any] = {"notebook_path": path, "source": "WORKSPACE"}
        if parameters := self.base_parameters(names, read):
            notebook["base_parameters"] = parameters
        compute = next((own for task in reversed(leaves) if (own := _compute(task))), {})
        return {
            "task_key": self.key,
            "description": f"{self.verb} {self.title}",
            "depends_on": [{"task_key": task["task_key"]} for task in leaves],
            "notebook_task": notebook,
            **compute,
        }


def notebook_text(template: str, position: str, program: str, declared: object) -> str:
    """Returns the text of a generated notebook.

    Args:
        template: the notebook, with `{file}`, `{program}` and `{declared}`.
        position: the file and line that declares it.
        program: the file of its program, beside this one.
        declared: what it holds, as JSON.
    """
    # no quotation mark and no line of the files can end the text: JSON escapes both
    held = json.dumps(declared, indent=1).replace("'", "\\u0027")
    file = position.rpartition(":")[0].encode("unicode_escape").decode()
    return template.format(file=file, program=_program(program), declared=held)


def leaves(tasks: Sequence[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
    """Returns the tasks that no other task waits for, apart from those that run only after failures."""
    usual = [task for task in tasks if task.get("run_if") not in _AFTER_FAILURES]
    awaited = {before["task_key"] for task in usual for before in task.get("depends_on") or ()}
    return [task for task in usual if task["task_key"] not in awaited]


def _compute(task: Mapping[str, Any]) -> dict[str, Any]:
    """Returns the cluster of a task; a loop has that of its iterations."""
    on = task.get("for_each_task", {}).get("task", task)
    return {field: on[field] for field in _COMPUTE if field in on}


@cache
def _program(name: str) -> str:
    return Path(__file__).with_name(name).read_text(encoding="utf-8").strip()
