"""A flow."""

from __future__ import annotations

from typing import Any

from mesh.documents.document import Document
from mesh.model.flow import Flow
from mesh.model.job import JobFile


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
    assert flow().jobs == ()
    with_task = flow(tasks=[{"task_key": "a"}])
    assert with_task.jobs == (with_task,)
