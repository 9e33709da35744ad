"""Tags of tables and columns."""

UC = "/api/2.1/unity-catalog"
TAGS = f"{UC}/entity-tag-assignments"
TABLE = "cat.sales.trips"


def test_tags_of_a_table_and_its_columns_go_with_the_table(workspace):
    workspace.post(f"{UC}/catalogs", {"name": "cat"})
    workspace.post(f"{UC}/schemas", {"catalog_name": "cat", "name": "sales"})
    table = {"catalog_name": "cat", "schema_name": "sales", "name": "trips", "table_type": "MANAGED"}
    column = {"name": "fare", "type_name": "STRING", "type_text": "string"}
    workspace.post(f"{UC}/tables", {**table, "data_source_format": "DELTA", "columns": [column]})

    of_table = {"entity_type": "tables", "entity_name": TABLE, "tag_key": "product"}
    of_column = {"entity_type": "columns", "entity_name": f"{TABLE}.fare", "tag_key": "pii"}
    workspace.post(TAGS, {**of_table, "tag_value": "revenue"})
    assert workspace.post(TAGS, of_column) == of_column
    workspace.post(TAGS, of_table, status=400)
    path = f"{TAGS}/tables/{TABLE}/tags/product"
    workspace.patch(f"{path}?update_mask=tag_key", {**of_table}, status=400)
    workspace.patch(f"{path}?update_mask=tag_value", {**of_table, "tag_value": "other"})
    assert workspace.get(f"{TAGS}/tables/{TABLE}/tags") == {
        "tag_assignments": [{**of_table, "tag_value": "other"}]
    }

    workspace.post(TAGS, {**of_column, "entity_name": f"{TABLE}.fair"}, status=404)
    workspace.post(TAGS, {**of_table, "entity_name": "cat.sales.none"}, status=404)
    workspace.post(TAGS, {**of_table, "entity_type": "jobs"}, status=400)
    workspace.get(f"{TAGS}/tables/{TABLE}/tags/none", status=404)
    workspace.delete(f"{TAGS}/columns/{TABLE}.fare/tags/pii")
    workspace.delete(f"{UC}/tables/{TABLE}")
    workspace.post(f"{UC}/tables", {**table, "data_source_format": "DELTA", "columns": [column]})
    assert workspace.get(f"{TAGS}/tables/{TABLE}/tags") == {"tag_assignments": []}
