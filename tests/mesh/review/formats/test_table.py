"""The report for a terminal."""

from __future__ import annotations

from mesh.model.review_policy import PolicyFile
from mesh.review.formats.table import text
from mesh.review.plan import ResourceChange, StackPlan
from mesh.review.review import review

SALES = {"catalog_name": "main", "name": "sales"}
LOSS = StackPlan(
    "a-b-c-prod",
    (ResourceChange("databricks_schema.s", ("delete",), SALES, {}, kind="databricks_schema"),),
)


def test_the_last_line_is_the_verdict() -> None:
    refused = text(review([LOSS], None, PolicyFile()))
    approved = text(review([LOSS], None, PolicyFile(), frozenset({"data-loss"})))

    assert refused.splitlines()[-1] == "refused (to approve: --approved data-loss)"
    assert approved.splitlines()[-2:] == [
        "approved data-loss in prod: schema main.sales will be destroyed",
        "no change is refused",
    ]


def test_a_failed_plan_shows_every_line_of_the_error() -> None:
    lines = text(review([StackPlan("a-b-c-prod", (), "Error: no\nlogin")], None, PolicyFile())).splitlines()

    assert [line.strip(" │├└─") for line in lines][2:5] == [
        "Terraform could not plan this stack",
        "Error: no",
        "login",
    ]


def test_notes_come_first_and_an_empty_report_says_so() -> None:
    assert text(review([], None, PolicyFile(), notes=["the mesh"])) == "not known: the mesh\nno plans\n"
