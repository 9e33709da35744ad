"""The location of a stack in the mesh."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from mesh.load import load
from mesh.mesh import Mesh
from mesh.review.plan import ResourceChange, StackPlan
from mesh.review.stack_location import StackLocation, StackLocator

MESH = Path(__file__).parents[2] / "golden" / "review" / "mesh"


@pytest.fixture(scope="module")
def mesh(tmp_path_factory: pytest.TempPathFactory) -> Mesh:
    """The mesh of the golden reviews, with a second project whose name begins with the first one's name."""
    root = tmp_path_factory.mktemp("location") / "mesh"
    shutil.copytree(MESH, root)
    shutil.copytree(
        root / "orgs/acme/domains/transport/projects/taxinyc",
        root / "orgs/acme/domains/transport/projects/taxinyc-prod",
    )
    return load(root)


def deployed(key: str) -> ResourceChange:
    """A schema with the state key of its deployment."""
    arguments = {"properties": {"datamesh.deployment": key}}
    return ResourceChange("databricks_schema.a", ("update",), arguments, arguments, kind="databricks_schema")


@pytest.mark.parametrize(
    ("stack", "environment", "kind", "path", "identity"),
    [
        ("acme-transport-taxinyc-prod", "prod", "project", "acme/transport/taxinyc", ""),
        ("acme-transport-taxinyc-prod-prod", "prod", "project", "acme/transport/taxinyc-prod", ""),
        ("acme-transport-taxinyc-test", "test", "project", "acme/transport/taxinyc", ""),
        (
            "acme-transport-taxinyc-test-ola@acme.example-feature%2Ftips-5bd01c2f",
            "test",
            "project",
            "acme/transport/taxinyc",
            "ola@acme.example-feature/tips-5bd01c2f",
        ),
        ("acme-workspace-prod", "prod", "workspace", "acme", ""),
        ("acme-foundation-main", "metastore main", "foundation", "acme", ""),
        ("acme-transport-gone-prod", "prod", "project", "acme/transport/gone", ""),
        ("acme-transport-gone-prod-ola", "prod", "project", "acme/transport/gone", "ola"),
        ("whatever", "environment unknown", "project", "whatever", ""),
    ],
)
def test_the_mesh_locates_a_stack_by_its_name(
    mesh: Mesh, stack: str, environment: str, kind: str, path: str, identity: str
) -> None:
    location = StackLocator(mesh).locate(StackPlan(stack, ()))

    assert (location.environment, location.kind, location.path, location.identity) == (
        environment,
        kind,
        path,
        identity,
    )


def test_a_foundation_belongs_to_all_its_environments(mesh: Mesh) -> None:
    location = StackLocator(mesh).locate(StackPlan("acme-foundation-main", ()))

    assert location.environments == ("test", "prod")


@pytest.mark.parametrize(
    ("key", "location"),
    [
        ("acme/transport/taxinyc/prod", StackLocation("prod", "project", "acme/transport/taxinyc", ("prod",))),
        ("transport/taxinyc/dev/ola@acme.example/main", StackLocation("dev", "project", "transport/taxinyc", ("dev",), "ola@acme.example-main")),
        (f"acme/transport/taxinyc/dev/{'5bd01c2f' * 5}", StackLocation("dev", "project", "acme/transport/taxinyc", ("dev",), "5bd01c2f")),
        ("acme/transport/taxinyc/live", StackLocation("live", "project", "acme/transport/taxinyc", ("live",))),
        ("acme/foundation/main", StackLocation("metastore main", "foundation", "acme")),
    ],
)  # fmt: skip
def test_without_a_mesh_the_state_key_in_resources_locates_a_stack(key: str, location: StackLocation) -> None:
    assert StackLocator().locate(StackPlan("some-name", (deployed(key),))) == location


def test_without_a_mesh_and_a_state_key_a_usual_name_locates_a_stack() -> None:
    assert StackLocator().locate(StackPlan("acme-sales-orders-prod", ())).environment == "prod"


def test_a_removed_project_has_a_remedy(mesh: Mesh) -> None:
    """Without a mesh, no stack counts as removed."""
    locator = StackLocator(mesh)
    removed = locator.locate(StackPlan("some-name", (deployed("acme/transport/old/prod"),)))
    assert removed.title == "acme/transport/old · removed from the mesh"
    assert removed.remedy == (
        "if the project was renamed, set `renamed_from: transport/old` in the new project's project.yml; "
        "if it shall stay, restore orgs/acme/domains/transport/projects/old"
    )
    without_org = locator.locate(StackPlan("some-name", (deployed("transport/old/prod"),)))
    assert without_org.remedy.endswith("restore domains/transport/projects/old")
    assert locator.locate(StackPlan("acme-transport-gone-prod", ())).removed
    assert not locator.locate(StackPlan("acme-transport-taxinyc-prod", ())).removed
    assert not locator.locate(StackPlan("whatever", ())).removed
    assert not StackLocator().locate(StackPlan("acme-transport-gone-prod", ())).removed
    assert StackLocator().locate(StackPlan("acme-transport-gone-prod", ())).remedy == ""
