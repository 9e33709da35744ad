"""The stacks of `main.py` for each environment, checked with Terraform and the real provider."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from mesh.git.checkout import read_git
from mesh.load import load
from mesh.toolkit import toolkit
from tests.support.git_repository import Repository
from tests.support.synthesis import synthesized
from tests.support.terraform_schema import violations

ROOT = Path(__file__).resolve().parents[2]
PROVIDER_SCHEMA = ROOT.parent / "shared" / "data" / f"databricks-{toolkit().provider}-schema.json"
GIT = {"MESH_GIT_URL": "https://github.com/acme/mesh", "MESH_GIT_BRANCH": "feature/tips"}


def synthesize(mesh: Path, env: str, **environ: str) -> dict[str, str]:
    """Run main.py as cdktf does; the text of each stack's cdk.tf.json."""
    out = mesh / "out"
    shutil.rmtree(out, ignore_errors=True)
    variables = {**os.environ, **GIT, "MESH_USER": "ola.nordmann@acme.example", **environ}
    variables |= {"MESH_ENV": env, "MESH_ROOT": str(mesh), "MESH_PLAN_ONLY": "1", "CDKTF_OUTDIR": str(out)}
    subprocess.run(
        [sys.executable, "-O", str(ROOT / "main.py")],
        cwd=mesh,
        env=variables,
        check=True,
        capture_output=True,
    )
    return {path.parent.name: path.read_text() for path in out.glob("stacks/*/cdk.tf.json")}


@pytest.fixture(scope="module")
def mesh(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of this repository's own mesh, with one commit."""
    repository = Repository.new(tmp_path_factory.mktemp("clone") / "mesh")
    shutil.copytree(ROOT / "orgs", repository.path / "orgs")
    shutil.copytree(ROOT / ".brickopscfg", repository.path / ".brickopscfg")
    repository.commit()
    return repository.path


@pytest.fixture(scope="module")
def commit(mesh: Path) -> str:
    """The commit that all of it is from."""
    return Repository(mesh).head


@pytest.fixture(scope="module")
def stacks(mesh: Path) -> dict[str, dict[str, str]]:
    """Every stack of every environment."""
    return {env: synthesize(mesh, env) for env in ("local", "dev", "prod", "live")}


def test_each_environment_has_a_foundation_and_a_stack_per_project(
    stacks: dict[str, dict[str, str]], commit: str
) -> None:
    """The name of a personal deployment's stack contains the full user name."""
    identity = f"ola.nordmann@acme.example-feature%2Ftips-{commit[:8]}"
    assert {env: sorted(made) for env, made in stacks.items()} == {
        "local": [
            f"acme-finance-costs-local-{identity}",
            "acme-foundation-local",
            f"acme-logistics-fleet-local-{identity}",
            f"acme-transport-taxinyc-local-{identity}",
            "acme-workspace-local",
            f"nordlys-energy-prices-local-{identity}",
            "nordlys-foundation-local",
            "nordlys-workspace-local",
        ],
        "dev": [
            f"acme-finance-costs-dev-{identity}",
            "acme-foundation-main",
            f"acme-logistics-fleet-dev-{identity}",
            f"acme-transport-taxinyc-dev-{identity}",
            "acme-workspace-dev",
        ],
        "prod": [
            "acme-finance-costs-prod",
            "acme-foundation-main",
            "acme-logistics-fleet-prod",
            "acme-transport-taxinyc-prod",
            "acme-workspace-prod",
        ],
        "live": ["nordlys-energy-prices-live", "nordlys-foundation-north", "nordlys-workspace-live"],
    }


@pytest.mark.skipif(
    not PROVIDER_SCHEMA.exists(), reason="the real provider's schema is not beside this checkout"
)
@pytest.mark.parametrize("env", ["local", "dev", "prod", "live"])
def test_the_real_provider_accepts_every_stack(stacks: dict[str, dict[str, str]], env: str) -> None:
    """Checks names, types and required attributes and blocks."""
    schema = json.loads(PROVIDER_SCHEMA.read_text())
    assert [wrong for text in stacks[env].values() for wrong in violations(json.loads(text), schema)] == []


def test_addresses_contain_names_of_the_mesh(stacks: dict[str, dict[str, str]]) -> None:
    """Addresses contain no hash."""
    made = json.loads(stacks["prod"]["acme-transport-taxinyc-prod"])["resource"]
    assert {f"{kind}.{name}" for kind, named in made.items() for name in named} == {
        "databricks_directory.experiments",
        "databricks_grants.ml_taximodel",
        "databricks_grants.ml_taximodel_taxifare",
        "databricks_grants.prep_dltrevenue",
        "databricks_grants.prep_revenue",
        "databricks_grants.prep_revenue_table_revenue_by_borough",
        "databricks_grants.prep_revenue_table_revenue_by_tripmonth",
        "databricks_job.ml_taximodel_training",
        "databricks_job.ml_taximodel_validation",
        "databricks_job.prep_dltrevenue",
        "databricks_job.prep_revenue",
        "databricks_mlflow_experiment.ml_taximodel",
        "databricks_notebook.prep_dltrevenue_checked_trips",
        "databricks_notebook.prep_dltrevenue_revenue",
        "databricks_notebook.prep_revenue_contracts_verify_revenue",
        "databricks_notebook.prep_revenue_describe_tables",
        "databricks_notebook.prep_revenue_verify_quality",
        "databricks_permissions.experiment_ml_taximodel",
        "databricks_pipeline.prep_dltrevenue",
        "databricks_registered_model.ml_taximodel_taxifare",
        "databricks_schema.ml_taximodel",
        "databricks_schema.prep_dltrevenue",
        "databricks_schema.prep_revenue",
        "databricks_volume.prep_revenue_landing",
        "databricks_workspace_file._brickopscfg_config_yml",
        "databricks_workspace_file.libs_taxi___init___py",
        "databricks_workspace_file.libs_taxi_revenue_py",
        "databricks_workspace_file.libs_taxi_tables_py",
    }


def test_jobs_from_git_depend_on_shared_code(stacks: dict[str, dict[str, str]]) -> None:
    """Notebooks from git and shared code in the workspace have the same commit."""
    made = json.loads(stacks["prod"]["acme-transport-taxinyc-prod"])["resource"]
    job = made["databricks_job"]["prep_revenue"]
    assert "databricks_workspace_file.libs_taxi_revenue_py" in job["depends_on"]
    libs = next(one["default"] for one in job["parameter"] if one["name"] == "libs")
    file = made["databricks_workspace_file"]["libs_taxi_revenue_py"]["path"]
    assert f"/Workspace{file}" == f"{libs}/taxi/revenue.py"
    assert job["git_source"]["commit"]


def test_a_foundation_is_equal_in_all_environments(stacks: dict[str, dict[str, str]]) -> None:
    """Environments share its state, so a plan of one must not revert another."""
    assert stacks["dev"]["acme-foundation-main"] == stacks["prod"]["acme-foundation-main"]


def test_production_protects_data_and_sets_the_run_as_principal(stacks: dict[str, dict[str, str]]) -> None:
    made = json.loads(stacks["prod"]["acme-transport-taxinyc-prod"])["resource"]
    for kind in ("databricks_schema", "databricks_volume"):
        assert all(one["lifecycle"] == {"prevent_destroy": True} for one in made[kind].values())
    sp_acme = "7f1c0d6e-2f5b-4d0c-9a58-3c1e6b7d9a10"
    assert made["databricks_job"]["prep_revenue"]["run_as"] == {"service_principal_name": sp_acme}
    granted = {
        one["principal"]: one["privileges"] for one in made["databricks_grants"]["prep_revenue"]["grant"]
    }
    assert granted["finance-team"] == ["USE_SCHEMA"]
    table = made["databricks_grants"]["prep_revenue_table_revenue_by_borough"]
    assert {one["principal"]: one["privileges"] for one in table["grant"]}["finance-team"] == ["SELECT"]
    assert {"MANAGE", "CREATE_TABLE", "MODIFY"} <= set(granted[sp_acme])


def test_each_deployment_has_a_separate_state(stacks: dict[str, dict[str, str]], commit: str) -> None:
    """The state key contains the full user, branch and commit."""
    dev = stacks["dev"][f"acme-transport-taxinyc-dev-ola.nordmann@acme.example-feature%2Ftips-{commit[:8]}"]
    key = f"acme/transport/taxinyc/dev/ola.nordmann@acme.example/feature%2Ftips/{commit}"
    assert _backend(dev).endswith(f"/.mesh/state/{key}/mesh.tfstate")
    assert _backend(stacks["prod"]["acme-transport-taxinyc-prod"]).endswith(
        "/state/acme/transport/taxinyc/prod/mesh.tfstate"
    )


def test_users_whose_short_names_are_the_same_share_no_state(
    mesh: Path, stacks: dict[str, dict[str, str]], commit: str
) -> None:
    """john.doe and johndoe get one schema's name, but two states; feature/x and feature-x likewise."""
    first = _project(_dev_of(mesh, MESH_USER="john.doe@acme.example"))
    second = _project(_dev_of(mesh, MESH_USER="johndoe@acme.example"))
    third = _project(_dev_of(mesh, MESH_USER="johndoe@acme.example", MESH_GIT_BRANCH="feature-tips"))
    names = {
        json.loads(text)["resource"]["databricks_schema"]["prep_revenue"]["name"]
        for text in (first, second, third)
    }
    assert names == {f"dev_johndoe_featuretips_{commit[:8]}_revenue"}
    assert len({_backend(text) for text in (first, second, third)}) == 3


def test_the_same_commit_gives_the_same_bytes(mesh: Path, stacks: dict[str, dict[str, str]]) -> None:
    """A plan then shows only real changes."""
    assert synthesize(mesh, "prod") == stacks["prod"]


def test_an_error_in_the_mesh_writes_no_files(tmp_path: Path, mesh: Path) -> None:
    """The error is one line with file and line, without a traceback."""
    broken = tmp_path / "broken"
    shutil.copytree(mesh / "orgs", broken / "orgs")
    (broken / "orgs/acme/org.yml").write_text("descripton: x\n")
    with pytest.raises(subprocess.CalledProcessError) as failed:
        synthesize(broken, "prod")
    assert failed.value.returncode == 1
    assert failed.value.stderr.decode() == (
        "orgs/acme/org.yml:1:1: unknown field `descripton` (did you mean `description`?)\n1 error, nothing written\n"
    )
    assert not (broken / "out").exists()


def _dev_of(mesh: Path, **identity: str) -> dict[str, str]:
    return synthesized(load(mesh).in_environment("dev", read_git(mesh, {**GIT, **identity})), mesh)


def _project(stacks: dict[str, str]) -> str:
    return next(text for name, text in stacks.items() if "taxinyc" in name)


def _backend(text: str) -> str:
    path: Any = json.loads(text)["terraform"]["backend"]["local"]["path"]
    return str(path)
