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
    """Escape a text for Terraform's template syntax."""
    return text.replace("${", "$${").replace("%{", "%%{")


def job(name: str, **settings: Any) -> dict[str, Any]:
    """Return a job with one task."""
    task = {"task_key": "only", "notebook_task": {"notebook_path": "/Shared/x"}}
    return {"name": name, "task": [task], **settings}


def names(prefix: str) -> list[str]:
    """Return the names of many jobs, sorted."""
    return [f"{prefix} {number:03}" for number in range(MANY)]


def jobs(prefix: str) -> dict[str, Any]:
    """Return many independent jobs."""
    return {"databricks_job": {f"j{number}": job(name) for number, name in enumerate(names(prefix))}}


def finish(process: Any) -> str:
    """Return the output of a process after its end."""
    output, _ = process.communicate(timeout=60)
    return str(output)


def wait_for_jobs(workspace: Any, prefix: str, count: int, process: Any) -> None:
    """Wait until Terraform has created this number of jobs."""
    until = time.monotonic() + 30
    while time.monotonic() < until and process.poll() is None:
        if len(workspace.jobs(prefix)) >= count:
            return
        time.sleep(0.02)
    pytest.fail(f"Terraform created fewer than {count} jobs before it ended")


def test_special_characters_are_stored_unchanged(terraform: Any, workspace: Any) -> None:
    """After the apply, the next plan is empty."""
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


def test_a_lock_file_of_the_real_provider_is_accepted(terraform: Any) -> None:
    """A lock file that was written with a registry does not stop the offline provider."""
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


def test_an_existing_object_outside_the_state_is_reported(terraform: Any, workspace: Any) -> None:
    """The object is not adopted, and the error names it."""
    workspace.post(f"{UNITY}/catalogs", {"name": "there"})
    terraform.write({"databricks_catalog": {"c": {"name": "there"}}})
    code, output = terraform.run("apply", "-auto-approve")
    assert code == 1
    assert "cannot create catalog there: " in output
    assert "already exists" in output
    assert "not in this state" in output


def test_a_deleted_job_is_recreated(terraform: Any, workspace: Any) -> None:
    """Destroying a job that was deleted by hand is no error."""
    terraform.write({"databricks_job": {"j": job("gone")}})
    terraform.apply()
    workspace.post("/api/2.2/jobs/delete", {"job_id": int(terraform.state("databricks_job.j")["id"])})
    assert terraform.planned() == {"databricks_job.j": ["create"]}
    terraform.apply()
    workspace.post("/api/2.2/jobs/delete", {"job_id": int(terraform.state("databricks_job.j")["id"])})
    terraform.run("destroy", "-auto-approve", "-refresh=false")
    assert workspace.jobs("gone") == []


def test_changes_by_hand_are_reverted(terraform: Any, workspace: Any) -> None:
    """A changed description and an added task are both planned."""
    terraform.write({"databricks_job": {"j": job("drifting", description="mine")}})
    terraform.apply()
    resource_id = int(terraform.state("databricks_job.j")["id"])
    added = {"task_key": "added", "notebook_task": {"notebook_path": "/Shared/y"}}
    mine = {"task_key": "only", "notebook_task": {"notebook_path": "/Shared/x"}}
    settings = {"name": "drifting", "description": "theirs", "tasks": [added, mine]}
    workspace.post("/api/2.2/jobs/reset", {"job_id": resource_id, "new_settings": settings})
    assert terraform.planned() == {"databricks_job.j": ["update"]}
    terraform.apply()
    now = workspace.get("/api/2.2/jobs/get", job_id=str(resource_id))["settings"]
    assert now["description"] == "mine"
    assert [task["task_key"] for task in now["tasks"]] == ["only"]
    terraform.destroy()


def test_settings_changed_by_hand_are_read_where_they_are_declared(terraform: Any, workspace: Any) -> None:
    """Settings that somebody adds to a job are not read: the provider reads only what is set."""
    settings: dict[str, Any] = {
        "run_as": {"service_principal_name": "7f1c0d6e-2f5b-4d0c-9a58-3c1e6b7d9a10"},
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
    answer = workspace.get("/api/2.2/jobs/get", job_id=terraform.state("databricks_job.full")["id"])
    assert answer["run_as_user_name"] == "7f1c0d6e-2f5b-4d0c-9a58-3c1e6b7d9a10"
    assert answer["settings"]["tasks"][0]["max_retries"] == 2

    request = {"job_id": answer["job_id"], "fields_to_remove": ["run_as"]}
    workspace.post("/api/2.2/jobs/update", request)
    added = {"job_id": int(terraform.state("databricks_job.j")["id"]), "new_settings": {"tags": {"x": "y"}}}
    added["new_settings"]["schedule"] = {"quartz_cron_expression": "0 0 5 * * ?", "timezone_id": "UTC"}
    workspace.post("/api/2.2/jobs/update", added)
    assert terraform.planned() == {"databricks_job.full": ["update"]}
    terraform.destroy()


def test_the_workspace_prefix_of_an_experiment_is_no_change(terraform: Any, workspace: Any) -> None:
    """`/Workspace/Shared/x` is `/Shared/x` in the workspace."""
    terraform.write({"databricks_mlflow_experiment": {"e": {"name": "/Workspace/Shared/x"}}})
    terraform.apply()
    assert terraform.planned() == {}
    terraform.destroy()


def test_an_update_of_a_pipeline_is_no_change(terraform: Any, workspace: Any) -> None:
    """The state of a pipeline and its last updates are not planned."""
    terraform.write({"databricks_pipeline": {"p": {"name": "updated", "catalog": "c", "schema": "s"}}})
    terraform.apply()
    resource_id = terraform.state("databricks_pipeline.p")["id"]
    workspace.post(f"/api/2.0/pipelines/{resource_id}/updates", {})
    assert terraform.planned() == {}
    assert workspace.get(f"/api/2.0/pipelines/{resource_id}")["state"] == "FAILED"
    terraform.destroy()


def test_an_immutable_attribute_replaces_the_object(terraform: Any, workspace: Any) -> None:
    """A schema with a new name is a new schema; dependent objects are changed too."""
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
    names = [
        schema["name"] for schema in workspace.get(f"{UNITY}/schemas", catalog_name="replaced")["schemas"]
    ]
    assert [name for name in names if name != "information_schema"] == ["after"]
    terraform.destroy()


def test_many_objects_are_created_in_parallel(terraform: Any, workspace: Any) -> None:
    """With thirty parallel requests, each job is created once."""
    terraform.write(jobs("parallel"))
    code, output = terraform.run("apply", "-auto-approve", "-parallelism=30")
    assert code == 0, output
    assert workspace.jobs("parallel") == names("parallel")
    terraform.destroy()


def test_an_interrupted_apply_is_completed_by_the_next(terraform: Any, workspace: Any) -> None:
    """After Ctrl-C the state is complete: the next apply creates the missing jobs, and no job exists twice."""
    terraform.write(jobs("interrupted"))
    process = terraform.start("apply", "-auto-approve", "-parallelism=2")
    wait_for_jobs(workspace, "interrupted", 3, process)
    process.send_signal(signal.SIGINT)
    assert "Interrupt received" in finish(process)
    assert process.returncode == 1
    terraform.apply()
    assert workspace.jobs("interrupted") == names("interrupted")
    terraform.destroy()


def test_jobs_outside_the_state_are_reported_after_a_kill(terraform: Any, workspace: Any) -> None:
    """A killed Terraform loses at most the latest jobs; the next apply names them."""
    terraform.write(jobs("killed"))
    process = terraform.start("apply", "-auto-approve", "-parallelism=4")
    wait_for_jobs(workspace, "killed", 5, process)
    process.kill()
    finish(process)
    output = terraform.apply()
    created = workspace.jobs("killed")
    duplicates = {name for name in created if created.count(name) > 1}
    assert set(created) == set(names("killed"))
    assert {name for name in duplicates if f"job {name} is not unique" not in output} == set()
    terraform.destroy()


def test_another_workspace_is_refused(terraform: Any) -> None:
    """A provider block with another host is an error."""
    terraform.write(
        {"databricks_job": {"j": job("x")}}, provider={"databricks": {"host": "https://x.example.com"}}
    )
    code, output = terraform.run("plan")
    assert code == 1
    assert "serves the local workspace at http://127.0.0.1:" in output
    assert "not https://x.example.com" in output
