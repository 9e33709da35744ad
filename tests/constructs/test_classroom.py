"""The objects that all students of a class share."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from datamesh.classroom import Classroom
from mesh.workshop.limits import LimitsFile, WarehouseFile
from mesh.workshop.workshop import ServicePrincipal
from tests.constructs.test_workshop import CLASS, ROBOT


def test_no_shared_object_depends_on_the_students(synth) -> None:
    full, empty = (
        synth(lambda scope, workshop=workshop: Classroom(scope, workshop))
        for workshop in (CLASS, replace(CLASS, students=()))
    )

    assert full == empty


def test_rights_of_a_created_service_principal_wait_for_it(synth) -> None:
    """They name the id that the workspace gives it, which is the declared one on Azure only."""
    workshop = replace(CLASS, service_principal=ServicePrincipal(ROBOT, create=True))
    resources = synth(lambda scope: Classroom(scope, workshop))["resource"]

    assert resources["databricks_service_principal"] == {
        "production": {
            "display_name": "workshop-spring",
            "application_id": ROBOT,
            "lifecycle": {"ignore_changes": ["application_id"]},
            "databricks_sql_access": True,
            "workspace_access": True,
        }
    }
    reference = "${databricks_service_principal.production.application_id}"
    grants, permissions = resources["databricks_grants"], resources["databricks_permissions"]
    assert {resource["grant"][1]["principal"] for resource in grants.values()} == {reference}
    assert {resource["access_control"][1]["service_principal_name"] for resource in permissions.values()} == {
        reference
    }


def test_without_production_only_the_group_gets_privileges(synth) -> None:
    workshop = replace(CLASS, service_principal=None)
    resources = synth(lambda scope: Classroom(scope, workshop))["resource"]

    group = "${databricks_group.students.display_name}"
    assert "databricks_service_principal" not in resources
    grants, permissions = resources["databricks_grants"], resources["databricks_permissions"]
    assert {name: [one["principal"] for one in resource["grant"]] for name, resource in grants.items()} == {
        name: [group] for name in ("acme", "training", "data", "taxinyc_trips")
    }
    assert {name: resource["access_control"] for name, resource in permissions.items()} == {
        name: [{"group_name": group, "permission_level": "CAN_USE"}]
        for name in ("warehouse", "pipelines", "clusters")
    }


def test_limits_of_the_workshop_are_in_its_warehouse_and_cluster_policies(synth) -> None:
    workshop = replace(
        CLASS,
        warehouse=WarehouseFile(size="Small", max_clusters=5, auto_stop_minutes=7),
        limits=LimitsFile(max_workers=3, auto_termination_minutes=15, dbus_per_hour=9),
    )
    resources = synth(lambda scope: Classroom(scope, workshop))["resource"]

    warehouse = resources["databricks_sql_endpoint"]["class"]
    assert [warehouse[name] for name in ("cluster_size", "max_num_clusters", "auto_stop_mins")] == [
        "Small",
        5,
        7,
    ]
    policies = resources["databricks_cluster_policy"]
    rules = {name: json.loads(policy["definition"]) for name, policy in policies.items()}
    assert {name: rule["num_workers"]["maxValue"] for name, rule in rules.items()} == {
        "pipelines": 3,
        "clusters": 3,
    }
    assert {name: rule["dbus_per_hour"]["maxValue"] for name, rule in rules.items()} == {
        "pipelines": 9,
        "clusters": 9,
    }
    assert rules["clusters"]["autotermination_minutes"]["value"] == 15
    assert "autotermination_minutes" not in rules["pipelines"]


@pytest.mark.parametrize(
    ("catalogs", "existing", "catalog"),
    [
        (("training",), (), "${databricks_catalog.training.name}"),
        ((), ("training",), "training"),
    ],
)
def test_the_data_schemas_are_in_the_catalog_training(
    synth, catalogs: tuple[str, ...], existing: tuple[str, ...], catalog: str
) -> None:
    workshop = replace(CLASS, catalogs=catalogs, existing_catalogs=existing)
    schemas = synth(lambda scope: Classroom(scope, workshop))["resource"]["databricks_schema"]

    assert {name: schema["catalog_name"] for name, schema in schemas.items()} == {
        "data": catalog,
        "taxinyc_trips": catalog,
    }
