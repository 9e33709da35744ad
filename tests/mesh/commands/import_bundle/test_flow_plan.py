"""Names of flows, and the flow that declares each schema and experiment."""

from __future__ import annotations

import pytest

from mesh.commands.import_bundle.flow_plan import folder_name
from tests.mesh.commands.import_bundle.conftest import Importer

TASK = "tasks: [{task_key: a, notebook_task: {notebook_path: load%s}}]"


@pytest.mark.parametrize(
    ("key", "name"),
    [
        ("load", "load"),
        ("my.job", "my_job"),
        ("${bundle.name} x", "bundle_name_x"),
        ("flows", "flows_"),
        ("?", "flow"),
    ],
)
def test_a_folder_has_a_valid_name(key: str, name: str) -> None:
    assert folder_name(key) == name


def test_a_job_and_a_pipeline_of_one_name_are_two_flows(imported: Importer) -> None:
    text = f"""\
resources:
  jobs: {{trips: {{{TASK % ""}}}}}
  pipelines: {{Trips: {{libraries: [{{notebook: {{path: load}}}}]}}}}
"""
    assert imported(text).made.flows == (
        "acme/sales/orders/prep/trips",
        "acme/sales/orders/prep/Trips_pipeline",
    )


def test_a_schema_belongs_to_the_pipeline_that_fills_it_and_jobs_read_it(imported: Importer) -> None:
    parameters = ", base_parameters: {t: '${resources.schemas.s.name}.x'}"
    text = f"""\
resources:
  schemas: {{s: {{catalog_name: main, name: sales, comment: All}}}}
  jobs: {{report: {{{TASK % parameters}}}}}
  pipelines: {{fill: {{schema: sales, libraries: [{{notebook: {{path: load}}}}]}}}}
"""
    made = imported(text)

    assert made.flow("fill")["schemas"] == {"sales": {"comment": "All"}}
    assert made.flow("report")["reads"] == {"s": "acme/sales/orders/prep/fill"}
    assert made.task("report")["notebook_task"]["base_parameters"] == {"t": "{{job.parameters.s_schema}}.x"}


def test_a_schema_that_nothing_names_is_told(imported: Importer) -> None:
    text = f"""\
resources:
  schemas: {{s: {{catalog_name: main, name: sales}}}}
  jobs: {{a: {{{TASK % ""}}}, b: {{{TASK % ""}}}}}
"""
    assert imported(text).remarks == [
        "2: not taken: no job or pipeline names schema `s` (add it to `schemas` of the flow that fills it)"
    ]
