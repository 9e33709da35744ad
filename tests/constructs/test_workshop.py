"""The stack of a workshop: shared resources, and independent resources per student."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from datamesh.workshop import Workshop
from mesh.documents.terraform_text import literal
from mesh.model.backend import Backend
from mesh.toolkit import toolkit
from mesh.workshop.limits import LimitsFile, WarehouseFile
from mesh.workshop.student import Student
from mesh.workshop.workshop import Repository, ServicePrincipal
from mesh.workshop.workshop import Workshop as Model
from tests.support.terraform_schema import violations

PROVIDER_SCHEMA = (
    Path(__file__).resolve().parents[3] / "shared" / "data" / f"databricks-{toolkit().provider}-schema.json"
)
ADA = Student("ada@example.com", "Ada ${x}", "north", "feat-gh1000-oslo")
BO = Student("bo@example.com", "Bo", None, "feat-gh1001-lima")
A, B = "ada-at-example_com", "bo-at-example_com"
ROBOT = "7f1c0d6e-2f5b-4d0c-9a58-3c1e6b7d9a10"
CLASS = Model(
    name="spring",
    description="Pipelines",
    workspace=None,
    embedded=False,
    backend=Backend("local", {"path": "x"}),
    group="students",
    users="invited",
    students=(ADA, BO),
    catalogs=("acme", "training"),
    existing_catalogs=(),
    service_principal=ServicePrincipal(ROBOT),
    repository=Repository("https://git.example.com/acme/mesh", "main"),
    warehouse=WarehouseFile(),
    limits=LimitsFile(),
)
GROUP = "${databricks_group.students.display_name}"


def made(synth: Any, workshop: Model) -> dict[str, Any]:
    """The stack of a workshop."""
    return synth(lambda scope: Workshop(scope, literal(workshop)))


def test_a_student_gets_personal_resources(synth) -> None:
    resources = made(synth, CLASS)["resource"]
    user = f"${{databricks_user.{A}.user_name}}"
    own = {kind: named[A] for kind, named in resources.items() if A in named}
    definition = json.loads(own["databricks_cluster_policy"].pop("definition"))
    assert own == {
        "databricks_user": {
            "user_name": "ada@example.com",
            "display_name": "Ada $${x}",
            "force_delete_home_dir": True,
            "force_delete_repos": True,
        },
        "databricks_group_member": {
            "group_id": "${databricks_group.students.id}",
            "member_id": f"${{databricks_user.{A}.id}}",
        },
        "databricks_directory": {"path": f"${{databricks_user.{A}.home}}/spring", "delete_recursive": True},
        "databricks_repo": {
            "url": "https://git.example.com/acme/mesh",
            "git_provider": "gitHub",
            "path": f"${{databricks_directory.{A}.path}}/mesh",
            "branch": "feat-gh1000-oslo",
        },
        "databricks_schema": {
            "catalog_name": "${databricks_catalog.training.name}",
            "name": "ada",
            "comment": "What ada@example.com tries",
            "force_destroy": True,
            "properties": {"datamesh.workshop": "spring", "datamesh.student": "ada@example.com"},
        },
        "databricks_grants": {
            "schema": f"${{databricks_schema.{A}.id}}",
            "grant": [{"principal": user, "privileges": ["ALL_PRIVILEGES"]}],
        },
        "databricks_cluster_policy": {"name": "workshop-spring-jobs-ada"},
    }
    assert definition["custom_tags.student"] == {"type": "fixed", "value": "ada"}
    assert definition["custom_tags.workshop"] == {"type": "fixed", "value": "spring"}
    permissions = resources["databricks_permissions"]
    assert permissions[f"folder-{A}"] == {
        "directory_path": f"${{databricks_directory.{A}.path}}",
        "access_control": [{"user_name": user, "permission_level": "CAN_MANAGE"}],
    }
    assert permissions[f"policy-{A}"] == {
        "cluster_policy_id": f"${{databricks_cluster_policy.{A}.id}}",
        "access_control": [{"user_name": user, "permission_level": "CAN_USE"}],
    }


def test_shared_resources_grant_rights_to_group_and_production_principal(synth) -> None:
    resources = made(synth, replace(CLASS, students=()))["resource"]
    definitions = {
        name: json.loads(one.pop("definition"))
        for name, one in resources["databricks_cluster_policy"].items()
    }
    assert {name: one["cluster_type"]["value"] for name, one in definitions.items()} == {
        "pipelines": "dlt",
        "clusters": "all-purpose",
    }
    may_use = [
        {"group_name": GROUP, "permission_level": "CAN_USE"},
        {"service_principal_name": ROBOT, "permission_level": "CAN_USE"},
    ]
    deployed_to = ["CREATE_SCHEMA", "EXECUTE", "READ_VOLUME", "SELECT", "USE_CATALOG", "USE_SCHEMA"]
    data = ["READ_VOLUME", "SELECT", "USE_SCHEMA"]
    properties = {"datamesh.workshop": "spring"}

    def granted(privileges: list[str]) -> list[dict[str, Any]]:
        return [{"principal": one, "privileges": privileges} for one in (GROUP, ROBOT)]

    def schema(name: str, comment: str) -> dict[str, Any]:
        catalog = "${databricks_catalog.training.name}"
        said = {"name": name, "comment": comment, "force_destroy": True, "properties": properties}
        return {"catalog_name": catalog, **said}

    def volume(name: str) -> dict[str, Any]:
        place = {
            "catalog_name": "${databricks_catalog.training.name}",
            "schema_name": "${databricks_schema.data.name}",
        }
        return {**place, "name": name, "volume_type": "MANAGED"}

    assert resources == {
        "databricks_group": {
            "students": {
                "display_name": "students",
                "databricks_sql_access": True,
                "workspace_access": True,
            }
        },
        "databricks_catalog": {
            name: {"name": name, "comment": "Pipelines", "properties": properties}
            for name in ("acme", "training")
        },
        "databricks_schema": {
            "data": schema("data", "What the course begins with"),
            "taxinyc_trips": schema("taxinyc_trips", "Trips of New York's taxis"),
        },
        "databricks_volume": {"crimes": volume("crimes"), "nyctaxi": volume("nyctaxi")},
        "databricks_grants": {
            "acme": {"catalog": "${databricks_catalog.acme.name}", "grant": granted(deployed_to)},
            "training": {"catalog": "${databricks_catalog.training.name}", "grant": granted(["USE_CATALOG"])},
            "data": {"schema": "${databricks_schema.data.id}", "grant": granted(data)},
            "taxinyc_trips": {"schema": "${databricks_schema.taxinyc_trips.id}", "grant": granted(data)},
        },
        "databricks_cluster_policy": {
            "pipelines": {"name": "workshop-spring-pipelines"},
            "clusters": {"name": "workshop-spring-clusters", "max_clusters_per_user": 1},
        },
        "databricks_sql_endpoint": {
            "class": {
                "name": "workshop-spring",
                "cluster_size": "2X-Small",
                "min_num_clusters": 1,
                "max_num_clusters": 2,
                "auto_stop_mins": 10,
                "enable_serverless_compute": True,
                "warehouse_type": "PRO",
                "tags": {"custom_tags": [{"key": "workshop", "value": "spring"}]},
            }
        },
        "databricks_permissions": {
            "pipelines": {
                "cluster_policy_id": "${databricks_cluster_policy.pipelines.id}",
                "access_control": may_use,
            },
            "clusters": {
                "cluster_policy_id": "${databricks_cluster_policy.clusters.id}",
                "access_control": may_use,
            },
            "warehouse": {
                "sql_endpoint_id": "${databricks_sql_endpoint.class.id}",
                "access_control": may_use,
            },
        },
    }


def test_adding_a_student_changes_no_existing_resource(synth) -> None:
    """The JSON of all other resources stays byte for byte."""
    alone, together = (made(synth, replace(CLASS, students=some))["resource"] for some in ((ADA,), (ADA, BO)))
    flat = [
        {(kind, name): one for kind, named in some.items() for name, one in named.items()}
        for some in (alone, together)
    ]
    assert {key: one for key, one in flat[1].items() if key in flat[0]} == flat[0]
    added = flat[1].keys() - flat[0].keys()
    assert {name.removeprefix("folder-").removeprefix("policy-") for _, name in added} == {B}
    assert A not in json.dumps([flat[1][key] for key in sorted(added)])


def test_existing_users_are_looked_up(synth) -> None:
    stack = made(synth, replace(CLASS, users="existing"))
    assert "databricks_user" not in stack["resource"]
    assert stack["data"] == {
        "databricks_user": {A: {"user_name": "ada@example.com"}, B: {"user_name": "bo@example.com"}}
    }
    assert stack["resource"]["databricks_group_member"][A]["member_id"] == f"${{data.databricks_user.{A}.id}}"


def test_grants_on_existing_catalogs_keep_other_grants(synth) -> None:
    resources = made(synth, replace(CLASS, catalogs=(), existing_catalogs=("acme", "training"), students=()))[
        "resource"
    ]
    assert "databricks_catalog" not in resources
    deployed_to = ["CREATE_SCHEMA", "EXECUTE", "READ_VOLUME", "SELECT", "USE_CATALOG", "USE_SCHEMA"]
    assert resources["databricks_grant"] == {
        "acme_students": {"catalog": "acme", "principal": GROUP, "privileges": deployed_to},
        "acme_production": {"catalog": "acme", "principal": ROBOT, "privileges": deployed_to},
        "training_students": {"catalog": "training", "principal": GROUP, "privileges": ["USE_CATALOG"]},
        "training_production": {"catalog": "training", "principal": ROBOT, "privileges": ["USE_CATALOG"]},
    }
    assert resources["databricks_schema"]["data"]["catalog_name"] == "training"


def test_the_stack_adds_no_members_to_an_account_group(synth) -> None:
    stack = made(synth, replace(CLASS, creates_group=False))
    assert stack["data"] == {"databricks_group": {"students": {"display_name": "students"}}}
    assert not {"databricks_group", "databricks_group_member"} & stack["resource"].keys()
    training = stack["resource"]["databricks_grants"]["training"]["grant"]
    assert training[0]["principal"] == "${data.databricks_group.students.display_name}"


def test_without_a_repository_there_are_no_git_folders(synth) -> None:
    assert "databricks_repo" not in made(synth, replace(CLASS, repository=None))["resource"]


@pytest.mark.skipif(
    not PROVIDER_SCHEMA.exists(), reason="the real provider's schema is not beside this checkout"
)
def test_the_real_provider_accepts_the_stack(synth) -> None:
    schema = json.loads(PROVIDER_SCHEMA.read_text())
    rehearsed = replace(CLASS, service_principal=ServicePrincipal(ROBOT, create=True))
    existing = replace(CLASS, users="existing", catalogs=(), existing_catalogs=("acme", "training"))
    for workshop in (CLASS, rehearsed, existing, replace(existing, creates_group=False)):
        assert list(violations(made(synth, workshop), schema)) == []
