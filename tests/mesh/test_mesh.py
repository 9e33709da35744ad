"""Paths on the command line may omit leading levels; an environment must be one kind for all orgs."""

from __future__ import annotations

from pathlib import Path

import pytest

from mesh.errors import MeshError, UsageError
from mesh.load import load
from mesh.mesh import resolve_path
from tests.mesh.conftest import FLOW, ONE_FLOW, PROJECT, Deployed

REVENUE = "acme/transport/taxinyc/prep/revenue"
OTHER = "acme/finance/costs/prep/revenue"


@pytest.mark.parametrize("path", [REVENUE, "transport/taxinyc/prep/revenue", "taxinyc/prep/revenue/"])
def test_a_path_may_omit_leading_levels(path: str, deployed: Deployed, tmp_path: Path) -> None:
    deployed({})

    assert resolve_path(path, [REVENUE, OTHER], load(tmp_path), "prod") == REVENUE


@pytest.mark.parametrize(
    ("path", "message"),
    [
        ("prep/revenue", f"may be {REVENUE} or {OTHER} (write a longer path)"),
        ("acme/transport", f"matches several projects or flows (write one of {REVENUE})"),
        ("prep/revenu", "is not in the mesh (did you mean `prep/revenue`?)"),
    ],
)
def test_other_paths_are_refused_with_the_remedy(
    path: str, message: str, deployed: Deployed, tmp_path: Path
) -> None:
    deployed({})

    with pytest.raises(UsageError) as refused:
        resolve_path(path, [REVENUE, OTHER], load(tmp_path), "prod")

    assert message in str(refused.value)


def test_an_unknown_environment_is_refused_with_the_known_ones(deployed: Deployed) -> None:
    with pytest.raises(UsageError, match=r"environment `prd` is not defined \(did you mean `prod`"):
        deployed({}, env="prd")


def test_two_projects_never_create_the_same_schema(deployed: Deployed) -> None:
    twin = {file.replace("taxinyc", "bikes"): text for file, text in ONE_FLOW.items()}
    config = {".brickopscfg/config.yml": "naming:\n  catalog: {other: '{domain}'}\n  db: {other: '{db}'}\n"}

    with pytest.raises(MeshError, match=r"schema `transport\.revenue` would be created by"):
        deployed({**twin, **config})


def test_a_mesh_in_an_environment_finds_its_flows(deployed: Deployed) -> None:
    mesh = deployed({})

    assert mesh.flow("prep/revenue").path == REVENUE
    assert [one.path for one in mesh.deployments] == [
        PROJECT.replace("orgs/", "").replace("domains/", "").replace("projects/", "")
    ]
    assert FLOW.endswith("flows/prep/revenue")
