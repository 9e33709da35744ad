"""Functions: fields, lists, schemas that hold them."""

from tests.local.workspace.unity_catalog.helpers import UC


def test_a_function_is_listed_changed_and_deleted(workspace, schema):
    parameter = {"name": "x", "type_text": "int", "type_json": "{}", "type_name": "INT", "position": 0}
    body = {
        **schema,
        "name": "Doubled",
        "input_params": {"parameters": [parameter]},
        "data_type": "INT",
        "full_data_type": "INT",
        "routine_body": "SQL",
        "routine_definition": "x * 2",
        "properties": '{"a":"b"}',
    }
    created = workspace.post(f"{UC}/functions", {"function_info": body})
    assert (created["full_name"], created["specific_name"]) == ("cat.s.doubled", "doubled")
    assert (
        workspace.post(f"{UC}/functions", {"function_info": body}, status=400)["error_code"]
        == "FUNCTION_ALREADY_EXISTS"
    )
    workspace.post(f"{UC}/functions", {**body, "name": "halved"})
    page = workspace.get(f"{UC}/functions?catalog_name=cat&schema_name=S&max_results=1")
    assert [each["name"] for each in page["functions"]] == ["doubled"]
    rest = workspace.get(
        f"{UC}/functions?catalog_name=cat&schema_name=s&page_token={page['next_page_token']}"
    )
    assert ([each["name"] for each in rest["functions"]], "next_page_token" in rest) == (["halved"], False)

    workspace.patch(f"{UC}/functions/cat.s.DOUBLED", {"owner": "taxi-team"})
    changed = workspace.get(f"{UC}/functions/cat.s.doubled")
    assert (changed["owner"], changed["properties"]) == ("taxi-team", '{"a":"b"}')
    workspace.delete(f"{UC}/functions/cat.s.doubled")
    assert (
        workspace.get(f"{UC}/functions/cat.s.doubled", status=404)["error_code"] == "FUNCTION_DOES_NOT_EXIST"
    )


def test_a_schema_with_functions_is_deleted_by_force_only(workspace, schema):
    workspace.post(f"{UC}/functions", {"function_info": {**schema, "name": "f", "routine_definition": "1"}})

    refused = workspace.delete(f"{UC}/schemas/cat.s", status=400)
    assert "1 functions(s)" in refused["message"]
    workspace.delete(f"{UC}/schemas/cat.s?force=true")
    workspace.get(f"{UC}/functions/cat.s.f", status=404)
