"""Tasks get the names of their flow's data as parameters of the job."""

from __future__ import annotations

import pytest

from tests.mesh.commands.import_bundle.conftest import Importer

TEXT = """\
variables: {catalog: {default: main}, schema: {default: dev}, experiment: {default: "/Users/${workspace.current_user.userName}/x"}}
resources:
  schemas: {s: {catalog_name: main, name: sales}}
  volumes: {v: {catalog_name: main, schema_name: "${resources.schemas.s.name}", name: drop}}
  experiments: {e: {name: "${var.experiment}"}}
  jobs:
    load:
      tasks: [{task_key: load, spark_python_task: {python_file: x.py, parameters: ["WRITTEN"]}}]
"""


@pytest.mark.parametrize(
    ("written", "parameter"),
    [
        ("${resources.schemas.s.name}", "{{job.parameters.schema}}"),
        ("${resources.schemas.s.catalog_name}", "{{job.parameters.catalog}}"),
        ("${resources.schemas.s.id}.x", "{{job.parameters.catalog}}.{{job.parameters.schema}}.x"),
        ("${resources.volumes.v.volume_path}/in", "/Volumes/{{job.parameters.catalog}}/{{job.parameters.schema}}/drop/in"),
        ("${resources.volumes.v.name}", "drop"),
        ("${resources.catalogs.c.name}", "{{job.parameters.catalog}}"),
        ("${resources.experiments.e.name}", "{{job.parameters.experiment}}"),
        ("${var.experiment}", "{{job.parameters.experiment}}"),
        ("--to=${var.catalog}.${var.schema}", "--to={{job.parameters.catalog}}.{{job.parameters.schema}}"),
    ],
)  # fmt: skip
def test_a_name_is_a_parameter(imported: Importer, written: str, parameter: str) -> None:
    made = imported(TEXT.replace("WRITTEN", written), {"x.py": "print(1)\n"})

    assert made.task()["spark_python_task"]["parameters"] == [parameter]
    assert made.flow()["experiment"] == {}
    assert made.yaml("project.yml") == {"volumes": {"drop": {"schema": "sales"}}}


def test_a_name_outside_of_parameters_has_its_value(imported: Importer) -> None:
    text = TEXT.replace("load:\n", "load:\n      tags: {c: '${var.catalog}'}\n")

    assert imported(text, {"x.py": ""}).flow()["tags"] == {"c": "main"}
