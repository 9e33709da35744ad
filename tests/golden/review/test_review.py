"""Reviews of real plans: a change to a mesh, its Terraform plans, and the report.

`cases/<case>/change.patch` is the change to `mesh/`, `plans/` contains the plans of real Terraform, `options` the
options of the command line, and `report.md` the report with the exit code. `make plans` regenerates the plans,
`make golden` the reports.
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
# the cases with a report in every format
SHOWN = ("first_deployment", "hostile_name", "removed_flow")


@pytest.fixture
def changed(request: pytest.FixtureRequest, repository: Path) -> Iterator[Path]:
    """The mesh with the change of the case, on the branch of a pull request."""
    git(repository, "checkout", "-q", "-b", "change")
    git(repository, "apply", "--index", str(request.param / "change.patch"))
    commit(repository)
    yield repository
    git(repository, "checkout", "-q", "main")
    git(repository, "branch", "-q", "-D", "change")


def plans_of(case: Path) -> list[Path]:
    """The plan files of a case."""
    return sorted((case / "plans").iterdir())


def expect(request: pytest.FixtureRequest, file: Path, text: str) -> None:
    """Compares with the committed file, or rewrites it."""
    if request.config.getoption("--golden-update", default=False):
        file.write_text(text)
    assert text == file.read_text()


@pytest.mark.parametrize(
    ("changed", "case"), [(case, case) for case in CASES], indirect=["changed"], ids=lambda case: case.name
)
def test_the_report_is_as_committed(changed: Path, case: Path, request: pytest.FixtureRequest) -> None:
    """For every change."""
    text = case / "pull_request.md"
    result = review.review_plans(plans_of(case), changed, pull_request=text if text.exists() else None)
    files = review.report_files(result, Format.MARKDOWN)
    verdict = f"<!-- exit {POLICY_REFUSES if result.refused else 0} -->\n"
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
    (file,) = review.report_files(review.review_plans(plans_of(case), changed), format)
    expect(request, case / file.name, file.text)


@pytest.mark.parametrize(
    "options", [path.parent for path in HERE.glob("cases/*/options")], ids=lambda one: one.name
)
def test_the_command_answers_as_committed(
    options: Path, repository: Path, request: pytest.FixtureRequest
) -> None:
    """With the options of the case."""
    arguments = shlex.split((options / "options").read_text())
    environ = {**os.environ, "COLUMNS": "160", "PYTHONPATH": str(HERE.parents[2])}
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
        env={**environ, "MESH_ROOT": str(repository)},
        capture_output=True,
        text=True,
        check=False,
    )
    expect(request, options / "output", f"{done.stdout}{done.stderr}exit {done.returncode}\n")


def test_200_jobs_with_only_a_new_commit_are_one_line(
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

    (file,) = review.report_files(review.review_plans([plan], repository), Format.MARKDOWN)

    assert "- 200 jobs only move to commit" in file.text
    expect(request, HERE / "re_pinned_200.md", file.text.partition("<details><summary>Terraform")[0])


def test_all_cases_are_found_and_have_plans() -> None:
    """Guards against a moved folder, which would leave no cases."""
    assert len(CASES) >= 25
    assert [case.name for case in CASES if not read_plans(plans_of(case))] == []


def test_json_reports_are_valid() -> None:
    """Scripts read them by field."""
    for case in SHOWN:
        report = json.loads((HERE / "cases" / case / "review.json").read_text())
        assert report["version"] == 1
        areas = {change["area"] for stack in report["stacks"] for change in stack["changes"]}
        assert areas >= {"access", "runs"}
