"""Where in the mesh a stack belongs."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from mesh.load import load
from mesh.mesh import Mesh
from mesh.review.plan import Planned, StackPlan
from mesh.review.stack_location import Place, Places

MESH = Path(__file__).parents[2] / "golden" / "review" / "mesh"


@pytest.fixture(scope="module")
def mesh(tmp_path_factory: pytest.TempPathFactory) -> Mesh:
    """The mesh of the reviews that are committed, with a project whose name begins like another one's."""
    root = tmp_path_factory.mktemp("place") / "mesh"
    shutil.copytree(MESH, root)
    shutil.copytree(
        root / "orgs/acme/domains/transport/projects/taxinyc",
        root / "orgs/acme/domains/transport/projects/taxinyc-prod",
    )
    return load(root)


def deployed(key: str) -> Planned:
    """A schema that says whose deployment it belongs to."""
    said = {"properties": {"datamesh.deployment": key}}
    return Planned("databricks_schema.a", ("update",), said, said, kind="databricks_schema")


@pytest.mark.parametrize(
    ("stack", "where", "kind", "path", "identity"),
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
def test_the_mesh_tells_it_from_the_name(
    mesh: Mesh, stack: str, where: str, kind: str, path: str, identity: str
) -> None:
    found = Places(mesh).of(StackPlan(stack, ()))

    assert (found.where, found.kind, found.path, found.identity) == (where, kind, path, identity)


def test_what_several_environments_share_is_for_all_of_them(mesh: Mesh) -> None:
    found = Places(mesh).of(StackPlan("acme-foundation-main", ()))

    assert found.environments == ("test", "prod")


@pytest.mark.parametrize(
    ("key", "place"),
    [
        ("acme/transport/taxinyc/prod", Place("prod", "project", "acme/transport/taxinyc", ("prod",))),
        ("transport/taxinyc/dev/ola@acme.example/main", Place("dev", "project", "transport/taxinyc", ("dev",), "ola@acme.example-main")),
        (f"acme/transport/taxinyc/dev/{'5bd01c2f' * 5}", Place("dev", "project", "acme/transport/taxinyc", ("dev",), "5bd01c2f")),
        ("acme/transport/taxinyc/live", Place("live", "project", "acme/transport/taxinyc", ("live",))),
        ("acme/foundation/main", Place("metastore main", "foundation", "acme")),
    ],
)  # fmt: skip
def test_without_a_mesh_what_is_deployed_tells_it(key: str, place: Place) -> None:
    assert Places().of(StackPlan("some-name", (deployed(key),))) == place


def test_without_anything_a_usual_name_tells_it() -> None:
    assert Places().of(StackPlan("acme-sales-orders-prod", ())).where == "prod"


def test_what_the_mesh_has_no_more_is_told_with_what_keeps_it(mesh: Mesh) -> None:
    """Of a mesh that is not there, nobody can tell."""
    places = Places(mesh)
    gone = places.of(StackPlan("some-name", (deployed("acme/transport/old/prod"),)))
    assert gone.title == "acme/transport/old · no more in the mesh"
    assert gone.remedy == (
        "put back orgs/acme/domains/transport/projects/old; "
        "if it was renamed, say `renamed_from: transport/old` in its project.yml"
    )
    without_org = places.of(StackPlan("some-name", (deployed("transport/old/prod"),)))
    assert without_org.remedy.startswith("put back domains/transport/projects/old;")
    assert places.of(StackPlan("acme-transport-gone-prod", ())).gone
    assert not places.of(StackPlan("acme-transport-taxinyc-prod", ())).gone
    assert not places.of(StackPlan("whatever", ())).gone
    assert not Places().of(StackPlan("acme-transport-gone-prod", ())).gone
    assert Places().of(StackPlan("acme-transport-gone-prod", ())).remedy == ""
