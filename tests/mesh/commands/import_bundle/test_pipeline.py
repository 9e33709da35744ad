"""Pipelines of a bundle as flows."""

from __future__ import annotations

import pytest

from tests.mesh.commands.import_bundle.conftest import NOTEBOOK, Importer

PIPELINE = """\
variables: {schema: {default: x}}
resources:
  pipelines:
    load:
      name: load
      FIELD
      libraries: [{notebook: {path: load.py}}]
"""


@pytest.mark.parametrize(
    ("field", "schema"),
    [
        ("schema: sales", "sales"),
        ("target: sales", "sales"),
        ("schema: '${var.schema}'", None),
        ("photon: true", None),
    ],
)
def test_a_schema_with_a_name_keeps_it(imported: Importer, field: str, schema: str | None) -> None:
    assert imported(PIPELINE.replace("FIELD", field)).flow().get("schema") == schema


def test_the_naming_templates_set_the_catalog(imported: Importer) -> None:
    made = imported(PIPELINE.replace("FIELD", "catalog: main"))

    assert made.flow() == {"libraries": [{"notebook": {"path": "load"}}]}
    assert made.remarks == ["6: changed: `catalog` of a pipeline (the naming templates set the catalog)"]


def test_the_root_path_brings_its_modules(imported: Importer) -> None:
    text = PIPELINE.replace("FIELD", "root_path: src").replace("load.py", "src/t/a.py")

    made = imported(
        text, {"src/t/a.py": NOTEBOOK, "src/u/b.py": "x = 1\n", "src/c.py": NOTEBOOK, "src/d.md": ""}
    )

    assert made.flow()["root_path"] == "."
    assert made.flow()["libraries"] == [{"notebook": {"path": "t/a"}}]
    assert made.code == ["flows/prep/load/t/a.py", "flows/prep/load/u/b.py"]


def test_the_configuration_keeps_what_the_deployment_does_not_set(imported: Importer) -> None:
    configuration = "configuration: {catalog: main, a: '${bundle.target}', p: '${workspace.file_path}'}"

    made = imported(PIPELINE.replace("FIELD", configuration))

    assert made.flow()["configuration"] == {"a": "default"}
    assert [one.split(" (")[0] for one in made.remarks] == [
        "6: changed: `catalog` in the configuration",
        "6: not taken: `p` contains `${workspace.file_path}`, which only a bundle replaces",
    ]  # fmt: skip


def test_development_of_presets_holds(imported: Importer) -> None:
    made = imported("presets: {pipelines_development: false}\n" + PIPELINE.replace("FIELD", "photon: true"))

    assert made.flow()["development"] is False
