"""Arguments reach Terraform in canonical form."""

from __future__ import annotations

from datamesh.arguments import set_arguments
from datamesh.bindings import databricks


def test_blocks_are_in_the_order_in_which_the_provider_reads_them(synth) -> None:
    def build(scope) -> None:
        job = databricks.job.Job(scope, "job", name="a")
        job.override_logical_id("a")
        set_arguments(
            job,
            "databricks_job.a",
            {"task": [{"task_key": "b"}, {"task_key": "a"}], "description": "of tasks"},
        )

    assert synth(build)["resource"]["databricks_job"]["a"] == {
        "name": "a",
        "task": [
            {"task_key": "a", "retry_on_timeout": False},
            {"task_key": "b", "retry_on_timeout": False},
        ],
        "description": "of tasks",
    }
