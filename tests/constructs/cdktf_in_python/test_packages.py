"""The stand-ins for cdktf's packages."""

from __future__ import annotations

import pytest

from datamesh.cdktf_in_python.packages import cdktf, databricks


def test_a_class_is_made_once() -> None:
    assert databricks.job.Job is databricks.job.Job
    assert databricks.job.Job.terraform_resource_type == "databricks_job"
    assert databricks.data_databricks_job.DataDatabricksJob.prefix == "data."


def test_other_classes_of_a_module_are_blocks() -> None:
    block = databricks.grants.GrantsGrant(principal="readers", privileges=("SELECT",), more=None)

    assert block.arguments == {"principal": "readers", "privileges": ["SELECT"]}


def test_what_the_stand_in_lacks_is_an_error() -> None:
    with pytest.raises(AttributeError, match="TerraformOutput"):
        getattr(cdktf, "TerraformOutput")  # noqa: B009
