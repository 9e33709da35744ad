"""Schemas: deletion with content."""

from tests.local.workspace.unity_catalog.helpers import UC, register_table


def test_a_schema_with_a_table_is_deleted_only_with_force_and_with_its_files(workspace, schema):
    folder = workspace.home.warehouse / "cat" / "s" / "trips"
    register_table(workspace, "trips")

    error = workspace.delete(f"{UC}/schemas/cat.s", status=400)
    assert error == {
        "error_code": "INVALID_STATE",
        "message": "Schema 'cat.s' is not empty. The schema has 1 tables(s), 0 functions(s), 0 volumes(s),"
        " 0 models(s)",
    }
    assert folder.exists()

    workspace.delete(f"{UC}/schemas/cat.s?force=true")
    assert not folder.exists()
    workspace.get(f"{UC}/tables/cat.s.trips", status=404)


def test_a_schema_in_an_unknown_catalog_is_refused(workspace):
    refused = workspace.post(f"{UC}/schemas", {"name": "s", "catalog_name": "none"}, status=404)

    assert refused["error_code"] == "CATALOG_DOES_NOT_EXIST"
