"""`mesh ls`: the flows of a mesh with their names."""

from __future__ import annotations

from io import StringIO

from rich.console import Console

from mesh.commands import ls
from tests.mesh.conftest import Deployed

ORG = {"orgs/acme/org.yml": "environments: {dev: {}}"}


def test_scripts_read_one_entry_per_flow(deployed: Deployed) -> None:
    [entry] = ls.as_json(deployed(ORG, "dev"))

    assert (entry["path"], entry["env"], entry["pipeline"]) == (
        "acme/transport/taxinyc/prep/revenue",
        "dev",
        None,
    )
    assert entry["file"].endswith("flows/prep/revenue/deployment.yml")


def test_a_tree_shows_org_domain_project_and_flow(deployed: Deployed) -> None:
    text = StringIO()
    Console(file=text, width=200).print(*ls.as_trees(deployed(ORG, "dev")))

    lines = [line.strip("│├└─ ") for line in text.getvalue().splitlines()]
    assert lines[0].startswith("acme · dev")
    assert lines[1] == "transport"
    assert lines[2].startswith("taxinyc")
    assert lines[3] == "prep/revenue"
    assert lines[4].startswith("job")
