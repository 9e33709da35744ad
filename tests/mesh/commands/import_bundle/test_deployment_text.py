"""What differs by target is in `environments` of deployment.yml."""

from __future__ import annotations

from tests.mesh.commands.import_bundle.conftest import JOB, Importer

TARGETS = "targets: {dev: {default: true}, prod: %s}\n"


def test_equal_targets_give_no_environments(imported: Importer) -> None:
    assert "environments" not in imported(JOB + TARGETS % "{}").flow()


def test_only_the_difference_is_an_override(imported: Importer) -> None:
    prod = "{resources: {jobs: {load: {max_concurrent_runs: 2, tasks: [{task_key: load, max_retries: 1}]}}}}"

    assert imported(JOB + TARGETS % prod).flow()["environments"] == {
        "prod": {"max_concurrent_runs": 2, "tasks": [{"task_key": "load", "max_retries": 1}]}
    }


def test_a_field_of_the_first_target_only_is_null_elsewhere(imported: Importer) -> None:
    text = JOB + "targets: {dev: {presets: {tags: {a: b}}}, prod: {}}\n"

    assert imported(text).flow()["environments"] == {"prod": {"tags": None}}


def test_a_task_of_the_first_target_only_is_told(imported: Importer) -> None:
    more = "{resources: {jobs: {load: {tasks: [{task_key: more, notebook_task: {notebook_path: load}}]}}}}"

    made = imported(JOB + f"targets: {{dev: {more}, prod: {{}}}}\n")

    assert [one for one in made.remarks if "`more` of `tasks` is missing in target `prod`" in one]
    assert [task["task_key"] for task in made.flow()["tasks"]] == ["load", "more"]


def test_serverless_environments_have_another_name_beside_overrides(imported: Importer) -> None:
    """`environments` would be both."""
    fields = "environments: [{environment_key: e, spec: {environment_version: '4'}}]"
    text = JOB.replace("load:\n", f"load:\n      {fields}\n") + TARGETS % "{presets: {tags: {a: b}}}"

    flow = imported(text).flow()

    assert flow["environment"] == [{"environment_key": "e", "spec": {"environment_version": "4"}}]
    assert flow["environments"] == {"prod": {"tags": {"a": "b"}}}
