"""`mesh test`: the tests of this repository's flows, of a new flow, and what a failing test prints."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import urllib.error
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from local.home import Home
from mesh.commands.choices import ScaffoldLevel
from mesh.commands.new import scaffold, write_scaffold

if TYPE_CHECKING:
    from tests.local.spark.conftest import Local

ROOT = Path(__file__).resolve().parents[3]
MESH = [sys.executable, "-c", "from mesh.cli.main import main; main()"]


def mesh_test(local: Local, root: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Runs `mesh test` in a mesh whose local workspace is that of the tests."""
    home = Home(root)
    home.create_folders()
    local.status.write(home)
    environ = {**os.environ, "MESH_USER": "ola@acme.example", "COLUMNS": "120"}
    command = [*MESH, "test", *arguments, "--root", str(root)]
    return subprocess.run(command, env=environ, capture_output=True, text=True, check=False)


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    """A copy of this repository's orgs."""
    shutil.copytree(ROOT / "orgs", tmp_path / "orgs")
    shutil.copytree(ROOT / ".brickopscfg", tmp_path / ".brickopscfg")
    return tmp_path


def schemas(local: Local) -> list[str]:
    """The schemas of tests that are left."""
    try:
        listed = local.call("GET", "/api/2.1/unity-catalog/schemas?catalog_name=mesh_tests")
    except urllib.error.HTTPError:
        return []
    names = [one["name"] for one in listed.get("schemas", [])]
    return [name for name in names if name not in ("default", "information_schema")]


def test_the_tests_of_this_repositorys_flows_pass_and_leave_nothing(local: Local, repository: Path) -> None:
    done = mesh_test(local, repository)

    assert done.returncode == 0, done.stdout + done.stderr
    assert "4 passed" in done.stdout
    assert schemas(local) == []
    assert list(local.files("mesh_tests").glob("*/*")) == []


def test_the_test_of_a_new_flow_passes(local: Local, tmp_path: Path) -> None:
    path = "globex/sales/orders/prep/daily"
    write_scaffold(scaffold(ScaffoldLevel.FLOW, path, tmp_path), tmp_path)

    done = mesh_test(local, tmp_path, "prep/daily")

    assert done.returncode == 0, done.stdout + done.stderr
    assert "1 passed" in done.stdout


def test_a_failure_names_the_rows_and_the_lines_of_the_flow(local: Local, repository: Path) -> None:
    flow = repository / "orgs/nordlys/domains/energy/projects/prices/flows/prep/prices"
    (flow / "tests" / "test_prices.py").write_text(
        "def test_rows(run_task, tables, assert_table):\n"
        "    tables('hourly_prices.csv')\n"
        "    run_task('daily_prices')\n"
        "    assert_table('daily_prices', [{'zone': 'NO1', 'eur_per_mwh': 61}, {'zone': 'NO9', 'eur_per_mwh': 5}])\n"
        "\n"
        "def test_error(run_task):\n"
        "    run_task('daily_prices')\n"
        "\n"
        "def test_unknown(run_task):\n"
        "    run_task('daily')\n"
        "\n"
        "def test_process():\n"
        "    import sys\n"
        "    assert 'local.notebook.fork_server' in sys.orig_argv\n"
    )

    done = mesh_test(local, repository, "prices/prep/prices")

    assert done.returncode == 1
    assert "3 failed, 1 passed" in done.stdout
    lines = [line.rstrip() for line in done.stdout.splitlines()]
    assert "daily_prices differs from what is expected: 2 rows, expected 2" in lines
    assert lines[lines.index("changed rows (actual ≠ expected): 1") + 2].split() == ["NO1", "60", "≠", "61"]
    assert lines[lines.index("missing rows (expected, not in the table): 1") + 2].split() == ["NO9", "5"]
    assert lines[lines.index("extra rows (in the table, not expected): 1") + 2].split() == ["NO4", "18.15"]
    assert re.search(r"task `daily_prices` failed: .*TABLE_OR_VIEW_NOT_FOUND", done.stdout)
    assert re.search(r'prices/daily_prices\.py", line \d+', done.stdout)
    assert "has no task `daily` (tasks: hourly_prices, daily_prices)" in done.stdout
    assert schemas(local) == []


def test_tests_are_selected_and_flows_without_tests_told(local: Local, repository: Path) -> None:
    chosen = mesh_test(local, repository, "prep/revenue", "-k", "refunds")
    none = mesh_test(local, repository, "prep/peaks")
    nothing = mesh_test(local, repository, "-k", "no_such_test")

    assert "1 passed, 1 deselected" in chosen.stdout
    assert none.returncode == nothing.returncode == 2
    assert none.stderr.startswith("Error: flow nordlys/energy/prices/prep/peaks has no tests (write tests/")
    assert nothing.stderr == "Error: no test matches -k no_such_test\n"


def test_without_a_workspace_the_command_says_how_to_start_it(repository: Path) -> None:
    environ = {**os.environ, "MESH_USER": "ola@acme.example"}

    done = subprocess.run(
        [*MESH, "test", "--root", str(repository)], env=environ, capture_output=True, text=True, check=False
    )

    assert done.returncode == 3
    assert "mesh local up" in done.stderr
