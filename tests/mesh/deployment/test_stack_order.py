"""The order of stacks, and the options of cdktf for partial deployments."""

from __future__ import annotations

import pytest

from mesh.deployment.stack_order import Stack, lacks_dependants, lacks_dependencies, steps, with_removed
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
    assert steps([parking, taxinyc, *mesh.foundations]) == [[*mesh.foundations], [taxinyc], [parking]]


def test_a_stack_lacks_dependencies_that_are_not_chosen(mesh: MeshDeployment) -> None:
    parking, taxinyc = mesh.deployments
    assert not lacks_dependencies(mesh.foundations)
    assert not lacks_dependencies([*mesh.foundations, taxinyc])
    assert lacks_dependencies([*mesh.foundations[1:], taxinyc])
    assert lacks_dependencies([*mesh.foundations, parking])


def test_a_stack_lacks_dependants_that_are_not_chosen(mesh: MeshDeployment) -> None:
    parking, taxinyc = mesh.deployments
    every: list[Stack] = [*mesh.foundations, *mesh.deployments]
    assert not lacks_dependants(every, every)
    assert not lacks_dependants([parking], every)
    assert lacks_dependants([taxinyc], every)
    assert lacks_dependants([*mesh.foundations, taxinyc], every)


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
