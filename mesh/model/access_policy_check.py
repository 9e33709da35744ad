"""Checks of row filters and column masks: their schema, function, columns and principals."""

from __future__ import annotations

from collections.abc import Iterator

from mesh.documents.document import Location
from mesh.finding import Finding, nearest
from mesh.model.access_policy import AccessPolicyFile, ColumnMaskFile
from mesh.model.flow import Flow
from mesh.model.flow_table import default_schema
from mesh.model.org import Org
from mesh.model.principal import check_named


def check_policy_principals(org: Org) -> Iterator[Finding]:
    """Checks the principals that the policies of an org name."""
    for flow in (flow for domain in org.domains for project in domain.projects for flow in project.flows):
        for name, policy in flow.declared.policies.items():
            for field in ("to_principals", "except_principals"):
                at = ("policies", name, field)
                named = [(one, (*at, index)) for index, one in enumerate(getattr(policy, field))]
                yield from check_named(org.principals, named, flow.document, of_data=True)


def check_access_policies(flow: Flow) -> Iterator[Finding]:
    """Reports policies without one function, in unknown schemas, and with columns that nothing matches."""
    for name, policy in flow.declared.policies.items():
        at: Location = ("policies", name)
        if (policy.row_filter is None) == (policy.column_mask is None):
            both = "`row_filter` and `column_mask`" if policy.row_filter else "no function"
            message = f"policy `{name}` has {both} (write one of `row_filter` and `column_mask`)"
            yield flow.document.finding("policy-function", at, message)
        yield from _check_schema(flow, name, policy)
        yield from _check_aliases(flow, at, policy)


def _check_schema(flow: Flow, name: str, policy: AccessPolicyFile) -> Iterator[Finding]:
    at, schemas = ("policies", name), ", ".join(flow.schemas) or "none"
    if policy.schema_ is None and default_schema(flow) is None:
        message = f"the schema of policy `{name}` is not known: the flow has {schemas} (add `schema`)"
        yield flow.document.finding("unknown-schema", at, message)
    elif policy.schema_ is not None and policy.schema_ not in flow.schemas:
        near = nearest(policy.schema_, flow.schemas, "schemas")
        message = f"schema `{policy.schema_[:120]}` is not in `schemas` of the flow ({near})"
        yield flow.document.finding("unknown-schema", (*at, "schema"), message)


def _check_aliases(flow: Flow, at: Location, policy: AccessPolicyFile) -> Iterator[Finding]:
    known = [one.alias for one in policy.match_columns]
    for field in ("row_filter", "column_mask"):
        if (function := getattr(policy, field)) is None:
            continue
        used: list[tuple[Location, str]] = []
        if isinstance(function, ColumnMaskFile):
            used.append(((*at, field, "on_column"), function.on_column))
        for index, one in enumerate(function.using):
            place = (*at, field, "using", index)
            if (one.alias is None) == (one.constant is None):
                message = "an argument of a policy's function is either an `alias` or a `constant`"
                yield flow.document.finding("policy-argument", place, f"{message} (write one of them)")
            elif one.alias is not None:
                used.append(((*place, "alias"), one.alias))
        for place, alias in used:
            if alias not in known:
                near = nearest(alias, known, "aliases") if known else "it has none"
                message = f"`{alias}` is no alias in `match_columns` of the policy ({near})"
                yield flow.document.finding("policy-argument", place, message)
