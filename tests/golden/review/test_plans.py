"""Terraform still plans what the committed plans contain, as far as reports show it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from mesh.commands import review
from mesh.review.formats import markdown
from tests.golden.review.plans import CASES, Bench, neutral, plan_files, served

# one of each kind: moved addresses, a failed plan, grants by hand, another stack
SOME = ("grant_by_hand", "policy_loosened", "renamed_flow_kept", "schema_replaced")


@pytest.fixture(scope="module")
def deployment(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Bench]:
    """The mesh, deployed to a local workspace."""
    with served(tmp_path_factory.mktemp("plans") / "mesh") as ready:
        yield ready


@pytest.mark.parametrize("case", SOME)
def test_terraform_plans_match_the_committed_plans(deployment: Bench, case: str, tmp_path: Path) -> None:
    """Deploys, changes, plans and reviews again."""
    for name, text in plan_files(deployment, CASES / case).items():
        (tmp_path / name).write_text(neutral(text, deployment.root, deployment.environ["DATABRICKS_HOST"]))

    reports = [
        markdown.comments(review.review_plans(sorted(folder.iterdir()), deployment.root))
        for folder in (tmp_path, CASES / case / "plans")
    ]

    assert reports[0] == reports[1]
