"""The summary of a plan of a class."""

from __future__ import annotations

from mesh.terraform.plan import PlannedChange
from mesh.workshop.plan_summary import PlanSummary
from mesh.workshop.student import Student

ADA = Student("ada@example.com", "Ada", None, "feat-gh1000-oslo")
BO = Student("bo@example.com", "Bo", None, "feat-gh1001-lima")
CLEO = Student("cleo@example.com", "Cleo", None, "feat-gh1002-cork")


def create(address: str) -> PlannedChange:
    """A resource to create."""
    return PlannedChange(address, ("create",), {}, {})


def test_added_removed_and_changed_students_have_a_line() -> None:
    """A student who left the roster is named by the address in the schema's property."""
    cleos_schema = {
        "catalog_name": "training",
        "name": "cleo",
        "properties": {"datamesh.student": CLEO.email},
    }
    changes = (
        create("databricks_group.students"),
        *(create(f"databricks_{kind}.{one.id}") for one in (ADA, BO) for kind in ("user", "schema")),
        *(
            create(f"databricks_permissions.{kind}-{one.id}")
            for one in (ADA, BO)
            for kind in ("folder", "policy")
        ),
        PlannedChange(f"databricks_schema.{CLEO.id}", ("delete",), cleos_schema, {}),
        PlannedChange(f"databricks_user.{CLEO.id}", ("delete",), {}, {}),
        PlannedChange("databricks_sql_endpoint.class", ("update",), {}, {}),
    )
    assert list(PlanSummary(changes, (ADA, BO)).lines()) == [
        "~ the class: SQL warehouse, group",
        "+ 2 students, for each: permissions (2), schema, user",
        "    ada@example.com",
        "    bo@example.com",
        "- cleo@example.com: schema, user",
    ]


def test_data_losses_are_reported() -> None:
    deleted = {"catalog_name": "training", "name": "cleo", "properties": {}}
    changes = (
        PlannedChange(f"databricks_schema.{CLEO.id}", ("delete",), deleted, {}),
        PlannedChange(
            "databricks_schema.empty", ("delete", "create"), {"catalog_name": "training", "name": "none"}, {}
        ),
        PlannedChange(
            "databricks_volume.crimes",
            ("delete",),
            {"catalog_name": "a", "schema_name": "b", "name": "c"},
            {},
        ),
        PlannedChange("databricks_catalog.x", ("update",), {"name": "x"}, {}),
    )
    holds = {"training.cleo": "3 tables", "training.none": "empty", "a.b.c": ""}
    assert list(PlanSummary(changes, ()).losses(lambda kind, name: holds[name])) == [
        "schema training.cleo is destroyed: 3 tables",
        "volume a.b.c is destroyed: its content is unknown",
    ]
