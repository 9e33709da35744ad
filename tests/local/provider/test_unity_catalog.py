"""Unity Catalog securables, applied by real Terraform."""

from typing import Any

UNITY = "/api/2.1/unity-catalog"


def job(name: str, **settings: Any) -> dict[str, Any]:
    """Return a job with one task."""
    task = {"task_key": "only", "notebook_task": {"notebook_path": "/Shared/x"}}
    return {"name": name, "task": [task], **settings}


def test_a_renamed_volume_is_not_replaced(terraform: Any, workspace: Any) -> None:
    """A replacement would lose its files: the volume is renamed in place, or the apply fails."""

    def config(name: str) -> dict[str, Any]:
        volume = {
            "catalog_name": "${databricks_catalog.c.name}",
            "schema_name": "${databricks_schema.s.name}",
        }
        return {
            "databricks_catalog": {"c": {"name": "renaming", "force_destroy": True}},
            "databricks_schema": {"s": {"catalog_name": "${databricks_catalog.c.name}", "name": "s"}},
            "databricks_volume": {"v": {**volume, "name": name, "volume_type": "MANAGED"}},
            "databricks_job": {"j": job("renaming", description="${databricks_volume.v.volume_path}")},
        }

    terraform.write(config("before"))
    terraform.apply()
    terraform.write(config("after"))
    in_place = {"databricks_volume.v": ["update"]}
    assert terraform.planned() == in_place
    code, output = terraform.run("apply", "-auto-approve")
    assert code == 1
    assert "cannot change volume renaming.s.before: " in output
    assert terraform.planned() == in_place
    volumes = workspace.get(f"{UNITY}/volumes", catalog_name="renaming", schema_name="s")["volumes"]
    assert [entry["name"] for entry in volumes] == ["before"]
    terraform.destroy()


def test_a_schema_with_tables_is_only_destroyed_by_force(terraform: Any, workspace: Any) -> None:
    """Without `force_destroy` the schema, its tables and the state stay."""
    schema = {"catalog_name": "${databricks_catalog.c.name}", "name": "full"}
    catalog = {"databricks_catalog": {"c": {"name": "forced", "force_destroy": True}}}
    terraform.write({**catalog, "databricks_schema": {"s": schema}})
    terraform.apply()
    volume = {"catalog_name": "forced", "schema_name": "full", "name": "v", "volume_type": "MANAGED"}
    workspace.post(f"{UNITY}/volumes", volume)
    code, output = terraform.run("destroy", "-auto-approve", "-target=databricks_schema.s")
    assert code == 1
    assert "cannot delete schema forced.full: " in output
    terraform.write({**catalog, "databricks_schema": {"s": {**schema, "force_destroy": True}}})
    terraform.apply()
    terraform.destroy()
    assert "forced" not in workspace.api.get(f"{UNITY}/catalogs").text


def test_an_invalid_privilege_is_refused(terraform: Any) -> None:
    """The error names the privilege, the securable and the valid privileges."""
    terraform.write(
        {
            "databricks_catalog": {"c": {"name": "refused"}},
            "databricks_grants": {
                "g": {
                    "catalog": "${databricks_catalog.c.name}",
                    "grant": {"principal": "p", "privileges": ["READ_FILES"]},
                }
            },
        }
    )
    code, output = terraform.run("apply", "-auto-approve")
    assert code == 1
    text = " ".join(output.replace("│", " ").split())
    assert "Privilege READ_FILES is not applicable to this entity [refused:CATALOG]" in text
    terraform.destroy()


def test_everything_in_the_metastore_has_an_owner(terraform: Any, workspace: Any) -> None:
    """The owner is set at creation, changed in place, and changed back after a change by hand."""

    def config(owner: str) -> dict[str, Any]:
        names = {"catalog_name": "${databricks_catalog.x.name}", "schema_name": "${databricks_schema.x.name}"}
        role = {"role_arn": "arn:aws:iam::123456789012:role/owned"}
        objects = {
            "catalog": {"name": "owned"},
            "schema": {"name": "s", "catalog_name": names["catalog_name"]},
            "volume": {"name": "v", **names, "volume_type": "MANAGED"},
            "registered_model": {"name": "m", **names},
            "storage_credential": {"name": "owned", "aws_iam_role": role},
            "external_location": {
                "name": "owned",
                "url": "s3://owned",
                "credential_name": "${databricks_storage_credential.x.name}",
            },
        }
        return {f"databricks_{kind}": {"x": {**entry, "owner": owner}} for kind, entry in objects.items()}

    terraform.write(config("taxi-team"))
    terraform.apply()
    assert terraform.planned() == {}
    terraform.write(config("platform-team"))
    assert terraform.planned() == {f"{kind}.x": ["update"] for kind in config("")}
    terraform.apply()
    places = ("catalogs/owned", "schemas/owned.s", "volumes/owned.s.v", "models/owned.s.m")
    places += ("storage-credentials/owned", "external-locations/owned")
    owners = {place: workspace.get(f"{UNITY}/{place}")["owner"] for place in places}
    assert owners == dict.fromkeys(places, "platform-team")
    workspace.api.patch(f"{UNITY}/models/owned.s.m", json={"owner": "eve"}).raise_for_status()
    assert terraform.planned() == {"databricks_registered_model.x": ["update"]}
    terraform.destroy()


def test_an_external_volume_keeps_its_files_when_it_is_destroyed(terraform: Any, workspace: Any) -> None:
    """Files are written and read by the volume's path; a later volume at the same location has them too."""

    def config(name: str) -> dict[str, Any]:
        volume = {
            "catalog_name": "${databricks_catalog.c.name}",
            "schema_name": "${databricks_schema.s.name}",
        }
        place = {"volume_type": "EXTERNAL", "storage_location": "s3://external-bucket/landing"}
        return {
            "databricks_catalog": {
                "c": {
                    "name": "external",
                    "owner": "taxi-team",
                    "storage_root": "s3://external-bucket/managed",
                    "properties": {"team": "taxi"},
                    "force_destroy": True,
                }
            },
            "databricks_schema": {
                "s": {
                    "catalog_name": "${databricks_catalog.c.name}",
                    "name": "s",
                    "owner": "taxi-team",
                    "storage_root": "s3://external-bucket/s",
                }
            },
            "databricks_volume": {name: {**volume, **place, "name": name, "owner": "taxi-team"}},
        }

    terraform.write(config("landing"))
    terraform.apply()
    assert terraform.planned() == {}
    path = "/api/2.0/fs/files/Volumes/external/s/{}/2019/trips.csv"
    assert workspace.api.put(path.format("landing"), content=b"a,b\n").status_code == 204
    terraform.write(config("arrivals"))
    assert terraform.planned() == {
        "databricks_volume.arrivals": ["create"],
        "databricks_volume.landing": ["delete"],
    }
    terraform.write({kind: entry for kind, entry in config("x").items() if kind != "databricks_volume"})
    terraform.apply()
    terraform.write(config("arrivals"))
    terraform.apply()
    assert workspace.api.get(path.format("arrivals")).content == b"a,b\n"
    catalog = workspace.get(f"{UNITY}/catalogs/external")
    assert (catalog["owner"], catalog["properties"]) == ("taxi-team", {"team": "taxi"})
    terraform.destroy()


def test_a_comment_that_is_no_longer_set_is_cleared_and_properties_are_not(
    terraform: Any, workspace: Any
) -> None:
    """The provider leaves empty properties out of the request, so those of the workspace stay."""
    for settings in ({"comment": "here", "properties": {"a": "b"}}, {}):
        terraform.write({"databricks_catalog": {"c": {"name": "cleared", **settings}}})
        terraform.apply()
    catalog = workspace.get(f"{UNITY}/catalogs/cleared")
    assert (catalog.get("comment") or "", catalog.get("properties") or {}) == ("", {"a": "b"})
    terraform.destroy()
