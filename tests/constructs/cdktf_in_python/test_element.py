"""Resources and data sources."""

from __future__ import annotations

import pytest

from datamesh.cdktf_in_python.packages import cdktf, databricks


def stack() -> cdktf.TerraformStack:
    """An empty stack."""
    return cdktf.TerraformStack(cdktf.App(outdir="out"), "stack")


def test_attributes_are_references() -> None:
    schema = databricks.schema.Schema(stack(), "Schema", name="sales")
    schema.override_logical_id("sales")
    user = databricks.data_databricks_user.DataDatabricksUser(stack(), "User", user_name="ada")

    assert schema.id == "${databricks_schema.sales.id}"
    assert user.home == "${data.databricks_user.User.home}"
    assert user.fqn == "data.databricks_user.User"


def test_a_name_that_is_in_use_cannot_change() -> None:
    schema = databricks.schema.Schema(stack(), "Schema", name="sales")
    assert schema.id == "${databricks_schema.Schema.id}"

    with pytest.raises(RuntimeError, match="referenced before its logical id is set"):
        schema.override_logical_id("sales")


def test_overrides_come_last_and_are_in_the_metadata() -> None:
    schema = databricks.schema.Schema(stack(), "Schema", name="sales", comment=None)
    schema.add_override("name", "other")

    assert schema.code() == {
        "resource": {
            "databricks_schema": {
                "Schema": {
                    "name": "other",
                    "//": {"metadata": {"path": "stack/Schema", "uniqueId": "Schema"}},
                }
            }
        }
    }
    assert schema.metadata() == {"overrides": {"databricks_schema": ["name"]}}
