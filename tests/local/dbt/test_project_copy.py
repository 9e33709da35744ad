"""The copy of a dbt project: what is beside the project, and the names of files."""

from pathlib import Path

import pytest

from local.dbt.project_copy import ProjectCopy, copy_project


@pytest.fixture
def workspace(tmp_path: Path) -> Path:
    """The root of a workspace with a project, and a package and a folder of macros beside it."""
    root = tmp_path / "files"
    for name in ("marts/dbt/models/a.sql", "marts/dbt/own/b.sql", "marts/rules/c.sql", "macros/d.sql"):
        file = root / name
        file.parent.mkdir(parents=True)
        file.write_text(name)
    return root


def test_paths_out_of_the_project_lead_to_what_is_beside_it_in_the_workspace(
    workspace: Path, tmp_path: Path
) -> None:
    copy = copy_project(workspace / "marts/dbt", workspace, tmp_path / "run")

    assert (copy.path / "models/a.sql").read_text() == "marts/dbt/models/a.sql"
    assert (copy.path / "../rules/c.sql").read_text() == "marts/rules/c.sql"
    assert (copy.path / "../../macros/d.sql").read_text() == "macros/d.sql"


def test_what_dbt_writes_is_no_file_of_the_workspace_and_the_next_copy_is_without_it(
    workspace: Path, tmp_path: Path
) -> None:
    before = sorted(workspace.rglob("*"))
    copy = copy_project(workspace / "marts/dbt", workspace, tmp_path / "run")
    (copy.path / "target").mkdir()
    (copy.path.parent / "logs").mkdir()
    assert sorted(workspace.rglob("*")) == before

    again = copy_project(workspace / "marts/dbt", workspace, tmp_path / "run")
    assert not (again.path / "target").exists()
    assert (workspace / "marts/rules/c.sql").exists()


def test_a_project_elsewhere_is_copied_alone(workspace: Path, tmp_path: Path) -> None:
    copy = copy_project(workspace / "marts/dbt", tmp_path / "none", tmp_path / "run")

    assert [each.name for each in copy.path.parent.iterdir()] == ["dbt"]


@pytest.mark.parametrize(
    ("package", "name"),
    [
        ("", "/Workspace/marts/dbt/models/a.sql"),
        ("marts", "/Workspace/marts/dbt/models/a.sql"),
        ("rules", "/Workspace/marts/rules/models/a.sql"),
        ("own", "/Workspace/marts/dbt/own/models/a.sql"),
        ("hub", "/Workspace/marts/dbt/dbt_packages/hub/models/a.sql"),
    ],
)
def test_a_file_has_the_name_that_it_has_in_the_workspace(
    workspace: Path, tmp_path: Path, package: str, name: str
) -> None:
    """A package of the mesh is a link, in the form in which `dbt deps` makes it."""
    copy: ProjectCopy = copy_project(workspace / "marts/dbt", workspace, tmp_path / "run")
    packages = copy.path / "dbt_packages"
    (packages / "hub").mkdir(parents=True)
    (packages / "rules").symlink_to(copy.path.parent / "rules")
    (packages / "own").symlink_to(copy.path / "own")

    assert copy.place("models/a.sql", package) == name
