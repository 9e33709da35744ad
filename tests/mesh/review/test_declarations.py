"""The file and line that declare each resource."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from mesh.load import load
from mesh.mesh import Mesh
from mesh.review.declarations import Declaration, declarations

EVERYTHING = Path(__file__).resolve().parents[2] / "everything"
PROJECT = "orgs/acme/domains/transport/projects/taxinyc"
USER = "ola.nordmann@acme.example"


@pytest.fixture
def everything(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Mesh:
    """The mesh that uses everything."""
    monkeypatch.setenv("MESH_USER", USER)
    shutil.copytree(EVERYTHING, tmp_path, dirs_exist_ok=True)
    return load(tmp_path)


def test_resources_are_located_in_the_file_that_declares_them(everything: Mesh) -> None:
    found = declarations([everything.in_environment("local")])
    places = {address: one.position() for (_, address), one in found.items()}
    files = {address: place.rpartition(":")[0] for address, place in places.items()}

    assert files["databricks_job.prep_revenue"] == f"{PROJECT}/flows/prep/revenue/deployment.yml"
    assert files["databricks_schema.prep_revenue_tips"] == f"{PROJECT}/flows/prep/revenue/deployment.yml"
    assert files["databricks_pipeline.prep_checked_classic"] == f"{PROJECT}/flows/prep/checked/deployment.yml"
    assert files["databricks_mlflow_experiment.ml_taximodel"].endswith("ml/taximodel/training/deployment.yml")
    assert files["databricks_volume.prep_revenue_revenue_landing"] == f"{PROJECT}/project.yml"
    assert files["databricks_registered_model.prep_revenue_revenue_taximodel"] == f"{PROJECT}/project.yml"
    assert files["databricks_cluster.shared"] == "orgs/acme/compute.yml"
    assert files["databricks_group.students"] == "orgs/acme/org.yml"
    assert files["databricks_external_location.drop"] == "orgs/acme/org.yml"
    assert files["databricks_catalog.acme_transport"] == "orgs/acme/domains/transport/domain.yml"


def test_two_jobs_of_one_flow_have_lines_of_their_own(everything: Mesh) -> None:
    found = declarations([everything.in_environment("local")])
    lines = {address: one.position().rpartition(":")[2] for (_, address), one in found.items()}

    assert lines["databricks_job.prep_monthly_sums"] != lines["databricks_job.prep_monthly_query"]
    # the line of the file that declares the schema beside others
    assert lines["databricks_schema.prep_revenue_tips"] == "6"


def test_a_field_has_the_line_of_its_key(everything: Mesh) -> None:
    found = declarations([everything.in_environment("local")])
    [job] = [one for (_, address), one in found.items() if address == "databricks_job.prep_revenue"]

    assert job.position("schedule") == f"{PROJECT}/flows/prep/revenue/deployment.yml:3"


def test_compute_has_the_position_that_the_deployment_knows() -> None:
    assert (
        Declaration(None, origin="orgs/acme/compute.yml:9").position("num_workers")
        == "orgs/acme/compute.yml:9"
    )
