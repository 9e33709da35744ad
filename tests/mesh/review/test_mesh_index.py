"""The index of a mesh."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest

from mesh.errors import OutsideError
from mesh.load import load
from mesh.review.mesh_index import MeshIndex, index_mesh
from tests.golden.review.conftest import commit, git
from tests.golden.review.plans import GIT, HERE
from tests.golden.test_golden import HERE as GOLDEN
from tests.golden.test_golden import IDENTITY


@pytest.fixture(scope="module")
def index(tmp_path_factory: pytest.TempPathFactory) -> MeshIndex:
    """The index of the golden mesh in production."""
    root = tmp_path_factory.mktemp("index") / "mesh"
    shutil.copytree(HERE / "mesh", root)
    git(root, "init", "-q", "-b", "main")
    git(root, "remote", "add", "origin", GIT["MESH_GIT_URL"])
    commit(root)
    index, notes = index_mesh(load(root), ["prod"])
    assert notes == []
    return index


def test_without_a_mesh_the_index_is_empty() -> None:
    assert index_mesh(None, ["prod"]) == (MeshIndex(), [])


def test_code_of_other_flows_reads_tables(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in IDENTITY.items():
        monkeypatch.setenv(name, value)
    index, notes = index_mesh(load(GOLDEN / "lineage_table" / "mesh"), ["local"])

    assert notes == []
    assert index.code_readers() == {
        "landing.shop": dict.fromkeys(("orders", "rates"), ("acme/sales/shop/prep/orders",)),
        "sales.local_olanordmann_featuretips_5bd01c2f_orders": {
            "orders": ("acme/finance/costs/prep/monthly",)
        },
    }


def test_schemas_have_readers_and_a_writer(index: MeshIndex) -> None:
    assert index.writers["acme_transport.tips"] == "acme/transport/taxinyc/prep/tips"
    assert index.readers["acme_transport.tips"] == ("acme/transport/taxinyc/ml/taximodel/training",)


def test_grants_have_the_file_and_line_of_their_declaration(index: MeshIndex) -> None:
    (origin,) = index.origins[("schema", "acme_transport.revenue"), "finance-team"]

    assert origin.endswith("orgs/acme/domains/transport/projects/taxinyc/project.yml:8")


def test_service_principals_have_names_and_others_keep_theirs(index: MeshIndex) -> None:
    assert index.display_name("7f1c0d6e-0000-4000-8000-000000000001") == "sp-acme"
    assert index.display_name("analysts") == "analysts"
    assert index.run_as["prod"] == {"7f1c0d6e-0000-4000-8000-000000000001"}


@dataclass(frozen=True)
class BrokenMesh:
    """A mesh whose environment cannot be read."""

    orgs: tuple[Any, ...] = ()

    def in_environment(self, name: str) -> Iterator[Any]:
        raise OutsideError("no git\nmore")


def test_an_environment_that_cannot_be_read_becomes_a_note() -> None:
    _, notes = index_mesh(BrokenMesh(), ["prod"])  # type: ignore[arg-type]

    assert notes == ["the declarations for prod: no git"]
