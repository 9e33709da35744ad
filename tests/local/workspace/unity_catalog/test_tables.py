"""Tables: columns, files, tables that SQL or a pipeline created."""

from tests.local.workspace.sql_helpers import execute
from tests.local.workspace.unity_catalog.helpers import UC, register_table


def test_files_outside_the_warehouse_are_not_deleted_with_their_table(workspace, schema, tmp_path):
    outside = tmp_path / "elsewhere"
    outside.mkdir()
    register_table(workspace, "trips", f"file:{outside}")

    workspace.delete(f"{UC}/tables/cat.s.trips")
    assert outside.exists()


def test_deleting_a_table_whose_location_is_a_schemas_folder_deletes_no_files(workspace, schema):
    register_table(workspace, "trips")
    register_table(workspace, "broad", str(workspace.home.warehouse / "cat" / "s"))

    workspace.delete(f"{UC}/tables/cat.s.broad")
    assert (workspace.home.warehouse / "cat" / "s" / "trips" / "part.parquet").exists()


def test_a_table_keeps_its_columns_and_is_found_in_any_case(workspace, schema):
    created = register_table(workspace, "Trips")

    registered = workspace.get(f"{UC}/tables/cat.s.trips")
    assert (registered["name"], registered["table_id"]) == ("trips", created["table_id"])
    assert registered["columns"][0]["name"] == "beløp"
    listed = workspace.get(f"{UC}/tables", catalog_name="cat", schema_name="s")["tables"]
    assert [(each["name"], each["columns"][0]["name"]) for each in listed] == [("trips", "beløp")]
    query = {"catalog_name": "cat", "schema_name": "s", "omit_columns": "true"}
    [short] = workspace.get(f"{UC}/tables", **query)["tables"]
    assert (short["name"], short["columns"]) == ("trips", None)


def test_the_columns_of_a_table_are_those_of_its_files(workspace, trips):
    columns = workspace.get(f"{UC}/tables/cat.ønske.trips")["columns"]

    assert [(column["name"], column["type_text"]) for column in columns] == [
        ("borough", "string"),
        ("amount", "decimal(4,2)"),
    ]


def test_the_list_of_tables_has_columns_unless_they_are_omitted(workspace, trips):
    execute(workspace, "create table cat.ønske.counted as select borough from cat.ønske.trips")
    schema = {"catalog_name": "cat", "schema_name": "ønske"}

    listed = workspace.get(f"{UC}/tables", **schema)["tables"]
    columns = {table["name"]: [each["name"] for each in table["columns"]] for table in listed}
    assert columns == {"trips": ["borough", "amount"], "counted": ["borough"]}
    short = workspace.get(f"{UC}/tables", **schema, omit_columns=True)["tables"]
    assert [each["columns"] for each in short] == [None, None]


def test_a_table_that_sql_created_has_no_owner(workspace, trips):
    execute(workspace, "create table cat.ønske.counted as select borough from cat.ønske.trips")

    listed = workspace.get(f"{UC}/tables", catalog_name="cat", schema_name="ønske")["tables"]
    assert ["owner" in each for each in listed if each["name"] == "counted"] == [False]


def test_a_renamed_view_keeps_its_grants_and_tags(workspace, schema):
    view = {**schema, "table_type": "VIEW", "view_definition": "SELECT 1 AS a", "comment": "one"}
    view["columns"] = [{"name": "a", "type_text": "int", "type_name": "INT", "position": 0}]
    workspace.post(f"{UC}/tables", {**view, "name": "former"})
    workspace.post(f"{UC}/tables", {**view, "name": "taken"})
    tag = {"entity_type": "columns", "entity_name": "cat.s.former.a", "tag_key": "pii", "tag_value": "no"}
    workspace.post(f"{UC}/entity-tag-assignments", tag)
    grants = {"changes": [{"principal": "readers", "add": ["SELECT"]}]}
    workspace.patch(f"{UC}/permissions/table/cat.s.former", grants)

    workspace.patch(f"{UC}/tables/cat.s.former", {"new_name": "taken"}, status=400)
    workspace.patch(f"{UC}/tables/cat.s.former", {"new_name": "Former", "comment": "two"})
    workspace.patch(f"{UC}/tables/cat.s.former", {"new_name": "Latter", "owner": "owners"})
    renamed = workspace.get(f"{UC}/tables/cat.s.latter")
    assert (renamed["name"], renamed["comment"], renamed["owner"]) == ("latter", "two", "owners")
    tags = workspace.get(f"{UC}/entity-tag-assignments/columns/cat.s.latter.a/tags")["tag_assignments"]
    assert [one["entity_name"] for one in tags] == ["cat.s.latter.a"]
    granted = workspace.get(f"{UC}/permissions/table/cat.s.latter")["privilege_assignments"]
    assert [one["principal"] for one in granted] == ["readers"]
    workspace.get(f"{UC}/tables/cat.s.former", status=404)
