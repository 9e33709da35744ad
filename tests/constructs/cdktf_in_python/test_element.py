"""Resources and data sources."""

from __future__ import annotations

import pytest

from datamesh.bindings import cdktf as real
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


def test_members_of_cdktf_that_are_missing_here_are_errors() -> None:
    """They must not look like attributes of Terraform."""
    schema = databricks.schema.Schema(stack(), "Schema", name="sales")
    members = {*dir(real.TerraformResource), *dir(real.TerraformDataSource)}
    lacking = {name for name in members if not name.startswith("_")} - {*dir(schema)}

    assert len(lacking) > 20
    assert [name for name in sorted(lacking) if hasattr(schema, name)] == []


def test_an_argument_that_is_set_later_is_an_error() -> None:
    schema = databricks.schema.Schema(stack(), "Schema", name="sales")
    schema.depends_on = ["databricks_catalog.main"]

    with pytest.raises(AttributeError, match="comment of stack/Schema is set by its constructor"):
        schema.comment = "late"
    assert schema.code()["resource"]["databricks_schema"]["Schema"]["depends_on"] == [
        "databricks_catalog.main"
    ]


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
