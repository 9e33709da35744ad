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


def test_names_are_kept_in_lower_case_and_found_in_any_case(workspace):
    made = [
        workspace.post(f"{UC}/catalogs", {"name": "Cat"}),
        workspace.post(f"{UC}/schemas", {"name": "Trips", "catalog_name": "CAT"}),
        workspace.post(
            f"{UC}/volumes",
            {"name": "Raw", "catalog_name": "Cat", "schema_name": "TRIPS", "volume_type": "MANAGED"},
        ),
        workspace.post(f"{UC}/models", {"name": "Tips", "catalog_name": "Cat", "schema_name": "Trips"}),
    ]

    assert [(each["name"], each["full_name"]) for each in made] == [
        ("cat", "cat"),
        ("trips", "cat.trips"),
        ("raw", "cat.trips.raw"),
        ("tips", "cat.trips.tips"),
    ]
    for kind, name, each in zip(
        ("catalogs", "schemas", "volumes", "models"),
        ("CAT", "CAT.Trips", "Cat.TRIPS.raw", "cat.Trips.TIPS"),
        made,
        strict=True,
    ):
        assert workspace.get(f"{UC}/{kind}/{name}") == each
    for kind, name in (("models", "CAT.TRIPS.TIPS"), ("volumes", "CAT.TRIPS.RAW"), ("schemas", "CAT.TRIPS")):
        workspace.delete(f"{UC}/{kind}/{name}")


def test_a_storage_credential_keeps_the_case_of_its_name(workspace):
    role = {"role_arn": "arn:aws:iam::123456789012:role/lake"}
    workspace.post(f"{UC}/storage-credentials", {"name": "Lake", "aws_iam_role": role})

    assert workspace.get(f"{UC}/storage-credentials/lake")["name"] == "Lake"


def test_owner_comment_and_properties_can_be_changed(workspace, schema):
    for path in (f"{UC}/catalogs/cat", f"{UC}/schemas/cat.s"):
        change = {"owner": "taxi-team", "comment": "Trips", "properties": {"a": "b"}}
        assert change.items() <= workspace.patch(path, change).items()
        assert change.items() <= workspace.get(path).items()
        assert workspace.patch(path, {"properties": {}})["properties"] == {}


def test_creating_an_existing_securable_is_refused_in_any_case(workspace, schema):
    catalog = workspace.post(f"{UC}/catalogs", {"name": "CAT"}, status=400)
    twice = workspace.post(f"{UC}/schemas", {"name": "S", "catalog_name": "cat"}, status=400)
    assert (catalog["error_code"], twice["error_code"]) == ("CATALOG_ALREADY_EXISTS", "SCHEMA_ALREADY_EXISTS")


def test_a_securable_cannot_be_renamed(workspace, schema):
    refused = workspace.patch(f"{UC}/schemas/cat.s", {"new_name": "t"}, status=501)

    assert refused["message"] == "the local workspace cannot rename 'cat.s' to 't'"
