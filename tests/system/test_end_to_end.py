"""End to end: real Terraform, the local workspace, Spark, and destroy."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from databricks.sdk import WorkspaceClient

from local.home import Home, running_status
from local.spark.server import EVENTS
from mesh.datasets import taxi_sample
from mesh.lineage.lineage import mesh_lineage
from mesh.load import load
from tests.support import reference_peaks, reference_taximodel
from tests.support.command_line import run_mesh
from tests.support.inherited_environment import inherited_environment
from tests.support.reference_revenue import expected
from tests.support.spark_scans import scans

ROOT = Path(__file__).resolve().parents[2]
REAL_TRIPS = ROOT.parent / "shared" / "data" / "taxis.csv"
MINUTES = 60.0


# foundations of three orgs, workspaces of two, three projects of one org and one each of the others
STACKS = 10
SCAFFOLDED = "globex/sales/orders/prep/daily"
ASKING = """# Databricks notebook source
from brickops.datamesh.naming import build_table_name

spark.range(3).write.saveAsTable(build_table_name("numbers", db="asking"))
"""


@dataclass(frozen=True)
class Machine:
    """A person's machine, with a clone of this repository's mesh.

    Args:
        root: the clone.
    """

    root: Path

    def mesh(self, *arguments: str, code: int = 0) -> str:
        """The output of a `mesh` command in a process of its own."""
        command = [
            sys.executable,
            "-c",
            "from mesh.cli.main import main; main()",
            *arguments,
            "--root",
            str(self.root),
        ]
        done = subprocess.run(
            command,
            env={**inherited_environment(), EVENTS: "1"},
            capture_output=True,
            text=True,
            check=False,
            timeout=5 * MINUTES,
        )
        assert done.returncode == code, done.stdout + done.stderr
        return done.stdout

    def run(self, *arguments: str, code: int = 0) -> str:
        """The output of a `mesh` command that is run in this process, which need not import for each one."""
        done = run_mesh([*arguments, "--root", str(self.root)], self.root, inherited_environment())
        assert done.returncode == code, done.stdout + done.stderr
        return done.stdout

    def commit(self) -> None:
        """Commits all files of the mesh."""
        identity = ["-c", "user.email=ola.nordmann@acme.example", "-c", "user.name=Ola"]
        for command in (["add", "-A"], [*identity, "commit", "-q", "-m", "mesh"]):
            subprocess.run(["git", "-C", str(self.root), *command], check=True)

    def table(self, name: str, path: str = "prep/revenue") -> list[dict[str, Any]]:
        """The rows of a table of a flow, read with SQL."""
        flow = next(one for one in json.loads(self.run("ls", "--json")) if one["path"].endswith(path))
        query = f"select * from {flow['catalog']}.{flow['schemas'][0]}.{name}"
        rows: list[dict[str, Any]] = json.loads(self.run("local", "sql", query, "--format", "json"))
        return rows

    def workspace(self) -> WorkspaceClient:
        """The workspace of this machine."""
        status = running_status(Home(self.root))
        return WorkspaceClient(host=status.url, token=status.token, auth_type="pat")


@pytest.fixture(scope="module")
def machine(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Machine]:
    """One workspace for all tests here, because Spark starts slowly."""
    root = tmp_path_factory.mktemp("clone")
    shutil.copytree(ROOT / "orgs", root / "orgs")
    shutil.copytree(ROOT / ".brickopscfg", root / ".brickopscfg")
    asking = root / "orgs/acme/domains/transport/projects/taxinyc/flows/prep/asking"
    asking.mkdir()
    (asking / "deployment.yml").write_text("tasks: [{task_key: ask, serverless: true}]\n")
    (asking / "ask.py").write_text(ASKING)
    one = Machine(root)
    one.run("new", "flow", SCAFFOLDED)
    subprocess.run(["git", "-C", str(root), "init", "-q", "-b", "main"], check=True)
    one.commit()
    one.mesh("local", "up")
    try:
        yield one
    finally:
        one.mesh("local", "down")
    assert not Home(root).status.exists()


def test_the_sample_gives_revenue_per_inhabitant_of_five_boroughs(machine: Machine) -> None:
    """Deployed twice, run, and the second plan is empty."""
    machine.mesh("local", "data", "load")
    first_time = _plain(machine.run("deploy", "--auto-approve"))
    assert f"Deployed {STACKS} stacks in " in first_time
    again = _plain(machine.run("deploy", "--auto-approve"))
    assert f"Nothing to change: {STACKS} stacks up to date" in again
    machine.run("local", "run", "taxinyc/prep/revenue")
    rows = machine.table("revenue_per_inhabitant")
    assert {row["borough"] for row in rows} == {"Bronx", "Brooklyn", "Manhattan", "Queens", "Staten Island"}
    first = rows
    machine.run("local", "run", "taxinyc/prep/revenue")
    assert machine.table("revenue_per_inhabitant") == first


def test_a_pipeline_gives_the_same_revenue_as_the_job(machine: Machine) -> None:
    """Three datasets of two notebooks; one notebook reads a dataset of the other."""
    machine.run("local", "run", "prep/dltrevenue")
    for table in ("revenue_by_borough", "revenue_by_tripmonth"):
        rows = machine.table(table, "prep/dltrevenue")
        assert rows
        assert _comparable(rows) == _comparable(machine.table(table)), table


def test_a_full_refresh_reaches_the_pipeline_and_gives_the_same_tables(machine: Machine) -> None:
    names = ("checked_trips", "revenue_by_borough")
    before = [machine.table(name, "prep/dltrevenue") for name in names]
    told = machine.run("local", "run", "prep/dltrevenue", "--full-refresh")
    assert "succeeded" in told
    after = [machine.table(name, "prep/dltrevenue") for name in names]
    assert [_comparable(rows) for rows in after] == [_comparable(rows) for rows in before]
    pipelines = machine.workspace().pipelines
    [pipeline] = pipelines.list_pipelines()
    updates = pipelines.list_updates(str(pipeline.pipeline_id)).updates or []
    assert [update.full_refresh for update in updates] == [True, False]


def test_the_fare_model_equals_the_model_computed_without_spark(machine: Machine, tmp_path: Path) -> None:
    """One run trains the model, and the job of the other part validates it."""
    machine.run("local", "run", "taxinyc/ml/taximodel/training")
    trips = tmp_path / "trips.csv"
    taxi_sample.write_sample(trips)
    wanted = reference_taximodel.expected(trips)
    path = "taximodel/training"
    found = {row["feature"]: row["coefficient"] for row in machine.table("model_coefficients", path)}
    assert found == pytest.approx(wanted.coefficients, abs=1e-6)
    [validation] = machine.table("validation", path)
    assert validation == pytest.approx(wanted.validation, abs=1e-6)
    assert validation["rmse"] < validation["baseline_rmse"] / 10
    [experiment] = machine.workspace().experiments.list_experiments()
    assert str(experiment.name).endswith("/ml_taximodel")


def test_a_notebook_that_uses_brickops_writes_to_the_deployed_schema(machine: Machine) -> None:
    """It reads templates, levels, user, branch and commit at run time."""
    machine.run("local", "run", "prep/asking")
    assert len(machine.table("numbers", "prep/asking")) == 3


def test_flows_read_the_table_of_another_domain(machine: Machine) -> None:
    """Their jobs get the location for this user, branch and commit as parameters."""
    machine.run("local", "run", "costs/prep/monthly")
    months = machine.table("net_revenue_by_month", "prep/monthly")
    by_borough = machine.table("revenue_by_borough")
    assert _total(months, "gross") == _total(by_borough, "amount") > 0
    machine.run("local", "run", "fleet/prep/demand")
    shares = machine.table("share_by_borough", "prep/demand")
    assert {row["trip_month"] for row in shares} == {row["trip_month"] for row in months}
    assert _total(shares, "percent") == pytest.approx(100 * len(months), abs=0.1)


def test_another_org_has_its_own_names(machine: Machine) -> None:
    """One catalog per domain, and a flow with two schemas."""
    machine.run("local", "run", "energy/prices/prep/prices")
    assert {row["zone"] for row in machine.table("daily_prices", "prep/prices")} == {
        "NO1",
        "NO2",
        "NO3",
        "NO4",
        "NO5",
    }
    assert {one.name for one in machine.workspace().catalogs.list()} >= {"energy", "acme_transport_taxinyc"}


def test_a_flow_with_sql_a_condition_and_a_loop_computes_price_peaks(machine: Machine) -> None:
    """The run overrides the threshold; three of five zones have no peak."""
    said = machine.run("local", "run", "prep/peaks", "--param", "dear=75")
    assert [line.split("  ")[-1].strip() for line in said.splitlines() if " is_any_dear " in line] == ["true"]
    assert {" peaks #1 NO2 ", " peaks #2 NO5 "} <= set(re.findall(r" peaks #\d \w+ ", said))
    wanted = reference_peaks.expected(Decimal(75))
    for table in ("peaks", "peak_report"):
        assert _comparable(machine.table(table, "prep/peaks")) == _comparable(wanted[table]), table


def test_a_scaffold_runs_as_it_is(machine: Machine) -> None:
    """The files of `mesh new` were deployed with the others."""
    said = machine.run("local", "run", SCAFFOLDED)
    assert "succeeded" in said


def test_the_lineage_of_every_task_is_what_spark_scanned(machine: Machine) -> None:
    """All flows ran above; a column whose name is data is in Spark's plan only, and lineage tells that."""
    [log] = (Home(machine.root).path / "spark" / "events").iterdir()
    scanned = scans(log)
    deployed = load(machine.root).in_environment("local", looking=True)
    lineage = mesh_lineage(deployed)
    jobs = {
        flow.path: [str(one.settings["name"]) for one in (*flow.jobs, *flow.pipelines)]
        for deployment in deployed.deployments
        for flow in deployment.flows
    }
    incomplete = set()
    for task in lineage.tasks:
        told = {str(one): {c.name for c in task.columns if c.table == one} for one in task.read}
        own = {str(one) for one in task.written} - set(told)
        [found] = [
            scanned[job, key] for job in jobs[task.flow] for key in (task.task, "") if (job, key) in scanned
        ]
        found = {table: columns for table, columns in found.items() if table not in own}
        assert told.keys() == found.keys(), task.task
        if told != found:
            incomplete.add(task.task)
            assert task.gaps, task.task
            assert all(told[table] <= columns for table, columns in found.items()), task.task
    assert incomplete == {"validate"}


@pytest.mark.skipif(not REAL_TRIPS.exists(), reason="no real taxi trips beside this checkout")
def test_real_trips_give_the_figures_computed_without_spark(machine: Machine) -> None:
    """To the cent."""
    machine.mesh("local", "data", "load", "--trips", str(REAL_TRIPS))
    machine.run("local", "run", "taxinyc/prep/revenue")
    for table, rows in expected(REAL_TRIPS).items():
        assert _comparable(machine.table(table)) == _comparable(rows), table


def test_destroy_leaves_nothing(machine: Machine) -> None:
    """No job, schema, catalog, notebook or table file of the mesh remains, nor what hangs on tables since they exist."""
    machine.run("deploy", "--auto-approve")
    machine.run("destroy", "--auto-approve")
    client = machine.workspace()
    assert list(client.jobs.list()) == []
    assert list(client.pipelines.list_pipelines()) == []
    assert list(client.experiments.list_experiments()) == []
    assert {one.name for one in client.catalogs.list()} == {"training"}
    assert not (Home(machine.root).warehouse / "acme_transport_taxinyc").exists()
    notebooks = [one.path for one in client.workspace.list("/Users", recursive=True) if one.object_type]
    assert notebooks == []


def test_a_renamed_column_is_refused_and_a_second_version_beside_it_runs(machine: Machine) -> None:
    """The readers of version 1 run unchanged on the table with the columns of both versions.

    Last, because its commit is another deployment, beside that of the commit before.
    """
    flow = machine.root / "orgs/acme/domains/transport/projects/taxinyc/flows/prep/revenue"
    contract, notebook = flow / "contracts/revenue.yaml", flow / "revenue_by_tripmonth.py"
    first = contract.read_text()
    second = first.replace("name: amount", "name: revenue")
    contract.write_text(second)

    refused = machine.run("contracts", "--base", "main", code=4)

    for reader in ("finance/costs/prep/monthly reads", "logistics/fleet/prep/demand reads"):
        assert f"acme/{reader} amount in orgs/acme/domains/" in refused
    assert "ask the owners of these flows: finance-team, logistics-team" in refused
    contract.write_text(first)
    (flow / "contracts/revenue-2.yaml").write_text(second.replace("version: 1.0.0", "version: 2.0.0"))
    made = 'by_borough(spark.table(TRIPS), "trip_year", "trip_month")'
    text = notebook.read_text()
    assert made in text
    notebook.write_text(text.replace(made, f'{made}.selectExpr("*", "amount as revenue")'))
    machine.run("contracts", "--base", "main")
    machine.commit()
    machine.run("deploy", "--auto-approve")
    machine.run("local", "run", "taxinyc/prep/revenue", "--task", "revenue_by_tripmonth")
    for reader in ("costs/prep/monthly", "fleet/prep/demand"):
        machine.run("local", "run", reader)
    rows = machine.table("revenue_by_tripmonth")
    assert rows
    assert all(row["amount"] == row["revenue"] for row in rows)


def _plain(text: str) -> str:
    """Without colours."""
    return re.sub(r"\x1b\[[0-9;]*m", "", text)


def _comparable(rows: list[dict[str, Any]]) -> list[list[tuple[str, str | Decimal]]]:
    """Rows as an unordered collection with exact numbers."""
    exact = [{key: _exact(value) for key, value in row.items()} for row in rows]
    return sorted((sorted(row.items()) for row in exact), key=str)


def _total(rows: list[dict[str, Any]], column: str) -> Decimal:
    return sum((Decimal(str(row[column])).quantize(Decimal("0.01")) for row in rows), Decimal(0))


def _exact(value: Any) -> str | Decimal:
    try:
        return Decimal(str(value)).quantize(Decimal("0.01"))
    except ArithmeticError:
        return str(value)
