"""The report as a page."""

from __future__ import annotations

from mesh.model.review_policy import PolicyFile
from mesh.review.formats.html import page
from mesh.review.plan import ResourceChange, StackPlan
from mesh.review.review import review

SALES = {"catalog_name": "main", "name": "sales"}


def schema(action: str) -> ResourceChange:
    """A change of a schema."""
    after = {} if action == "delete" else SALES
    return ResourceChange("databricks_schema.s", (action,), SALES, after, kind="databricks_schema")


def test_a_refused_page_shows_the_line_that_approves() -> None:
    text = page(review([StackPlan("a-b-c-prod", (schema("delete"),))], None, PolicyFile()))

    assert "Refused by the policy" in text
    assert "add the line <code>data-loss: approved</code> to the pull request" in text


def test_an_accepted_page_says_so() -> None:
    text = page(review([StackPlan("a-b-c-prod", (schema("create"),))], None, PolicyFile()))

    assert "No change is refused" in text
    assert '<h2 id="rules">' not in text


def test_stacks_are_folded_in_an_environment_with_many_of_them_unless_they_lose_data() -> None:
    plans = [StackPlan(f"a-b-p{number}-prod", (schema("create"),)) for number in range(4)]
    text = page(review([*plans, StackPlan("a-b-lost-prod", (schema("delete"),))], None, PolicyFile()))

    assert text.count('<details open="open">') == 1
    assert text.count("<details>") == 4
