"""The objects that one student of a class gets."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

from datamesh.classroom import Classroom
from datamesh.student import Student
from mesh.workshop.student import Student as Model
from mesh.workshop.workshop import Repository, Workshop
from tests.constructs.test_workshop import CLASS

EVE = Model("eve.42+x@example.com", "Eve", "north", "feat-gh2000-oslo")
ID = "eve_42-p-x-at-example_com"


def resources(synth: Any, student: Model, workshop: Workshop = CLASS) -> dict[str, Any]:
    """The resources of one student, without those of the class."""
    shared = synth(lambda scope: Classroom(scope, workshop))["resource"]
    both = synth(lambda scope: Student(scope, student, Classroom(scope, workshop)))["resource"]
    own = {
        kind: {name: one for name, one in named.items() if name not in shared.get(kind, {})}
        for kind, named in both.items()
    }
    return {kind: named for kind, named in own.items() if named}


def test_every_resource_of_a_student_has_the_address_in_its_terraform_name(synth) -> None:
    own = resources(synth, EVE)

    assert {kind: sorted(named) for kind, named in own.items()} == {
        "databricks_user": [ID],
        "databricks_group_member": [ID],
        "databricks_directory": [ID],
        "databricks_repo": [ID],
        "databricks_schema": [ID],
        "databricks_grants": [ID],
        "databricks_cluster_policy": [ID],
        "databricks_permissions": [f"folder-{ID}", f"policy-{ID}"],
    }


def test_the_cluster_policy_limits_job_clusters_and_tags_their_cost(synth) -> None:
    policy = resources(synth, EVE)["databricks_cluster_policy"][ID]

    assert policy["name"] == f"workshop-spring-jobs-{EVE.schema_name}"
    rules = json.loads(policy["definition"])
    assert rules["cluster_type"] == {"type": "fixed", "value": "job"}
    assert rules["num_workers"]["maxValue"] == 2
    assert rules["custom_tags.student"] == {"type": "fixed", "value": EVE.schema_name}


def test_the_git_folder_is_at_the_branch_of_the_student(synth) -> None:
    """The provider is declared where Databricks cannot derive it from the address."""
    repository = Repository("https://git.example.com/acme/course.git", "main", "gitLabEnterpriseEdition")
    own = resources(synth, EVE, replace(CLASS, repository=repository))

    assert own["databricks_repo"][ID] == {
        "url": "https://git.example.com/acme/course.git",
        "git_provider": "gitLabEnterpriseEdition",
        "path": f"${{databricks_directory.{ID}.path}}/course",
        "branch": "feat-gh2000-oslo",
    }


def test_the_members_of_a_group_of_the_account_are_left_alone(synth) -> None:
    own = resources(synth, EVE, replace(CLASS, creates_group=False))

    assert "databricks_group_member" not in own
    assert own["databricks_user"][ID]["user_name"] == "eve.42+x@example.com"


def test_an_existing_user_keeps_the_home_folder_when_the_class_ends(synth) -> None:
    """The workshop looks the user up, so Terraform destroys only the class's folder in the home folder."""
    own = resources(synth, EVE, replace(CLASS, users="existing"))

    assert "databricks_user" not in own
    assert own["databricks_directory"][ID] == {
        "path": f"${{data.databricks_user.{ID}.home}}/spring",
        "delete_recursive": True,
    }
