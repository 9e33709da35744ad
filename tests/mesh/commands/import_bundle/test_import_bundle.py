"""`mesh import bundle`: bundles become flows that `mesh validate` accepts; nothing is overwritten."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import yaml

from mesh.commands.import_bundle.import_bundle import import_bundle
from mesh.commands.new_files import write_new_files
from mesh.errors import MeshError, UsageError
from tests.mesh.commands.import_bundle.conftest import JOB, PROJECT, Importer, Refused
from tests.support.bundles import NAMES, copied_bundle
from tests.support.command_line import run_mesh

ENVIRON = {"MESH_USER": "ola@acme.example", "COLUMNS": "200"}


def files(root: Path) -> dict[str, bytes]:
    return {str(path.relative_to(root)): path.read_bytes() for path in root.rglob("*") if path.is_file()}


@pytest.fixture
def mesh(tmp_path: Path) -> Path:
    """An empty mesh."""
    (tmp_path / "mesh").mkdir()
    return tmp_path / "mesh"


@pytest.mark.parametrize("name", NAMES)
def test_a_bundle_becomes_flows_that_are_valid(name: str, tmp_path: Path, mesh: Path) -> None:
    copied_bundle(name, tmp_path)

    done = run_mesh(["import", "bundle", f"../{name}", "--into", f"acme/sales/{name}"], mesh, ENVIRON)
    valid = run_mesh(["validate"], mesh, ENVIRON)

    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines()[-1] == f"next: mesh validate && mesh deploy acme/sales/{name}"
    assert valid.returncode == 0, valid.stderr
    assert "no errors in local" in valid.stdout


@pytest.mark.parametrize("name", NAMES)
def test_a_second_import_changes_nothing(name: str, tmp_path: Path, mesh: Path) -> None:
    bundle = copied_bundle(name, tmp_path)
    write_new_files(import_bundle(bundle, mesh, "acme/sales/x").files, mesh)
    before = files(mesh)

    again = import_bundle(bundle, mesh, "acme/sales/x")
    write_new_files(again.files, mesh)

    assert again.files == {}
    assert files(mesh) == before
    assert all(file in before for file in again.kept)


def test_a_flow_that_exists_stays_as_it_is_and_gets_no_files(tmp_path: Path, mesh: Path) -> None:
    bundle = copied_bundle("pipeline", tmp_path)
    write_new_files(import_bundle(bundle, mesh, "acme/sales/x").files, mesh)
    flow = mesh / "orgs/acme/domains/sales/projects/x/flows/prep/trips_job"
    (flow / "report.sql").unlink()
    (flow / "check.py").write_text("# Databricks notebook source\nprint('mine')\n")

    assert import_bundle(bundle, mesh, "acme/sales/x").files == {}


def test_with_dry_run_nothing_is_written(tmp_path: Path, mesh: Path) -> None:
    copied_bundle("ml", tmp_path)

    done = run_mesh(["import", "bundle", "../ml", "--into", "acme/sales/ml", "--dry-run"], mesh, ENVIRON)

    assert done.returncode == 0
    assert "would create orgs/acme/org.yml\n" in done.stdout
    assert files(mesh) == {}


def test_with_an_error_nothing_is_written_and_all_errors_are_told(tmp_path: Path, mesh: Path) -> None:
    bundle = copied_bundle("wheel", tmp_path)
    (bundle / "dist" / "orders-1.0-py3-none-any.whl").unlink()
    (bundle / "src" / "clean.py").unlink()

    done = run_mesh(["import", "bundle", "../wheel", "--into", "acme/sales/x"], mesh, ENVIRON)

    assert done.returncode == 1
    assert done.stderr.splitlines() == [
        "../wheel/resources/orders.job.yml:28:13: Python file `src/clean.py` does not exist "
        "(add it, or correct the path)",
        "../wheel/resources/orders.job.yml:42:17: wheel `dist/*.whl` does not exist "
        "(build it, then import again)",
        "2 errors, nothing written",
    ]
    assert files(mesh) == {}


def test_json_holds_files_flows_and_findings(tmp_path: Path, mesh: Path) -> None:
    copied_bundle("pipeline", tmp_path)

    done = run_mesh(["import", "bundle", "../pipeline", "--into", "a/s/p", "--json"], mesh, ENVIRON)

    told: dict[str, Any] = json.loads(done.stdout)
    assert done.stderr == ""
    assert told["flows"] == ["a/s/p/prep/trips_job", "a/s/p/prep/trips_pipeline"]
    assert "orgs/a/domains/s/projects/p/flows/prep/trips_job/deployment.yml" in told["files"]
    assert {one["code"] for one in told["findings"]} == {"bundle-not-taken", "bundle-changed"}
    assert told["written"] is True


def test_the_only_domain_is_the_default_place(tmp_path: Path, mesh: Path) -> None:
    bundle = copied_bundle("ml", tmp_path)
    with pytest.raises(UsageError, match="no domain: name the project with --into <org>/<domain>/<project>"):
        import_bundle(bundle, mesh)
    (mesh / "orgs/acme/domains/sales").mkdir(parents=True)

    assert import_bundle(bundle, mesh).project == "acme/sales/fare-model"


def test_an_org_without_a_name_has_shorter_paths(tmp_path: Path, mesh: Path) -> None:
    bundle = copied_bundle("ml", tmp_path)
    (mesh / "domains" / "sales").mkdir(parents=True)

    made = import_bundle(bundle, mesh)

    assert made.project == "sales/fare-model"
    assert "domains/sales/projects/fare-model/project.yml" in made.files


def test_several_pipelines_may_have_the_name_of_the_template(imported: Importer) -> None:
    text = """\
resources:
  pipelines:
    a: {libraries: [{notebook: {path: load.py}}]}
    b: {libraries: [{notebook: {path: load.py}}]}
"""
    made = imported(text)

    assert [made.flow(name)["allow_duplicate_names"] for name in "ab"] == [True, True]


def test_a_field_that_no_provider_knows_is_left_out_with_its_line(imported: Importer) -> None:
    text = JOB.replace("load.py}}", "load.py, colour: red}, run_if: ALL_SUCCESS}")

    made = imported(text)

    assert made.task() == {
        "task_key": "load",
        "notebook_task": {"notebook_path": "load"},
        "run_if": "ALL_SUCCESS",
        "serverless": True,
    }
    [remark] = made.remarks
    assert remark.startswith("5: not taken: unknown field `colour` in notebook_task")


def test_what_the_mesh_refuses_is_told_at_the_line_of_the_bundle(refused: Refused) -> None:
    text = JOB.replace("{task_key: load,", "{task_key: load, depends_on: [{task_key: lod}],")

    [error] = refused(text)

    assert error.startswith("5: unknown-task: task `load` depends on `lod`, which is not in this file")


def test_a_bundle_without_jobs_is_an_error(refused: Refused) -> None:
    assert refused("bundle: {name: x}") == [
        "1: bundle-invalid: the bundle has no jobs and no pipelines (add one)"
    ]


def test_resources_of_python_code_are_told(refused: Refused) -> None:
    [error] = refused("bundle: {name: x}\npython: {resources: ['resources:load']}")

    assert error.startswith(
        "2: bundle-invalid: the bundle has no jobs and no pipelines in YAML, but Python code"
    )


def test_text_of_a_bundle_stays_text(imported: Importer) -> None:
    """Whatever YAML would make of it."""
    made = imported(
        JOB.replace("load:\n", "load:\n      description: 'yes: # no'\n      tags: {a: 'null', b: '1'}\n")
    )

    assert made.flow()["description"] == "yes: # no"
    assert made.flow()["tags"] == {"a": "null", "b": "1"}


def test_a_resource_of_another_target_is_taken(imported: Importer) -> None:
    text = (
        JOB
        + """\
targets:
  dev: {default: true}
  prod:
    resources: {jobs: {nightly: {tasks: [{task_key: load, notebook_task: {notebook_path: load.py}}]}}}
"""
    )
    made = imported(text)

    assert made.task("nightly")["task_key"] == "load"
    assert made.remarks == [
        "9: changed: `jobs.nightly` is declared for target `prod` only "
        "(the flow is deployed in every environment)"
    ]


def test_the_mesh_may_have_other_projects(tmp_path: Path, imported: Importer) -> None:
    """Their files are read, never written."""
    flow = tmp_path / "mesh" / PROJECT.replace("orders", "other") / "flows" / "prep" / "a"
    flow.mkdir(parents=True)
    (flow / "deployment.yml").write_text("tasks: [{task_key: a, serverless: true}]\n")
    (flow / "a.py").write_text("# Databricks notebook source\n")

    made = imported(JOB)

    assert not [file for file in made.made.files if "other" in file]
    assert yaml.safe_load(made.made.files[f"{PROJECT}/flows/prep/load/deployment.yml"])


def test_the_error_of_a_bundle_with_a_secret_does_not_contain_it(tmp_path: Path, mesh: Path) -> None:
    bundle = tmp_path / "b"
    bundle.mkdir()
    secret = "dapi" + "0123456789abcdef" * 2
    (bundle / "databricks.yml").write_text(f"variables: {{token: {{default: {secret}}}}}\n")

    with pytest.raises(MeshError) as caught:
        import_bundle(bundle, mesh, "a/b/c")

    assert [one.code for one in caught.value.findings] == ["secret-in-yaml"]
    assert secret not in str(caught.value)
