"""Comments are never too long, and never lose what is destroyed."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from mesh.model.review_policy import PolicyFile
from mesh.review.formats.markdown import LONGEST, code, comments
from mesh.review.plan import read_plans
from mesh.review.review import Review, review


def reviewed(folder: Path, schemas: int, jobs: int = 0, error: str = "") -> Review:
    """The review of a plan that destroys schemas and changes jobs."""
    changes = [
        {
            "address": f"databricks_schema.s{number}",
            "type": "databricks_schema",
            "change": {"actions": ["delete"], "before": {"catalog_name": "main", "name": f"schema_{number}"}},
        }
        for number in range(schemas)
    ]
    changes += [
        {
            "address": f"databricks_job.j{number}",
            "type": "databricks_job",
            "change": {
                "actions": ["update"],
                "before": {"name": f"job_{number}", "timeout_seconds": 1, "description": "x" * 150},
                "after": {"name": f"job_{number}", "timeout_seconds": number + 2, "description": "y" * 150},
            },
        }
        for number in range(jobs)
    ]
    (folder / "acme-sales-orders-prod.json").write_text(json.dumps({"resource_changes": changes}))
    (folder / "acme-sales-orders-prod.err").write_text(error)
    return review(read_plans(sorted(folder.iterdir())), None, PolicyFile())


def test_a_short_review_is_one_comment_with_the_diff(tmp_path: Path) -> None:
    (text,) = comments(reviewed(tmp_path, schemas=3, jobs=3))

    assert "- databricks_schema.s2 is destroyed" in text
    assert "part 1" not in text


def test_a_longer_one_leaves_out_the_diff_and_says_so(tmp_path: Path) -> None:
    (text,) = comments(reviewed(tmp_path, schemas=3, jobs=100))

    assert len(text) <= LONGEST
    assert "The Terraform diff is left out" in text
    assert "is destroyed\n" not in text
    assert text.count("destroys schema") == 2 * 3  # what the policy says, and what the project does
    assert "changes job `job_99`" in text


@pytest.mark.parametrize("longest", [LONGEST, 20_000])
def test_the_longest_are_split_and_every_part_stands_alone(tmp_path: Path, longest: int) -> None:
    parts = comments(reviewed(tmp_path, schemas=1500, jobs=300, error="Error: no\n" * 60), longest)

    assert len(parts) > 2
    assert max(map(len, parts)) <= longest
    for number, part in enumerate(parts, 1):
        assert part.startswith(
            f"<!-- mesh review {number} -->\n*Mesh review, part {number} of {len(parts)}*\n\n"
        )
        assert part.count("<details") == part.count("</details>")
        assert part.count("\n```\n") % 2 == 0
    whole = "\n".join(parts)
    for number in range(1500):
        assert whole.count(f"destroys schema `main.schema_{number}`") == 2
    for number in range(300):
        assert f"changes job `job_{number}`" in whole


def test_a_loss_that_the_policy_ignores_is_still_told(tmp_path: Path) -> None:
    plans = read_plans([tmp_path / "acme-sales-orders-prod.json"]) if reviewed(tmp_path, schemas=1) else ()

    made = review(plans, None, PolicyFile.model_validate({"rules": {"data-loss": "ignore"}}))
    (text,) = comments(made)

    assert not made.refused
    assert "Data is destroyed, which the policy ignores" in text


@pytest.mark.parametrize(
    ("text", "span"),
    [
        ("a", "`a`"),
        ("a`b", "``a`b``"),
        ("``", "` `` `"),
        ("`", "`` ` ``"),
        ("a`b``c", "```a`b``c```"),
        (" a ", "`  a  `"),
        ("", '`""`'),
        ("  ", '`""`'),
        ("a\nb", "`a\\nb`"),
    ],
)
def test_a_code_span_holds_any_text(text: str, span: str) -> None:
    assert code(text) == span
