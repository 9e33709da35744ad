"""Pipelines in deployment.yml."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from mesh.documents.document import Document
from mesh.files.files import Files
from mesh.model.pipeline import PipelineFile, check_libraries, check_source, pipeline_sources

FILE = Document("flow/deployment.yml")


def codes(**fields: Any) -> list[str]:
    return [finding.code for finding in PipelineFile.model_validate(fields).check(FILE, ())]


def test_naming_templates_set_the_catalog() -> None:
    assert codes(catalog="transport") == ["name-given"]
    assert codes(schema="transport") == []


def test_a_continuous_pipeline_is_not_started_by_a_schedule() -> None:
    schedule = {"quartz_cron_expression": "0 0 6 * * ?", "timezone_id": "UTC"}
    assert codes(continuous=True, schedule=schedule) == ["conflicting-fields"]
    assert codes(continuous=True, trigger={"cron": schedule})[-1] == "conflicting-fields"
    assert codes(continuous=False, schedule=schedule) == codes(continuous=True) == []


def test_a_library_has_one_source() -> None:
    both = {"notebook": {"path": "a"}, "file": {"path": "b.py"}}
    declared = {"libraries": [both, {}, {"file": {"path": "b.py"}}]}
    found = check_libraries(declared, FILE)
    assert [finding.code for finding in found] == ["conflicting-fields", "missing-field"]


def test_a_glob_needs_a_source_file(tmp_path: Path) -> None:
    [source] = pipeline_sources({"libraries": [{"glob": {"include": "src/**"}}]}, FILE.file)
    (tmp_path / "flow/src").mkdir(parents=True)
    (tmp_path / "flow/src/notes.md").touch()
    assert [one.code for one in check_source(source, FILE, Files(tmp_path))] == ["glob-without-files"]
    (tmp_path / "flow/src/a.sql").touch()
    assert list(check_source(source, FILE, Files(tmp_path))) == []
