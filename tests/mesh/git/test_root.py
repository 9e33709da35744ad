"""The root of the mesh that contains a folder."""

from __future__ import annotations

from pathlib import Path

import pytest

from mesh.git.root import mesh_root

FLOW = "orgs/acme/domains/transport/projects/taxinyc/flows/prep/revenue"


@pytest.mark.parametrize("folder", [".", "orgs", "orgs/acme", FLOW, "docs"])
def test_the_root_is_found_from_every_folder_below(tmp_path: Path, folder: str) -> None:
    (tmp_path / FLOW).mkdir(parents=True)
    (tmp_path / "docs").mkdir()

    assert mesh_root(tmp_path / folder) == tmp_path.resolve()


def test_a_repository_of_one_org_has_domains_at_its_root(tmp_path: Path) -> None:
    (tmp_path / "domains/transport/projects").mkdir(parents=True)

    assert mesh_root(tmp_path / "domains/transport") == tmp_path.resolve()


def test_the_nearest_mesh_counts_and_none_above_the_checkout(tmp_path: Path) -> None:
    (tmp_path / "orgs").mkdir()
    (tmp_path / "inner/orgs/acme").mkdir(parents=True)
    (tmp_path / "clone/.git").mkdir(parents=True)
    (tmp_path / "clone/docs").mkdir()

    assert mesh_root(tmp_path / "inner/orgs/acme") == (tmp_path / "inner").resolve()
    assert mesh_root(tmp_path / "clone/docs") == (tmp_path / "clone/docs").resolve()


def test_without_a_folder_the_search_begins_at_the_current_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / FLOW).mkdir(parents=True)
    monkeypatch.chdir(tmp_path / FLOW)

    assert mesh_root() == tmp_path.resolve()
