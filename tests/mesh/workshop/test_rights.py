"""The privileges of a class."""

from __future__ import annotations

from mesh.workshop import rights


def test_the_class_only_uses_the_catalog_with_the_courses_data() -> None:
    assert rights.catalog_privileges("training", "training") == ("USE_CATALOG",)


def test_the_class_creates_schemas_in_the_other_catalogs() -> None:
    assert "CREATE_SCHEMA" in rights.catalog_privileges("transport", "training")


def test_no_privilege_writes_to_the_courses_data() -> None:
    for privileges in (rights.TRAINING_CATALOG, rights.DATA_SCHEMAS):
        assert {*privileges}.isdisjoint({"ALL_PRIVILEGES", "MODIFY", "CREATE_TABLE", "WRITE_VOLUME"})
