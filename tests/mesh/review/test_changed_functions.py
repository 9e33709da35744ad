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
from tests.mesh.review.test_waiting_policies import DECLARED

SQL = {"hidden": "RETURN\nhelper(x)", "helper": "RETURN\tmaß(x)", "maß": "RETURN x", "other": "RETURN 1"}


def made(**changed: str) -> list[dict[str, object]]:
    """The functions of a notebook."""
    return [
        {"schema": "", "name": name, "head": "(x INT)", "body": [text]}
        for name, text in (SQL | changed).items()
    ]


def index(deployed: Deployed) -> MeshIndex:
    """A mesh where the policy of a stack uses the function `hidden` of a flow."""
    [one] = deployed({}, env="local").deployments
    function = CatalogFunction(
        "h", "s", "main.sales.hidden", None, "flows/prep/trips/functions/hidden.sql", "f"
    )
    return MeshIndex(deployments={"s": replace(one, functions=(function,))}, policies={"s": (DECLARED,)})


@pytest.mark.parametrize("changed", ["hidden", "helper", "maß"])
def test_a_changed_function_that_a_policy_uses_is_refused(deployed: Deployed, changed: str) -> None:
    plan = StackPlan("s", (change(made(), made(**{changed: "RETURN 2"}), "create_functions", "FUNCTIONS"),))
    mesh = index(deployed)

    found = declaration_changes([plan], mesh)

    told = "`column mask main.sales.hide` uses `hidden`, and may hide less after the next run"
    assert plain(found[0].details[0]) == told
    locations = {"s": StackLocator(None).locate(plan)}
    [ruling] = rulings([plan], found, locations, PolicyFile(), mesh, frozenset())
    assert (ruling.rule, ruling.refused) == ("sees-more", True)


def test_other_functions_may_change(deployed: Deployed) -> None:
    plan = StackPlan("s", (change(made(), made(other="RETURN 2"), "create_functions", "FUNCTIONS"),))

    [found] = declaration_changes([plan], index(deployed))

    assert not found.reveals
