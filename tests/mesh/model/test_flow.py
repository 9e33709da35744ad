"""A flow."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from mesh.documents.document import Document
from mesh.model.entry import EntryDeclaration
from mesh.model.flow import Flow
from mesh.model.job import JobFile
from mesh.model.pipeline import PipelineFile


def flow(**fields: Any) -> Flow:
    document = Document("flows/ml/fare/training/deployment.yml", fields)
    declared = JobFile.model_validate(fields)
    return Flow("acme", "transport", "taxinyc", "ml", "fare", ("training",), document, declared)


def test_paths_and_ids_contain_the_folders_below_the_flow() -> None:
    assert flow().path == "acme/transport/taxinyc/ml/fare/training"
    assert (flow().path_in_project, flow().id) == ("ml/fare/training", "ml_fare_training")


def test_data_keeps_the_oldest_name() -> None:
    renamed = flow(renamed_from=["price", "prep/tariff"])
    assert renamed.former == (("ml", "price", "training"), ("prep", "tariff"))
    assert (renamed.data_name, renamed.data_fields["flowtype"]) == ("tariff", "prep")


def test_a_flow_without_tasks_has_no_job() -> None:
    assert flow().jobs == flow().entries == ()
    [job] = flow(tasks=[{"task_key": "a"}]).jobs
    assert (job.kind, job.name, [task.key for task in job.tasks]) == ("job", None, ["a"])


def test_entries_are_the_jobs_and_then_the_pipelines_of_the_lists() -> None:
    job = EntryDeclaration(Document("f", {}), JobFile.model_validate({"tasks": [{"task_key": "a"}]}))
    without_tasks = EntryDeclaration(Document("f", {}), JobFile.model_validate({}))
    pipeline = EntryDeclaration(Document("f", {}), PipelineFile.model_validate({"schema": "raw"}))
    listed = replace(
        flow(),
        listed_jobs={"nightly": job, "empty": without_tasks},
        listed_pipelines={"raw": pipeline},
    )

    assert [(entry.kind, entry.name) for entry in listed.entries] == [("job", "nightly"), ("pipeline", "raw")]
    assert [entry.name for entry in listed.declared_entries] == [None, "nightly", "empty", "raw"]
    assert listed.schemas == ("fare", "raw")


def test_a_flow_of_an_environment_is_the_overridden_flow() -> None:
    overridden = flow(description="nightly")
    declared = replace(flow(), by_environment={"prod": overridden})

    assert declared.in_environment("prod") is overridden
    assert declared.in_environment("dev") is declared
