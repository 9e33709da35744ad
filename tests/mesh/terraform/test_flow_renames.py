"""The flows that a plan removes and adds, from its jobs and from git."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import pytest

from mesh.git.renames import NO_RENAMES, FileRenames
from mesh.terraform.flow_renames import FlowKey, FlowRenames, flow_renames, owner_of, renamed_from
from mesh.terraform.plan import PlannedChange
from mesh.terraform.rename_evidence import Folder
from tests.mesh.conftest import PROJECT, Deployed

FLOWS = f"{PROJECT}/flows"
TASKS = "tasks: [{task_key: load, serverless: true}]"


def flow(path: str, text: str = TASKS) -> dict[str, str]:
    """The files of a flow with one task."""
    return {f"{FLOWS}/{path}/deployment.yml": text, f"{FLOWS}/{path}/load.py": ""}


def job(path: str, *actions: str, folder: str = FLOWS, file: str = "load") -> PlannedChange:
    """A planned change of a job with one task."""
    values: dict[str, Any] = {
        "task": [{"task_key": "load", "notebook_task": [{"notebook_path": f"{folder}/{path}/{file}"}]}]
    }
    created = actions == ("create",)
    before, after = ({}, values) if created else (values, {})
    return PlannedChange(f"databricks_job.{path.replace('/', '_')}", actions, before, after)


def upload(path: str, *actions: str, folder: str = FLOWS) -> PlannedChange:
    """A planned change of the notebook of a flow."""
    values = {"path": f"{folder}/{path}/load", "content_base64": "ZGVm"}
    before, after = ({}, values) if actions == ("create",) else (values, {})
    return PlannedChange(f"databricks_notebook.{path.replace('/', '_')}", actions, before, after)


def schema(id: str, *actions: str) -> PlannedChange:
    """A planned change of a schema."""
    return PlannedChange(f"databricks_schema.{id}", actions, {}, {})


def found(
    deployed: Deployed,
    files: Mapping[str, str],
    changes: Sequence[PlannedChange],
    seen: FileRenames = NO_RENAMES,
) -> FlowRenames:
    """The flows of a plan of a mesh with these files."""
    (deployment,) = deployed(files).deployments
    return flow_renames(changes, deployment, seen)


def test_flows_are_known_from_the_files_of_destroyed_and_created_jobs(deployed: Deployed) -> None:
    """Also if the code was in the workspace, or in a folder of the repository."""
    changes = [
        job("prep/turnover", "delete", folder=f"/Shared/mesh/stack/{FLOWS}"),
        upload("prep/turnover", "delete", folder=f"/Shared/mesh/stack/{FLOWS}"),
        job("prep/tips", "delete", folder=f"repository/{FLOWS}", file="tips"),
        job("prep/income", "create"),
        upload("prep/income", "create"),
        schema("prep_income", "create"),
    ]
    flows = found(deployed, flow("prep/income"), changes)
    load, code = frozenset({("load", ("load",))}), frozenset({("load", "ZGVm")})
    assert flows.removed == {
        ("prep", "turnover"): Folder(f"{FLOWS}/prep/turnover", load, code),
        ("prep", "tips"): Folder(f"{FLOWS}/prep/tips", frozenset({("load", ("tips",))})),
    }
    assert flows.added == {("prep", "income"): Folder(f"{FLOWS}/prep/income", load, code)}
    assert flows.remedy("prep_turnover").startswith(
        "prep/income has the same task `load` as prep/turnover: add `renamed_from: turnover` to "
    )
    assert flows.remedy("prep_tips") == (
        "if it was renamed, set `renamed_from: tips` in the new flow's deployment.yml; "
        f"if it shall stay, restore {FLOWS}/prep/tips"
    )


def test_a_removed_flow_without_a_job_is_known_from_git(deployed: Deployed) -> None:
    gone = FileRenames({f"{FLOWS}/prep/tips/deployment.yml": "1", f"{FLOWS}/prep/revenue/b.py": "2"})
    assert [*found(deployed, {}, [], gone).removed] == [("prep", "tips")]


@pytest.mark.parametrize(
    ("text", "changes"),
    [
        (TASKS, [job("prep/income", "update"), schema("prep_income", "create")]),
        (f"renamed_from: old\n{TASKS}", [job("prep/income", "create"), schema("prep_income", "create")]),
    ],
    ids=["its job exists", "it names its former name"],
)
def test_a_flow_with_a_past_is_not_new(deployed: Deployed, text: str, changes: list[PlannedChange]) -> None:
    assert found(deployed, flow("prep/income", text), changes).added == {}


def test_the_flow_with_the_longest_name_owns_a_schema() -> None:
    flows: list[FlowKey] = [("prep", "tax"), ("prep", "tax_old"), ("ml", "tax")]
    assert owner_of("prep_tax_old_raw", flows) == ("prep", "tax_old")
    assert owner_of("prep_tax_raw", flows) == ("prep", "tax")
    assert owner_of("prep_taxes", flows) is None


def test_a_flow_of_another_type_is_named_by_its_path_with_its_part(deployed: Deployed) -> None:
    files = {**flow("ml/model/inference"), **flow("ml/model/training")}
    parts = found(deployed, files, []).declared["ml", "model"]
    file = f"{FLOWS}/ml/model/{{}}/deployment.yml".format
    assert renamed_from(("ml", "old"), ("ml", "model"), parts) == (
        f"add `renamed_from: old` to {file('inference')} and {file('training')}"
    )
    assert renamed_from(("prep", "old"), ("ml", "model"), parts) == (
        f"add `renamed_from: prep/old/inference` to {file('inference')} and "
        f"add `renamed_from: prep/old/training` to {file('training')}"
    )
