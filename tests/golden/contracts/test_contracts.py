"""Pull requests that change contracts, and what `mesh contracts --base main` says about them.

`cases/<case>/change.patch` is the change to `mesh/`, `pull_request.md` the text of the pull request if there is one,
and `output` what a terminal shows with the exit code. `make golden` writes the outputs anew.
"""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.command_line import run_mesh
from tests.support.git_repository import Repository

HERE = Path(__file__).parent
CASES = sorted(path.parent.name for path in HERE.glob("cases/*/change.patch"))
# the case with a report in every format
SHOWN = "column_renamed"
FORMATS = {"markdown": "comment-1.md", "html": "contracts.html", "json": "contracts.json"}


@pytest.fixture
def changed(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Path]:
    """The mesh with the change of the case, on the branch of a pull request."""
    mesh = Repository.new(tmp_path / "mesh")
    shutil.copytree(HERE / "mesh", mesh.path, dirs_exist_ok=True)
    # the report names the commit
    when = {"GIT_AUTHOR_DATE": "2026-12-01T08:00:00Z", "GIT_COMMITTER_DATE": "2026-12-01T08:00:00Z"}
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(os, "environ", {**os.environ, **when})
        mesh.commit()
    mesh.git("checkout", "-q", "-b", "change")
    mesh.git("apply", "--index", str(HERE / "cases" / request.param / "change.patch"))
    mesh.commit()
    yield mesh.path


def run(mesh: Path, case: str, *options: str) -> str:
    """What `mesh contracts --base main` prints, with the exit code."""
    text = HERE / "cases" / case / "pull_request.md"
    approving = ["--pull-request", str(text)] if text.exists() else []
    environ = {key: value for key, value in os.environ.items() if not key.startswith("MESH_")}
    done = run_mesh(
        ["contracts", "--base", "main", *approving, *options], mesh, {**environ, "COLUMNS": "160"}
    )
    return f"{done.stdout}{done.stderr}exit {done.returncode}\n".replace(_base(mesh), "<base>")


def _base(mesh: Path) -> str:
    return Repository(mesh).git("rev-parse", "main")[:8]


def expect(request: pytest.FixtureRequest, file: Path, text: str) -> None:
    """Compares with the committed file, or rewrites it."""
    if request.config.getoption("--golden-update", default=False):
        file.write_text(text)
    assert text == file.read_text()


@pytest.mark.parametrize(("changed", "case"), [(case, case) for case in CASES], indirect=["changed"])
def test_the_answer_is_as_committed(changed: Path, case: str, request: pytest.FixtureRequest) -> None:
    expect(request, HERE / "cases" / case / "output", run(changed, case))


@pytest.mark.parametrize("format", FORMATS)
@pytest.mark.parametrize("changed", [SHOWN], indirect=True)
def test_every_format_is_as_committed(changed: Path, format: str, request: pytest.FixtureRequest) -> None:
    report = run(changed, SHOWN, "--format", format).removesuffix("exit 4\n")
    expect(request, HERE / "cases" / SHOWN / FORMATS[format], report)


def test_a_broken_contract_is_refused_and_a_new_version_beside_it_is_not() -> None:
    """What the committed answers are about, in one place."""
    codes = {case: (HERE / "cases" / case / "output").read_text().splitlines()[-1] for case in CASES}
    assert codes == {
        "column_added": "exit 0",
        "column_added_without_version": "exit 4",
        "column_renamed": "exit 4",
        "column_renamed_approved": "exit 0",
        "new_major_version_beside": "exit 0",
        "new_major_version_instead": "exit 4",
        "policy_warns": "exit 0",
    }


def test_the_json_report_names_flows_owners_and_lines() -> None:
    report = json.loads((HERE / "cases" / SHOWN / "contracts.json").read_text())
    [found] = report["contracts"]
    readers = {one["flow"]: one for one in found["readers"]}

    assert (report["version"], report["refused"], found["verdict"]) == (1, True, "broken")
    assert {one["owner"] for one in readers.values()} == {"finance-team", "logistics-team"}
    assert len(readers) == 4
    assert found["changes"][0]["readers"] == [
        "acme/finance/costs/prep/monthly",
        "acme/logistics/fleet/prep/shifts",
    ]
    monthly = readers["acme/finance/costs/prep/monthly"]
    assert monthly["place"].endswith("prep/monthly/deployment.yml:2")
    assert monthly["mentions"]["amount"][0].endswith("prep/monthly/a.py:3")
    zones = readers["acme/logistics/fleet/prep/zones"]
    assert (zones["is_known"], zones["mentions"]) == (True, {})
