"""Registered models."""

UC = "/api/2.1/unity-catalog"


def test_a_schema_with_a_registered_model_is_deleted_only_with_force(workspace, schema):
    model = workspace.post(f"{UC}/models", {**schema, "name": "fares", "comment": "the price of a trip"})
    assert (model["full_name"], model["owner"]) == ("cat.s.fares", "minilake-user")
    workspace.patch(f"{UC}/models/cat.s.fares", {"owner": "taxi-team"})

    listed = workspace.get(f"{UC}/models", catalog_name="cat", schema_name="s")["registered_models"]
    assert [each["owner"] for each in listed] == ["taxi-team"]
    assert "1 models(s)" in workspace.delete(f"{UC}/schemas/cat.s", status=400)["message"]
    workspace.delete(f"{UC}/schemas/cat.s?force=true")
    workspace.get(f"{UC}/models/cat.s.fares", status=404)
