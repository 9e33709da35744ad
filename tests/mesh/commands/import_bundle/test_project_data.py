"""Volumes, models, experiments and other resources of a bundle."""

from __future__ import annotations

from pathlib import Path

from mesh.commands.new_files import write_new_files
from tests.mesh.commands.import_bundle.conftest import JOB, Importer

JOBS = JOB.partition("resources:\n")[2]


def test_volumes_and_models_are_in_project_yml(imported: Importer) -> None:
    text = f"""\
resources:
  schemas: {{s: {{catalog_name: main, name: sales}}}}
  volumes: {{v: {{catalog_name: main, schema_name: sales, name: drop, comment: In, volume_type: MANAGED}}}}
  registered_models: {{m: {{catalog_name: main, schema_name: other, name: fares, grants: [{{principal: team, privileges: [EXECUTE]}}]}}}}
{JOBS}"""
    made = imported(text)

    assert made.yaml("project.yml") == {
        "volumes": {"drop": {"schema": "sales", "comment": "In"}},
        "registered_models": {
            "fares": {"schema": "sales", "grants": [{"principal": "team", "privileges": ["EXECUTE"]}]}
        },
    }
    assert made.remarks == ["4: changed: schema `other` (the flow's schema `sales`)"]


def test_a_volume_of_no_flow_is_told(imported: Importer) -> None:
    more = JOBS.replace("load:", "other:", 1).partition("jobs:\n")[2]
    text = f"resources:\n  volumes: {{v: {{catalog_name: m, schema_name: x, name: drop}}}}\n{JOBS}{more}"

    assert imported(text).remarks == [
        "2: not taken: volume `v` is in a schema that no flow fills "
        "(add it to `volumes` of project.yml, with the schema of a flow)"
    ]


def test_what_the_mesh_does_not_deploy_is_told_with_the_remedy(imported: Importer) -> None:
    text = f"""\
resources:
  dashboards: {{d: {{display_name: x}}}}
  model_serving_endpoints: {{m: {{name: x}}}}
  new_things: {{n: {{}}}}
{JOBS}"""

    assert imported(text).remarks == [
        "2: not taken: `dashboards.d`: the mesh does not deploy dashboards (keep it in a bundle)",
        "3: not taken: `model_serving_endpoints.m`: the mesh does not deploy model serving endpoints "
        "(keep it in a bundle, or serve the model from a task)",
        "4: not taken: `new_things.n`: the mesh does not deploy new things (keep it in a bundle)",
    ]


def test_an_existing_project_yml_stays_and_what_it_lacks_is_told(imported: Importer, tmp_path: Path) -> None:
    volumes = "  volumes: {v: {catalog_name: m, schema_name: load, name: drop}}\n"
    first = imported(f"resources:\n{JOBS}")
    write_new_files(first.made.files, tmp_path / "mesh")

    made = imported(f"resources:\n{volumes}{JOBS}")

    assert made.made.files == {}
    assert made.remarks == [
        "2: not taken: orgs/acme/domains/sales/projects/orders/project.yml exists already and lacks "
        "`volumes.drop` (add it there)"
    ]
