"""The tables of a flow that Terraform adds something to."""

from __future__ import annotations

import pytest

from tests.mesh.conftest import FLOW, Findings

JOB = "tasks: [{task_key: a, serverless: true}]\n"


@pytest.mark.parametrize(
    ("declared", "expected"),
    [
        (
            "schemas: [daily, monthly]\ntables: [trips]\n",
            "unknown-schema: the schema of table `trips` is not known: the flow has daily, monthly (add `schema`)",
        ),
        (
            "tables: {trips: {schema: revenu}}\n",
            "unknown-schema: schema `revenu` is not in `schemas` of the flow (did you mean `revenue`?)",
        ),
        (
            "tables: [trips, Trips]\n",
            "one-name-twice: table `Trips` equals `trips` in Unity Catalog, which ignores case (rename one)",
        ),
        (
            "tables: {trips: {grants: [{principal: analysts, privileges: [READ_VOLUME]}]}}\n",
            "privilege-not-there: `READ_VOLUME` cannot be granted on a table (privileges: ALL_PRIVILEGES, "
            "APPLY_TAG, MANAGE, MODIFY, REFRESH, SELECT)",
        ),
    ],
)
def test_wrong_tables_are_findings(declared: str, expected: str, findings: Findings) -> None:
    assert findings({f"{FLOW}/deployment.yml": declared + JOB}, env="local") == [expected]
