"""What a plan does to a class, as its admin reads it."""

from __future__ import annotations

from mesh.terraform.plan import Change
from mesh.workshop.plan_summary import Changes
from mesh.workshop.student import Student

ADA = Student("ada@example.com", "Ada", None, "feat-gh1000-oslo")
BO = Student("bo@example.com", "Bo", None, "feat-gh1001-lima")
CLEO = Student("cleo@example.com", "Cleo", None, "feat-gh1002-cork")


def create(address: str) -> Change:
    """Something that is made."""
    return Change(address, ("create",), {}, {})


def test_who_is_added_removed_and_changed_has_a_line() -> None:
    """Who left the roster is told by the address that the own schema carries."""
    gone = {"catalog_name": "training", "name": "cleo", "properties": {"datamesh.student": CLEO.email}}
    changes = (
        create("databricks_group.students"),
        *(create(f"databricks_{kind}.{one.id}") for one in (ADA, BO) for kind in ("user", "schema")),
        *(
            create(f"databricks_permissions.{kind}-{one.id}")
            for one in (ADA, BO)
            for kind in ("folder", "policy")
        ),
        Change(f"databricks_schema.{CLEO.id}", ("delete",), gone, {}),
        Change(f"databricks_user.{CLEO.id}", ("delete",), {}, {}),
        Change("databricks_sql_endpoint.class", ("update",), {}, {}),
    )
    assert list(Changes(changes, (ADA, BO)).lines()) == [
        "~ the class: SQL warehouse, group",
        "+ 2 students, for each: permissions (2), schema, user",
        "    ada@example.com",
        "    bo@example.com",
        "- cleo@example.com: schema, user",
    ]


def test_data_that_would_be_gone_is_told() -> None:
    deleted = {"catalog_name": "training", "name": "cleo", "properties": {}}
    changes = (
        Change(f"databricks_schema.{CLEO.id}", ("delete",), deleted, {}),
        Change(
            "databricks_schema.empty", ("delete", "create"), {"catalog_name": "training", "name": "none"}, {}
        ),
        Change(
            "databricks_volume.crimes",
            ("delete",),
            {"catalog_name": "a", "schema_name": "b", "name": "c"},
            {},
        ),
        Change("databricks_catalog.x", ("update",), {"name": "x"}, {}),
    )
    holds = {"training.cleo": "3 tables", "training.none": "empty", "a.b.c": ""}
    assert list(Changes(changes, ()).losses(lambda kind, name: holds[name])) == [
        "schema training.cleo is destroyed: 3 tables",
        "volume a.b.c is destroyed: nobody can tell what is in it",
    ]
