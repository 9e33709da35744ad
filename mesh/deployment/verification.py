"""Verifications: tasks of a job that verify what its flow promises, with the notebooks that they run."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path, PurePosixPath
from typing import Any

from mesh.deployment.data_objects import DataNames
from mesh.finding import Finding
from mesh.model.code import CodeFile, WorkspaceCode, code_file_id
from mesh.model.contract import NOT_YET, Contract
from mesh.model.contract_rules import contract_rules
from mesh.model.entry import Entry
from mesh.model.flow import Flow
from mesh.model.naming import identifier
from mesh.model.project import Project
from mesh.model.quality import Quality
from mesh.model.table_rules import TableRules

_LONGEST_KEY = 100  # Databricks SDK, `jobs.Task.task_key`
_SCHEMAS = "verified_schemas"
_QUALITY = "verify_quality"
_COMPUTE = ("job_cluster_key", "existing_cluster_id", "new_cluster")


@dataclass(frozen=True)
class Verification:
    """A task that verifies tables, after all other tasks of its job.

    Args:
        key: its `task_key`.
        title: what it verifies, such as `contract revenue 1.2.0`.
        position: the file and line that declares what it verifies.
        notebook: its notebook, relative to the mesh's root and without suffix. It is generated.
        tables: the rules.
    """

    key: str
    title: str
    position: str
    notebook: PurePosixPath
    tables: tuple[TableRules, ...]

    @property
    def text(self) -> str:
        """The notebook. The same rules give the same text, in all environments."""
        rules = {"title": self.title, "tables": [one.settings for one in self.tables]}
        # no quotation mark and no line of the files can end the text: JSON escapes both
        held = json.dumps(rules, indent=1).replace("'", "\\u0027")
        file = self.position.rpartition(":")[0].encode("unicode_escape").decode()
        return _NOTEBOOK.format(file=file, program=_program(), rules=held)

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

    def task(self, path: str, leaves: Sequence[Mapping[str, Any]], names: DataNames) -> dict[str, Any]:
        """Returns the task in the Jobs API.

        Args:
            path: the path of the notebook in the workspace.
            leaves: the tasks of the job that no other task waits for, in the Jobs API.
            names: the names of the flow's data.
        """
        notebook: dict[str, Any] = {"notebook_path": path, "source": "WORKSPACE"}
        if any(one.schema for one in self.tables):
            notebook["base_parameters"] = {_SCHEMAS: json.dumps(dict(names.schemas))}
        compute = next((own for task in reversed(leaves) if (own := _compute(task))), {})
        return {
            "task_key": self.key,
            "description": f"verifies {self.title}",
            "depends_on": [{"task_key": task["task_key"]} for task in leaves],
            "notebook_task": notebook,
            **compute,
        }


def verification_tasks(
    entry: Entry, tasks: Sequence[Mapping[str, Any]], uploads: WorkspaceCode, names: DataNames
) -> list[dict[str, Any]]:
    """Returns the tasks that verify what the flow of a job promises, in the Jobs API.

    Args:
        entry: the job.
        tasks: its declared tasks, in the Jobs API.
        uploads: the files that the deployment uploads.
        names: the names of the flow's data.
    """
    ends = leaves(tasks)
    return [one.task(uploads.notebook_path(one.notebook), ends, names) for one in verifications(entry)]


def with_verifications(code: WorkspaceCode, project: Project, root: Path) -> WorkspaceCode:
    """Returns uploaded files with the notebooks that verify the data of a project."""
    found = (one for flow in project.flows for entry in flow.jobs for one in verifications(entry))
    notebooks = {one.notebook: one for one in found}  # jobs of a flow may share one
    made = (one.file(root, project.folder, code.folder) for one in notebooks.values())
    return replace(code, files=(*code.files, *made))


def _compute(task: Mapping[str, Any]) -> dict[str, Any]:
    return {field: task[field] for field in _COMPUTE if field in task}


def leaves(tasks: Sequence[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
    """Returns the tasks that no other task waits for."""
    awaited = {before["task_key"] for task in tasks for before in task.get("depends_on") or ()}
    return [task for task in tasks if task["task_key"] not in awaited]


def is_verified_by(entry: Entry) -> bool:
    """True if a job verifies what its flow promises."""
    if entry.kind != "job" or not entry.tasks:
        return False
    declared = entry.declared.verify
    return len(entry.flow.jobs) == 1 if declared is None else declared


def verifications(entry: Entry) -> tuple[Verification, ...]:
    """Returns the verifications of a job: of the contracts that its flow provides, and of its quality.yml."""
    if not is_verified_by(entry):
        return ()
    promised = [one for one in entry.flow.contracts if one.status not in NOT_YET]
    versions = Counter(one.name for one in promised)
    of_contracts = (_of_contract(one, entry.flow, versions[one.name] > 1) for one in promised)
    quality = entry.flow.quality
    return (*of_contracts, *([_of_quality(quality, entry.flow)] if quality else []))


def _of_contract(contract: Contract, flow: Flow, with_version: bool) -> Verification:
    name = identifier(contract.name) + (f"_{contract.version.major}" if with_version else "")
    key = f"verify_{name}"[:_LONGEST_KEY]
    return Verification(
        key,
        f"contract {contract.title}",
        contract.position("version"),
        flow.folder / "contracts" / key,
        contract_rules(contract),
    )


def _of_quality(quality: Quality, flow: Flow) -> Verification:
    return Verification(
        _QUALITY,
        f"quality of {flow.path_in_project}",
        quality.document.position(("tables",)),
        flow.folder / _QUALITY,
        quality.table_rules,
    )


def check_verifications(entry: Entry) -> Iterator[Finding]:
    """Reports tasks that have the key of a verification, and verifications with one key."""
    taken = {task.key: entry.document.position(task.at) for task in entry.tasks}
    for one in verifications(entry):
        if one.key in taken:
            file, _, line = one.position.rpartition(":")
            message = f"its verification is the task `{one.key}`, which {taken[one.key]} declares, too"
            remedy = "rename one, or write `verify: false` in deployment.yml"
            yield Finding(file, int(line), 1, "verification-twice", f"{message} ({remedy})")
        taken.setdefault(one.key, one.position)


@cache
def _program() -> str:
    return Path(__file__).with_name("table_verifier.py").read_text(encoding="utf-8").strip()


_NOTEBOOK = """\
# Databricks notebook source
# Generated from {file}: changes here are lost with the next deployment.

# COMMAND ----------

{program}

# COMMAND ----------

import json

RULES = json.loads(r'''
{rules}
''')

# COMMAND ----------

def quoted(*names):
    return ".".join("`" + name.replace("`", "``") + "`" for name in names)


catalog, schema = dbutils.widgets.get("catalog"), dbutils.widgets.get("schema")
schemas = {{"": quoted(catalog, schema)}}
if any(table["schema"] for table in RULES["tables"]):
    named = json.loads(dbutils.widgets.get("verified_schemas"))
    schemas |= {{name: quoted(catalog, full) for name, full in named.items()}}

verify(spark, RULES, schemas, print)
"""
