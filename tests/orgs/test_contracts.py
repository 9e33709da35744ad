"""The contract of taxinyc's revenue: what a pull request to this repository may do to it."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

import pytest

from mesh.load import load
from tests.support.command_line import run_mesh
from tests.support.git_repository import Repository

ROOT = Path(__file__).resolve().parents[2]
TAXI = "orgs/acme/domains/transport/projects/taxinyc/flows/prep/revenue"
CONTRACT = f"{TAXI}/contracts/revenue.yaml"
FINANCE = "orgs/acme/domains/finance/projects/costs/flows/prep/monthly"
LOGISTICS = "orgs/acme/domains/logistics/projects/fleet/flows/prep/demand"


@pytest.fixture
def repository(tmp_path: Path) -> Repository:
    """The orgs of this repository, committed on `main`."""
    repository = Repository.new(tmp_path / "mesh")
    names = subprocess.run(
        ["git", "-C", ROOT, "ls-files", "--cached", "--others", "--exclude-standard", "orgs", ".brickopscfg"],
        capture_output=True,
        text=True,
        check=True,
    ).stdout.split("\n")
    for name in filter(None, names):
        (repository.path / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(ROOT / name, repository.path / name)
    repository.commit()
    return repository


def compared(repository: Repository) -> subprocess.CompletedProcess[str]:
    """What `mesh contracts --base main` answers."""
    environ = {key: value for key, value in os.environ.items() if not key.startswith("MESH_")}
    return run_mesh(["contracts", "--base", "main"], repository.path, environ)


def renamed(text: str) -> str:
    """The contract with another name for the column `amount`."""
    return text.replace("name: amount", "name: revenue")


def test_the_contract_names_the_columns_that_the_notebooks_describe() -> None:
    """Each notebook says in its header what it writes."""
    contracts = {
        one.name: one
        for _, project in load(ROOT).projects
        for flow in project.flows
        for one in flow.contracts
    }
    for table in contracts["revenue"].tables:
        header = (ROOT / TAXI / f"{table.name}.py").read_text()
        columns = ", ".join(f"`{column.name}`" for column in table.columns)
        assert f"| writes | `{table.name}`: {columns} |" in header


def test_a_renamed_column_is_refused_and_names_flows_owners_and_lines(repository: Repository) -> None:
    text = (repository.path / CONTRACT).read_text()
    repository.write({CONTRACT: renamed(text).replace("version: 1.0.0", "version: 1.1.0")})

    done = compared(repository)

    assert done.returncode == 4
    assert "column amount of revenue_by_tripmonth is renamed to revenue" in done.stdout
    for flow, owner, file, line in (
        ("acme/finance/costs/prep/monthly", "finance-team", f"{FINANCE}/net_revenue_by_month.py", 33),
        ("acme/logistics/fleet/prep/demand", "logistics-team", f"{LOGISTICS}/share_by_borough.sql", 22),
    ):
        at = f"{file.rpartition('/')[0]}/deployment.yml:5"
        assert f"{flow} of {owner} reads version 1 ({at})" in done.stdout
        assert f"{flow} reads amount in {file}:{line}" in done.stdout
        assert "amount" in (repository.path / file).read_text().split("\n")[line - 1]
    assert "ask the owners of these flows: finance-team, logistics-team" in done.stdout
    assert "refused contract-broken in all environments" in done.stdout


def test_a_new_major_version_beside_the_old_one_passes(repository: Repository) -> None:
    text = (repository.path / CONTRACT).read_text()
    second = renamed(text).replace("version: 1.0.0", "version: 2.0.0")
    repository.write({f"{TAXI}/contracts/revenue-2.yaml": second})

    done = compared(repository)

    assert (done.returncode, "version 2.0.0 of contract revenue" in done.stdout) == (0, True)
