"""Libraries that are files of the repository are recognized, and must exist."""

from __future__ import annotations

import pytest

from mesh.model.library import local_libraries
from tests.mesh.conftest import FLOW, PRODUCTION, Findings

FILE = f"{FLOW}/deployment.yml"


def in_environment(line: str) -> list[tuple[str, str]]:
    """The option and the path of a dependency, if it is a file of the repository."""
    declared = {"environments": [{"environment_key": "e", "spec": {"dependencies": [line]}}]}
    return [(one.option, one.path.as_posix()) for one in local_libraries(declared, (), "flow/deployment.yml")]


@pytest.mark.parametrize(
    "line",
    [
        *(
            "numpy",
            "numpy==2.0",
            "zope.interface>=5",
            "dbt-databricks>=1.8.0,<2.0.0",
            "pkg[a]~=1.0; os_name=='x'",
        ),
        *("https://acme.example/x.whl", "x @ https://acme.example/x.whl", "git+https://acme.example/x.git"),
        *("/Volumes/a/b/x.whl", "/Workspace/x/x.whl", "-r /Workspace/x/requirements.txt", "dbfs:/x.whl"),
        *(
            "--index-url https://acme.example",
            "-r https://acme.example/r.txt",
            "{{job.parameters.wheel}}.whl",
        ),
        "${workspace.file_path}/x.whl",
    ],
)
def test_packages_and_addresses_are_no_files_of_the_repository(line: str) -> None:
    assert in_environment(line) == []


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("dist/x.whl", ("", "flow/dist/x.whl")),
        ("./x", ("", "flow/x")),
        ("../dist/x-1.0.tar.gz", ("", "dist/x-1.0.tar.gz")),
        ("-r requirements.txt", ("-r ", "flow/requirements.txt")),
        ("-c ../constraints.txt", ("-c ", "constraints.txt")),
        ("-e .", ("-e ", "flow")),
        ("--editable ../x", ("--editable ", "x")),
        ("--requirement=requirements.txt", ("--requirement=", "flow/requirements.txt")),
    ],
)
def test_relative_paths_are_files_beside_the_deployment(line: str, expected: tuple[str, str]) -> None:
    assert in_environment(line) == [expected]


@pytest.mark.parametrize(
    ("library", "expected"),
    [
        (
            "{whl: dist/*.whl}",
            f"library-missing: no file matches wheel `{FLOW}/dist/*.whl` "
            "(build it before you deploy, or correct the path)",
        ),
        (
            "{jar: x.jar}",
            f"library-missing: jar `{FLOW}/x.jar` does not exist (build it before you deploy, or correct the path)",
        ),
        (
            "{requirements: requirements.txt}",
            f"library-missing: requirements file `{FLOW}/requirements.txt` does not exist "
            "(add it, or correct the path)",
        ),
        (
            f"{{whl: {'../' * 12}x.whl}}",
            f"notebook-outside: wheel `{'../' * 12}x.whl` is outside the repository (move it into the project)",
        ),
    ],
)
def test_a_library_must_exist(findings: Findings, library: str, expected: str) -> None:
    text = f"tasks: [{{task_key: a, job_cluster_key: common-job-cluster, libraries: [{library}]}}]"

    assert findings({**PRODUCTION, FILE: text}) == [expected]
