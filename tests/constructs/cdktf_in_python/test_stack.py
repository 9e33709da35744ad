"""Apps and stacks."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from datamesh.cdktf_in_python.packages import cdktf, databricks


def test_each_stack_is_written_to_its_folder(tmp_path: Path) -> None:
    app = cdktf.App(outdir=str(tmp_path))
    stack = cdktf.TerraformStack(app, "sales")
    databricks.provider.DatabricksProvider(stack, "databricks", host=None)
    stack.add_override("moved", [{"from": "a", "to": "b"}])

    app.synth()

    code = json.loads((tmp_path / "stacks/sales/cdk.tf.json").read_text())
    assert code["provider"] == {"databricks": [{}]}
    assert code["moved"] == [{"from": "a", "to": "b"}]
    assert code["//"]["metadata"]["overrides"] == {"stack": ["moved"]}


@pytest.mark.parametrize("name", ["a*", "a b", "a[0]"])
def test_names_that_cdktf_refuses_are_refused(name: str) -> None:
    with pytest.raises(ValueError, match="the name of stack"):
        cdktf.TerraformStack(cdktf.App(outdir="out"), name)
