"""Catalogs, schemas, volumes, tables, grants: what Unity Catalog keeps, refuses and takes along."""

from typing import Any

import pytest

UC = "/api/2.1/unity-catalog"


@pytest.fixture
def schema(workspace) -> str:
    """A schema in a catalog; returns its full name."""
    workspace.post(f"{UC}/catalogs", {"name": "cat"})
    workspace.post(f"{UC}/schemas", {"name": "s", "catalog_name": "cat"})
    return "cat.s"


def table(workspace, name: str, location: str | None = None) -> dict[str, Any]:
    """Register a Delta table as Spark's catalog does, with a file where its data would be."""
    folder = workspace.home.warehouse / "cat" / "s" / name
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "part.parquet").touch()
    body = {
        "name": name,
        "catalog_name": "cat",
        "schema_name": "s",
        "table_type": "EXTERNAL",
        "data_source_format": "DELTA",
        "storage_location": location or str(folder),
        "columns": [{"name": "beløp", "type_text": "decimal(10,2)", "type_name": "DECIMAL", "position": 0}],
    }
    return workspace.post(f"{UC}/tables", body)


@pytest.mark.parametrize("name", ["transport_taxinyc", "ærfugl_østfold", "a-b"])
def test_names_may_hold_letters_of_any_language(workspace, name):
    workspace.post(f"{UC}/catalogs", {"name": name})
    workspace.post(f"{UC}/schemas", {"name": name, "catalog_name": name})

    assert workspace.get(f"{UC}/schemas/{name}.{name}")["full_name"] == f"{name}.{name}"


@pytest.mark.parametrize("name", ["a.b", "a b", "a/b", 'a"b', "", "../x"])
def test_names_that_are_none_are_refused(workspace, name):
    assert (
        workspace.post(f"{UC}/catalogs", {"name": name}, status=400)["error_code"]
        == "INVALID_PARAMETER_VALUE"
    )


def test_owner_comment_and_properties_are_kept_and_changed(workspace, schema):
    for path in (f"{UC}/catalogs/cat", f"{UC}/schemas/cat.s"):
        change = {"owner": "taxi-team", "comment": "Trips", "properties": {"a": "b"}}
        assert change.items() <= workspace.patch(path, change).items()
        assert change.items() <= workspace.get(path).items()
        assert workspace.patch(path, {"properties": {}})["properties"] == {}


def test_volumes_keep_owner_and_comment(workspace, schema):
    body = {"name": "landing", "catalog_name": "cat", "schema_name": "s", "volume_type": "MANAGED"}
    workspace.post(f"{UC}/volumes", {**body, "comment": "Files as they arrive"})
    workspace.patch(f"{UC}/volumes/cat.s.landing", {"owner": "taxi-team"})

    volume = workspace.get(f"{UC}/volumes/cat.s.landing")
    assert (volume["comment"], volume["owner"]) == ("Files as they arrive", "taxi-team")
    workspace.delete(f"{UC}/volumes/cat.s.landing")
    workspace.get(f"{UC}/volumes/cat.s.landing", status=404)


def test_creating_what_exists_is_refused_whatever_its_case(workspace, schema):
    catalog = workspace.post(f"{UC}/catalogs", {"name": "CAT"}, status=409)
    twice = workspace.post(f"{UC}/schemas", {"name": "S", "catalog_name": "cat"}, status=409)
    assert (catalog["error_code"], twice["error_code"]) == ("CATALOG_ALREADY_EXISTS", "SCHEMA_ALREADY_EXISTS")


def test_a_schema_with_a_table_is_deleted_by_force_only_and_then_with_its_files(workspace, schema):
    folder = workspace.home.warehouse / "cat" / "s" / "trips"
    table(workspace, "trips")

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


def test_a_catalog_with_a_schema_is_deleted_by_force_only_and_then_with_everything(workspace, schema):
    table(workspace, "trips")

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


def test_files_outside_the_warehouse_outlive_their_table(workspace, schema, tmp_path):
    outside = tmp_path / "elsewhere"
    outside.mkdir()
    table(workspace, "trips", f"file:{outside}")

    workspace.delete(f"{UC}/tables/cat.s.trips")
    assert outside.exists()


def test_a_table_whose_location_is_a_whole_schema_does_not_take_it_along(workspace, schema):
    table(workspace, "trips")
    table(workspace, "broad", str(workspace.home.warehouse / "cat" / "s"))

    workspace.delete(f"{UC}/tables/cat.s.broad")
    assert (workspace.home.warehouse / "cat" / "s" / "trips" / "part.parquet").exists()


def test_a_table_keeps_its_columns_whatever_their_names_and_is_found_in_any_case(workspace, schema):
    created = table(workspace, "Trips")

    found = workspace.get(f"{UC}/tables/cat.s.trips")
    assert (found["name"], found["table_id"]) == ("Trips", created["table_id"])
    assert found["columns"][0]["name"] == "beløp"
    listed = workspace.get(f"{UC}/tables", catalog_name="cat", schema_name="s")["tables"]
    assert [(each["name"], each["columns"][0]["name"]) for each in listed] == [("Trips", "beløp")]
    place = {"catalog_name": "cat", "schema_name": "s", "omit_columns": "true"}
    [short] = workspace.get(f"{UC}/tables", **place)["tables"]
    assert (short["name"], short["columns"]) == ("Trips", None)


def test_grants_are_added_removed_and_inherited(workspace, schema):
    path = f"{UC}/permissions/schema/cat.s"
    change = {"changes": [{"principal": "analysts", "add": ["USE_SCHEMA", "SELECT"]}]}
    workspace.patch(path, change)
    workspace.patch(path, {"changes": [{"principal": "analysts", "remove": ["SELECT"]}]})

    direct = [{"principal": "analysts", "privileges": ["USE_SCHEMA"]}]
    assert workspace.get(path)["privilege_assignments"] == direct
    table(workspace, "trips")
    effective = workspace.get(f"{UC}/effective-permissions/table/cat.s.trips")["privilege_assignments"]
    assert effective[0]["privileges"][0]["inherited_from_name"] == "cat.s"


def test_grants_go_with_what_they_were_on(workspace, schema):
    path = f"{UC}/permissions/schema/cat.s"
    workspace.patch(path, {"changes": [{"principal": "analysts", "add": ["SELECT"]}]})
    workspace.delete(f"{UC}/schemas/cat.s")
    workspace.get(path, status=404)
    workspace.post(f"{UC}/schemas", {"name": "s", "catalog_name": "cat"})

    assert workspace.get(path)["privilege_assignments"] == []
