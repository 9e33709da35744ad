"""Jobs with a `git_source`: they run the files of the checkout at a commit."""

import pytest

from tests.support.git_repository import Repository

URL = "https://git.example/acme/mesh"


@pytest.fixture
def repository(workspace) -> Repository:
    """The repository around the workspace's mesh."""
    one = Repository(workspace.home.root)
    one.git("init", "-q", "-b", "main")
    one.git("config", "user.email", "ola@acme.example")
    one.git("config", "user.name", "Ola")
    one.git("remote", "add", "origin", "git@git.example:acme/mesh.git")
    one.commit(
        {
            "flows/a.py": "from lib import x\nresult['result'] = x",
            "lib.py": "x = 'first'",
            ".gitignore": ".mesh\n",
        }
    )
    return one


def run(workspace, git: dict, path: str = "flows/a", **settings):
    """Run a job with one notebook from Git; return its output."""
    task = {"task_key": "a", "notebook_task": {"notebook_path": path, **settings}}
    body = {"name": "j", "tasks": [task], "git_source": {"git_url": URL, "git_provider": "gitHub", **git}}
    job = workspace.post("/api/2.1/jobs/create", body)["job_id"]
    return workspace.output(workspace.run(job), "a")


def test_the_files_are_those_of_the_commit_whatever_the_working_tree_holds(workspace, repository):
    first = repository.head
    repository.commit({"lib.py": "x = 'second'"})
    repository.write({"lib.py": "x = 'third'"})

    assert run(workspace, {"git_commit": first}, source="GIT")["notebook_output"]["result"] == "first"
    assert run(workspace, {"git_branch": "main"})["notebook_output"]["result"] == "second"


def test_a_tag_names_a_version(workspace, repository):
    repository.git("tag", "v1")
    repository.commit({"lib.py": "x = 'second'"})

    assert run(workspace, {"git_tag": "v1"})["notebook_output"]["result"] == "first"


def test_notebooks_are_below_the_workspace_as_on_databricks(workspace, repository):
    repository.commit({"flows/b.py": "result['result'] = spec['workspace_path']"})
    told = run(workspace, {"git_commit": repository.head}, "flows/b")["notebook_output"]["result"]

    assert told == f"/Repos/.internal/checkout_commits/{repository.head}/flows/b"


@pytest.mark.parametrize(
    ("source", "message"),
    [
        (
            {"git_url": "https://git.example/other/mesh", "git_branch": "main"},
            "runs code of this checkout only",
        ),
        ({"git_branch": "none"}, "this checkout has no git branch `none` (run `git fetch`)"),
        ({}, "git_source names no git_commit, git_tag or git_branch"),
    ],
)
def test_what_the_checkout_lacks_fails_with_a_reason(workspace, repository, source, message):
    error = run(workspace, source)["error"]

    assert error.startswith("task a takes flows/a from Git: ")
    assert message in error


def test_a_missing_file_fails_with_its_name(workspace, repository):
    assert (
        'Unable to access the notebook "/Repos/.internal/'
        in run(workspace, {"git_branch": "main"}, "flows/z")["error"]
    )


def test_a_task_from_git_in_a_job_without_git_source_fails(workspace):
    task = {"task_key": "a", "notebook_task": {"notebook_path": "flows/a", "source": "GIT"}}
    job = workspace.post("/api/2.1/jobs/create", {"name": "j", "tasks": [task]})["job_id"]

    assert workspace.output(workspace.run(job), "a")["error"] == (
        "task a takes flows/a from GIT, but its job has no git_source"
    )
