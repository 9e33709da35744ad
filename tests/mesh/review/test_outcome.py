"""Outcomes of Terraform actions, and their predicates."""

from __future__ import annotations

from typing import get_args

import pytest

from mesh.review.outcome import outcome, predicate
from mesh.review.plan import Action


@pytest.mark.parametrize("action", get_args(Action))
def test_every_action_has_an_outcome_with_a_predicate(action: Action) -> None:
    assert predicate(outcome(action)).startswith("will ")


def test_deletions_are_removals() -> None:
    assert (outcome("delete"), predicate("removed")) == ("removed", "will be removed")
