"""The resources that synthesized code declares."""

from __future__ import annotations

from mesh.terraform.declared_resources import declared_resources


def test_references_are_resolved_within_texts_as_far_as_they_are_known() -> None:
    config = {
        "data": {"databricks_user": {"bo": {"user_name": "bo@acme.example"}}},
        "resource": {
            "databricks_user": {"ada": {"user_name": "ada@acme.example"}},
            "databricks_directory": {
                "ada": {"path": "${databricks_user.ada.home}/spring"},
                "bo": {"path": "${data.databricks_user.bo.home}/spring"},
                "literal": {"path": "/$${databricks_user.ada.home}/${databricks_user.ada.id}"},
            },
            "databricks_repo": {"ada": {"path": "${databricks_directory.ada.path}/mesh"}},
        },
    }

    paths = {one.address: one.arguments.get("path") for one in declared_resources(config)}

    assert paths == {
        "databricks_user.ada": None,
        "databricks_directory.ada": "/Users/ada@acme.example/spring",
        "databricks_directory.bo": "/Users/bo@acme.example/spring",
        "databricks_directory.literal": "/${databricks_user.ada.home}/${databricks_user.ada.id}",
        "databricks_repo.ada": "/Users/ada@acme.example/spring/mesh",
    }
