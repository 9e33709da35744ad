"""`mesh review`: from files to a report."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from mesh.commands import review
from mesh.commands.review import ReportFile
from mesh.errors import MeshError, UsageError
from mesh.review.formats import markdown
from mesh.review.formats.format import Format


@pytest.fixture
def plan(tmp_path: Path) -> Path:
    """A plan that destroys a schema."""
    change = {"actions": ["delete"], "before": {"catalog_name": "main", "name": "sales"}, "after": None}
    file = tmp_path / "acme-sales-orders-prod.json"
    schema = {"address": "databricks_schema.sales", "type": "databricks_schema", "change": change}
    file.write_text(json.dumps({"resource_changes": [schema]}))
    return file


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """A mesh without flows."""
    (tmp_path / "mesh" / "orgs" / "acme").mkdir(parents=True)
    return tmp_path / "mesh"


def test_without_a_mesh_plans_are_reported_with_a_note(plan: Path) -> None:
    environ = {key: value for key, value in os.environ.items() if not key.startswith("MESH_")}
    done = subprocess.run(
        [sys.executable, "-c", "from mesh.cli.main import main; main()", "review", plan.name],
        cwd=plan.parent,
        env=environ | {"PYTHONPATH": str(Path(__file__).parents[3])},
        capture_output=True,
        text=True,
        check=False,
    )

    assert done.returncode == 4
    assert "schema main.sales will be destroyed" in done.stdout
    assert "has neither orgs/ nor domains/" in done.stdout


def test_a_given_root_must_exist(plan: Path, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="neither orgs/ nor domains/"):
        review.review_plans([plan], tmp_path)


def test_a_mesh_with_errors_is_a_note(plan: Path, root: Path) -> None:
    (root / "orgs/acme/org.yml").write_text("ownr: a\nowner: [b]\n")

    made = review.review_plans([plan], root)

    assert made.refused
    assert "which has 2 errors, the first: orgs/acme/org.yml:1:1: unknown field `ownr`" in made.notes[0]


def test_the_default_policy_is_review_yml_at_the_root(plan: Path, root: Path, tmp_path: Path) -> None:
    (root / "review.yml").write_text("rules: {data-loss: ignore}\n")
    strict = tmp_path / "strict.yml"
    strict.write_text("rules: {data-loss: refuse}\n")

    assert not review.review_plans([plan], root).refused
    assert review.review_plans([plan], root, policy=strict).refused


def test_a_missing_or_invalid_policy_is_an_error(plan: Path, root: Path, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="there is no policy file"):
        review.review_plans([plan], root, policy=tmp_path / "strict.yml")
    (root / "review.yml").write_text("rules: {data-loss: never}\n")
    with pytest.raises(MeshError, match=r"review\.yml:1:20: `never`"):
        review.review_plans([plan], root)


def test_a_policy_for_an_unknown_environment_is_a_finding(plan: Path, root: Path) -> None:
    (root / "review.yml").write_text("environments: {prd: {data-loss: ignore}}\n")

    (note,) = review.review_plans([plan], root).notes

    assert "environment `prd` is not defined (did you mean `prod`?)" in note


def test_a_pull_request_approves(plan: Path, root: Path, tmp_path: Path) -> None:
    text = tmp_path / "text.md"
    text.write_text("Sales are gone.\n\ndata-loss: approved\n")

    made = review.review_plans([plan], root, pull_request=text)

    assert not made.refused
    assert [(one.rule, one.approved) for one in made.rulings] == [("data-loss", True)]


@pytest.mark.parametrize("format", Format)
def test_every_format_reports_destroyed_objects(plan: Path, format: Format) -> None:
    files = review.report_files(review.review_plans([plan], None), format)

    assert "main.sales" in files[0].text


def test_comments_replace_those_of_earlier_reports(tmp_path: Path) -> None:
    folder = tmp_path / "out"
    earlier = ["<!-- mesh review 1 -->\na", "<!-- mesh drift prod -->\nb", "<!-- mesh drift prod 2 -->\nc"]
    review.write_report(
        [ReportFile(f"comment-{number}.md", text) for number, text in enumerate(earlier, 1)], folder
    )

    review.write_report([ReportFile("comment-1.md", "<!-- mesh review 1 -->\nd")], folder)

    assert _contents(folder) == {"comment-1.md": "<!-- mesh review 1 -->\nd"}


def test_files_of_others_stay(tmp_path: Path) -> None:
    others = {
        "comment-2.md": "<!-- a comment of another tool -->",
        "comment-3.md": "<!-- mesh reviewers 1 -->",
        "comment-old.md": "<!-- mesh review 1 -->",
        "review.html": "",
    }
    for name, text in others.items():
        (tmp_path / name).write_text(text)
    (tmp_path / "comment-4.md").mkdir()

    review.write_report([ReportFile("comment-1.md", "c")], tmp_path)

    assert _contents(tmp_path) == {"comment-1.md": "c", **others}
    assert (tmp_path / "comment-4.md").is_dir()


@pytest.mark.parametrize("format", [one for one in Format if one != Format.MARKDOWN])
def test_a_report_without_comments_removes_none(plan: Path, tmp_path: Path, format: Format) -> None:
    comment = tmp_path / "out" / "comment-1.md"
    comment.parent.mkdir()
    comment.write_text("<!-- mesh review 1 -->")

    review.output_report(review.review_plans([plan], None), format, comment.parent)

    assert comment.read_text() == "<!-- mesh review 1 -->"


def test_a_later_review_recognizes_its_own_comments(plan: Path) -> None:
    (comment,) = review.report_files(review.review_plans([plan], None), Format.MARKDOWN)

    assert markdown.is_comment(comment.text)


def _contents(folder: Path) -> dict[str, str]:
    return {file.name: file.read_text() for file in folder.iterdir() if file.is_file()}
