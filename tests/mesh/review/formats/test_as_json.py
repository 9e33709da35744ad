"""The report as JSON."""

from __future__ import annotations

import json

from mesh.model.review_policy import PolicyFile
from mesh.review.drift import DriftReport, EnvironmentDrift
from mesh.review.formats import as_json
from mesh.review.plan import ResourceChange, StackPlan
from mesh.review.review import Review, StackReview, review
from mesh.review.stack_location import StackLocation

SALES = {"catalog_name": "main", "name": "säles"}


def loss() -> Review:
    """The review of a destroyed schema."""
    schema = ResourceChange("databricks_schema.s", ("delete",), SALES, {}, kind="databricks_schema")
    return review([StackPlan("acme-sales-orders-prod", (schema,))], None, PolicyFile(), notes=["a note"])


def test_a_change_has_its_text_and_its_fields() -> None:
    (stack,) = as_json.as_json(loss())["stacks"]
    (change,) = stack["changes"]

    assert change["text"] == "schema `main.säles` will be destroyed"
    assert {name: change[name] for name in ("area", "happens", "kind", "name", "loses")} == {
        "area": "data",
        "happens": "destroyed",
        "kind": "schema",
        "name": "main.säles",
        "loses": True,
    }
    assert "stack" not in change


def test_a_ruling_is_refused_or_approved() -> None:
    (ruling,) = as_json.as_json(loss())["rulings"]

    assert (ruling["rule"], ruling["refused"], ruling["approved"]) == ("data-loss", True, False)


def test_text_is_ascii() -> None:
    text = as_json.text(loss())

    assert text.isascii()
    assert json.loads(text)["notes"] == ["a note"]


def test_a_drift_report_has_no_rulings_and_counts_absent_projects() -> None:
    location = StackLocation("prod", "project", "acme/sales/orders", ("prod",))
    stack = StackReview("acme-sales-orders-prod", location, (), (), error="no")
    environment = EnvironmentDrift("prod", (stack,), 2, 0, 1, False, absent=1)

    report = as_json.as_json(DriftReport((environment,), ()))

    assert (report["drifted"], report["environments"][0]["not_deployed"]) == (False, 1)
    assert "rulings" not in report
    assert "add" not in report["stacks"][0]
