"""Catalogs: the schemas that Unity Catalog adds, deletion with content."""

import pytest

from tests.local.workspace.unity_catalog.helpers import UC, register_table


def test_a_catalog_with_a_schema_is_deleted_only_with_force_and_with_its_content(workspace, schema):
    register_table(workspace, "trips")

    assert workspace.delete(f"{UC}/catalogs/cat", status=400)["error_code"] == "INVALID_STATE"
    workspace.delete(f"{UC}/catalogs/cat?force=true")
    assert not (workspace.home.warehouse / "cat").exists()
    workspace.get(f"{UC}/schemas/cat.s", status=404)
    workspace.post(f"{UC}/catalogs", {"name": "cat"})
    assert [each["name"] for each in workspace.get(f"{UC}/schemas", catalog_name="cat")["schemas"]] == [
        "default",
        "information_schema",
    ]


def test_a_catalog_is_empty_without_its_default_schema(workspace):
    """The provider deletes the schema `default` of a new catalog, so that it can destroy the catalog."""
    workspace.post(f"{UC}/catalogs", {"name": "cat"})
    refused = workspace.delete(f"{UC}/catalogs/cat", status=400)
    assert refused["message"] == "Catalog 'cat' is not empty. The catalog has 1 schema(s)"

    workspace.delete(f"{UC}/schemas/cat.default")
    workspace.delete(f"{UC}/catalogs/CAT")
    workspace.get(f"{UC}/schemas/cat.information_schema", status=404)
    workspace.post(f"{UC}/catalogs", {"name": "cat"})


@pytest.mark.parametrize("query", ["", "?force=true"])
def test_the_information_schema_cannot_be_changed_or_deleted(workspace, query):
    workspace.post(f"{UC}/catalogs", {"name": "cat"})

    workspace.delete(f"{UC}/schemas/cat.Information_Schema{query}", status=400)
    workspace.patch(f"{UC}/schemas/cat.information_schema", {"owner": "me"}, status=400)
    assert workspace.get(f"{UC}/schemas/cat.information_schema")["owner"] == "System user"


def test_an_unknown_isolation_mode_and_an_invalid_storage_root_are_refused(workspace):
    workspace.post(f"{UC}/catalogs", {"name": "cat", "isolation_mode": "SHUT"}, status=400)
    workspace.post(f"{UC}/catalogs", {"name": "cat", "storage_root": "/etc"}, status=400)

    catalog = workspace.post(f"{UC}/catalogs", {"name": "cat", "storage_root": "s3://bucket/cat/"})
    assert catalog["storage_location"].startswith("s3://bucket/cat/__unitystorage/catalogs/")
