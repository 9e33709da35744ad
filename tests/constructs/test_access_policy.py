"""Row filters and column masks on a schema."""

from __future__ import annotations

from dataclasses import replace

from datamesh.access_policy import AccessPolicy
from datamesh.catalog import Catalog
from datamesh.schema import Schema
from mesh.model import access_policy as model
from tests.constructs.test_catalog import CATALOG
from tests.constructs.test_schema import SCHEMA

FIELDS = {"to_principals": ["analysts"], "match_columns": [{"condition": "has_tag('pii')", "alias": "a"}]}
MASK = {"function_name": "hidden", "on_column": "a", "using": [{"alias": "a"}, {"constant": "4"}]}


def policy(**fields: object) -> model.AccessPolicy:
    declared = model.AccessPolicyFile.model_validate(FIELDS | fields)
    return model.AccessPolicy(
        id="prep_revenue_policy_hide",
        name="hide",
        securable_type="SCHEMA",
        securable="main.revenue",
        parent="prep_revenue",
        flow="acme/f",
        declared=declared,
        to_principals=("analysts",),
        except_principals=(),
        function_name="main.revenue.hidden",
        position="deployment.yml:2",
    )


def synthesized(synth, **fields: object) -> object:
    made = synth(lambda scope: AccessPolicy(scope, policy(**fields), Schema(scope, SCHEMA).manageable))
    return made["resource"]["databricks_policy_info"]["prep_revenue_policy_hide"]


COMMON = {
    "name": "hide",
    "on_securable_type": "SCHEMA",
    "on_securable_fullname": "main.revenue",
    "for_securable_type": "TABLE",
    "to_principals": ["analysts"],
    "match_columns": [{"alias": "a", "condition": "has_tag('pii')"}],
    "depends_on": ["databricks_schema.prep_revenue"],
}


def test_a_column_mask(synth) -> None:
    assert synthesized(synth, column_mask=MASK) == COMMON | {
        "policy_type": "POLICY_TYPE_COLUMN_MASK",
        "column_mask": MASK | {"function_name": "main.revenue.hidden"},
    }


def test_a_row_filter(synth) -> None:
    row_filter = {"function_name": "main.revenue.hidden"}
    assert synthesized(synth, row_filter={"function_name": "hidden"}) == COMMON | {
        "policy_type": "POLICY_TYPE_ROW_FILTER",
        "row_filter": row_filter,
    }


def test_a_policy_follows_the_grants_that_let_the_deployer_manage_what_a_group_owns(synth) -> None:
    """Terraform destroys in the opposite order: the policy first, then the grants."""
    owned = replace(SCHEMA, owner="taxi-team")
    on_catalog = replace(policy(column_mask=MASK), id="acme_transport_policy_hide", securable_type="CATALOG")
    catalog = replace(CATALOG, owner="platform-team", policies=(on_catalog,))

    def build(scope) -> None:
        AccessPolicy(scope, policy(column_mask=MASK), Schema(scope, owned, "deployer").manageable)
        Catalog(scope, catalog, "deployer")

    policies = synth(build)["resource"]["databricks_policy_info"]
    assert {name: one["depends_on"] for name, one in policies.items()} == {
        "prep_revenue_policy_hide": ["databricks_schema.prep_revenue", "databricks_grants.prep_revenue"],
        "acme_transport_policy_hide": [
            "databricks_catalog.acme_transport",
            "databricks_grants.acme_transport",
        ],
    }
