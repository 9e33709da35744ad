"""Template syntax in every text field of a mesh is escaped in all Terraform JSON."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parents[2]
PROJECT = "orgs/acme/domains/transport/projects/taxinyc"
UNESCAPED = re.compile(r"(?<!\$)(?:\$\$)*\$\{file|(?<!%)(?:%%)*%\{ if")


def evil(field: str) -> str:
    """Text that would read a file, or fail, if Terraform evaluated it; it contains the name of its field."""
    return f'%{{ if true }}${{file("{field}")}}%{{ endif }}'


def escaped(field: str) -> str:
    return f'%%{{ if true }}$${{file("{field}")}}%%{{ endif }}'


def grants(field: str) -> list[dict[str, Any]]:
    return [{"principal": evil(f"{field}.principal") + "@acme.example", "role": "owner"}]


FILES: dict[str, Any] = {
    ".brickopscfg/config.yml": {
        "naming": {
            "catalog": {"other": "{org}_{domain}_{project}"},
            "job": {"other": "{env}_{flow}_{username}"},
            "pipeline": {"other": "{env}_{flow}_{username}"},
            "db": {"other": "{env}_{username}_{db}"},
        }
    },
    "orgs/acme/org.yml": {
        "description": evil("org.description"),
        "grants": grants("org"),
        "roles": {"auditor": {"schema": ["SELECT"]}},
        "environments": {
            "live": {
                "workspace": "local",
                "run_as": {"user_name": evil("run_as")},
            }
        },
        "users": {evil("user.name"): {"make": True, "display_name": evil("user.display_name")}},
        "groups": {evil("group.name"): {"make": True, "members": [evil("user.name")]}},
        "service_principals": {evil("service_principal.name"): {"make": True}},
        "storage_credentials": {
            "lake": {
                "comment": evil("credential.comment"),
                "owner": "account users",
                "aws_iam_role": {"role_arn": evil("credential.role_arn")},
            }
        },
        "external_locations": {
            "lake": {
                "comment": evil("location.comment"),
                "url": "s3://lake/${file('url')}".replace("'", ""),
                "storage_credential": "lake",
            }
        },
    },
    "orgs/acme/compute.yml": {
        "cluster_policies": {
            "small": {
                "definition": {evil("policy.key"): {"type": "fixed", "value": evil("policy.value")}},
                "description": evil("policy.description"),
            }
        },
        "job_clusters": {
            "mine": {
                "num_workers": 1,
                "spark_version": evil("job_cluster.spark_version"),
                "node_type_id": evil("job_cluster.node_type_id"),
                "spark_conf": {evil("job_cluster.spark_conf.key"): evil("job_cluster.spark_conf.value")},
            }
        },
        "clusters": {
            "shared": {
                "num_workers": 1,
                "spark_version": evil("cluster.spark_version"),
                "node_type_id": evil("cluster.node_type_id"),
                "custom_tags": {evil("cluster.tag.key"): evil("cluster.tag.value")},
            }
        },
        "sql_warehouses": {"queries": {"cluster_size": "Small"}},
        "instance_pools": {
            "pool": {"node_type_id": evil("pool.node_type_id"), "idle_instance_autotermination_minutes": 10}
        },
    },
    "orgs/acme/defaults.yml": {
        "tags": {evil("defaults.tag.key"): evil("defaults.tag.value")},
        "parameters": [{"name": "above", "default": evil("defaults.parameter")}],
    },
    f"{PROJECT}/project.yml": {
        "catalog": {
            "comment": evil("catalog.comment"),
            "properties": {evil("catalog.property.key"): evil("catalog.property.value")},
        },
        "volumes": {
            "landing": {"schema": "revenue", "comment": evil("volume.comment"), "grants": grants("volume")},
            "outside": {"schema": "revenue", "storage_location": "s3://" + evil("volume.storage_location")},
        },
        "registered_models": {"tips": {"schema": "revenue", "comment": evil("model.comment")}},
    },
    f"{PROJECT}/flows/prep/checked/deployment.yml": {
        "schema": "checked",
        "tags": {evil("pipeline.tag.key"): evil("pipeline.tag.value")},
        "configuration": {evil("pipeline.configuration.key"): evil("pipeline.configuration.value")},
        "libraries": [{"notebook": {"path": "/" + evil("pipeline.notebook")}}, {"whl": evil("pipeline.whl")}],
        "clusters": [
            {"spark_conf": {evil("pipeline.cluster.key"): evil("pipeline.cluster.value")}},
            {"label": "maintenance", "policy_name": evil("pipeline.cluster.policy_name")},
        ],
        "event_log": {"name": evil("pipeline.event_log")},
        "schedule": {"quartz_cron_expression": "0 0 5 * * ?", "timezone_id": "UTC"},
    },
    f"{PROJECT}/flows/prep/revenue/deployment.yml": {
        "description": evil("flow.description"),
        "grants": grants("flow"),
        "schemas": {
            "revenue": {
                "comment": evil("schema.comment"),
                "properties": {evil("schema.property.key"): evil("schema.property.value")},
                "storage_root": "s3://" + evil("schema.storage_root"),
            }
        },
        "experiment": {
            "description": evil("experiment.description"),
            "artifact_location": evil("experiment.artifact_location"),
            "tags": [{"key": evil("experiment.tag.key"), "value": evil("experiment.tag.value")}],
        },
        "schedule": {"quartz_cron_expression": "0 0 5 * * ?", "timezone_id": "UTC"},
        "parameters": [{"name": "day", "default": evil("parameter")}],
        "tags": {"team": evil("tag.value")},
        "tasks": [
            {
                "task_key": "a",
                "job_cluster_key": "mine",
                "notebook_task": {
                    "notebook_path": "a",
                    "base_parameters": {evil("base_parameter.key"): evil("base_parameter.value")},
                },
            },
            {
                "task_key": "b",
                "existing_cluster_id": evil("existing_cluster_id"),
                "notebook_task": {"notebook_path": evil("notebook_path"), "source": "WORKSPACE"},
            },
            {"task_key": "c", "existing_cluster_name": evil("existing_cluster_name"), "notebook_task": {"notebook_path": "a"}},
        ],
    },
}  # fmt: skip


@pytest.fixture(scope="module")
def stacks(tmp_path_factory: pytest.TempPathFactory) -> list[Any]:
    """The stacks of the mesh above, synthesized by main.py with hostile git facts."""
    root = tmp_path_factory.mktemp("mesh")
    for file, content in FILES.items():
        (root / file).parent.mkdir(parents=True, exist_ok=True)
        (root / file).write_text(json.dumps(content))
    flow = root / PROJECT / "flows/prep/revenue"
    (flow / "a.py").write_text("# Databricks notebook source\n")
    (flow / "${file(name)}.txt").write_text(evil("content"))
    environ = {key: value for key, value in os.environ.items() if not key.startswith("MESH_")}
    environ |= {
        "MESH_ROOT": str(root),
        "MESH_ENV": "live",
        "MESH_PLAN_ONLY": "1",
        "MESH_USER": "${file(user)}@acme.example",
        "MESH_GIT_URL": "https://github.com/acme/${file(url)}",
        "MESH_GIT_BRANCH": "${file(branch)}",
        "MESH_GIT_COMMIT": "5bd01c2f" * 5,
        "CDKTF_OUTDIR": str(root / "out"),
    }
    command = [sys.executable, str(ROOT / "main.py")]
    done = subprocess.run(command, cwd=root, env=environ, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return [json.loads(path.read_text()) for path in (root / "out").glob("stacks/*/cdk.tf.json")]


def texts(value: Any) -> Iterator[str]:
    """All strings, including keys of mappings and strings in JSON text."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        yield from value
        for item in value.values():
            yield from texts(item)
    elif isinstance(value, list):
        for item in value:
            yield from texts(item)


def fields(value: Any) -> Iterator[str]:
    for text in texts(value):
        yield from re.findall(r'\$\{file\("(.*?)"\)\}', text)


def test_terraform_evaluates_no_text_of_the_mesh(stacks: list[Any]) -> None:
    found = [text for stack in stacks for text in texts(stack)]

    assert len(found) > 100
    assert [text for text in found if UNESCAPED.search(text)] == []


# An org's description is for catalogs of its own, which the naming template gives to the project.
NOT_DEPLOYED = {"org.description"}


@pytest.mark.parametrize("field", sorted({*fields(list(FILES.values()))} - NOT_DEPLOYED))
def test_each_text_is_only_escaped(field: str, stacks: list[Any]) -> None:
    """The JSON has the declared text with one extra `$` and one extra `%`."""
    whole = [text.replace('\\"', '"') for stack in stacks for text in texts(stack)]

    assert [text for text in whole if escaped(field) in text]


def test_the_pattern_distinguishes_escaped_from_evaluated_text() -> None:
    assert UNESCAPED.search("${file(x)}")
    assert UNESCAPED.search("$$${file(x)}")
    assert UNESCAPED.search("%{ if x }")
    assert not UNESCAPED.search(escaped("x"))
