"""Row filters and column masks against a fake workspace."""

from __future__ import annotations

import pytest

from local.provider.api import ApiError
from local.provider.resource_type import Known
from tests.support.rest_api import FakeRestApi, resource

POLICIES = "/api/2.1/unity-catalog/policies"
ONE = f"{POLICIES}/SCHEMA/main.sales/own"
POLICY = {
    "name": "own",
    "on_securable_type": "SCHEMA",
    "on_securable_fullname": "main.sales",
    "for_securable_type": "TABLE",
    "policy_type": "POLICY_TYPE_ROW_FILTER",
    "to_principals": ["analysts"],
    "match_columns": [{"alias": "borough", "condition": "has_tag('borough')"}],
    "row_filter": {"function_name": "main.sales.is_own", "using": [{"alias": "borough"}]},
}


def test_a_policy_is_created_read_and_changed() -> None:
    """A field that is removed from the code is removed from the policy."""
    workspace = FakeRestApi(
        {f"POST {POLICIES}": POLICY, f"GET {ONE}": {**POLICY, "id": "8"}, f"PATCH {ONE}": POLICY}
    )
    policy, context = resource("databricks_policy_info", workspace)
    assert policy.create(context, POLICY) == "SCHEMA,main.sales,own"
    assert workspace.sent(f"POST {POLICIES}") == POLICY
    read = policy.read(context, policy.id_of(POLICY), Known({}))
    assert read.items() >= {**POLICY, "id": "8"}.items()
    policy.update(context, policy.id_of(POLICY), POLICY, {**POLICY, "comment": "x"})
    assert workspace.sent(f"PATCH {ONE}")["comment"] is None


def test_an_id_without_three_parts_is_refused() -> None:
    policy, context = resource("databricks_policy_info", FakeRestApi({}))
    with pytest.raises(ApiError, match="is not <securable type>"):
        policy.read(context, "SCHEMA,main.sales", Known({}))
