"""An interrupted deployment leaves a valid state, and no object is created twice."""

from __future__ import annotations

import re
import signal
import subprocess
import time
from contextlib import suppress

import pytest

from tests.system.deploy.conftest import FEW, FLOWS, SOON, Mesh


def test_deploy_twice_then_destroy(small_mesh: Mesh) -> None:
    """The second time there is nothing to do; at the end nothing is left."""
    mesh = small_mesh
    first = mesh.run("deploy", "--auto-approve")
    assert first.returncode == 0, first.stdout + first.stderr
    assert len(mesh.jobs()) == len(mesh.schemas()) == FEW
    assert "  applied   acme-foundation-local: 1 added" in first.stdout
    second = mesh.run("deploy", "--auto-approve")
    assert second.returncode == 0, second.stdout + second.stderr
    assert "Nothing to change: 2 stacks up to date" in second.stdout
    destroyed = mesh.run("destroy", "--auto-approve")
    assert destroyed.returncode == 0, destroyed.stdout + destroyed.stderr
    assert mesh.jobs() == mesh.schemas() == []
    assert mesh.in_state() == set()


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_an_interrupted_deployment_is_completed_by_the_next(mesh: Mesh, number: signal.Signals) -> None:
    """All created objects are in the state when the command ends."""
    process = mesh.start("deploy", "--auto-approve")
    _wait_for_jobs(mesh, process, 3)
    process.send_signal(number)
    out, err = process.communicate(timeout=SOON)
    assert process.returncode == 3, out + err
    assert "was interrupted" in err
    assert len(mesh.jobs()) < FLOWS, "the signal came too late to interrupt anything"
    in_state = mesh.in_state()
    assert {id for kind, id in in_state if kind == "databricks_job"} == _job_ids(mesh)
    assert {id for kind, id in in_state if kind == "databricks_schema"} == {
        f"acme.{one}" for one in mesh.schemas()
    }
    _assert_completes(mesh)


def test_names_of_another_user_are_refused_with_the_user(small_mesh: Mesh) -> None:
    """john.doe and johndoe have the same short name, and never share a schema."""
    mesh = small_mesh
    first = mesh.run("deploy", "--auto-approve", **mesh.become("john.doe@acme.example"))
    assert first.returncode == 0, first.stdout + first.stderr
    held = mesh.in_state()
    other = mesh.become("johndoe@acme.example")
    for command in ("deploy", "adopt"):
        second = mesh.run(command, "transport/many", "--auto-approve", **other)
        assert second.returncode == 3
        assert (
            "schema `acme.local_johndoe_flow00` belongs to deployment acme/transport/many/local/john.doe@acme.example; "
            "this deployment, acme/transport/many/local/johndoe@acme.example, uses the same name"
        ) in second.stderr
        assert re.search(
            r"job `local_johndoe_flow00` \(id \d+\) belongs to john.doe@acme.example; "
            "this deployment, of johndoe@acme.example, uses the same name",
            second.stderr,
        )
        assert mesh.in_state() == held


def _wait_for_jobs(mesh: Mesh, process: subprocess.Popen[str], count: int) -> None:
    """Asks seldom until the catalog is there, as questions slow the deployment down; then without a pause."""
    deadline = time.monotonic() + SOON
    while not mesh.has_catalog():
        assert time.monotonic() < deadline
        with suppress(subprocess.TimeoutExpired):
            raise AssertionError(f"ended with {process.wait(0.1)}: {process.communicate()}")
    while len(mesh.jobs()) < count:
        assert process.poll() is None, process.communicate()
        assert time.monotonic() < deadline


def _job_ids(mesh: Mesh) -> set[str]:
    return {str(job.job_id) for job in mesh.client.jobs.list()}


def _assert_completes(mesh: Mesh) -> None:
    done = mesh.run("deploy", "--auto-approve")
    assert done.returncode == 0, done.stdout + done.stderr
    names = [f"local_olanordmann_flow{number:02}" for number in range(FLOWS)]
    assert mesh.jobs() == mesh.schemas() == names
