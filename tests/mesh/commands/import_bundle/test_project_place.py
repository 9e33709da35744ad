"""The project that a bundle is imported into."""

from __future__ import annotations

from pathlib import Path

import pytest

from mesh.commands.import_bundle.project_place import project_place
from mesh.errors import UsageError


def test_the_path_of_a_project_has_its_folder(tmp_path: Path) -> None:
    place = project_place(tmp_path, "acme/sales/orders", "x")

    assert place.folder == "orgs/acme/domains/sales/projects/orders"
    assert list(place.environments) == ["local", "dev", "test", "prod"]


@pytest.mark.parametrize("into", ["orders", "sales/orders", "acme/sales/orders/prep", "acme//orders"])
def test_another_path_is_wrong_usage(into: str, tmp_path: Path) -> None:
    with pytest.raises(
        UsageError, match="is not a path of a project \\(write --into <org>/<domain>/<project>\\)"
    ):
        project_place(tmp_path, into, "x")


def test_of_several_domains_one_has_to_be_named(tmp_path: Path) -> None:
    for name in "ab":
        (tmp_path / "domains" / name).mkdir(parents=True)

    with pytest.raises(UsageError, match="the mesh has the domains a, b: name the project with --into"):
        project_place(tmp_path, None, "x")
    assert project_place(tmp_path, "a/x", "y").folder == "domains/a/projects/x"
