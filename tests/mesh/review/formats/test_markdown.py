"""Comments stay below GitHub's limit and contain every destroyed object."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from mesh.model.review_policy import PolicyFile
from mesh.review.formats.markdown import MAX_LENGTH, code, comments
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

    assert "- databricks_schema.s2 will be destroyed" in text
    assert "part 1" not in text


def test_a_longer_review_omits_the_diff(tmp_path: Path) -> None:
    (text,) = comments(reviewed(tmp_path, schemas=3, jobs=100))

    assert len(text) <= MAX_LENGTH
    assert "The Terraform diff is left out" in text
    assert "databricks_schema" not in text
    assert text.count("` will be destroyed") == 2 * 3  # under the rule, and under the project
    assert "job `job_99` will be changed" in text


@pytest.mark.parametrize("longest", [MAX_LENGTH, 20_000])
def test_the_longest_reviews_become_several_complete_comments(tmp_path: Path, longest: int) -> None:
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
        assert whole.count(f"schema `main.schema_{number}` will be destroyed") == 2
    for number in range(300):
        assert f"job `job_{number}` will be changed" in whole


def test_an_ignored_data_loss_is_reported(tmp_path: Path) -> None:
    plans = read_plans([tmp_path / "acme-sales-orders-prod.json"]) if reviewed(tmp_path, schemas=1) else ()

    result = review(plans, None, PolicyFile.model_validate({"rules": {"data-loss": "ignore"}}))
    (text,) = comments(result)

    assert not result.refused
    assert "Data will be destroyed or recreated; the policy ignores this rule" in text


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
def test_a_code_span_can_contain_any_text(text: str, span: str) -> None:
    assert code(text) == span
