"""Checks of row filters and column masks: schema, function, columns and principals."""

from __future__ import annotations

import pytest

from tests.mesh.conftest import FLOW, Findings

JOB = "tasks: [{task_key: a, serverless: true}]\n"
MATCH = "match_columns: [{condition: has_tag('pii'), alias: name}]"
TWICE = "match_columns: [{condition: has_tag('pii'), alias: name}, {condition: has_tag('a'), alias: Name}]"
MASK = "column_mask: {function_name: hidden, on_column: name}"
TO = "to_principals: [analysts]"


@pytest.mark.parametrize(
    ("declared", "expected"),
    [
        (
            f"policies: {{hide: {{{TO}}}}}\n",
            ["policy-function: policy `hide` has no function (write one of `row_filter` and `column_mask`)"],
        ),
        (
            f"policies: {{hide: {{{TO}, {MATCH}, {MASK}, row_filter: {{function_name: own}}}}}}\n",
            [
                "policy-function: policy `hide` has `row_filter` and `column_mask`"
                " (write one of `row_filter` and `column_mask`)"
            ],
        ),
        (
            f"policies: {{hide: {{{TO}, {MASK}}}}}\n",
            ["policy-argument: `name` is no alias in `match_columns` of the policy (it has none)"],
        ),
        (
            f"policies: {{own: {{{TO}, row_filter: {{function_name: own, using: [{{}}]}}}}}}\n",
            [
                "policy-argument: an argument of a policy's function is either an `alias` or a `constant`"
                " (write one of them)"
            ],
        ),
        (
            f"policies: {{hide: {{{TO}, {TWICE}, {MASK}}}}}\n",
            [
                "policy-argument: `Name` is the alias of two columns in `match_columns` of the policy (rename one)"
            ],
        ),
        (
            f"policies: {{own: {{{TO}, row_filter: {{functon_name: own}}}}}}\n",
            [
                "missing-field: `function_name` is missing in row_filter (add it)",
                "unknown-field: unknown field `functon_name` in row_filter (did you mean `function_name`?)",
            ],
        ),
        (
            f"policies: {{own: {{{TO}, row_filter: {{function_name: own, using: [{{constant: 4}}]}}}}}}\n",
            ["wrong-type: `constant` is `4`: should be text (put it in quotes)"],
        ),
        (
            f"policies: {{own: {{{TO}, row_filter: null}}}}\n",
            ["policy-function: policy `own` has no function (write one of `row_filter` and `column_mask`)"],
        ),
        (
            f"schemas: [daily, monthly]\npolicies: {{hide: {{{TO}, {MATCH}, {MASK}}}}}\n",
            [
                "unknown-schema: the schema of policy `hide` is not known: the flow has daily, monthly"
                " (add `schema`)"
            ],
        ),
    ],
)
def test_wrong_policies_are_findings(declared: str, expected: list[str], findings: Findings) -> None:
    assert findings({f"{FLOW}/deployment.yml": declared + JOB}, env="local") == expected


def test_principals_are_those_of_the_org(findings: Findings) -> None:
    declared = f"policies: {{hide: {{{TO}, {MATCH}, {MASK}, except_principals: [analyst]}}}}\n"
    org = "groups: {analysts: {}}\n"
    assert findings({f"{FLOW}/deployment.yml": declared + JOB, "orgs/acme/org.yml": org}, env="local") == [
        "unknown-principal: principal `analyst` is not listed in org.yml (did you mean `analysts`?)"
    ]


def test_policies_on_catalogs_are_checked_likewise(findings: Findings) -> None:
    declared = f"catalog: {{policies: {{hide: {{{TO}, {MASK}}}}}}}\n"
    files = {f"{FLOW}/deployment.yml": JOB, "orgs/acme/domains/transport/domain.yml": declared}
    assert findings(files, env="local") == [
        "policy-function: function `hidden` of a policy on a catalog has no schema (write `schema.function`)",
        "policy-argument: `name` is no alias in `match_columns` of the policy (it has none)",
    ]
