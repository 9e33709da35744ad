"""The flows that a flow reads from."""

from __future__ import annotations

import pytest

from mesh.commands.local_run.upstream import with_upstream
from mesh.errors import UsageError
from tests.mesh.conftest import PROJECT, Deployed

TASKS = "tasks: [{task_key: a, serverless: true}]\n"


def flows(**reads: str) -> dict[str, str]:
    """Files of flows, each with the flows that it reads."""
    files = {}
    for name, read in reads.items():
        folder = f"{PROJECT}/flows/prep/{name}"
        aliases = ", ".join(f"{one}: prep/{one}" for one in read.split())
        files |= {f"{folder}/deployment.yml": f"reads: {{{aliases}}}\n{TASKS}", f"{folder}/a.py": ""}
    return files


def names(paths: list[str]) -> list[str]:
    return [path.rpartition("/")[2] for path in paths]


def test_each_flow_is_after_those_that_it_reads(deployed: Deployed) -> None:
    mesh = deployed(flows(trips="", zones="", joined="trips zones", report="joined trips", other="zones"))

    assert names(with_upstream(mesh, "prep/report")) == ["trips", "zones", "joined", "report"]
    assert names(with_upstream(mesh, "prep/trips")) == ["trips"]


def test_flows_that_read_each_other_run_once(deployed: Deployed) -> None:
    mesh = deployed(flows(one="two", two="one"))

    assert names(with_upstream(mesh, "prep/one")) == ["two", "one"]


def test_an_unknown_flow_is_refused(deployed: Deployed) -> None:
    with pytest.raises(UsageError, match="flow `prep/none` is not in the mesh"):
        with_upstream(deployed({}), "prep/none")
