"""Masking of secrets, and differences between values."""

from __future__ import annotations

import json
from typing import Any

import pytest

from mesh.documents.secret_text import text_masked
from mesh.review.masking import SENSITIVE, UNKNOWN, Edit, Marks, edits, masked, sensitive
from tests.mesh.documents.test_secret_text import TOKENS


def test_marks_of_both_sides_are_merged() -> None:
    assert sensitive({"a": True}, {"b": [True]}, None) == {"a": True, "b": [True]}
    assert sensitive({"a": True}, True) is True
    assert sensitive(False, {}) == {}


def test_a_mark_on_one_block_holds_for_all_blocks_of_a_list() -> None:
    marks = Marks(sensitive={"task": [{}, {"token": True}]})

    assert masked({"task": [{"token": "x"}, {"token": "y"}]}, marks) == {
        "task": [{"token": SENSITIVE}, {"token": SENSITIVE}]
    }


def test_values_that_only_the_apply_sets_are_unknown() -> None:
    assert masked({"name": "a"}, Marks(unknown={"id": True})) == {"name": "a", "id": UNKNOWN}


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        ({"a": 1}, {"a": 1, "b": None}, []),
        ({"a": 1}, {"a": 2}, [Edit("a", "1", "2")]),
        ({"a": {"b": "x"}}, {"a": {}}, [Edit("a.b", "x", None)]),
        ({"a": ["x", "y"]}, {"a": ["y", "x"]}, []),
        ({"a": [{"b": 1}]}, {"a": [{"b": 2}]}, [Edit("a.b", "1", "2")]),
        ({"t": [{"task_key": "x", "n": 1}]}, {"t": []}, [Edit("t[x].n", "1", None)]),
        ({"d": '{"a": 1, "b": 2}'}, {"d": '{"b": 2, "a": 3}'}, [Edit("d.a", "1", "3")]),
    ],
)
def test_edits_are_the_attributes_that_differ(
    before: dict[str, Any], after: dict[str, Any], expected: list[Edit]
) -> None:
    assert list(edits(before, after, Marks(), Marks())) == expected


def test_a_block_that_only_has_another_place_in_its_list_does_not_change() -> None:
    """The provider reads false and 0 for a task, and plans nothing for it where another task had its place."""
    read = {"task_key": "verify", "max_retries": 0, "disabled": False, "n": 1, "conf": {"a": "0"}}
    planned = {"task_key": "verify", "max_retries": None, "disabled": None, "n": 2, "conf": {}}
    new = {"task_key": "added"}

    def paths(after: list[Any]) -> list[str]:
        found = edits({"task": [read]}, {"task": after}, Marks(), Marks())
        return [one.path for one in found if "added" not in one.path]

    assert paths([new, planned]) == ["task[verify].n", "task[verify].conf.a"]
    assert paths([planned, new]) == [
        *("task[verify].max_retries", "task[verify].disabled", "task[verify].n", "task[verify].conf.a")
    ]


@pytest.mark.parametrize("key", ["task_key", "job_cluster_key", "principal", "name", "key"])
def test_the_path_of_a_block_hides_its_sensitive_key(key: str) -> None:
    marks = Marks(sensitive={"input": [{key: True}]})

    (edit,) = edits({"input": [{key: "x", "v": 1}]}, {"input": [{key: "x", "v": 2}]}, marks, marks)

    assert edit == Edit("input[(sensitive)].v", "1", "2")


def test_long_values_are_cut() -> None:
    (edit,) = edits({"a": None}, {"a": "x" * 1000}, Marks(), Marks())

    assert edit.after == f"{'x' * 200}… (1,000 characters)"


@pytest.mark.parametrize("token", TOKENS)
@pytest.mark.parametrize(
    "around",
    ["{}", "Bad credentials: {}.", "cannot clone https://x:{}@github.example/a.git", r"one\n{}\ntwo"],
)
def test_a_token_is_masked_whole_in_values_and_texts(token: str, around: str) -> None:
    text = around.format(token)

    assert masked({"comment": text}, Marks()) == {"comment": "(looks like a secret)"}
    assert text_masked(f"before\n{text}\nafter") == "before\n(looks like a secret)\nafter"


AZURE = "fs.azure.account.key.acme.dfs.core.windows.net"


@pytest.mark.parametrize(
    "value",
    [
        {"spark_conf": {AZURE: "hunter2"}},
        {"spark_conf": {"fs.azure.account.oauth2.client.secret.acme.dfs.core.windows.net": "hunter2"}},
        {"spark_conf": {"javax.jdo.option.ConnectionPassword": "hunter2"}},
        {"spark_env_vars": {"PGPASSWORD": "hunter2"}},
        {"options": {"clientSecret": "hunter2"}},
        {"options": {"passwords": ["hunter2", "hunter3"]}},
        {"parameters": ["--password", "hunter2"]},
        {"parameters": ["--password=hunter2"]},
        {"parameter": [{"name": "dbPassword", "default": "hunter2"}]},
        {"pairs": [{"key": "PGPASSWORD", "value": ["hunter2"]}]},
        {"definition": json.dumps({f"spark_conf.{AZURE}": {"type": "fixed", "value": "hunter2"}})},
        {"definition": json.dumps({"spark_env_vars.PGPASSWORD": {"defaultValue": "hunter2"}})},
        {"definition": json.dumps({"spark_env_vars.PGPASSWORD": {"values": ["hunter2"]}}) + "}"},
        {"definition": "\n" + json.dumps([{"spark_env_vars.PGPASSWORD": {"value": "hunter2"}}])},
        {"input": {"password": {"plain": "hunter2"}}},
        {"input": {"passwords": [{"plain": "hunter2"}]}},
        {"inputs": '[["--password", "hunter2"]]'},
        {"headers": {"Authorization": "Bearer hunter2hunter2hunter2"}},
        {"comment": "[pypi]\nusername = ola\npassword = hunter2\n"},
        {"parameters": ['[{"clientSecret": "hunter2"}]']},
        {"base_parameters": {"config": '{"inner": {"password": "hunter2"}}'}},
        {"base_parameters": {"config": 'x {"password": "hunter2"'}},
        {"spark_conf": {"url": "jdbc:postgresql://host/db?user=ola&password=hunter2"}},
        {"command": "PGPASSWORD=hunter2 psql"},
    ],
)
def test_secrets_with_a_name_are_masked_in_values_and_differences(value: dict[str, Any]) -> None:
    other = json.loads(json.dumps(value).replace("hunter2", "hunter9"))
    differences = list(edits(value, other, Marks(), Marks()))

    assert "hunter" not in repr(masked(value, Marks()))
    assert differences
    assert "hunter" not in repr(differences)


@pytest.mark.parametrize(
    "value",
    [
        {"spark_conf": {AZURE: "{{secrets/scope/key}}"}},
        {"parameter": [{"name": "token", "default": "{{secrets/scope/key}}"}]},
        {"parameter": [{"name": "password_secret_name", "default": "warehouse"}]},
        {"task": [{"task_key": "token", "description": "a"}]},
        {"resource": [{"secret": [{"scope": "a", "key": "b"}]}]},
        {"inputs": '["a","b"]', "definition": '{"a":{"type":"fixed","value":1}}'},
        {"base_parameters": {"token": "{{tasks.login.values.token}}"}},
        {"parameters": ["--token", "{{job.parameters.token}}", "--password-secret-name", "a"]},
    ],
)
def test_references_to_secrets_are_shown(value: dict[str, Any]) -> None:
    assert masked(value, Marks()) == value
