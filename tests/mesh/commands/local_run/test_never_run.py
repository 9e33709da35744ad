"""What a failed flow reads and that has never succeeded here."""

from __future__ import annotations

import pytest

from mesh.commands.local_run.flow_run import RunOptions, Selection
from mesh.commands.local_run.never_run import never_run_hint, upstream
from tests.mesh.commands.local_run.conftest import FILES, NOTEBOOK, LocalMesh
from tests.mesh.conftest import FLOW, PROJECT

TRIPS = f"{PROJECT}/flows/prep/trips"
READS = "reads: {trips: prep/trips}\n"


@pytest.fixture
def files() -> dict[str, str]:
    """The flow prep/revenue reads the flow prep/trips."""
    tasks = FILES[f"{FLOW}/deployment.yml"]
    return {
        **FILES,
        f"{FLOW}/deployment.yml": READS + tasks,
        f"{TRIPS}/deployment.yml": tasks,
        f"{TRIPS}/a.py": f"{NOTEBOOK}print('trips')\n",
    }


def hint(local_mesh: LocalMesh) -> str | None:
    runner, _ = local_mesh.runner()
    return never_run_hint("prep/revenue", [local_mesh.selected(path="prep/trips")], runner)


def test_a_flow_that_is_read_is_named_until_it_has_succeeded(local_mesh: LocalMesh) -> None:
    runner, _ = local_mesh.runner()
    local_mesh.write("../trips/a.py", f"{NOTEBOOK}1 / 0\n")
    assert not runner.bring_and_run(local_mesh.selected(path="prep/trips"), RunOptions())
    assert hint(local_mesh) == (
        "acme/transport/taxinyc/prep/trips, which it reads, has never succeeded here: "
        "run `mesh local run +prep/revenue`"
    )

    local_mesh.write("../trips/a.py", f"{NOTEBOOK}print('trips')\n")
    assert runner.bring_and_run(local_mesh.selected(path="prep/trips"), RunOptions())
    assert hint(local_mesh) is None


def test_only_flows_that_did_not_run_with_it_are_looked_at(local_mesh: LocalMesh) -> None:
    def read(path: str) -> list[str]:
        return [
            one.flow.path for one in upstream(Selection(local_mesh.root, "local", path, RunOptions(task="a")))
        ]

    assert read("prep/revenue") == ["acme/transport/taxinyc/prep/trips"]
    assert read("+prep/revenue") == read("prep/trips") == []
