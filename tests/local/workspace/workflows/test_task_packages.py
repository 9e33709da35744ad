"""What tasks ask for, in environments and libraries."""

import pytest
from packaging.tags import platform_tags

from local.home import Home
from local.workspace.workflows.task_packages import (
    DBT,
    TaskPackages,
    UnsupportedLibraryError,
    task_packages,
)
from tests.local.test_packages import wheel

ENVIRONMENTS = [
    {"environment_key": "other", "spec": {"dependencies": ["not-asked-for"]}},
    {
        "environment_key": "default",
        "spec": {
            "dependencies": ["pydantic", "no-such-package-of-ours==1", "-r /Workspace/a/needs.txt", "# no"]
        },
    },
]


def test_a_task_asks_for_its_environment_and_its_libraries(home: Home) -> None:
    ours = wheel(home.files / "a")
    needing = wheel(home.files / "b", "no-such-package-of-ours")
    libraries = [
        {"whl": f"/Workspace/a/{ours.name}"},
        {"whl": f"/b/{needing.name}"},
        {"pypi": {"package": "another-one"}},
        {"requirements": "/Workspace/a/needs.txt"},
    ]

    assert task_packages(home, {"environment_key": "default", "libraries": libraries}, ENVIRONMENTS) == (
        TaskPackages(
            (ours,),
            (
                "no-such-package-of-ours==1",
                f"-r {home.files}/a/needs.txt",
                str(needing),
                "another-one",
                f"-r {home.files}/a/needs.txt",
            ),
        )
    )
    assert task_packages(home, {}, ENVIRONMENTS) == TaskPackages((), ())


@pytest.mark.parametrize(
    ("library", "message"),
    [
        ({"maven": {"coordinates": "a:b:1"}}, "installs libraries of Python .*, not maven"),
        ({"whl": "/Volumes/c/s/v/x.whl"}, "installs files of the workspace, not /Volumes/c/s/v/x.whl"),
    ],
)
def test_other_libraries_are_refused_by_name(home: Home, library: dict[str, object], message: str) -> None:
    with pytest.raises(UnsupportedLibraryError, match=message):
        task_packages(home, {"libraries": [library]}, [])


def test_a_task_runs_with_the_packages_of_its_environment(workspace) -> None:
    """Pip needs no network: it installs a wheel for this machine without dependencies."""
    compiled = wheel(workspace.home.files / "b", tag=f"py3-none-{next(platform_tags())}")
    script = workspace.home.files / "b" / "main.py"
    script.write_text("import parcels\nprint(parcels.__file__)\n")
    task = {
        "task_key": "t",
        "environment_key": "default",
        "spark_python_task": {"python_file": "/b/main.py"},
    }
    dependencies = [f"/Workspace/b/{compiled.name}", "--no-index"]
    job = {"name": "j", "tasks": [task]}
    environments = [{"environment_key": "default", "spec": {"dependencies": dependencies}}]
    run = workspace.run(
        workspace.post("/api/2.2/jobs/create", {**job, "environments": environments})["job_id"]
    )

    assert str(workspace.home.environments) in workspace.output(run, "t")["logs"]


def test_a_dbt_task_asks_for_dbt_beside_its_own_packages(home: Home) -> None:
    environments = [
        {"environment_key": "dbt", "spec": {"dependencies": ["dbt-databricks>=1.8.0,<2.0.0"]}},
    ]

    asked = task_packages(home, {"environment_key": "dbt", "dbt_task": {}}, environments).requirements
    assert asked == ("dbt-databricks>=1.8.0,<2.0.0", *DBT)
