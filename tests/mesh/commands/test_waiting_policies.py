"""What `mesh deploy` and `mesh diff` say about policies that wait, where no plan has changes."""

from __future__ import annotations

from collections.abc import Mapping
from types import SimpleNamespace
from typing import Any

import pytest

from mesh.commands.waiting_policies import waiting_policies
from tests.mesh.conftest import FLOW, PRODUCTION, Deployed

FILES = {
    **PRODUCTION,
    f"{FLOW}/deployment.yml": """\
tasks: [{task_key: a, serverless: true}]
policies:
  hide:
    to_principals: [account users]
    match_columns: [{condition: has_tag('pii'), alias: a}]
    column_mask: {function_name: hidden, on_column: a}
""",
}
POLICY = "column mask transport.revenue.hide"


def held(function: str) -> Mapping[str, Any]:
    """The attributes of the policy in the state."""
    return {
        "name": "hide",
        "on_securable_fullname": "transport.revenue",
        "to_principals": ["account users"],
        "match_columns": [{"condition": "has_tag('pii')", "alias": "a"}],
        "column_mask": {"function_name": f"transport.revenue.{function}", "on_column": "a"},
    }


@pytest.mark.parametrize(
    ("attributes", "lines"),
    [
        (
            None,
            [
                f"1 policy waits for functions that do not exist yet: `{POLICY}`; "
                "until then, whoever may read the tables sees all rows and values; "
                "create `transport.revenue.hidden`, then deploy again"
            ],
        ),
        (
            held("former"),
            [
                f"waits: `{POLICY}` keeps function `transport.revenue.former` until `transport.revenue.hidden` "
                "exists; the first deployment afterwards changes it"
            ],
        ),
        (held("hidden"), []),
    ],
)
def test_policies_that_are_not_as_declared_are_told(
    deployed: Deployed, attributes: Mapping[str, Any] | None, lines: list[str]
) -> None:
    mesh = deployed(FILES)
    [deployment] = mesh.deployments
    [policy] = deployment.policies
    resources = {f"databricks_policy_info.{policy.id}": attributes} if attributes else {}
    planned: Any = SimpleNamespace(
        name=deployment.stack,
        terraform=SimpleNamespace(state=lambda: SimpleNamespace(held=resources)),
    )

    assert [*waiting_policies([planned], mesh)] == lines
