"""Row filters and column masks on a schema."""

from __future__ import annotations

from datamesh.access_policy import AccessPolicy
from datamesh.schema import Schema
from mesh.model import access_policy as model
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
    made = synth(lambda scope: AccessPolicy(scope, policy(**fields), Schema(scope, SCHEMA).resource))[
        "resource"
    ]
    return made["databricks_policy_info"]["prep_revenue_policy_hide"]


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
