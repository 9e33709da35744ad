"""The drift report, from states that real Terraform refreshed after changes by hand.

`drift/<stack>.json` is the refreshed state, written by `by_hand.py`; the other files are the reports.
"""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from mesh.commands import review
from mesh.load import load
from mesh.review.drift import DriftReport, report_drift
from mesh.review.drift_plan import StateRefresh
from mesh.review.formats.format import Format
from mesh.review.plan import StackPlan
from tests.golden.review.by_hand import DRIFT, HOSTILE

FAILED = "acme-finance-costs-prod"


def changes_by_hand(stack: Path) -> StackPlan:
    """The changes made by hand in a stack."""
    document: dict[str, Any] = json.loads(stack.read_text())
    refresh = StateRefresh(
        stack.stem,
        {
            "resource_drift": document["drift"],
            "prior_state": {"values": {"root_module": {"resources": document["there"]}}},
        },
        {address: frozenset(names) for address, names in document["declared"]},
    )
    return refresh.plan({"resource_changes": document["next"]})


@pytest.fixture(scope="module")
def report(repository: Path) -> DriftReport:
    """The report; one stack failed and one is not deployed."""
    plans = [changes_by_hand(stack) for stack in sorted(DRIFT.glob("acme-*.json"))]
    plans = [replace(one, error="Error: no `answer`") if one.stack == FAILED else one for one in plans]
    return report_drift(plans, ["acme-finance-budget-prod"], load(repository), "prod")


@pytest.mark.parametrize("format", Format)
def test_the_report_is_as_committed(
    report: DriftReport, format: Format, request: pytest.FixtureRequest
) -> None:
    """In every format."""
    (file,) = review.report_files(report, format)
    committed = DRIFT / file.name
    if request.config.getoption("--golden-update", default=False):
        committed.write_text(file.text)
    assert file.text == committed.read_text()


def test_comments_begin_with_a_safe_marker(report: DriftReport) -> None:
    """Later reports find the comments, and text of a workspace cannot end the marker or write Markdown."""
    from mesh.review.formats import markdown

    [whole] = markdown.comments(report)
    assert whole.startswith("<!-- mesh drift prod -->\n")
    assert whole.count("<!--") == 1
    sentences = whole.partition("<details><summary>Terraform")[0]
    assert sentences.count(HOSTILE) == sentences.count(f"`` {HOSTILE} ``") == 1
    first, second, *_ = markdown.comments(report, longest=2_500)
    assert first.startswith("<!-- mesh drift prod -->\n*Changed by hand, part 1 of ")
    assert second.startswith("<!-- mesh drift prod 2 -->\n*Changed by hand, part 2 of ")
