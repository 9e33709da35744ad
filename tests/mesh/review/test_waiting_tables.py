"""Grants on tables and functions that no plan contains, because these do not exist."""

from __future__ import annotations

from dataclasses import replace

from mesh.model.catalog_function import CatalogFunction
from mesh.model.grant import Grant
from mesh.model.table import Table
from mesh.review.mesh_index import MeshIndex
from mesh.review.plan import ResourceChange, StackPlan
from mesh.review.sentence import plain
from mesh.review.waiting_tables import waiting_tables
from tests.mesh.conftest import Deployed

GRANTED = Grant("a", ("EXECUTE",))
GRANT = Grant("finance", ("SELECT",), ("reads, a.yml:2", "consumers, b.yml:1"))
TRIPS = Table("t", "trips", "s", "main.sales", None, "acme/f", grants=(GRANT,))
TIPS = replace(TRIPS, id="u", name="tips")
CREATED = ResourceChange("databricks_job.a", ("create",), {}, {"name": "a"}, kind="databricks_job")
HELD = ResourceChange(
    "databricks_grants.t", ("no-op",), {"table": "main.sales.trips"}, {}, kind="databricks_grants"
)


def sentences(deployed: Deployed, plan: StackPlan, functions: tuple[CatalogFunction, ...] = ()) -> list[str]:
    """What a review says about the tables TRIPS and TIPS of the stack."""
    [one] = deployed({}, env="local").deployments
    index = MeshIndex(deployments={plan.stack: replace(one, tables=(TRIPS, TIPS), functions=functions)})
    return [plain(text) for each in waiting_tables([plan], index) for text in (each.sentence, *each.details)]


def test_a_table_that_a_plan_leaves_out_is_told(deployed: Deployed) -> None:
    assert sentences(deployed, StackPlan("s", (CREATED, HELD))) == [
        "`finance` will gain `SELECT` on 1 table that does not exist yet: `main.sales.tips`",
        "the first deployment after the table exists grants it",
        "is read in `a.yml:2`, accepted in `b.yml:1`",
    ]


def test_tables_are_counted_for_a_principal(deployed: Deployed) -> None:
    [first, *_] = sentences(deployed, StackPlan("s", (CREATED,)))
    assert first.startswith("`finance` will gain `SELECT` on 2 tables that do not exist yet: ")


def test_a_function_that_a_plan_leaves_out_is_told(deployed: Deployed) -> None:
    one = CatalogFunction("h", "s", "main.sales.hidden", "hidden", None, "acme/f", (GRANTED,))

    found = sentences(deployed, StackPlan("s", (CREATED,)), (one,))

    assert found[-2:] == [
        "`a` will gain `EXECUTE` on 1 function that does not exist yet: `main.sales.hidden`",
        "the first deployment after the function exists grants it",
    ]


def test_a_plan_that_makes_nothing_or_has_an_error_says_nothing(deployed: Deployed) -> None:
    gone = replace(CREATED, actions=("delete",))
    assert sentences(deployed, StackPlan("s", (gone,))) == []
    assert sentences(deployed, StackPlan("s", (HELD,))) == []
    assert sentences(deployed, StackPlan("s", (CREATED,), error="no login")) == []
