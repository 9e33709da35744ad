"""Objects in a workspace."""

from __future__ import annotations

import pytest

from mesh.workshop.teardown.workspace_object import WorkspaceObject


@pytest.mark.parametrize(
    ("type", "label"),
    [("databricks_sql_endpoint", "SQL warehouse x"), ("databricks_volume", "databricks_volume x")],
)
def test_the_label_has_the_type_and_the_name(type: str, label: str) -> None:
    assert str(WorkspaceObject(type, "1", "x")) == label


@pytest.mark.parametrize(
    ("parent", "catalog"), [("training", "training"), ("training.data", "training"), (None, None)]
)
def test_the_catalog_is_the_first_part_of_the_parent(parent: str | None, catalog: str | None) -> None:
    assert WorkspaceObject("databricks_job", "1", "x", parent=parent).catalog == catalog
