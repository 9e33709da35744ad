"""Selects stacks by name, by pattern and by the path of a project."""

from __future__ import annotations

import pytest

from mesh.deployment.stack_selection import select_stacks
from mesh.errors import UsageError
from tests.mesh.conftest import FLOW, ONE_FLOW, Deployed

COSTS = "orgs/acme/domains/finance/projects/costs/flows/prep/monthly"
ORG = {"orgs/acme/org.yml": "environments: {dev: {}}"}
TWO_PROJECTS = {**ORG, f"{COSTS}/deployment.yml": ONE_FLOW[f"{FLOW}/deployment.yml"], f"{COSTS}/a.py": ""}


@pytest.fixture
def select(deployed: Deployed):
    mesh = deployed(TWO_PROJECTS, "dev")
    stacks = [*mesh.foundations, *mesh.deployments]
    return lambda *names: [stack.stack for stack in select_stacks(names, stacks)]


def test_no_name_selects_all_stacks_in_their_order(select) -> None:
    foundation, costs, taxi = select()

    assert foundation.startswith("acme-foundation")
    assert (costs.rpartition("-dev")[0], taxi.rpartition("-dev")[0]) == (
        "acme-finance-costs",
        "acme-transport-taxinyc",
    )


@pytest.mark.parametrize("name", ["acme-transport-*", "transport/taxinyc", "acme/transport/taxinyc"])
def test_a_pattern_or_a_path_selects_a_project(select, name: str) -> None:
    [stack] = select(name)

    assert stack.startswith("acme-transport-taxinyc")


def test_the_order_of_stacks_does_not_depend_on_the_order_of_names(select) -> None:
    assert select("transport/taxinyc", "acme-foundation-*") == select(
        "acme-foundation-*", "transport/taxinyc"
    )


def test_an_unknown_name_is_refused_with_a_similar_name(select) -> None:
    with pytest.raises(UsageError, match=r"stack `acme-foundatoin` is not in the mesh \("):
        select("acme-foundatoin")
