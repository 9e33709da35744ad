"""The names that follow from a workshop."""

from __future__ import annotations

from dataclasses import replace

import pytest

from mesh.model.backend import Backend
from mesh.workshop.limits import LimitsFile, WarehouseFile
from mesh.workshop.workshop import Repository, Workshop

WORKSHOP = Workshop(
    name="spring",
    description=None,
    workspace=None,
    embedded=False,
    backend=Backend("local", {"path": ".mesh/state"}),
    group="students",
    users="existing",
    students=(),
    catalogs=("training", "transport"),
    existing_catalogs=("finance",),
    service_principal=None,
    repository=None,
    warehouse=WarehouseFile(),
    limits=LimitsFile(),
)


def test_names_contain_the_workshops_name() -> None:
    assert WORKSHOP.state_key == "workshop/spring"
    assert WORKSHOP.warehouse_name == "workshop-spring"
    assert WORKSHOP.policy_name("jobs") == "workshop-spring-jobs"
    assert WORKSHOP.properties == {"datamesh.workshop": "spring"}
    assert WORKSHOP.tags == {"workshop": "spring"}


def test_a_rehearsal_has_its_own_environment() -> None:
    assert WORKSHOP.environment == "workshop"
    assert replace(WORKSHOP, embedded=True).environment == "workshop-local"


def test_students_deploy_to_all_catalogs_except_training() -> None:
    assert WORKSHOP.domain_catalogs == ("finance", "transport")


@pytest.mark.parametrize(
    ("url", "name"),
    [
        ("https://git.example.com/acme/mesh.git", "mesh"),
        ("https://git.example.com/acme/mesh/", "mesh"),
        ("", "course"),
    ],
)
def test_a_git_folder_has_the_name_of_its_repository(url: str, name: str) -> None:
    assert Repository(url, "main").name == name


@pytest.mark.parametrize(
    ("url", "is_clonable"),
    [("https://github.com/acme/mesh", True), ("/srv/git/mesh.git", False), ("file:///srv/mesh", False)],
)
def test_git_folders_need_a_repository_that_databricks_can_clone(url: str, is_clonable: bool) -> None:
    workshop = replace(WORKSHOP, repository=Repository(url, "main"))

    assert workshop.git_folders == (workshop.repository if is_clonable else None)


def test_without_a_repository_there_are_no_git_folders() -> None:
    assert replace(WORKSHOP, repository=None).git_folders is None
