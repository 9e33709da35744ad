"""The report of what was changed by hand, from what real Terraform found after it.

`drift/<stack>.json` is what it found, made by `by_hand.py`, and the rest is what people read of it.
"""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from mesh.commands import review
from mesh.load import load
from mesh.review.drift import Drift, drift
from mesh.review.drift_plan import Refreshed
from mesh.review.formats.format import Format
from mesh.review.plan import StackPlan
from tests.golden.review.by_hand import DRIFT, HOSTILE

FAILED = "acme-finance-costs-prod"


def found(stack: Path) -> StackPlan:
    """What was changed by hand in a stack."""
    kept: dict[str, Any] = json.loads(stack.read_text())
    refreshed = Refreshed(
        stack.stem,
        {
            "resource_drift": kept["drift"],
            "prior_state": {"values": {"root_module": {"resources": kept["there"]}}},
        },
        {address: frozenset(names) for address, names in kept["declared"]},
    )
    return refreshed.plan({"resource_changes": kept["next"]})


@pytest.fixture(scope="module")
def made(repository: Path) -> Drift:
    """The report, in which one stack failed on the way and one was never deployed."""
    plans = [found(stack) for stack in sorted(DRIFT.glob("acme-*.json"))]
    plans = [replace(one, error="Error: no `answer`") if one.stack == FAILED else one for one in plans]
    return drift(plans, ["acme-finance-budget-prod"], load(repository), "prod")


@pytest.mark.parametrize("format", Format)
def test_the_report_is_as_committed(made: Drift, format: Format, request: pytest.FixtureRequest) -> None:
    """In every format."""
    (file,) = review.written(made, format)
    committed = DRIFT / file.name
    if request.config.getoption("--golden-update", default=False):
        committed.write_text(file.text)
    assert file.text == committed.read_text()


def test_the_comments_can_be_found_again(made: Drift) -> None:
    """One issue is updated, and text of a workspace cannot end the marker or write Markdown."""
    from mesh.review.formats import markdown

    [whole] = markdown.comments(made)
    assert whole.startswith("<!-- mesh drift prod -->\n")
    assert whole.count("<!--") == 1
    sentences = whole.partition("<details><summary>Terraform")[0]
    assert sentences.count(HOSTILE) == sentences.count(f"`` {HOSTILE} ``") == 1
    first, second, *_ = markdown.comments(made, longest=2_500)
    assert first.startswith("<!-- mesh drift prod -->\n*Changed by hand, part 1 of ")
    assert second.startswith("<!-- mesh drift prod 2 -->\n*Changed by hand, part 2 of ")
