"""A project's files in the workspace."""

from __future__ import annotations

from base64 import b64decode
from dataclasses import replace
from pathlib import Path

from datamesh.code import WorkspaceCode
from datamesh.project import Project
from mesh.git.checkout import read_git
from mesh.load import load
from mesh.model import code as model
from mesh.model.permission import Permission
from tests.mesh.conftest import PRODUCTION
from tests.support.git_repository import Repository

# a file that moves to another folder is created before jobs use it and the old one is removed
BEFORE_REMOVAL = {"create_before_destroy": True}


def test_notebooks_and_files_contain_their_content(synth, tmp_path: Path) -> None:
    """The deployed files do not depend on the folder where Terraform runs."""
    for name in ("trips.py", "look.ipynb", "zones.csv"):
        (tmp_path / name).write_text(name)
    files = (
        model.CodeFile("prep_trips", tmp_path / "trips.py", "/Shared/x/trips", "PYTHON"),
        model.CodeFile("prep_look", tmp_path / "look.ipynb", "/Shared/x/look", "PYTHON"),
        model.CodeFile("prep_zones_csv", tmp_path / "zones.csv", "/Shared/x/zones.csv", None),
    )
    assert synth(lambda scope: WorkspaceCode(scope, model.WorkspaceCode("/Shared/x", files))) == {
        "resource": {
            "databricks_notebook": {
                "prep_trips": {
                    "path": "/Shared/x/trips",
                    "language": "PYTHON",
                    "content_base64": "dHJpcHMucHk=",
                    "lifecycle": BEFORE_REMOVAL,
                },
                "prep_look": {
                    "path": "/Shared/x/look",
                    "language": "PYTHON",
                    "format": "JUPYTER",
                    "content_base64": "bG9vay5pcHluYg==",
                    "lifecycle": BEFORE_REMOVAL,
                },
            },
            "databricks_workspace_file": {
                "prep_zones_csv": {
                    "path": "/Shared/x/zones.csv",
                    "content_base64": "em9uZXMuY3N2",
                    "lifecycle": BEFORE_REMOVAL,
                }
            },
        }
    }


def test_files_from_a_commit_have_the_content_of_that_commit(synth, tmp_path: Path) -> None:
    """Changes in the working tree have no effect."""
    (tmp_path / "fares.py").write_text("now")
    place = "/Shared/x/libs/fares.py"
    files = (
        model.CodeFile("libs_fares_py", tmp_path / "fares.py", place, None, b"then"),
        model.CodeFile("libs_empty_py", tmp_path / "gone.py", "/Shared/x/libs/empty.py", None, b""),
    )
    made = synth(lambda scope: WorkspaceCode(scope, model.WorkspaceCode("/Shared/x", files)))
    assert {
        id: b64decode(file["content_base64"])
        for id, file in made["resource"]["databricks_workspace_file"].items()
    } == {"libs_fares_py": b"then", "libs_empty_py": b"\n"}


def test_the_folder_has_permissions_for_users_who_may_view_jobs(synth, tmp_path: Path) -> None:
    """The folder is created before its files; without permissions, there is no folder resource."""
    (tmp_path / "trips.py").write_text("")
    files = (model.CodeFile("prep_trips", tmp_path / "trips.py", "/Shared/x/trips", "PYTHON"),)
    permissions = (Permission("group_name", "analysts", "CAN_READ"),)
    code = model.WorkspaceCode("/Shared/x", files, permissions)
    made = synth(lambda scope: WorkspaceCode(scope, code))["resource"]
    assert made["databricks_directory"] == {"code": {"path": "/Shared/x", "delete_recursive": True}}
    assert made["databricks_permissions"] == {
        "code": {
            "directory_path": "${databricks_directory.code.path}",
            "access_control": [{"group_name": "analysts", "permission_level": "CAN_READ"}],
        }
    }
    assert made["databricks_notebook"]["prep_trips"]["depends_on"] == ["databricks_directory.code"]


def test_with_git_only_users_of_workspace_files_depend_on_them(synth, tmp_path: Path) -> None:
    """Pipelines always depend on the files; jobs only if they share code."""
    project = "orgs/acme/domains/transport/projects/taxinyc"
    flow = f"{project}/flows/prep/revenue"
    jobs = "jobs: [{name: one, tasks: [{task_key: a, serverless: true}]}]"
    files = {
        **PRODUCTION,
        f"{flow}/deployment.yml": f"{jobs}\npipelines: [{{name: two, pipeline_tasks: [{{pipeline_key: a}}]}}]",
        f"{flow}/a.py": "",
        f"{project}/libs/fares.py": "",
    }
    root = Repository.new(tmp_path / "mesh", files).path
    git = read_git(root, {"MESH_GIT_URL": "https://github.com/acme/mesh"})
    [deployment] = load(root).in_environment("prod", git).deployments
    uploaded = {"databricks_workspace_file.libs_fares_py", "databricks_workspace_file.prep_revenue_a_py"}
    for libs in (deployment.libs, None):
        one = replace(deployment, libs=libs)
        made = synth(lambda scope, one=one: Project(scope, one))["resource"]
        assert uploaded < set(made["databricks_pipeline"]["prep_revenue_two"]["depends_on"])
        waits = set(made["databricks_job"]["prep_revenue_one"]["depends_on"])
        assert waits - {"databricks_schema.prep_revenue"} == (uploaded if libs else set())
