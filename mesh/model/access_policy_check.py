"""Checks of row filters and column masks: their schema, function, columns and principals."""

from __future__ import annotations

from collections.abc import Iterator
from difflib import get_close_matches
from typing import Any

from mesh.documents.document import Document, Location
from mesh.finding import Finding, nearest
from mesh.model.access_policy import AccessPolicyFile, ColumnMaskFile, SchemaPolicyFile
from mesh.model.domain import Domain
from mesh.model.flow import Flow
from mesh.model.flow_table import default_schema
from mesh.model.naming import stored_name
from mesh.model.org import Org
from mesh.model.principal import check_named
from mesh.model.project import Project

_LIKENESS = 0.8  # of a misspelled name


def check_policies(org: Org) -> Iterator[Finding]:
    """Checks the policies on catalogs, and the principals that all policies of an org name."""
    levels: list[Org | Domain | Project] = [
        org,
        *org.domains,
        *(project for domain in org.domains for project in domain.projects),
    ]
    for level in levels:
        catalog = level.declared.catalog
        for name, policy in (catalog.policies if catalog else {}).items():
            at: Location = ("catalog", "policies", name)
            yield from _check_principals(org, level.document, at, policy)
            yield from _check_function(level.document, at, policy)
            function = policy.column_mask or policy.row_filter
            if function and "." not in function.function_name:
                message = f"function `{function.function_name}` of a policy on a catalog has no schema"
                yield level.document.finding("policy-function", at, f"{message} (write `schema.function`)")
    for flow in (flow for domain in org.domains for project in domain.projects for flow in project.flows):
        for name, one in flow.declared.policies.items():
            yield from _check_principals(org, flow.document, ("policies", name), one)


def _check_principals(
    org: Org, document: Document, at: Location, policy: AccessPolicyFile
) -> Iterator[Finding]:
    for field in ("to_principals", "except_principals"):
        named = [(one, (*at, field, index)) for index, one in enumerate(getattr(policy, field))]
        yield from check_named(org.principals, named, document, of_data=True)


def check_access_policies(flow: Flow) -> Iterator[Finding]:
    """Reports policies of a flow without one function, in unknown schemas, and with unmatched columns."""
    for name, policy in flow.declared.policies.items():
        yield from _check_function(flow.document, ("policies", name), policy)
        yield from _check_schema(flow, name, policy)


def policy_warnings(flow: Flow) -> Iterator[Finding]:
    """Warns about functions that are almost named as a file of the flow, which its own code might create.

    Args:
        flow: the flow, with its functions.
    """
    for name, policy in flow.declared.policies.items():
        field = "column_mask" if policy.column_mask else "row_filter"
        schema, function = policy.schema_ or default_schema(flow), policy.column_mask or policy.row_filter
        known = {one.name for one in flow.functions if one.schema == schema}
        named = stored_name(function.function_name) if function else ""
        if named and named not in known and get_close_matches(named, known, n=1, cutoff=_LIKENESS):
            message = f"no file of the flow creates function `{named[:120]}`"
            at = ("policies", name, field, "function_name")
            remedy = nearest(named, known, "functions")
            yield flow.document.finding("unknown-function", at, f"{message} ({remedy})").as_warning


def _check_function(document: Document, at: Location, policy: AccessPolicyFile) -> Iterator[Finding]:
    if len(given := _given(document, at, "row_filter", "column_mask")) != 1:
        both = "`row_filter` and `column_mask`" if given else "no function"
        message = f"policy `{at[-1]}` has {both} (write one of `row_filter` and `column_mask`)"
        yield document.finding("policy-function", at, message)
    yield from _check_aliases(document, at, policy)


def _given(document: Document, at: Location, *names: str) -> list[str]:
    """The fields that a file sets, also those with a wrong value, which is another finding."""
    value: Any = document.data
    for step in at:
        value = value[step]
    return [name for name in names if value.get(name) is not None]


def _check_schema(flow: Flow, name: str, policy: SchemaPolicyFile) -> Iterator[Finding]:
    at, schemas = ("policies", name), ", ".join(flow.schemas) or "none"
    if policy.schema_ is None and default_schema(flow) is None:
        message = f"the schema of policy `{name}` is not known: the flow has {schemas} (add `schema`)"
        yield flow.document.finding("unknown-schema", at, message)
    elif policy.schema_ is not None and policy.schema_ not in flow.schemas:
        near = nearest(policy.schema_, flow.schemas, "schemas")
        message = f"schema `{policy.schema_[:120]}` is not in `schemas` of the flow ({near})"
        yield flow.document.finding("unknown-schema", (*at, "schema"), message)


def _check_aliases(document: Document, at: Location, policy: AccessPolicyFile) -> Iterator[Finding]:
    known = [one.alias for one in policy.match_columns]
    for index, alias in enumerate(known):
        if alias.lower() in (one.lower() for one in known[:index]):
            place = (*at, "match_columns", index, "alias")
            message = f"`{alias}` is the alias of two columns in `match_columns` of the policy (rename one)"
            yield document.finding("policy-argument", place, message)
    for field in ("row_filter", "column_mask"):
        if (function := getattr(policy, field)) is None:
            continue
        used: list[tuple[Location, str]] = []
        if isinstance(function, ColumnMaskFile):
            used.append(((*at, field, "on_column"), function.on_column))
        for index, one in enumerate(function.using):
            place = (*at, field, "using", index)
            if len(_given(document, place, "alias", "constant")) != 1:
                message = "an argument of a policy's function is either an `alias` or a `constant`"
                yield document.finding("policy-argument", place, f"{message} (write one of them)")
            elif one.alias is not None:
                used.append(((*place, "alias"), one.alias))
        for place, alias in used:
            if alias not in known:
                near = nearest(alias, known, "aliases") if known else "it has none"
                message = f"`{alias}` is no alias in `match_columns` of the policy ({near})"
                yield document.finding("policy-argument", place, message)
