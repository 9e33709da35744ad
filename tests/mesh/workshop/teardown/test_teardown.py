"""The order of a tear-down, its failures, and repeated runs."""

from __future__ import annotations

import threading
from dataclasses import replace
from pathlib import Path

import pytest

from mesh.terraform.interrupt import StoppedError
from mesh.terraform.terraform_command import SILENT, Reporter
from mesh.workshop.teardown.report import TeardownReport
from mesh.workshop.teardown.workspace_object import WorkspaceObject
from tests.support.teardown import (
    GROUPS,
    KARI,
    MADE,
    OLA,
    PER,
    TAXI,
    FakeTerraform,
    FakeWorkspace,
    done,
    job,
    kept,
    key,
    removed,
    schema,
    tear_down,
)

KNOWN_BY = ("group class-oslo", f"user {KARI}", "databricks_cluster_policy.jobs")


def test_the_workshops_own_objects_are_destroyed_through_its_state(tmp_path: Path) -> None:
    teardown, workspace = tear_down(tmp_path)

    report = done(teardown)

    assert removed(report) == {
        "catalog training": "its state",
        "schema training.data": "its state",
        "schema training.olanordmann": "its state",
        "databricks_grants.training": "its state",
        "group class-oslo": "its state",
        "user kari@acme.example": "its state",
        "databricks_cluster_policy.jobs": "its state",
    }
    assert kept(report) == {f"user {OLA}": "was in the workspace before the workshop"}
    assert (workspace.listing(), report.failed) == ([], [])


def test_a_catalog_with_another_users_schema_is_kept_with_its_grants(tmp_path: Path) -> None:
    other = schema("training.pers", PER)
    teardown, workspace = tear_down(tmp_path, other, schema("training.olas", OLA))

    first = done(teardown)

    assert workspace.listing() == ["databricks_catalog training", "databricks_schema training.pers"]
    assert kept(first)["catalog training"] == "it still contains objects that are not the workshop's"
    assert (
        kept(first)["grants on catalog training"] == "it still contains objects that are not the workshop's"
    )
    assert list(teardown.terraform.state().held) == [
        "databricks_catalog.training",
        "databricks_grants.training",
    ]

    workspace.forget([(other.type, other.id)])
    second = done(teardown)

    assert list(removed(second)) == ["catalog training", "databricks_grants.training"]
    assert (workspace.listing(), second.failed) == ([], [])


def test_an_unreadable_catalog_is_kept(tmp_path: Path) -> None:
    workspace = FakeWorkspace(list(MADE), dict(GROUPS), {"training": "PERMISSION_DENIED", "finance": "no"})
    teardown, _ = tear_down(tmp_path, workspace=workspace)

    report = done(teardown)

    assert "catalog training" in kept(report)
    assert "catalog finance" not in kept(report)
    assert "databricks_catalog training" in workspace.listing()


def test_a_schema_without_force_destroy_is_removed_before_terraform_runs(
    tmp_path: Path,
) -> None:
    teardown, workspace = tear_down(tmp_path)
    workspace.refused = {"training.data"}

    report = done(teardown)

    assert report.failed[0] == ("schema training.data", "it is in use")
    assert workspace.listing() == ["databricks_catalog training", "databricks_schema training.data"]


def test_a_deployment_is_destroyed_through_its_state_in_this_backend(tmp_path: Path) -> None:
    """Also its objects in other catalogs; objects outside its state are removed as well."""
    in_state = schema("transport.dev_ola", OLA, deployment=key(OLA))
    beside = schema("transport.dev_ola_2", OLA, deployment=key(OLA))
    run = job("9", OLA, "transport.dev_ola")
    teardown, workspace = tear_down(tmp_path, in_state, beside, run)
    held = {"databricks_schema.a": {"id": in_state.id}, "databricks_job.a": {"id": "9"}}
    state = FakeTerraform(tmp_path / "ola", workspace, held)
    teardown = replace(teardown, deployment_terraform={key(OLA): state}.get)

    report = done(teardown)

    assert removed(report)[key(OLA)] == "its own state, with 1 job, 1 schema"
    assert removed(report)[str(beside)] == f"deployed by {OLA} ({key(OLA)})"
    assert str(in_state) not in removed(report)
    assert (workspace.listing(), state.held) == ([], {})


def test_deployments_are_destroyed_side_by_side(tmp_path: Path) -> None:
    """Each Terraform waits until the other one runs; one at a time would wait for ever."""
    together = threading.Barrier(2, timeout=60)

    class Waiting(FakeTerraform):
        def apply(self, reporter: Reporter = SILENT, reviewed: str | None = None) -> None:
            together.wait()
            super().apply(reporter)

    schemas = {one: schema(f"transport.{one}", one, deployment=key(one)) for one in (OLA, KARI)}
    teardown, workspace = tear_down(tmp_path, *schemas.values())
    states = {
        key(one): Waiting(tmp_path / one, workspace, {"databricks_schema.a": {"id": schemas[one].id}})
        for one in schemas
    }

    report = done(replace(teardown, deployment_terraform=states.get))

    assert (workspace.listing(), report.failed) == ([], [])
    assert {key(OLA), key(KARI)} <= removed(report).keys()


def test_an_interrupt_of_terraform_ends_the_tear_down_with_a_report(tmp_path: Path) -> None:
    class Stopped(FakeTerraform):
        def apply(self, reporter: Reporter = SILENT, reviewed: str | None = None) -> None:
            raise StoppedError("terraform apply was interrupted")

    mine = schema("transport.dev_ola", OLA, deployment=key(OLA))
    teardown, workspace = tear_down(tmp_path, mine)
    states = {key(OLA): Stopped(tmp_path / "ola", workspace, {"databricks_schema.a": {"id": "x.y"}})}

    with pytest.raises(StoppedError, match="run it again to remove the rest"):
        done(replace(teardown, deployment_terraform=states.get))

    assert "databricks_catalog training" in workspace.listing()


def test_after_a_failed_destroy_the_deployments_objects_and_the_catalog_are_kept(tmp_path: Path) -> None:
    in_state = schema("training.dev_ola", OLA, deployment=key(OLA))
    other = schema("training.dev_kari", KARI, deployment=key(KARI))
    teardown, workspace = tear_down(tmp_path, in_state, other)
    held = {"databricks_schema.a": {"id": in_state.id, "force_destroy": True}}
    state = FakeTerraform(tmp_path / "ola", workspace, held, refused=["databricks_schema.a"])
    teardown = replace(teardown, deployment_terraform={key(OLA): state}.get)

    report = done(teardown)

    assert {what for what, _ in report.failed} == {
        key(OLA),
        "catalog training",
        "databricks_grants.training",
        *KNOWN_BY,
    }
    assert workspace.listing() == ["databricks_catalog training", "databricks_schema training.dev_ola"]


def test_after_a_failure_the_others_are_removed_and_a_second_run_removes_the_rest(tmp_path: Path) -> None:
    stuck, other = schema("training.a", OLA), schema("training.b", OLA)
    teardown, workspace = tear_down(tmp_path, stuck, other)
    workspace.refused = [stuck.id]

    first = done(teardown)

    assert first.failed[0] == ("schema training.a", "it is in use")
    assert workspace.listing() == ["databricks_catalog training", "databricks_schema training.a"]
    workspace.refused = ()
    second = done(teardown)
    assert (second.failed, workspace.listing()) == ([], [])
    assert done(teardown).removed == []


def test_resources_that_terraform_does_not_destroy_are_reported(tmp_path: Path) -> None:
    teardown, _ = tear_down(tmp_path, refused=["databricks_user.kari"])

    report = done(teardown)

    assert report.failed == [
        ("the workshop's state", "terraform apply of workshop failed, see above"),
        (f"user {KARI}", "Terraform did not destroy it"),
    ]
    assert "group class-oslo" in removed(report)


def test_evidence_is_kept_until_the_objects_that_it_identifies_are_removed(tmp_path: Path) -> None:
    policy = job("2", OLA, tags={}, policies=frozenset({"pol1"}))
    teardown, workspace = tear_down(tmp_path, policy, job("4", KARI, tags={}))
    workspace.refused = ["2", "4"]

    first = done(teardown)

    assert {what for what, _ in first.failed} == {"job job 2", "job job 4", *KNOWN_BY}
    workspace.refused = ()
    assert {*removed(done(teardown))} == {"job job 2", "job job 4", *KNOWN_BY}
    assert workspace.listing() == []


@pytest.mark.parametrize(
    "at", ["1", "training.a", "5", f"/Users/{OLA}/mesh/acme-transport-taxinyc-dev-feat-gh1-oslo-5bd01c2f"]
)
def test_after_an_interrupt_a_second_run_removes_the_rest(tmp_path: Path, at: str) -> None:
    """Jobs are removed after their experiments, and before the schemas that identify them."""
    mine = schema("transport.dev_ola", OLA, deployment=key(OLA))
    run = job("1", OLA, "transport.dev_ola", experiment=f"/Users/{OLA}/mesh/experiments/x")
    tracked = WorkspaceObject("databricks_mlflow_experiment", "5", f"/Users/{OLA}/mesh/experiments/x")
    folder = f"/Users/{OLA}/mesh/acme-transport-taxinyc-dev-feat-gh1-oslo-5bd01c2f"
    code = WorkspaceObject("databricks_directory", folder, folder)
    teardown, workspace = tear_down(tmp_path, mine, run, tracked, code, schema("training.a", OLA))
    workspace.stops_at = at

    with pytest.raises(StoppedError, match="run it again to remove the rest"):
        done(teardown)
    report = done(teardown)

    assert (workspace.listing(), report.failed) == ([], [])


def test_a_dry_run_and_a_refusal_change_nothing(tmp_path: Path) -> None:
    teardown, workspace = tear_down(tmp_path, schema("training.olas", OLA))
    before = workspace.listing()

    preview = teardown.run(dry_run=True, confirm=lambda: pytest.fail("asked"))
    refused = teardown.run(dry_run=False, confirm=lambda: False)

    assert workspace.listing() == before
    assert refused == TeardownReport(kept=preview.kept)
    assert removed(preview)["schema training.olas"] == f"created by {OLA}"
    assert preview.as_json()["kept"] == [
        {"what": f"user {OLA}", "why": "was in the workspace before the workshop"}
    ]


def test_production_in_the_workshops_own_catalog_is_removed(tmp_path: Path) -> None:
    """Also through its state, where Terraform does not destroy schemas with data."""
    production = schema("training.revenue", "taxi-team", creator="sp-1", deployment=f"{TAXI}/prod")
    teardown, workspace = tear_down(tmp_path, production, job("9", OLA, "training.revenue"))
    held = {
        "databricks_schema.a": {"id": production.id, "force_destroy": False},
        "databricks_job.a": {"id": "9"},
    }
    state = FakeTerraform(tmp_path / "prod", workspace, held)
    teardown = replace(teardown, deployment_terraform={f"{TAXI}/prod": state}.get)

    report = done(teardown)

    assert removed(report)[f"{TAXI}/prod"] == "its own state, with 1 job, 1 schema"
    assert (workspace.listing(), workspace.removed[0]) == ([], production.id)
