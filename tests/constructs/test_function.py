"""The grants on a function that a job creates."""

from __future__ import annotations

from datamesh.function import Function
from mesh.model.catalog_function import CatalogFunction
from mesh.model.grant import Grant

HIDDEN = CatalogFunction(
    id="prep_revenue_function_hidden",
    schema="prep_revenue",
    full_name="main.revenue.hidden",
    declared="hidden",
    file=None,
    flow="acme/transport/taxinyc/prep/revenue",
    grants=(Grant("finance", ("EXECUTE",)),),
)


def test_grants_are_made_after_the_schema(synth) -> None:
    """Terraform destroys them before the schema, which takes the function with it."""
    assert synth(lambda scope: Function(scope, HIDDEN))["resource"]["databricks_grants"] == {
        "prep_revenue_function_hidden": {
            "depends_on": ["databricks_schema.prep_revenue"],
            "function": "main.revenue.hidden",
            "grant": [{"principal": "finance", "privileges": ["EXECUTE"]}],
        }
    }
