"""Overrides of a deployment.yml for single environments."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml

from mesh.documents.document import Document, read
from mesh.documents.override import for_environment, without_overrides
from mesh.errors import MeshError
from tests.mesh.conftest import FLOW, Deployed, Findings

FILE = f"{FLOW}/deployment.yml"
TASK = "tasks: [{task_key: a, serverless: true}]\n"


def document(tmp_path: Path, data: Any) -> Document:
    file = tmp_path / "deployment.yml"
    file.write_text(yaml.safe_dump(data))
    return read(file, tmp_path)[0]


@pytest.mark.parametrize(
    ("base", "over", "expected"),
    [
        ({}, {"a": 1}, {"a": 1}),
        ({"a": 1, "b": 2}, {"a": 3}, {"a": 3, "b": 2}),
        ({"a": {"x": 1, "y": {"z": 2}}}, {"a": {"y": {"w": 3}}}, {"a": {"x": 1, "y": {"z": 2, "w": 3}}}),
        ({"a": {"x": 1, "y": 2}}, {"a": {"x": None}}, {"a": {"y": 2}}),
        ({"a": [1, 2]}, {"a": [3]}, {"a": [3]}),
        ({"a": 1}, None, {"a": 1}),
        (
            {"tasks": [{"task_key": "a", "x": 1}, {"task_key": "b"}]},
            {"tasks": [{"task_key": "c"}, {"task_key": "a", "y": 2}]},
            {"tasks": [{"task_key": "a", "x": 1, "y": 2}, {"task_key": "b"}, {"task_key": "c"}]},
        ),
        (
            {"parameters": [{"name": "a", "default": "1"}, {"name": "b", "default": "2"}]},
            {"parameters": [{"name": "b", "default": "3"}]},
            {"parameters": [{"name": "a", "default": "1"}, {"name": "b", "default": "3"}]},
        ),
        (
            {
                "job_clusters": [
                    {"job_cluster_key": "a", "new_cluster": {"num_workers": 1, "spark_version": "s"}}
                ]
            },
            {"job_clusters": [{"job_cluster_key": "a", "new_cluster": {"num_workers": 2}}]},
            {
                "job_clusters": [
                    {"job_cluster_key": "a", "new_cluster": {"num_workers": 2, "spark_version": "s"}}
                ]
            },
        ),
        (
            {"tasks": [{"task_key": "a", "spark_python_task": {"parameters": ["x", "y"]}}]},
            {"tasks": [{"task_key": "a", "spark_python_task": {"parameters": ["z"]}}]},
            {"tasks": [{"task_key": "a", "spark_python_task": {"parameters": ["z"]}}]},
        ),
        ({"tasks": [{"task_key": "a"}]}, {"tasks": "none"}, {"tasks": "none"}),
    ],
)
def test_overrides_are_merged_by_the_documented_rules(
    tmp_path: Path, base: Any, over: Any, expected: Any
) -> None:
    file = document(tmp_path, base | {"environments": {"prod": over}})

    assert for_environment(file, "prod").data == expected
    assert without_overrides(file).data == base


def test_values_keep_their_positions(tmp_path: Path) -> None:
    """Also values of an override, at their new location."""
    text = (
        "tasks:\n- {task_key: a}\nenvironments:\n  prod:\n    tasks:\n    - {task_key: b, max_retries: 1}\n"
    )
    (tmp_path / "deployment.yml").write_text(text)
    file, _ = read(tmp_path / "deployment.yml", tmp_path)

    made = for_environment(file, "prod")

    assert made.position(("tasks", 0)) == "deployment.yml:2"
    assert made.position(("tasks", 1, "max_retries")) == "deployment.yml:6"


def test_each_environment_gets_its_overrides(deployed: Deployed) -> None:
    text = (
        TASK
        + "max_concurrent_runs: 2\nenvironments: {prod: {max_concurrent_runs: 5, queue: {enabled: true}}}"
    )
    runs = {}
    for env in ("dev", "prod"):
        job = deployed({FILE: text}, env).flow("prep/revenue").job
        assert job is not None
        runs[env] = (job.settings["max_concurrent_runs"], job.settings.get("queue"))
    assert runs == {"dev": (2, {"enabled": False}), "prod": (5, {"enabled": True})}


def test_a_finding_has_the_line_of_the_override(deployed: Deployed) -> None:
    """In every environment."""
    text = (
        "tasks:\n"
        "- {task_key: a, serverless: true}\n"
        "environments:\n"
        "  prod:\n"
        "    tasks:\n"
        "    - task_key: a\n"
        "      existing_cluster_id: c\n"
        "      max_retrys: 3\n"
        "    - {task_key: b, job_cluster_key: none}\n"
        "    tags: {deployment: mine}\n"
    )
    with pytest.raises(MeshError) as caught:
        deployed({FILE: text}, "dev")
    assert [(one.line, one.code) for one in caught.value.findings] == [
        (7, "task-with-two-computes"),
        (8, "unknown-field"),
        (9, "notebook-missing"),
        (9, "unknown-job-cluster"),
        (10, "tag-taken"),
    ]


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("environments: {production: {max_concurrent_runs: 3}}", "unknown-environment"),
        ("environments: {prod: 5}", "wrong-type"),
        ("environments: {prod: {schemas: [a]}}", "not-by-environment"),
        ("environments: {prod: {renamed_from: a}}", "not-by-environment"),
        ("environments: {prod: {environments: {dev: {}}}}", "wrong-type"),
        ("environments: 5", "wrong-type"),
    ],
)
def test_a_field_that_cannot_be_overridden_is_reported(findings: Findings, text: str, code: str) -> None:
    assert code in [one.partition(":")[0] for one in findings({FILE: TASK + text})]


def test_a_list_of_environments_is_the_field_of_the_jobs_api(deployed: Deployed) -> None:
    """A file with both uses Terraform's name for the list."""
    listed = "environments: [{environment_key: libs}]"
    both = "environment: [{environment_key: libs}]\nenvironments: {prod: {max_concurrent_runs: 2}}"
    one = deployed({FILE: TASK + listed}).flow("prep/revenue").job
    other = deployed({FILE: TASK + both}).flow("prep/revenue").job
    assert one is not None
    assert other is not None
    assert one.settings["environments"] == [{"environment_key": "libs"}]
    assert other.settings["environment"] == [{"environment_key": "libs"}]
    assert other.settings["max_concurrent_runs"] == 2
