"""Changes of resources in a plan."""

from __future__ import annotations

from mesh.terraform.plan import DeclaredResource, read_change

ENTRY = {
    "address": "databricks_schema.prep_revenue",
    "change": {
        "actions": ["delete", "create"],
        "before": {"name": "old", "comment": None, "owner": "a"},
        "after": {"name": "new", "comment": "", "owner": "a"},
        "replace_paths": [["name"]],
    },
}


def test_a_replacement_destroys_the_object_and_names_the_reason() -> None:
    change = read_change(ENTRY)

    assert (change.type, change.destroys, change.because, change.imports) == (
        "databricks_schema",
        True,
        ("name",),
        False,
    )


def test_differences_ignore_unset_and_equal_attributes() -> None:
    assert read_change(ENTRY).differences == {"name": ("old", "new")}


def test_a_creation_has_no_attributes_before() -> None:
    created = {"address": "a.b", "change": {"actions": ["create"], "before": None, "after": {"x": 1}}}

    assert (read_change(created).before, read_change(created).destroys) == ({}, False)


def test_an_address_consists_of_type_and_id() -> None:
    resource = DeclaredResource("databricks_job.prep_revenue", {})

    assert (resource.type, resource.id) == ("databricks_job", "prep_revenue")
