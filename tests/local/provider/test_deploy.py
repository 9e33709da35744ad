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


def test_the_name_of_the_root_makes_no_other_experiment(terraform: Any, workspace: Any) -> None:
    """The workspace knows `/Shared/x` for what was written `/Workspace/Shared/x`; one deleted is made anew."""
    terraform.write({"databricks_mlflow_experiment": {"e": {"name": "/Workspace/Shared/x"}}})
    terraform.apply()
    assert terraform.planned() == {}
    identity = terraform.state("databricks_mlflow_experiment.e")["id"]
    workspace.post("/api/2.0/mlflow/experiments/delete", {"experiment_id": identity})
    assert terraform.planned() == {"databricks_mlflow_experiment.e": ["create"]}


def test_an_update_of_a_pipeline_is_no_change_of_it(terraform: Any, workspace: Any) -> None:
    """What only the workspace knows of a pipeline, its state and its last updates, is not planned."""
    terraform.write({"databricks_pipeline": {"p": {"name": "updated", "catalog": "c", "schema": "s"}}})
    terraform.apply()
    identity = terraform.state("databricks_pipeline.p")["id"]
    workspace.post(f"/api/2.0/pipelines/{identity}/updates", {})
    assert terraform.planned() == {}
    assert workspace.get(f"/api/2.0/pipelines/{identity}")["state"] == "FAILED"
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
