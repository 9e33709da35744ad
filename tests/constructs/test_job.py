"""Conversion of Jobs API settings to Terraform arguments."""

from __future__ import annotations

from datamesh.job import Job
from mesh.deployment import job as model
from mesh.model.compute_object import Lookup
from mesh.model.permission import Permission


def test_settings_become_arguments(synth) -> None:
    """Lists become blocks with singular names; a cluster is looked up once."""
    settings = {
        "name": "transport_taxinyc_prod",
        "description": "Revenue",
        "max_concurrent_runs": 1,
        "tags": {"deployment": "prod"},
        "schedule": {"quartz_cron_expression": "0 0 1 * * ?", "timezone_id": "UTC"},
        "parameters": [{"name": "pipeline_env", "default": "prod"}],
        "git_source": {
            "git_url": "https://github.com/acme/mesh",
            "git_provider": "gitHub",
            "git_commit": "c0ffee",
        },
        "job_clusters": [{"job_cluster_key": "common-job-cluster", "new_cluster": {"num_workers": 1}}],
        "tasks": [
            {
                "task_key": "a",
                "notebook_task": {"notebook_path": "x/a", "source": "GIT"},
                "existing_cluster_id": Lookup("cluster", None, {"name": "shared"}),
            },
            {
                "task_key": "b",
                "notebook_task": {"notebook_path": "x/b", "source": "GIT"},
                "existing_cluster_id": Lookup("cluster", None, {"name": "shared"}),
            },
        ],
    }
    job = model.Job("prep_revenue", "transport_taxinyc_prod", settings)
    made = synth(lambda scope: Job(scope, job))
    [(cluster, lookup)] = made["data"]["databricks_cluster"].items()
    assert lookup == {"cluster_name": "shared"}
    shared = f"${{data.databricks_cluster.{cluster}.id}}"
    assert made["resource"]["databricks_job"] == {
        "prep_revenue": {
            "name": "transport_taxinyc_prod",
            "description": "Revenue",
            "max_concurrent_runs": 1,
            "tags": {"deployment": "prod"},
            "schedule": {"quartz_cron_expression": "0 0 1 * * ?", "timezone_id": "UTC"},
            "parameter": [{"name": "pipeline_env", "default": "prod"}],
            "git_source": {"url": "https://github.com/acme/mesh", "provider": "gitHub", "commit": "c0ffee"},
            "job_cluster": [{"job_cluster_key": "common-job-cluster", "new_cluster": {"num_workers": 1}}],
            "task": [
                {
                    "task_key": "a",
                    "notebook_task": {"notebook_path": "x/a", "source": "GIT"},
                    "existing_cluster_id": shared,
                    "retry_on_timeout": False,
                },
                {
                    "task_key": "b",
                    "notebook_task": {"notebook_path": "x/b", "source": "GIT"},
                    "existing_cluster_id": shared,
                    "retry_on_timeout": False,
                },
            ],
        }
    }


def test_a_job_s_permissions_are_all_in_one_resource(synth) -> None:
    """The permissions have the job's Terraform name."""
    permissions = (
        Permission("group_name", "analysts", "CAN_VIEW"),
        Permission("service_principal_name", "7f1c0d6e-0000-4000-8000-000000000001", "CAN_MANAGE_RUN"),
    )
    job = model.Job("prep_revenue", "transport_taxinyc_prod", {"tasks": []}, permissions)
    made = synth(lambda scope: Job(scope, job))["resource"]["databricks_permissions"]
    assert made == {
        "prep_revenue": {
            "job_id": "${databricks_job.prep_revenue.id}",
            "access_control": [
                {"group_name": "analysts", "permission_level": "CAN_VIEW"},
                {
                    "service_principal_name": "7f1c0d6e-0000-4000-8000-000000000001",
                    "permission_level": "CAN_MANAGE_RUN",
                },
            ],
        }
    }


def test_a_job_started_by_a_task_is_a_reference_or_a_lookup(synth) -> None:
    """A reference works even if the other job is created later in the stack."""
    tasks = [
        {"task_key": "a", "run_job_task": {"job_id": Lookup("job", "prep_later", {"name": "later"})}},
        {"task_key": "b", "run_job_task": {"job_id": Lookup("job", None, {"name": "elsewhere"})}},
    ]
    made = synth(lambda scope: Job(scope, model.Job("prep_all", "all", {"tasks": tasks})))
    [(found, lookup)] = made["data"]["databricks_job"].items()
    assert lookup == {"job_name": "elsewhere"}
    ids = [task["run_job_task"]["job_id"] for task in made["resource"]["databricks_job"]["prep_all"]["task"]]
    assert ids == ["${databricks_job.prep_later.id}", f"${{data.databricks_job.{found}.id}}"]
