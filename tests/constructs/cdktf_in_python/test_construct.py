"""Constructs form a tree like those of the package `constructs`."""

from __future__ import annotations

import constructs
import pytest

from datamesh.cdktf_in_python.construct import Construct


def test_ids_are_unique_in_a_scope() -> None:
    root = Construct(None, "")
    Construct(root, "a")

    with pytest.raises(RuntimeError, match="already a construct with name 'a'"):
        Construct(root, "a")


def test_paths_and_orders_are_those_of_the_package() -> None:
    ids = ["b", "10", "a/c", "2", "007", "x y"]
    real, own = constructs.RootConstruct(), Construct(None, "")
    for id in ids:
        constructs.Construct(constructs.Construct(real, id), "inner")
        Construct(Construct(own, id), "inner")

    assert [one.node.path for one in own.node.find_all()] == [one.node.path for one in real.node.find_all()]


def test_a_child_is_found_by_its_id() -> None:
    root = Construct(None, "")
    child = Construct(root, "a/b")

    assert root.node.try_find_child("a/b") is child
    assert root.node.try_find_child("c") is None
