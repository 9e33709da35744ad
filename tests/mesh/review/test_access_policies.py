"""Row filters and column masks in the words of a review: who sees what."""

from __future__ import annotations

from typing import Any

import pytest

from mesh.review.access_policies import PolicyChange, policy_changes
from mesh.review.drift_change import drift_change
from mesh.review.mesh_index import MeshIndex
from mesh.review.plan import ResourceChange, StackPlan
from mesh.review.sentence import plain

MASK: dict[str, Any] = {
    "name": "hide",
    "on_securable_fullname": "main.sales",
    "policy_type": "POLICY_TYPE_COLUMN_MASK",
    "to_principals": ["account users"],
    "except_principals": ["7f1c"],
    "when_condition": "has_tag('raw')",
    "match_columns": [{"alias": "a", "condition": "has_tag('pii')"}, {"alias": "b", "condition": "x"}],
    "column_mask": {"function_name": "main.sales.hidden", "on_column": "a"},
}
FILTER: dict[str, Any] = {
    "name": "own",
    "on_securable_fullname": "main.sales",
    "policy_type": "POLICY_TYPE_ROW_FILTER",
    "to_principals": ["analysts"],
    "row_filter": {"function_name": "main.sales.is_own"},
}


def changed(before: dict[str, Any], after: dict[str, Any], action: str) -> PolicyChange:
    """A change of a policy in a plan."""
    change = ResourceChange(
        "databricks_policy_info.hide", (action,), before, after, kind="databricks_policy_info"
    )
    [one] = policy_changes([StackPlan("s", (change,))], MeshIndex(principals={"7f1c": "sp-acme"}))
    return one


def said(change: PolicyChange) -> list[str]:
    return [plain(text) for text in (change.sentence, *change.details)]


def test_a_new_mask_says_who_sees_what_instead_of_which_columns() -> None:
    change = changed({}, MASK, "create")
    assert said(change) == [
        "column mask `hide` is added: `account users` see what `main.sales.hidden` returns instead of the"
        " columns with `has_tag('pii')` in the tables of schema `main.sales`",
        "not for `sp-acme`",
        "only in tables with `has_tag('raw')`",
    ]
    assert not change.reveals


def test_a_removed_filter_says_who_sees_all_rows() -> None:
    change = changed(FILTER, {}, "delete")
    assert said(change) == [
        "row filter `own` is removed: `analysts` see all rows of the tables of schema `main.sales`"
    ]
    assert change.reveals
    assert plain(drift_change(change).sentence).startswith("row filter `own` was removed: `analysts` see")


@pytest.mark.parametrize(
    ("fields", "reveals", "edit"),
    [
        ({"to_principals": ["analysts", "finance"]}, False, "newly applied to: `finance`"),
        ({"to_principals": ["finance"]}, True, "no longer applied to: `analysts`"),
        ({"except_principals": ["finance"]}, True, "newly spared: `finance`"),
        ({"when_condition": "has_tag('raw')"}, True, "tables with: `has_tag('raw')` (was not set)"),
        (
            {"row_filter": {"function_name": "main.sales.any"}},
            True,
            "function: `main.sales.any` instead of `main.sales.is_own`",
        ),
        (
            {
                "row_filter": {
                    "function_name": "main.sales.is_own",
                    "using": [{"constant": "4"}, {"alias": "a"}],
                }
            },
            True,
            "arguments: `'4', a` (was not set)",
        ),
        ({"match_columns": [{"alias": "a", "condition": "x"}]}, True, "aliases: `a` (was not set)"),
        ({"on_securable_fullname": "main.raw"}, True, "on: `main.raw` instead of `main.sales`"),
        ({"comment": "x"}, False, "comment: `x` (was not set)"),
    ],
)
def test_a_change_says_what_differs_and_whether_it_may_hide_less(
    fields: dict[str, Any], reveals: bool, edit: str
) -> None:
    change = changed(FILTER, {**FILTER, **fields}, "update")
    assert change.reveals == reveals
    assert edit in said(change)


def test_a_policy_that_goes_with_its_schema_reveals_nothing() -> None:
    policy = ResourceChange(
        "databricks_policy_info.own", ("delete",), FILTER, {}, kind="databricks_policy_info"
    )
    names = {"catalog_name": "main", "name": "sales"}
    schema = ResourceChange("databricks_schema.s", ("delete",), names, {}, kind="databricks_schema")
    assert policy_changes([StackPlan("s", (policy, schema))], MeshIndex()) == []


def test_a_policy_on_a_catalog_is_told_with_the_catalog() -> None:
    policy = {**FILTER, "on_securable_type": "CATALOG", "on_securable_fullname": "main"}
    [sentence, *_] = said(changed({}, policy, "create"))
    assert sentence.endswith("only the rows of the tables of catalog `main` that `main.sales.is_own` allows")


def test_a_policy_on_a_table_of_other_code_is_told_with_the_table() -> None:
    policy = {**FILTER, "on_securable_type": "TABLE", "on_securable_fullname": "main.sales.orders"}
    [sentence, *_] = said(changed(policy, {}, "delete"))
    assert sentence == ("row filter `own` is removed: `analysts` see all rows of table `main.sales.orders`")


def test_masked_values_are_told_as_they_are() -> None:
    """Of other Terraform code: what is sensitive could reveal anything."""
    masked = {"to_principals": "(sensitive)", "match_columns": "(sensitive)"}
    change = changed(FILTER, {**FILTER, **masked}, "update")
    assert change.reveals
    assert "newly applied to: `(sensitive)`" in said(change)
    assert "columns: `(sensitive)` (was not set)" in said(change)


def test_masked_values_that_look_the_same_may_reveal_anything() -> None:
    policy = {**FILTER, "row_filter": {"function_name": "(sensitive)"}}
    assert changed(policy, policy | {"comment": "x"}, "update").reveals
