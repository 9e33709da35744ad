"""A sensitive value of a plan stands in no report, in whatever place and text."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest

from mesh.commands.review import report_files
from mesh.model.review_policy import PolicyFile
from mesh.review.formats.format import Format
from mesh.review.plan import stack_plan
from mesh.review.review import review
from mesh.review.sensitive_text import SensitiveText, sensitive_text

# A resource of each kind, by the part of it that is sensitive: type, and attributes with the value as SECRET
SECRET = "SECRET"
LEAVES: dict[str, tuple[str, dict[str, Any]]] = {
    "name of a job": ("databricks_job", {"name": SECRET}),
    "description of a job": ("databricks_job", {"description": SECRET}),
    "key of a task": ("databricks_job", {"task": [{"task_key": SECRET, "max_retries": "N"}]}),
    "field of a task": ("databricks_job", {"task": [{"task_key": "a", "description": SECRET}]}),
    "dependency": ("databricks_job", {"task": [{"task_key": "a", "depends_on": [{"task_key": SECRET}]}]}),
    "parameter of a task": ("databricks_job", {"task": [{"task_key": "a", "notebook_task": [{"base_parameters": {"a": SECRET}}]}]}),
    "name of a parameter": ("databricks_job", {"parameter": [{"name": SECRET, "default": "N"}]}),
    "default of a parameter": ("databricks_job", {"parameter": [{"name": "a", "default": SECRET}]}),
    "key of a job cluster": ("databricks_job", {"job_cluster": [{"job_cluster_key": SECRET, "new_cluster": [{"num_workers": "N"}]}]}),
    "field of a job cluster": ("databricks_job", {"job_cluster": [{"job_cluster_key": "a", "new_cluster": [{"node_type_id": SECRET}]}]}),
    "key of an environment": ("databricks_job", {"environment": [{"environment_key": SECRET, "spec": [{"client": "N"}]}]}),
    "tag": ("databricks_job", {"tags": {"a": SECRET}}),
    "commit": ("databricks_job", {"git_source": [{"commit": SECRET}]}),
    "schedule": ("databricks_job", {"schedule": [{"quartz_cron_expression": SECRET}]}),
    "run_as": ("databricks_job", {"run_as": [{"user_name": SECRET}]}),
    "address of an e-mail": ("databricks_job", {"email_notifications": [{"on_failure": [SECRET]}]}),
    "name of a pipeline": ("databricks_pipeline", {"name": SECRET, "configuration": {"a": SECRET}}),
    "securable": ("databricks_grants", {"schema": SECRET, "grant": [{"principal": "a", "privileges": ["N"]}]}),
    "principal": ("databricks_grants", {"schema": "a.b", "grant": [{"principal": SECRET, "privileges": ["N"]}]}),
    "privilege": ("databricks_grants", {"schema": "a.b", "grant": [{"principal": "a", "privileges": [SECRET]}]}),
    "one principal": ("databricks_grant", {"schema": "a.b", "principal": SECRET, "privileges": ["N"]}),
    "user": ("databricks_permissions", {"job_id": "1", "access_control": [{"user_name": SECRET, "permission_level": "N"}]}),
    "level": ("databricks_permissions", {"job_id": "1", "access_control": [{"user_name": "a", "permission_level": SECRET}]}),
    "member": ("databricks_group_member", {"group_id": "1", "member_id": SECRET}),
    "name of a schema": ("databricks_schema", {"catalog_name": "a", "name": SECRET}),
    "owner": ("databricks_schema", {"catalog_name": "a", "name": "b", "owner": SECRET}),
    "name of a policy": ("databricks_cluster_policy", {"name": SECRET, "max_clusters_per_user": "N"}),
    "rule of a policy": ("databricks_cluster_policy", {"name": "a", "definition": json.dumps({"b": {"type": "fixed", "value": SECRET}})}),
    "list in JSON": ("databricks_job", {"task": [{"task_key": "a", "for_each_task": [{"inputs": json.dumps([{"b": SECRET}])}]}]}),
    "setting of a cluster": ("databricks_cluster", {"cluster_name": "a", "spark_conf": {"a": SECRET}}),
    "key of an input": ("terraform_data", {"input": [{"name": SECRET, "v": "N"}, {"name": "b", "v": "N"}]}),
    "key of a pair": ("terraform_data", {"input": [{"key": SECRET, "value": "N"}]}),
}  # fmt: skip
ACTIONS = {"update": (True, True), "create": (False, True), "delete": (True, False)}


def filled(value: Any, secret: str, other: str) -> Any:
    """The attributes with a secret, and with a value of its own on each side."""
    return json.loads(json.dumps(value).replace(SECRET, secret).replace('"N"', json.dumps(other)))


def marks(value: Any, secret: str) -> Any:
    """Terraform's marks on the secret only."""
    if isinstance(value, dict):
        return {key: mark for key, inner in value.items() if (mark := marks(inner, secret))}
    if isinstance(value, list):
        inside = [marks(one, secret) for one in value]
        return [one or {} for one in inside] if any(inside) else []
    return isinstance(value, str) and secret in value


def plans(type: str, attributes: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """Plans with the secret in all texts, with all kinds of marks."""
    for action, (has_before, has_after) in ACTIONS.items():
        update = has_before and has_after
        for secrets in (("hunter-1", "hunter-1"), ("hunter-1", "hunter-2"))[: 1 + update]:
            # a provider returns the value without a mark
            whole = {**attributes, "output": f"the {SECRET}"}
            before, after = (filled(whole, one, side) for one, side in zip(secrets, "xy", strict=True))
            sides = {"before": before if has_before else None, "after": after if has_after else None}
            for marked in kinds_of_marks(before, after)[0 if update else 2 :]:
                yield plan(type, {"actions": [action], **sides, **marked}, secrets[not has_before])


def kinds_of_marks(before: dict[str, Any], after: dict[str, Any]) -> list[dict[str, Any]]:
    """Marks on one side or both, on the value, its attribute or the whole resource."""
    exact = {"before_sensitive": marks(before, "hunter"), "after_sensitive": marks(after, "hunter")}
    for mark in exact.values():
        mark.pop("output")
    whole = {side: dict.fromkeys(mark, True) for side, mark in exact.items()}
    single = [{side: mark} for side, mark in exact.items()]
    return [*single, exact, whole, dict.fromkeys(exact, True)]


def plan(type: str, change: dict[str, Any], secret: str) -> dict[str, Any]:
    """A plan with a change, and a secret in every text."""
    return {
        "resource_changes": [
            {
                "address": f'{type}.a["{secret}"]',
                "previous_address": f'{type}.b["{secret}"]',
                "type": type,
                "change": {**change, "replace_paths": [[secret], ["input", secret]]},
            }
        ],
        "checks": [
            {
                "address": {"to_display": f"check.{secret}"},
                "status": "fail",
                "instances": [
                    {"address": {}, "status": "fail", "problems": [{"message": f"{secret} is wrong"}]}
                ],
            }
        ],
    }


@pytest.mark.parametrize("leaf", LEAVES)
def test_a_sensitive_value_stands_in_no_report(leaf: str) -> None:
    count = 0
    for one in plans(*LEAVES[leaf]):
        secret = "hunter-2" if "hunter-2" in one["resource_changes"][0]["address"] else "hunter-1"
        error = f'Error: no "{secret}"\n\n  {secret} is wrong'
        report = review([stack_plan("stack", json.dumps(one), error)], None, PolicyFile())
        for format in Format:
            count += 1
            assert "hunter" not in "".join(file.text for file in report_files(report, format)), (format, one)
    assert count == 64


def test_words_of_the_plan_are_hidden_only_in_quotes_and_brackets() -> None:
    text = SensitiveText(frozenset({"schema", "ab", "other"}), frozenset({"schema"}))

    assert text.hide('databricks_schema.x["schema"]') == 'databricks_schema.x["(sensitive)"]'
    assert text.hide("input[ab].table") == "input[(sensitive)].table"
    assert text.hide("schema another") == "schema an(sensitive)"


def test_a_value_is_hidden_in_every_form() -> None:
    text = SensitiveText(frozenset({'a "quoted"', "first line\nsecond line"}))

    assert text.hide(r'x["a \"quoted\""]') == 'x["(sensitive)"]'
    assert text.hide("  first line\n  second line") == "  (sensitive)\n  (sensitive)"


def test_sensitive_variables_and_outputs_are_found() -> None:
    plan = {
        "configuration": {"root_module": {"variables": {"a": {"sensitive": True}, "b": {}}}},
        "variables": {"a": {"value": "one-1"}, "b": {"value": "two-2"}},
        "output_changes": {"x": {"after": {"y": "three-3"}, "after_sensitive": {"y": True}}},
    }

    assert sensitive_text(plan).values == {"one-1", "three-3"}
