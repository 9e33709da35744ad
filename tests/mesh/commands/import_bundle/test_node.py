"""Values of a bundle keep their places; overrides of targets merge as the Databricks CLI merges them."""

from __future__ import annotations

from pathlib import Path

from mesh.commands.import_bundle.node import Node, Place, from_document, merged, plain, walk
from mesh.documents.document import read


def node(text: str, tmp_path: Path) -> Node:
    (tmp_path / "x.yml").write_text(text)
    document, findings = read(tmp_path / "x.yml", tmp_path)
    assert findings == []
    return from_document(document)


def test_a_value_has_the_place_of_its_key(tmp_path: Path) -> None:
    tree = node("a:\n  b:\n  - c: 1\n  - 2\n", tmp_path)

    assert tree.child("a", "b").place == Place("x.yml", 2, 3)
    assert [one.place.line for one in tree.child("a", "b").items] == [3, 4]
    assert plain(tree) == {"a": {"b": [{"c": 1}, 2]}}
    assert ("a", "b", 0, "c") in dict(walk(tree))


def test_what_is_missing_or_null_is_an_empty_node(tmp_path: Path) -> None:
    tree = node("a:\n", tmp_path)

    assert tree.get("a") is None
    assert tree.child("a", "b", "c").fields == {}
    assert tree.child("a").text == ""


def test_tasks_merge_by_their_keys_and_other_lists_are_appended(tmp_path: Path) -> None:
    base = node("{tasks: [{task_key: a, x: 1}, {task_key: b}], tags: {p: 1}, 'on': [1]}", tmp_path)
    over = node("{tasks: [{task_key: a, y: 2}, {task_key: c}], tags: {q: 2}, 'on': [2]}", tmp_path)

    assert plain(merged(base, over)) == {
        "tasks": [{"task_key": "a", "x": 1, "y": 2}, {"task_key": "b"}, {"task_key": "c"}],
        "tags": {"p": 1, "q": 2},
        "on": [1, 2],
    }
