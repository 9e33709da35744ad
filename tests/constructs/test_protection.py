"""The lifecycle of resources that hold data."""

from __future__ import annotations

from typing import Any

import pytest

from datamesh.bindings import databricks
from datamesh.protection import lifecycle


@pytest.mark.parametrize(
    ("protected", "ignored", "block"),
    [
        (True, [], {"prevent_destroy": True}),
        (False, ["tags"], {"ignore_changes": ["tags"]}),
        (True, ["tags", "name"], {"prevent_destroy": True, "ignore_changes": ["tags", "name"]}),
    ],
)
def test_the_lifecycle_block_has_only_what_is_set(
    synth, protected: bool, ignored: list[str], block: dict[str, Any]
) -> None:
    rules = lifecycle(protected=protected, ignore_changes=ignored)
    stack = synth(lambda scope: databricks.directory.Directory(scope, "folder", path="/x", lifecycle=rules))

    assert stack["resource"]["databricks_directory"]["folder"] == {"path": "/x", "lifecycle": block}


def test_an_unprotected_resource_has_no_lifecycle_block() -> None:
    assert lifecycle(protected=False) is None
