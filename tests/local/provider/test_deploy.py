"""Real Terraform and the offline provider when things are not as planned."""

import re
import signal
import time
from typing import Any

import pytest

MANY = 16
UNITY = "/api/2.1/unity-catalog"
HOSTILE = "Ærøskøbing \"quoted\" 'x' ${y} %{z} \\ \n\ttab\u2028 日本語 🚕 </script>; DROP TABLE t; --"


def escaped(text: str) -> str:
    """The text as Terraform must read it to mean itself."""
    return text.replace("${", "$${").replace("%{", "%%{")


def job(name: str, **settings: Any) -> dict[str, Any]:
    """A job of one task."""
    task = {"task_key": "only", "notebook_task": {"notebook_path": "/Shared/x"}}
    return {"name": name, "task": [task], **settings}


def names(prefix: str) -> list[str]:
    """The names of many jobs, sorted."""
    return [f"{prefix} {number:03}" for number in range(MANY)]


def jobs(prefix: str) -> dict[str, Any]:
    """Many jobs that do not depend on each other."""
    return {"databricks_job": {f"j{number}": job(name) for number, name in enumerate(names(prefix))}}


def finish(process: Any) -> str:
    """All the output, once it has ended."""
    output, _ = process.communicate(timeout=60)
    return str(output)


def wait_for_jobs(workspace: Any, prefix: str, count: int, process: Any) -> None:
    """Return as soon as Terraform has made so many."""
    until = time.monotonic() + 30
    while time.monotonic() < until and process.poll() is None:
        if len(workspace.jobs(prefix)) >= count:
            return
        time.sleep(0.02)
    pytest.fail(f"terraform made fewer than {count} jobs before it ended")


def test_hostile_text_arrives_as_it_is(terraform: Any, workspace: Any) -> None:
    """Whatever a text holds, it is stored as it is, and the next plan is empty."""
    terraform.write(
        {
            "databricks_catalog": {"c": {"name": "hostile", "comment": escaped(HOSTILE)}},
            "databricks_job": {
                "j": job(escaped(HOSTILE), description=escaped(HOSTILE), tags={"a": escaped(HOSTILE)})
            },
        }
    )
    terraform.apply()
    assert workspace.get(f"{UNITY}/catalogs/hostile")["comment"] == HOSTILE
    settings = workspace.get("/api/2.2/jobs/get", job_id=terraform.state("databricks_job.j")["id"])[
        "settings"
    ]
    assert (settings["name"], settings["description"], settings["tags"]) == (HOSTILE, HOSTILE, {"a": HOSTILE})
    assert terraform.planned() == {}
    terraform.destroy()


def test_a_renamed_volume_is_never_another_volume(terraform: Any, workspace: Any) -> None:
    """Its files would be lost: it is renamed where it is, or stays when the workspace renames nothing."""

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
    in_place = {"databricks_job.j": ["update"], "databricks_volume.v": ["update"]}
    assert terraform.planned() == in_place
    code, output = terraform.run("apply", "-auto-approve")
    assert code == 1
    assert "cannot change volume renaming.s.before: " in output
    assert terraform.planned() == in_place
    volumes = workspace.get(f"{UNITY}/volumes", catalog_name="renaming", schema_name="s")["volumes"]
    assert [one["name"] for one in volumes] == ["before"]
    terraform.destroy()


def test_what_is_no_longer_set_is_cleared(terraform: Any, workspace: Any) -> None:
    """A comment that is taken out of the configuration is taken out of the workspace."""
    for settings in ({"comment": "here", "properties": {"a": "b"}}, {}):
        terraform.write({"databricks_catalog": {"c": {"name": "cleared", **settings}}})
        terraform.apply()
    found = workspace.get(f"{UNITY}/catalogs/cleared")
    assert (found.get("comment") or "", found.get("properties") or {}) == ("", {})
    assert terraform.planned() == {}
    terraform.destroy()


def test_a_lock_file_of_the_real_provider_is_no_hindrance(terraform: Any) -> None:
    """What was locked where there is a registry does not keep the offline provider from serving."""
    terraform.write({"databricks_job": {"j": job("locked")}})
    code, output = terraform.run("providers")
    assert code == 0, output
    address = re.search(r"provider\[(\S+/databricks/databricks)\]", output)
    assert address
    lock = f'provider "{address[1]}" {{\n  version = "1.99.0"\n  hashes = ["h1:{"A" * 43}="]\n}}\n'
    (terraform.folder / ".terraform.lock.hcl").write_text(lock)
    code, output = terraform.run("init", "-input=false")
    assert code == 0, output
    terraform.apply()
    assert (terraform.folder / ".terraform.lock.hcl").read_text() == lock
    terraform.destroy()


def test_what_exists_outside_the_state_is_named(terraform: Any, workspace: Any) -> None:
    """A thing that is there already is not taken over, and the error says which it is."""
    workspace.post(f"{UNITY}/catalogs", {"name": "there"})
    terraform.write({"databricks_catalog": {"c": {"name": "there"}}})
    code, output = terraform.run("apply", "-auto-approve")
    assert code == 1
    assert "cannot create catalog there: " in output
    assert "already exists" in output
    assert "not in this state" in output


def test_what_is_gone_is_made_again(terraform: Any, workspace: Any) -> None:
    """A job that somebody deleted is created again, and deleting a deleted one is fine."""
    terraform.write({"databricks_job": {"j": job("gone")}})
    terraform.apply()
    workspace.post("/api/2.2/jobs/delete", {"job_id": int(terraform.state("databricks_job.j")["id"])})
    assert terraform.planned() == {"databricks_job.j": ["create"]}
    terraform.apply()
    workspace.post("/api/2.2/jobs/delete", {"job_id": int(terraform.state("databricks_job.j")["id"])})
    terraform.run("destroy", "-auto-approve", "-refresh=false")
    assert workspace.jobs("gone") == []


def test_what_somebody_changed_is_changed_back(terraform: Any, workspace: Any) -> None:
    """A changed description and a task added by hand are both seen."""
    terraform.write({"databricks_job": {"j": job("drifting", description="mine")}})
    terraform.apply()
    identity = int(terraform.state("databricks_job.j")["id"])
    added = {"task_key": "added", "notebook_task": {"notebook_path": "/Shared/y"}}
    mine = {"task_key": "only", "notebook_task": {"notebook_path": "/Shared/x"}}
    settings = {"name": "drifting", "description": "theirs", "tasks": [added, mine]}
    workspace.post("/api/2.2/jobs/reset", {"job_id": identity, "new_settings": settings})
    assert terraform.planned() == {"databricks_job.j": ["update"]}
    terraform.apply()
    now = workspace.get("/api/2.2/jobs/get", job_id=str(identity))["settings"]
    assert now["description"] == "mine"
    assert [task["task_key"] for task in now["tasks"]] == ["only"]
    terraform.destroy()


def test_what_somebody_added_or_took_away_is_seen(terraform: Any, workspace: Any) -> None:
    """A job that says all it can say is stable; then a schedule, and who it runs as, are changed by hand."""
    settings: dict[str, Any] = {
        "run_as": {"service_principal_name": "5b1e2f"},
        "tags": {"team": "taxi"},
        "schedule": {
            "quartz_cron_expression": "0 0 5 * * ?",
            "timezone_id": "Europe/Oslo",
            "pause_status": "PAUSED",
        },
        "timeout_seconds": 3600,
        "max_concurrent_runs": 2,
        "queue": {"enabled": True},
        "health": {"rules": {"metric": "RUN_DURATION_SECONDS", "op": "GREATER_THAN", "value": 10}},
        "environment": {
            "environment_key": "default",
            "spec": {"client": "2", "dependencies": ["requests==2.32.3"]},
        },
        "email_notifications": {"on_failure": ["a@acme.example"], "no_alert_for_skipped_runs": True},
        "task": {
            "task_key": "only",
            "environment_key": "default",
            "notebook_task": {"notebook_path": "/Shared/x"},
            "max_retries": 2,
            "min_retry_interval_millis": 1000,
            "retry_on_timeout": True,
            "timeout_seconds": 60,
        },
    }
    terraform.write({"databricks_job": {"full": {"name": "full", **settings}, "j": job("by hand")}})
    terraform.apply()
    assert terraform.planned() == {}
    found = workspace.get("/api/2.2/jobs/get", job_id=terraform.state("databricks_job.full")["id"])
    assert found["run_as_user_name"] == "5b1e2f"
    assert found["settings"]["tasks"][0]["max_retries"] == 2

    lost = {"job_id": found["job_id"], "fields_to_remove": ["run_as"]}
    workspace.post("/api/2.2/jobs/update", lost)
    added = {"job_id": int(terraform.state("databricks_job.j")["id"]), "new_settings": {"tags": {"x": "y"}}}
    added["new_settings"]["schedule"] = {"quartz_cron_expression": "0 0 5 * * ?", "timezone_id": "UTC"}
    workspace.post("/api/2.2/jobs/update", added)
    assert terraform.planned() == {"databricks_job.full": ["update"], "databricks_job.j": ["update"]}
    terraform.apply()
    now = workspace.get("/api/2.2/jobs/get", job_id=str(added["job_id"]))["settings"]
    assert "schedule" not in now and not now.get("tags")
    terraform.destroy()


def test_permissions_never_lock_their_maker_out(terraform: Any, workspace: Any) -> None:
    """The caller stays owner or manager whatever is declared, and destroying gives back what was before."""
    me = workspace.get("/api/2.0/preview/scim/v2/Me")["userName"]
    analysts = {"access_control": {"group_name": "analysts", "permission_level": "CAN_VIEW"}}
    use = {"access_control": {"group_name": "analysts", "permission_level": "CAN_USE"}}
    attach = {"access_control": {"group_name": "analysts", "permission_level": "CAN_ATTACH_TO"}}
    read = {"access_control": {"group_name": "analysts", "permission_level": "CAN_READ"}}
    cluster = {"cluster_name": "permitted", "spark_version": "15.4.x-scala2.12", "node_type_id": "x"}
    things = {
        "databricks_job": {"j": job("permitted")},
        "databricks_cluster": {"c": {**cluster, "num_workers": 1}},
        "databricks_cluster_policy": {"p": {"name": "permitted", "definition": "{}"}},
        "databricks_instance_pool": {
            "i": {
                "instance_pool_name": "permitted",
                "node_type_id": "x",
                "idle_instance_autotermination_minutes": 5,
            }
        },
        "databricks_sql_endpoint": {"w": {"name": "permitted", "cluster_size": "Small"}},
        "databricks_directory": {"d": {"path": "/Shared/permitted"}},
    }
    permitted = {
        "j": {"job_id": "${databricks_job.j.id}", **analysts},
        "c": {"cluster_id": "${databricks_cluster.c.id}", **attach},
        "p": {"cluster_policy_id": "${databricks_cluster_policy.p.id}", **use},
        "i": {"instance_pool_id": "${databricks_instance_pool.i.id}", **attach},
        "w": {"sql_endpoint_id": "${databricks_sql_endpoint.w.id}", **use},
        "d": {"directory_path": "${databricks_directory.d.path}", **read},
    }
    terraform.write({**things, "databricks_permissions": permitted})
    terraform.apply()
    assert terraform.planned() == {}
    ids = {name: terraform.state(f"databricks_permissions.{name}")["id"] for name in permitted}

    def told(name: str) -> dict[str, str]:
        entries = workspace.get(f"/api/2.0/permissions{ids[name]}")["access_control_list"]
        return {
            one.get("group_name") or one["user_name"]: one["all_permissions"][0]["permission_level"]
            for one in entries
        }

    assert told("j") == {"analysts": "CAN_VIEW", me: "IS_OWNER"}
    assert told("w") == {"analysts": "CAN_USE", me: "IS_OWNER"}
    assert told("c") == told("i") == {"analysts": "CAN_ATTACH_TO", me: "CAN_MANAGE"}
    assert told("d")["analysts"] == "CAN_READ"

    terraform.write(things)
    terraform.apply()
    assert told("j") == {me: "IS_OWNER"}
    assert ["analysts" in told(name) for name in ids] == [False] * len(ids)

    for who, why in (("me", "decrease administrative permissions"), ("admins", "restrict any permissions")):
        entry = {"user_name": me} if who == "me" else {"group_name": "admins"}
        wrong = {**permitted["j"], "access_control": {**entry, "permission_level": "CAN_VIEW"}}
        terraform.write({**things, "databricks_permissions": {"j": wrong}})
        code, output = terraform.run("apply", "-auto-approve", "-target=databricks_permissions.j")
        assert (code, why in output) == (1, True)
    terraform.write(things)
    terraform.destroy()


def test_what_cannot_change_is_replaced(terraform: Any, workspace: Any) -> None:
    """A schema of another name is another schema; what hangs on it follows."""
    catalog = {"c": {"name": "replaced", "force_destroy": True}}
    for name in ("before", "after"):
        terraform.write(
            {
                "databricks_catalog": catalog,
                "databricks_schema": {"s": {"catalog_name": "${databricks_catalog.c.name}", "name": name}},
                "databricks_grants": {
                    "g": {
                        "schema": "${databricks_schema.s.id}",
                        "grant": [{"principal": "all", "privileges": ["SELECT"]}],
                    }
                },
            }
        )
        if name == "after":
            assert terraform.planned() == {
                "databricks_grants.g": ["delete", "create"],
                "databricks_schema.s": ["delete", "create"],
            }
        terraform.apply()
    names = [one["name"] for one in workspace.get(f"{UNITY}/schemas", catalog_name="replaced")["schemas"]]
    assert [name for name in names if name != "information_schema"] == ["after"]
    terraform.destroy()


def test_a_schema_with_tables_is_only_destroyed_by_force(terraform: Any, workspace: Any) -> None:
    """`force_destroy` is what takes the contents along; without it they stay, and so does the state."""
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


def test_many_things_at_once(terraform: Any, workspace: Any) -> None:
    """Thirty in flight at a time are each made once."""
    terraform.write(jobs("parallel"))
    code, output = terraform.run("apply", "-auto-approve", "-parallelism=30")
    assert code == 0, output
    assert workspace.jobs("parallel") == names("parallel")
    terraform.destroy()


def test_an_interrupted_apply_is_completed_by_the_next(terraform: Any, workspace: Any) -> None:
    """After Ctrl-C the state is whole: the next apply makes the rest, and nothing is there twice."""
    terraform.write(jobs("interrupted"))
    process = terraform.start("apply", "-auto-approve", "-parallelism=2")
    wait_for_jobs(workspace, "interrupted", 3, process)
    process.send_signal(signal.SIGINT)
    assert "Interrupt received" in finish(process)
    assert process.returncode == 1
    terraform.apply()
    assert workspace.jobs("interrupted") == names("interrupted")
    terraform.destroy()


def test_after_a_kill_what_is_outside_the_state_is_named(terraform: Any, workspace: Any) -> None:
    """Killed Terraform forgets at most what it was just told of; the next apply says which that is."""
    terraform.write(jobs("killed"))
    process = terraform.start("apply", "-auto-approve", "-parallelism=4")
    wait_for_jobs(workspace, "killed", 5, process)
    process.kill()
    finish(process)
    output = terraform.apply()
    made = workspace.jobs("killed")
    twice = {name for name in made if made.count(name) > 1}
    assert set(made) == set(names("killed"))
    assert {name for name in twice if f"job {name} has a namesake" not in output} == set()
    terraform.destroy()


def test_another_workspace_is_refused(terraform: Any) -> None:
    """A provider block that names another host gets no answer from this provider."""
    terraform.write(
        {"databricks_job": {"j": job("x")}}, provider={"databricks": {"host": "https://x.example.com"}}
    )
    code, output = terraform.run("plan")
    assert code == 1
    assert "serves the local workspace at http://127.0.0.1:" in output
    assert "not https://x.example.com" in output


def test_data_sources_find_what_is_there(terraform: Any, workspace: Any) -> None:
    """Each data source answers with the id of what it was asked for."""
    terraform.write(
        {
            "databricks_job": {"j": job("found")},
            "databricks_group": {"g": {"display_name": "found"}},
            "databricks_user": {"u": {"user_name": "found@example.com"}},
            "databricks_group_member": {
                "m": {"group_id": "${databricks_group.g.id}", "member_id": "${databricks_user.u.id}"}
            },
            "databricks_service_principal": {"s": {"display_name": "found"}},
            "databricks_cluster_policy": {"p": {"name": "found", "definition": "{}"}},
            "databricks_instance_pool": {
                "i": {
                    "instance_pool_name": "found",
                    "node_type_id": "x",
                    "idle_instance_autotermination_minutes": 5,
                }
            },
            "databricks_sql_endpoint": {"w": {"name": "found", "cluster_size": "Small"}},
            "databricks_catalog": {"c": {"name": "found", "force_destroy": True}},
            "databricks_schema": {"s": {"catalog_name": "${databricks_catalog.c.name}", "name": "s"}},
            "databricks_cluster": {
                "c": {
                    "cluster_name": "found",
                    "spark_version": "${data.databricks_spark_version.x.id}",
                    "node_type_id": "${data.databricks_node_type.x.id}",
                    "num_workers": 1,
                }
            },
        },
        data={
            "databricks_current_user": {"x": {}},
            "databricks_spark_version": {"x": {"long_term_support": True}},
            "databricks_node_type": {
                "x": {"min_cores": 1},
                "large": {"min_cores": 6, "min_memory_gb": 60},
                "gpu": {"min_gpus": 1},
            },
            "databricks_cluster_policy": {"x": {"name": "${databricks_cluster_policy.p.name}"}},
            "databricks_instance_pool": {"x": {"name": "${databricks_instance_pool.i.instance_pool_name}"}},
            "databricks_service_principal": {
                "x": {"display_name": "${databricks_service_principal.s.display_name}"}
            },
            "databricks_catalog": {"x": {"name": "${databricks_catalog.c.name}"}},
            "databricks_job": {"x": {"job_name": "${databricks_job.j.name}"}},
            "databricks_group": {
                "x": {
                    "display_name": "${databricks_group.g.display_name}",
                    "depends_on": ["databricks_group_member.m"],
                }
            },
            "databricks_user": {"x": {"user_name": "${databricks_user.u.user_name}"}},
            "databricks_sql_warehouse": {"x": {"name": "${databricks_sql_endpoint.w.name}"}},
            "databricks_schema": {"x": {"name": "${databricks_schema.s.id}"}},
            "databricks_cluster": {"x": {"cluster_name": "${databricks_cluster.c.cluster_name}"}},
        },
    )
    terraform.apply()
    for found, made in (
        ("job", "databricks_job.j"),
        ("group", "databricks_group.g"),
        ("user", "databricks_user.u"),
        ("sql_warehouse", "databricks_sql_endpoint.w"),
        ("schema", "databricks_schema.s"),
        ("cluster", "databricks_cluster.c"),
        ("cluster_policy", "databricks_cluster_policy.p"),
        ("instance_pool", "databricks_instance_pool.i"),
        ("service_principal", "databricks_service_principal.s"),
        ("catalog", "databricks_catalog.c"),
    ):
        assert terraform.state(f"data.databricks_{found}.x")["id"] == terraform.state(made)["id"]
    me = workspace.get("/api/2.0/preview/scim/v2/Me")["userName"]
    assert terraform.state("data.databricks_current_user.x")["user_name"] == me
    assert terraform.state("data.databricks_group.x")["users"] == [terraform.state("databricks_user.u")["id"]]
    sizes = {name: terraform.state(f"data.databricks_node_type.{name}")["id"] for name in ("large", "gpu")}
    assert sizes == {"large": "Standard_E8ds_v5", "gpu": "Standard_NC4as_T4_v3"}
    assert terraform.planned() == {}
    terraform.destroy()


def test_what_the_securable_cannot_have_is_refused_by_name(terraform: Any) -> None:
    """The error says which privilege, on what, and what it can have."""
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
    said = " ".join(output.replace("│", " ").split())
    assert "Privilege READ_FILES is not applicable to this entity [refused:CATALOG]" in said
    terraform.destroy()


def test_everything_in_the_metastore_has_an_owner(terraform: Any, workspace: Any) -> None:
    """It is set when the thing is made, changed in place, and changed back when somebody changed it."""

    def config(owner: str) -> dict[str, Any]:
        names = {"catalog_name": "${databricks_catalog.x.name}", "schema_name": "${databricks_schema.x.name}"}
        role = {"role_arn": "arn:aws:iam::123456789012:role/owned"}
        things = {
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
        return {f"databricks_{kind}": {"x": {**one, "owner": owner}} for kind, one in things.items()}

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
    """They are written and read by the volume's path, and are another volume's at the same place later."""

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
    terraform.write({kind: one for kind, one in config("x").items() if kind != "databricks_volume"})
    terraform.apply()
    terraform.write(config("arrivals"))
    terraform.apply()
    assert workspace.api.get(path.format("arrivals")).content == b"a,b\n"
    catalog = workspace.get(f"{UNITY}/catalogs/external")
    assert (catalog["owner"], catalog["properties"]) == ("taxi-team", {"team": "taxi"})
    terraform.destroy()
