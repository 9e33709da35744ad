"""An entry: one job or one pipeline of a flow."""

from __future__ import annotations

from pathlib import PurePosixPath
from typing import Any

import pytest

from mesh.documents.document import Document
from mesh.model.entry import Entry, entry_id
from mesh.model.flow import Flow
from mesh.model.flow_file import FlowFile
from mesh.model.job import JobFile
from mesh.model.pipeline import PipelineFile
from tests.mesh.conftest import FLOW, Deployed

FILE = "flows/prep/revenue/deployment.yml"


def entry(kind: type[FlowFile] = JobFile, name: str | None = None, **fields: Any) -> Entry:
    flow = Flow(
        "acme", "transport", "taxinyc", "prep", "revenue", (), Document(FILE, {}), JobFile.model_validate({})
    )
    return Entry(flow, name, Document(FILE, fields), kind.model_validate(fields))


def test_an_entry_outside_of_a_list_has_the_path_and_id_of_its_flow() -> None:
    job = entry()

    assert job.path == job.flow.path == "acme/transport/taxinyc/prep/revenue"
    assert job.id == job.flow.id == "prep_revenue"


def test_in_a_list_the_name_follows_path_and_id() -> None:
    job = entry(name="nightly")

    assert job.path == "acme/transport/taxinyc/prep/revenue/nightly"
    assert job.id == "prep_revenue_nightly"


@pytest.mark.parametrize(
    ("flow", "name", "id"),
    [("prep_income", None, "prep_income"), ("prep_income", "nightly", "prep_income_nightly")],
)
def test_a_former_id_is_computed_by_the_same_rule(flow: str, name: str | None, id: str) -> None:
    assert entry_id(flow, name) == id


def test_its_declaration_decides_the_kind() -> None:
    assert entry(JobFile).kind == "job"
    assert entry(PipelineFile).kind == "pipeline"


def test_a_job_has_its_own_tasks_and_job_clusters() -> None:
    job = entry(tasks=[{"task_key": "a"}, {"task_key": "b"}], job_clusters=[{"job_cluster_key": "small"}, 7])

    assert [task.key for task in job.tasks] == ["a", "b"]
    assert job.job_clusters == {"small": 0}
    assert entry(PipelineFile).tasks == ()


def test_its_file_and_folder_are_those_of_the_flow() -> None:
    assert (entry().file, entry().folder) == (FILE, PurePosixPath("flows/prep/revenue"))


def test_each_entry_has_the_fields_that_all_share(deployed: Deployed) -> None:
    task = "tasks: [{task_key: a, serverless: true}]"
    text = f"""\
tags: {{team: taxi}}
jobs:
- {{name: hourly, {task}}}
- {{name: nightly, tags: {{team: night}}, {task}}}
"""
    [scope] = deployed({f"{FLOW}/deployment.yml": text}).scopes
    [flow] = scope.project.flows
    hourly, nightly = flow.entries

    assert hourly.flow is nightly.flow is flow
    assert (hourly.declared.tags, nightly.declared.tags) == ({"team": "taxi"}, {"team": "night"})
    assert nightly.document.position(("tags", "team")) == f"{FLOW}/deployment.yml:4"
