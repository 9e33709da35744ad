"""The fields of a flow in deployment.yml."""

from __future__ import annotations

from mesh.documents.document import Document
from mesh.model.job import JobFile


def test_schemas_may_be_a_list_of_names() -> None:
    declared = JobFile.model_validate({"schemas": ["raw", "clean"]})
    assert list(declared.schemas or ()) == ["raw", "clean"]
    assert declared.schemas == JobFile.model_validate({"schemas": {"raw": {}, "clean": {}}}).schemas


def test_one_former_name_needs_no_list() -> None:
    assert JobFile.model_validate({"renamed_from": "income"}).renamed_from == ("income",)


def test_the_fields_of_the_experiment_are_checked() -> None:
    declared = JobFile.model_validate({"experiment": {"nonsense": 1}})
    found = declared.check(Document("deployment.yml"), ())
    assert [finding.code for finding in found] == ["unknown-field"]
