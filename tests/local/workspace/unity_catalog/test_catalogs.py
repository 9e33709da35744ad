"""Catalogs: default schema, deletion with content."""

from tests.local.workspace.unity_catalog.helpers import UC, register_table


def test_a_catalog_with_a_schema_is_deleted_only_with_force_and_with_its_content(workspace, schema):
    register_table(workspace, "trips")

    assert workspace.delete(f"{UC}/catalogs/cat", status=400)["error_code"] == "INVALID_STATE"
    workspace.delete(f"{UC}/catalogs/cat?force=true")
    assert not (workspace.home.warehouse / "cat").exists()
    workspace.get(f"{UC}/schemas/cat.s", status=404)
    workspace.post(f"{UC}/catalogs", {"name": "cat"})
    assert [each["name"] for each in workspace.get(f"{UC}/schemas", catalog_name="cat")["schemas"]] == [
        "default"
    ]


def test_an_empty_catalog_is_deleted_with_its_default_schema(workspace):
    workspace.post(f"{UC}/catalogs", {"name": "cat"})

    workspace.delete(f"{UC}/catalogs/cat")
    workspace.get(f"{UC}/schemas/cat.default", status=404)


def test_an_unknown_isolation_mode_and_an_invalid_storage_root_are_refused(workspace):
    workspace.post(f"{UC}/catalogs", {"name": "cat", "isolation_mode": "SHUT"}, status=400)
    workspace.post(f"{UC}/catalogs", {"name": "cat", "storage_root": "/etc"}, status=400)

    catalog = workspace.post(f"{UC}/catalogs", {"name": "cat", "storage_root": "s3://bucket/cat/"})
    assert catalog["storage_location"].startswith("s3://bucket/cat/__unitystorage/catalogs/")
