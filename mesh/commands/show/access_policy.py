"""`mesh show`: the row filters and column masks on schemas and catalogs."""

from __future__ import annotations

from collections.abc import Iterator

from mesh.commands.show.fact_tree import Fact, Facts
from mesh.documents.document import Document, Location
from mesh.model.access_policy import AccessPolicy, ArgumentFile


def policy_facts(policy: AccessPolicy, document: Document, at: Location) -> Facts:
    """A row filter or column mask.

    Args:
        policy: the policy.
        document: the file that declares it.
        at: its position in the file.
    """
    return Facts(policy.full_name, list(_facts(policy, document, at)))


def _facts(policy: AccessPolicy, document: Document, at: Location) -> Iterator[Fact | Facts]:
    declared, position = policy.declared, document.position
    kind = policy.kind.replace(" ", "_")
    function = declared.column_mask or declared.row_filter
    if declared.comment:
        yield Fact("comment", declared.comment, position((*at, "comment")))
    yield Fact(kind, policy.function_name, position((*at, kind, "function_name")))
    if function and function.using:
        yield Fact("using", list(map(_argument, function.using)), position((*at, kind, "using")))
    if declared.column_mask:
        yield Fact("on_column", declared.column_mask.on_column, position((*at, kind, "on_column")))
    columns = [
        Fact(one.alias, one.condition, position((*at, "match_columns", index)))
        for index, one in enumerate(declared.match_columns)
    ]
    yield Facts("match_columns", columns)
    if declared.when_condition:
        yield Fact("when_condition", declared.when_condition, position((*at, "when_condition")))
    yield Fact("to_principals", list(policy.to_principals), position((*at, "to_principals")))
    if policy.except_principals:
        yield Fact("except_principals", list(policy.except_principals), position((*at, "except_principals")))


def _argument(one: ArgumentFile) -> str:
    return one.alias or repr(one.constant)
