"""Values that this version does not know."""

from __future__ import annotations

from pathlib import Path

import pytest

from mesh.documents.document import read
from mesh.documents.unknown_value import unknown_values
from mesh.model.job import job_shape

TASK = "tasks: [{{task_key: a, {}}}]"
UNKNOWN = {
    "performance_target: TURBO": "deployment.yml:1:21: warning: `TURBO` is not among the values of "
    "`performance_target` that this version knows (known: PERFORMANCE_OPTIMIZED, STANDARD)",
    TASK.format("new_cluster: {data_security_mode: SHARED}"): "deployment.yml:1:57: warning: `SHARED`",
    "health: {rules: [{metric: RUN_COST, op: GREATER_THAN, value: 1}]}": "deployment.yml:1:27: warning: `RUN_COST`",
    "edit_mode: LOCKED": "deployment.yml:1:12: warning: `LOCKED`",
}


@pytest.mark.parametrize(("text", "warning"), UNKNOWN.items())
def test_an_unknown_value_is_a_warning_with_the_known_ones(tmp_path: Path, text: str, warning: str) -> None:
    """Databricks adds values to these fields, so they are no errors."""
    (found,) = warnings(tmp_path, text)

    assert found.startswith(warning)


@pytest.mark.parametrize(
    "text",
    [
        "performance_target: STANDARD",
        "performance_target: ''",
        "git_source: {git_url: https://u, git_provider: github}",
        TASK.format("run_if: ALL_DONE, notebook_task: {notebook_path: a, source: GIT}"),
        "tags: {performance_target: TURBO}",
    ],
)
def test_known_values_and_other_texts_pass(tmp_path: Path, text: str) -> None:
    assert warnings(tmp_path, text) == []


def warnings(folder: Path, text: str) -> list[str]:
    (folder / "deployment.yml").write_text(text)
    document, _ = read(folder / "deployment.yml", folder)
    return [str(one) for one in unknown_values(document.data, job_shape(), document)]
