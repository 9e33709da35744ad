"""Changed functions that row filters and column masks use."""

from __future__ import annotations

from dataclasses import replace

import pytest

from mesh.model.catalog_function import CatalogFunction
from mesh.model.review_policy import PolicyFile
from mesh.review.declared_tables import declaration_changes
from mesh.review.mesh_index import MeshIndex
from mesh.review.plan import StackPlan
from mesh.review.policy import rulings
from mesh.review.sentence import plain
from mesh.review.stack_location import StackLocator
from tests.mesh.conftest import Deployed
from tests.mesh.review.test_declared_tables import change
from tests.mesh.review.test_waiting_policies import DECLARED, JOB, held

SQL = {"hidden": "RETURN\nhelper(x)", "helper": "RETURN\tmaß(x)", "maß": "RETURN x", "other": "RETURN 1"}


def made(**changed: str) -> list[dict[str, object]]:
    """The functions of a notebook."""
    return [
        {"schema": "", "name": name, "head": "(x INT)", "body": [text]}
        for name, text in (SQL | changed).items()
    ]


def index(deployed: Deployed, named: str = "main.sales.hidden") -> MeshIndex:
    """A mesh where the policy of a stack uses the function `hidden` of a flow."""
    [one] = deployed({}, env="local").deployments
    function = CatalogFunction(
        "h", "s", "main.sales.hidden", None, "flows/prep/trips/functions/hidden.sql", "f"
    )
    policy = replace(DECLARED, function_name=named)
    return MeshIndex(deployments={"s": replace(one, functions=(function,))}, policies={"s": (policy,)})


@pytest.mark.parametrize("changed", ["hidden", "helper", "maß"])
@pytest.mark.parametrize("spelled", ["hidden", "Hidden"])  # Unity Catalog ignores case
def test_a_changed_function_that_a_policy_uses_is_refused(
    deployed: Deployed, changed: str, spelled: str
) -> None:
    one = change(made(), made(**{changed: "RETURN 2"}), "create_functions", "FUNCTIONS")
    plan, mesh = StackPlan("s", (one, held())), index(deployed, f"main.sales.{spelled}")

    found = declaration_changes([plan], mesh)

    told = "`column mask main.sales.hide` uses `hidden`, and may hide less after the next run"
    assert plain(found[0].details[0]) == told
    locations = {"s": StackLocator(None).locate(plan)}
    [ruling] = rulings([plan], found, locations, PolicyFile(), mesh, frozenset())
    assert (ruling.rule, ruling.refused) == ("sees-more", True)


def test_other_functions_may_change(deployed: Deployed) -> None:
    one = change(made(), made(other="RETURN 2"), "create_functions", "FUNCTIONS")
    plan = StackPlan("s", (one, held()))

    [found] = declaration_changes([plan], index(deployed))

    assert not found.reveals


CHANGED = change(made(), made(hidden="RETURN x"), "create_functions", "FUNCTIONS")
SAME = change(made(), made(), "create_functions", "FUNCTIONS")
NEW = replace(CHANGED, actions=("create",), before={})
DESTROYED = replace(CHANGED, address="databricks_notebook.b", actions=("delete",), after={})


@pytest.mark.parametrize(
    ("plans", "told"),
    [
        # the function was made by other code, or before the flow was renamed
        ([StackPlan("s", (NEW, held()))], ["functions of `prep/trips` are new: the next run sets them"]),
        (
            [StackPlan("s", (DESTROYED, NEW, held()))],
            ["functions of `prep/trips` are new: the next run sets them"],
        ),
        ([StackPlan("s", (DESTROYED, replace(SAME, actions=("create",), before={}), held()))], []),
        # the path of the project's code differs
        (
            [StackPlan("s", (replace(CHANGED, actions=("delete", "create")), held()))],
            ["1 declaration about functions of `prep/trips` changes: the next run sets it"],
        ),
        # the policy does not exist yet
        ([StackPlan("s", (NEW, JOB))], []),
        ([StackPlan("s", (NEW, replace(held(), actions=("create",))))], []),
        # whether it exists is not known
        (
            [StackPlan("s", (NEW,), error="no")],
            ["functions of `prep/trips` are new: the next run sets them"],
        ),
    ],
)
def test_functions_of_new_notebooks_are_refused_where_a_policy_exists(
    deployed: Deployed, plans: list[StackPlan], told: list[str]
) -> None:
    found = declaration_changes(plans, index(deployed))

    assert [plain(one.sentence) for one in found if one.reveals] == told
    assert len(found) == len(told)
