"""The order of stacks."""

from __future__ import annotations

import pytest

from mesh.deployment.stack_order import in_order, with_removed
from mesh.mesh import MeshDeployment
from tests.mesh.conftest import Deployed

PARKING = "orgs/acme/domains/transport/projects/parking/flows/prep/fines/deployment.yml"
RUNS_TAXINYC = "tasks: [{task_key: t, run_job_task: {flow: taxinyc/prep/revenue}}]"


@pytest.fixture
def mesh(deployed: Deployed) -> MeshDeployment:
    """Two projects, of which `parking` runs a job of `taxinyc`."""
    return deployed({PARKING: RUNS_TAXINYC})


def test_a_project_comes_after_its_foundations_and_after_the_projects_whose_jobs_it_runs(
    mesh: MeshDeployment,
) -> None:
    parking, taxinyc = mesh.deployments
    assert in_order([parking, taxinyc, *mesh.foundations]) == [*mesh.foundations, taxinyc, parking]


def test_removed_stacks_come_first_each_before_its_dependencies(mesh: MeshDeployment) -> None:
    """A catalog is destroyed after its schemas, a job after the jobs that run it."""
    parking, taxinyc = mesh.deployments
    [foundation] = mesh.foundations
    assert with_removed([foundation], [taxinyc, parking]) == [
        (parking, frozenset()),
        (taxinyc, {parking.stack}),
        (foundation, {taxinyc.stack, parking.stack}),
    ]
    assert with_removed([parking, taxinyc, foundation], []) == [
        (foundation, frozenset()),
        (taxinyc, {foundation.stack}),
        (parking, {foundation.stack, taxinyc.stack}),
    ]
