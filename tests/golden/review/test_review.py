"""Reviews of real plans: a change to a mesh, what Terraform plans for it, and the report that people read.

`cases/<case>/change.patch` is the change to `mesh/`, `plans/` is what real Terraform plans after it, `options` is
what stands on the command line besides, and `report.md` what comes out with the exit code. `make plans` makes the
plans anew, `make golden` the reports.
"""

from __future__ import annotations

import json
import os
import shlex
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from mesh.commands import review
from mesh.console import POLICY_REFUSES
from mesh.review.formats.format import Format
from mesh.review.plan import read_plans
from tests.golden.review.conftest import commit, git

HERE = Path(__file__).parent
CASES = sorted(path.parent for path in HERE.glob("cases/*/change.patch"))
# those that every format is written for
SHOWN = ("first_deployment", "hostile_name", "removed_flow")


@pytest.fixture
def changed(request: pytest.FixtureRequest, repository: Path) -> Iterator[Path]:
    """The mesh as the case's change leaves it."""
    git(repository, "apply", "--index", str(request.param / "change.patch"))
    commit(repository)
    yield repository
    git(repository, "reset", "-q", "--hard", "HEAD~")


def plans_of(case: Path) -> list[Path]:
    """The files of a case's plans."""
    return sorted((case / "plans").iterdir())


def expect(request: pytest.FixtureRequest, file: Path, text: str) -> None:
    """Compare with what is committed, or write it anew."""
    if request.config.getoption("--golden-update", default=False):
        file.write_text(text)
    assert text == file.read_text()


@pytest.mark.parametrize(
    ("changed", "case"), [(case, case) for case in CASES], indirect=["changed"], ids=lambda case: case.name
)
def test_the_report_is_as_committed(changed: Path, case: Path, request: pytest.FixtureRequest) -> None:
    """For every change."""
    said = case / "pull_request.md"
    made = review.reviewed(plans_of(case), changed, pull_request=said if said.exists() else None)
    files = review.written(made, Format.MARKDOWN)
    verdict = f"<!-- exit {POLICY_REFUSES if made.refused else 0} -->\n"
    expect(request, case / "report.md", "\n".join(file.text for file in files) + verdict)


@pytest.mark.parametrize("format", [Format.TABLE, Format.JSON, Format.HTML])
@pytest.mark.parametrize(
    ("changed", "case"),
    [(HERE / "cases" / case, HERE / "cases" / case) for case in SHOWN],
    indirect=["changed"],
    ids=lambda case: case.name,
)
def test_every_format_is_as_committed(
    changed: Path, case: Path, format: Format, request: pytest.FixtureRequest
) -> None:
    """For some changes."""
    (file,) = review.written(review.reviewed(plans_of(case), changed), format)
    expect(request, case / file.name, file.text)


@pytest.mark.parametrize(
    "options", [path.parent for path in HERE.glob("cases/*/options")], ids=lambda one: one.name
)
def test_the_command_answers_as_committed(
    options: Path, repository: Path, request: pytest.FixtureRequest
) -> None:
    """With options, as a person types it."""
    arguments = shlex.split((options / "options").read_text())
    place = {**os.environ, "COLUMNS": "160", "PYTHONPATH": str(HERE.parents[2])}
    done = subprocess.run(
        [
            sys.executable,
            "-c",
            "from mesh.cli.main import main; main()",
            "review",
            *map(str, plans_of(options)),
            *arguments,
        ],
        cwd=options,
        env={**place, "MESH_ROOT": str(repository)},
        capture_output=True,
        text=True,
        check=False,
    )
    expect(request, options / "output", f"{done.stdout}{done.stderr}exit {done.returncode}\n")


def test_200_jobs_that_only_move_to_another_commit_are_one_line(
    repository: Path, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    """The jobs of the case `re_pinned`, each fifty times."""
    plan = tmp_path / "acme-transport-taxinyc-prod.json"
    shown = json.loads((HERE / "cases" / "re_pinned" / "plans" / plan.name).read_text())
    jobs = [one for one in shown["resource_changes"] if one["type"] == "databricks_job"]
    assert len(jobs) == 4
    many = [
        json.dumps(one).replace(f'"{one["change"]["after"]["name"]}"', f'"{one["name"]}_{number}"')
        for one in jobs
        for number in range(50)
    ]
    shown["resource_changes"] = [
        {**one, "address": f"databricks_job.j{number}"} for number, one in enumerate(map(json.loads, many))
    ]
    plan.write_text(json.dumps(shown))

    (file,) = review.written(review.reviewed([plan], repository), Format.MARKDOWN)

    assert "- 200 jobs only move to commit" in file.text
    expect(request, HERE / "re_pinned_200.md", file.text.partition("<details><summary>Terraform")[0])


def test_there_are_many_cases_and_each_has_plans() -> None:
    """A moved folder must not empty these tests."""
    assert len(CASES) >= 25
    assert [case.name for case in CASES if not read_plans(plans_of(case))] == []


def test_the_reports_as_json_can_be_read() -> None:
    """By scripts, field by field."""
    for case in SHOWN:
        told = json.loads((HERE / "cases" / case / "review.json").read_text())
        assert told["version"] == 1
        areas = {change["area"] for stack in told["stacks"] for change in stack["changes"]}
        assert areas >= {"access", "runs"}
