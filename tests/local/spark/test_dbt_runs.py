"""A dbt project as a task runs it: dbt and Databricks' adapter on the local Spark, two builds in one process."""

import json
import os
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from local import packages
from local.home import Home
from local.notebook.process import Result
from local.workspace.workflows.task_packages import DBT

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

    from tests.local.spark.conftest import Local

# Kept in the checkout like the jars of Spark: pip installs dbt once, and for whoever runs a mesh of this checkout.
ENVIRONMENTS = Home(Path(__file__).resolve().parents[3]).environments
PROJECT = {
    "rules/dbt_project.yml": "name: rules\n",
    "rules/macros/cents.sql": "{% macro cents(price) %}cast({{ price }} * 100 as bigint){% endmacro %}",
    "dbt/dbt_project.yml": "name: shop\nprofile: shop\nvars: {last: 2}\n",
    "dbt/packages.yml": "packages: [{local: ../rules}]\n",
    "dbt/seeds/zones.csv": "id,zone\n1,NO1\n2,NO2\n3,NO3\n",
    "dbt/models/prices.sql": (
        "{{ config(materialized='table') }}\n"
        "select id, zone, case id when 1 then {{ var('first') }} else 90 end as price\n"
        "from {{ ref('zones') }} where id <= {{ var('last') }}"
    ),
    "dbt/models/growing.sql": (
        "{{ config(materialized='incremental', unique_key='id') }}\n"
        "select id, {{ rules.cents('price') }} as cents, {{ var('last') }} as last from {{ ref('prices') }}\n"
        "{% if is_incremental() %} where id > (select max(id) from {{ this }}) {% endif %}"
    ),
    "dbt/snapshots/prices.yml": (
        "snapshots: [{name: history, relation: ref('prices'),\n"
        "  config: {unique_key: id, strategy: check, check_cols: [price]}}]\n"
    ),
    "dbt/tests/no_negative.sql": "select 1 as id, {{ var('first') - 36 }} as price where {{ var('last') }} = 3",
}


@pytest.fixture(scope="module")
def ran(local: "Local", tmp_path_factory: pytest.TempPathFactory) -> tuple[int, Result, str]:
    """Exit code, result and output of a task that builds a project twice; a test of the second build fails."""
    catalog, folder = local.catalog("dbt_runs"), tmp_path_factory.mktemp("dbt")
    for name, text in PROJECT.items():
        file = folder / "files/shop" / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)
    spec: dict[str, Any] = {
        "project": str(folder / "files/shop/dbt"),
        "workspace_files": str(folder / "files"),
        "folder": str(folder),
        "packages": str(folder / "packages"),
        "profiles": None,
        "catalog": catalog,
        "schema": "s",
        "result": str(folder / "result.json"),
        "commands": [
            "dbt deps",
            "dbt build --vars '{first: 30}'",
            "dbt build --vars '{first: 31, last: 3}' --exclude resource_type:seed",
        ],
    }
    (folder / "spec.json").write_text(json.dumps(spec))
    place = packages.environment(ENVIRONMENTS, DBT)
    done = subprocess.run(
        [packages.python(place), "-P", "-m", "local.dbt", str(folder / "spec.json")],
        env={
            **os.environ,
            "SPARK_REMOTE": str(local.status.spark_remote),
            "DATABRICKS_HOST": local.status.url,
            "DATABRICKS_TOKEN": local.status.token,
        },
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    return done.returncode, Result(**json.loads((folder / "result.json").read_text())), done.stdout


def test_a_failed_test_fails_the_task_and_is_told_with_its_file_and_rows(
    ran: tuple[int, Result, str],
) -> None:
    code, result, output = ran

    assert (code, str(result.error_trace).splitlines()[-3:]) == (
        1,
        [
            "`dbt build --vars '{first: 31, last: 3}' --exclude resource_type:seed` failed: "
            "test no_negative (/Workspace/shop/dbt/tests/no_negative.sql): "
            "Got 1 result, configured to fail if != 0",
            "rows of no_negative:",
            "  id: 1, price: -5",
        ],
    ), output


def test_the_second_build_adds_new_rows_and_closes_the_changed_row_of_a_snapshot(
    ran: tuple[int, Result, str], spark: "SparkSession"
) -> None:
    """The incremental model has the macro of a package beside the project."""
    growing = spark.sql("SELECT id, cents, last FROM dbt_runs.s.growing ORDER BY id").collect()
    history = spark.sql(
        "SELECT id, price, dbt_valid_to IS NULL AS current FROM dbt_runs.s.history ORDER BY id, price"
    ).collect()

    assert [tuple(row) for row in growing] == [(1, 3000, 2), (2, 9000, 2), (3, 9000, 3)], ran[2]
    assert [tuple(row) for row in history] == [
        (1, 30, False),
        (1, 31, True),
        (2, 90, True),
        (3, 90, True),
    ]
    written = {each["name"].rpartition(".")[2]: each["rows"] for each in ran[1].tables}
    assert written == {"zones": 3, "prices": 3, "growing": 3, "history": 4}
