"""The plans that are committed are those that Terraform makes today, as far as their reports tell."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from mesh.commands import review
from mesh.review.formats import markdown
from tests.golden.review.plans import CASES, Bench, neutral, planned, served

# one of each kind: addresses that move, a plan that fails on the way, what is granted by hand, another stack
SOME = ("grant_by_hand", "policy_loosened", "renamed_flow_kept", "schema_replaced")


@pytest.fixture(scope="module")
def deployment(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Bench]:
    """The mesh, deployed to a local workspace."""
    with served(tmp_path_factory.mktemp("plans") / "mesh") as made:
        yield made


@pytest.mark.parametrize("case", SOME)
def test_terraform_plans_what_is_committed(deployment: Bench, case: str, tmp_path: Path) -> None:
    """Once more: deployed, changed, planned, reviewed."""
    for name, text in planned(deployment, CASES / case).items():
        (tmp_path / name).write_text(neutral(text, deployment.root, deployment.environ["DATABRICKS_HOST"]))

    reports = [
        markdown.comments(review.reviewed(sorted(folder.iterdir()), deployment.root))
        for folder in (tmp_path, CASES / case / "plans")
    ]

    assert reports[0] == reports[1]
