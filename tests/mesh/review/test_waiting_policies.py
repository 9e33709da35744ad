"""Row filters and column masks that wait for a function, in the words of a review."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest

from mesh.model.access_policy import AccessPolicy, AccessPolicyFile
from mesh.model.catalog_function import CatalogFunction
from mesh.review.formats import as_json
from mesh.review.mesh_index import MeshIndex
from mesh.review.plan import ResourceChange, StackPlan
from mesh.review.review import EnvironmentReview, Review, stack_reviews
from mesh.review.sentence import plain
from mesh.review.stack_location import StackLocator
from mesh.review.waiting_policies import waiting_policies
from tests.mesh.conftest import Deployed

FILE: dict[str, Any] = {
    "to_principals": ["analysts"],
    "match_columns": [{"condition": "has_tag('pii')", "alias": "a"}],
    "column_mask": {"function_name": "hidden", "on_column": "a", "using": [{"constant": "4"}]},
}
DECLARED = AccessPolicy(
    id="hide",
    name="hide",
    securable_type="SCHEMA",
    securable="main.sales",
    parent="s",
    flow="acme/f",
    declared=AccessPolicyFile.model_validate(FILE),
    to_principals=("7f1c",),
    except_principals=(),
    function_name="main.sales.hidden",
    position="deployment.yml:4",
)
PLANNED: dict[str, Any] = {
    "name": "hide",
    "on_securable_fullname": "main.sales",
    "policy_type": "POLICY_TYPE_COLUMN_MASK",
    "to_principals": ["7f1c"],
    "match_columns": [{"condition": "has_tag('pii')", "alias": "a"}],
    "column_mask": {"function_name": "main.sales.hidden", "on_column": "a", "using": [{"constant": "4"}]},
}
INDEX = MeshIndex(policies={"s": (DECLARED,)}, principals={"7f1c": "sp-acme", "8a2d": "sp-other"})
JOB = ResourceChange("databricks_job.a", ("create",), {}, {"name": "a"}, kind="databricks_job")


def held(**fields: Any) -> ResourceChange:
    """The policy, which a plan does not change."""
    return ResourceChange(
        "databricks_policy_info.hide",
        ("no-op",),
        PLANNED | fields,
        PLANNED | fields,
        kind="databricks_policy_info",
    )


def said(*resources: ResourceChange, index: MeshIndex = INDEX) -> list[str]:
    found = waiting_policies([StackPlan("s", resources)], index)
    return [plain(text) for one in found for text in (one.sentence, *one.details)]


def test_a_policy_that_a_plan_leaves_out_is_told() -> None:
    assert said(JOB) == [
        "1 policy waits for functions that do not exist yet: `column mask main.sales.hide`",
        "until then, whoever may read the tables sees all rows and values",
        "create `main.sales.hidden`, then deploy again",
    ]


def test_a_function_of_a_file_comes_with_a_run_of_its_flow(deployed: Deployed) -> None:
    made = CatalogFunction("h", "s", "main.sales.hidden", None, "functions/hidden.sql", "acme/f")
    [one] = deployed({}, env="local").deployments
    index = replace(INDEX, deployments={"t": replace(one, functions=(made,))})
    remedy = "run `acme/f`, whose job creates `main.sales.hidden`, then deploy again"

    assert said(JOB, index=index)[-1] == remedy
    assert said(held(when_condition="has_tag('raw')"), index=index)[-1] == remedy

    named = replace(index, policies={"s": (replace(DECLARED, function_name="main.sales.Hidden"),)})
    assert said(JOB, index=named)[-1] == remedy.replace("hidden", "Hidden")


GONE = ResourceChange("databricks_job.a", ("delete",), {"name": "a"}, {}, kind="databricks_job")


@pytest.mark.parametrize("resources", [(), (GONE,), (JOB, held()), (held(),)])
def test_nothing_is_told_of_a_plan_that_makes_nothing_or_a_policy_that_is_deployed_as_declared(
    resources: tuple[ResourceChange, ...],
) -> None:
    assert said(*resources) == []


def test_a_policy_that_keeps_its_function_says_until_when_and_what_changes_then() -> None:
    """Also if the plan has no other changes."""
    former = {"column_mask": {"function_name": "main.sales.former", "on_column": "a"}}
    assert said(held(**former, to_principals=["8a2d"])) == [
        "`column mask main.sales.hide` keeps function `main.sales.former` until `main.sales.hidden` exists",
        "changed by the first deployment afterwards: newly applied to: `sp-acme`; "
        "no longer applied to: `sp-other`; function: `main.sales.hidden` instead of `main.sales.former`; "
        "arguments: `'4'` (was not set)",
        "create `main.sales.hidden`, then deploy again",
    ]


def test_a_waiting_change_is_told_in_json() -> None:
    plan = StackPlan("s", (held(when_condition="has_tag('raw')"),))
    [stack] = stack_reviews([plan], {"s": StackLocator(None).locate(plan)}, waiting_policies([plan], INDEX))
    review = Review((EnvironmentReview("prod", (stack,), 1, 0, 0, False),), ())
    [change] = as_json.as_json(review)["stacks"][0]["changes"]
    assert json.loads(json.dumps(change))["function"] == "main.sales.hidden"


def test_a_policy_whose_function_was_dropped_stays_as_it_is() -> None:
    assert said(held(when_condition="has_tag('raw')"))[0] == (
        "`column mask main.sales.hide` stays as it is until `main.sales.hidden` exists"
    )


def test_a_row_filter_is_compared_likewise() -> None:
    file = AccessPolicyFile.model_validate(
        {"to_principals": ["analysts"], "row_filter": {"function_name": "own"}}
    )
    policy = replace(DECLARED, declared=file, function_name="main.sales.own")
    planned = {key: PLANNED[key] for key in ("name", "on_securable_fullname", "to_principals")}
    planned |= {"policy_type": "POLICY_TYPE_ROW_FILTER", "row_filter": {"function_name": "main.sales.own"}}
    one = ResourceChange(
        "databricks_policy_info.hide", ("no-op",), planned, planned, kind="databricks_policy_info"
    )
    assert said(one, index=MeshIndex(policies={"s": (policy,)})) == []
