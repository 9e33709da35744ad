"""Reading plan files, including failed and incomplete plans."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from mesh.errors import UsageError
from mesh.review.masking import Edit
from mesh.review.plan import ResourceChange, StackPlan, read_plans


def plan_json(*changes: dict[str, Any], **more: Any) -> str:
    """A plan as `terraform show -json` prints it."""
    resources = [
        {"address": "databricks_job.a", "type": "databricks_job", "change": change} for change in changes
    ]
    return json.dumps({"format_version": "1.2", "resource_changes": resources, **more})


def read(folder: Path, **files: str) -> tuple[StackPlan, ...]:
    """The plans in files; `__` in a file's name stands for a dot."""
    for name, text in files.items():
        (folder / name.replace("__", ".")).write_text(text)
    return read_plans(sorted(folder.iterdir()))


def only_resource(folder: Path, change: dict[str, Any]) -> ResourceChange:
    """The resource of a plan with one resource."""
    (plan,) = read(folder, stack__json=plan_json(change))
    (resource,) = plan.resources
    return resource


@pytest.mark.parametrize(
    ("actions", "more", "action"),
    [
        (["create"], {}, "create"),
        (["update"], {}, "update"),
        (["delete"], {}, "delete"),
        (["delete", "create"], {}, "replace"),
        (["create", "delete"], {}, "replace"),
        (["forget"], {}, "forget"),
        (["no-op"], {}, "no-op"),
        (["no-op"], {"importing": {"id": "1"}}, "import"),
    ],
)
def test_actions_become_one_term(
    tmp_path: Path, actions: list[str], more: dict[str, Any], action: str
) -> None:
    assert only_resource(tmp_path, {"actions": actions, **more}).action == action


def test_a_resource_with_a_previous_address_is_moved(tmp_path: Path) -> None:
    resource = {
        "address": "databricks_job.b",
        "previous_address": "databricks_job.a",
        "type": "databricks_job",
    }
    text = json.dumps({"resource_changes": [{**resource, "change": {"actions": ["no-op"]}}]})

    (plan,) = read(tmp_path, stack__json=text)

    assert [(one.action, one.previous_address) for one in plan.changes] == [("move", "databricks_job.a")]


def test_a_resource_in_a_module_has_its_type_and_name(tmp_path: Path) -> None:
    resource = {"address": 'module.a["x.y"].databricks_schema.sales', "type": "databricks_schema"}
    text = json.dumps({"resource_changes": [{**resource, "change": {"actions": ["create"]}}]})

    (plan,) = read(tmp_path, stack__json=text)

    assert (plan.resources[0].type, plan.resources[0].id) == ("databricks_schema", "sales")


def test_data_sources_are_ignored(tmp_path: Path) -> None:
    source = {"address": "data.databricks_group.a", "mode": "data", "type": "databricks_group"}
    text = json.dumps({"resource_changes": [{**source, "change": {"actions": ["read"]}}]})

    assert read(tmp_path, stack__json=text) == (StackPlan("stack", ()),)


def test_edits_compare_blocks_by_their_keys(tmp_path: Path) -> None:
    before = {"name": "a", "task": [{"task_key": "x", "max_retries": 1}, {"task_key": "y", "max_retries": 1}]}
    after = {"name": "a", "task": [{"task_key": "y", "max_retries": 2}, {"task_key": "x", "max_retries": 1}]}

    resource = only_resource(tmp_path, {"actions": ["update"], "before": before, "after": after})

    assert resource.edits == (Edit("task[y].max_retries", "1", "2"),)


def test_values_that_only_the_apply_sets_are_marked(tmp_path: Path) -> None:
    change = {"actions": ["create"], "before": None, "after": {"name": "a"}, "after_unknown": {"id": True}}

    resource = only_resource(tmp_path, change)

    assert resource.after == {"name": "a", "id": "(known after apply)"}
    assert resource.edits == (Edit("name", None, "a"), Edit("id", None, "(known after apply)"))


@pytest.mark.parametrize(
    ("before", "after", "marks"),
    [
        ({"value": "hunter2"}, {"value": "hunter3"}, {"before_sensitive": {"value": True}}),
        ({"value": "hunter2"}, {"value": "hunter3"}, {"after_sensitive": {"value": True}}),
        ({"a": [{"b": "hunter2"}]}, {"a": [{"b": "hunter3"}]}, {"after_sensitive": {"a": [{"b": True}]}}),
        ({"a": [{"b": "hunter2"}, {"b": "x"}]}, {"a": [{"b": "x"}, {"b": "hunter2"}, {"b": "y"}]}, {"before_sensitive": {"a": [{"b": True}]}}),
        ({"a": "hunter2"}, {"a": "hunter3"}, {"before_sensitive": True, "after_sensitive": True}),
        ({"client_secret": "hunter2"}, {"client_secret": "hunter3"}, {}),
        ({"spark_conf": {"fs.oauth2.client.secret": "hunter2"}}, {"spark_conf": {"fs.oauth2.client.secret": "hunter3"}}, {}),
        ({"parameter": [{"name": "password", "default": "hunter2"}]}, {"parameter": [{"name": "password", "default": "hunter3"}]}, {}),
        ({"definition": '{"spark_env_vars.DB_PASSWORD": {"type": "fixed", "value": "hunter2"}}'}, {"definition": '{"spark_env_vars.DB_PASSWORD": {"type": "fixed", "value": "hunter3"}}'}, {}),
        ({"a": "https://ola:hunter2@example.com"}, {"a": "https://ola:hunter3@example.com"}, {}),
        ({"a": ["dapi" + b"hunter2".hex().ljust(32, "0")]}, {"a": ["dapi" + b"hunter3".hex().ljust(32, "0")]}, {}),
    ],
    ids=["before", "after", "inside", "in another block", "whole", "field", "key of a map", "parameter", "JSON", "address", "token"],
)  # fmt: skip
def test_sensitive_values_are_masked_and_still_count_as_changes(
    tmp_path: Path, before: Any, after: Any, marks: dict[str, Any]
) -> None:
    resource = only_resource(tmp_path, {"actions": ["update"], "before": before, "after": after, **marks})

    text = repr(resource)
    assert "hunter" not in text
    assert b"hunter".hex() not in text
    assert resource.edits


def test_an_incomplete_plan_has_its_changes_and_terraform_s_error(
    tmp_path: Path,
) -> None:
    text = plan_json({"actions": ["delete"]}, errored=True)

    (plan,) = read(
        tmp_path, stack__json=text, stack__err="Warning: old\n\nError: no such cluster\n\ndapi" + "0" * 32
    )

    assert [one.action for one in plan.changes] == ["delete"]
    assert plan.error == "Error: no such cluster\n\n(looks like a secret)"


@pytest.mark.parametrize(
    ("files", "error"),
    [
        ({"stack__json": ""}, "the plan is empty"),
        ({"stack__json": "Error: no login"}, "Error: no login"),
        ({"stack__json": "[]"}, "this JSON is not a plan as `terraform show -json` prints it"),
        ({"stack__err": "Error: no login"}, "Error: no login"),
        ({"stack__err": ""}, "Terraform left neither a plan nor an error message"),
        ({"stack__json": plan_json(errored=True)}, "Terraform did not complete this plan, and its error message is not among the files"),
    ],
)  # fmt: skip
def test_a_file_without_a_plan_is_a_failed_plan(tmp_path: Path, files: dict[str, str], error: str) -> None:
    (plan,) = read(tmp_path, **files)

    assert (plan.stack, plan.resources, plan.error) == ("stack", (), error)


def test_a_plan_that_is_not_utf_8_is_named(tmp_path: Path) -> None:
    (tmp_path / "stack.json").write_bytes(plan_json({"actions": ["delete"]}).encode("utf-16"))

    (plan,) = read_plans([tmp_path])

    assert plan.error is not None
    assert plan.error.startswith("this file is UTF-16, not UTF-8")


def test_an_empty_err_file_beside_a_plan_is_ignored(tmp_path: Path) -> None:
    assert read(tmp_path, stack__json=plan_json(), stack__err="") == (StackPlan("stack", ()),)


def test_files_with_other_names_are_refused(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"notes\.txt is not a plan file"):
        read(tmp_path, notes__txt="")


def test_files_of_saved_plans_are_ignored(tmp_path: Path) -> None:
    """A shell's `plans/*` includes them."""
    plans = read(tmp_path, stack__json=plan_json(), stack__tfplan="", stack__origin="", other__err="no")
    assert [plan.stack for plan in plans] == ["other", "stack"]


def test_two_different_plans_of_one_stack_are_refused(tmp_path: Path) -> None:
    folders = [tmp_path / name for name in ("a", "b")]
    for folder in folders:
        folder.mkdir()
        (folder / "stack.json").write_text(plan_json())
    files = [folder / "stack.json" for folder in folders]
    assert len(read_plans(files)) == 1
    files[1].write_text(plan_json({"actions": ["create"]}))

    with pytest.raises(UsageError, match="two plans of one stack"):
        read_plans(files)


def test_a_missing_file_is_a_usage_error(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="there is no plan"):
        read_plans([tmp_path / "stack.json"])


def test_a_folder_stands_for_the_plans_in_it(tmp_path: Path) -> None:
    assert read_plans([tmp_path]) == ()
    for name in ("b.json", "a.err", "notes.txt"):
        (tmp_path / name).write_text(plan_json())

    assert [plan.stack for plan in read_plans([tmp_path])] == ["a", "b"]


def test_a_private_key_in_an_error_is_masked_to_its_last_line(tmp_path: Path) -> None:
    key = "-----BEGIN RSA PRIVATE KEY-----\nMIIEabc\nMIIEdef\n-----END RSA PRIVATE KEY-----"

    (plan,) = read(tmp_path, stack__err=f"Error: no\n{key}\nafter")

    assert plan.error == "Error: no\n(looks like a secret)\nafter"


def test_keys_of_mappings_are_masked(tmp_path: Path) -> None:
    change = {"actions": ["update"], "before": {}, "after": {"tags": {"dapi" + "0" * 32: "x"}}}

    assert only_resource(tmp_path, change).edits == (Edit("(looks like a secret)", None, "x"),)
