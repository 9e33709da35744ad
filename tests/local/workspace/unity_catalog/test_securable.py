"""What all securables share: names, owner, comment, properties."""

import pytest

UC = "/api/2.1/unity-catalog"


@pytest.mark.parametrize("name", ["transport_taxinyc", "ærfugl_østfold", "a-b"])
def test_names_can_contain_letters_of_any_language(workspace, name):
    workspace.post(f"{UC}/catalogs", {"name": name})
    workspace.post(f"{UC}/schemas", {"name": name, "catalog_name": name})

    assert workspace.get(f"{UC}/schemas/{name}.{name}")["full_name"] == f"{name}.{name}"


@pytest.mark.parametrize("name", ["a.b", "a b", "a/b", 'a"b', "", "../x"])
def test_invalid_names_are_refused(workspace, name):
    assert (
        workspace.post(f"{UC}/catalogs", {"name": name}, status=400)["error_code"]
        == "INVALID_PARAMETER_VALUE"
    )


def test_owner_comment_and_properties_can_be_changed(workspace, schema):
    for path in (f"{UC}/catalogs/cat", f"{UC}/schemas/cat.s"):
        change = {"owner": "taxi-team", "comment": "Trips", "properties": {"a": "b"}}
        assert change.items() <= workspace.patch(path, change).items()
        assert change.items() <= workspace.get(path).items()
        assert workspace.patch(path, {"properties": {}})["properties"] == {}


def test_creating_an_existing_securable_is_refused_in_any_case(workspace, schema):
    catalog = workspace.post(f"{UC}/catalogs", {"name": "CAT"}, status=409)
    twice = workspace.post(f"{UC}/schemas", {"name": "S", "catalog_name": "cat"}, status=409)
    assert (catalog["error_code"], twice["error_code"]) == ("CATALOG_ALREADY_EXISTS", "SCHEMA_ALREADY_EXISTS")


def test_a_securable_cannot_be_renamed(workspace, schema):
    refused = workspace.patch(f"{UC}/schemas/cat.s", {"new_name": "t"}, status=501)

    assert refused["message"] == "the local workspace cannot rename 'cat.s' to 't'"
