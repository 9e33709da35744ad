"""Code that the flows of a project share, and the files that a deployment uploads from a commit."""

from __future__ import annotations

from base64 import b64decode
from pathlib import Path

import pytest

from mesh.commands.show.fact_tree import as_json
from mesh.commands.show.show import show
from mesh.deployment.deployment import Deployment
from mesh.errors import MeshError, OutsideError
from mesh.git.checkout import GitContext, read_git
from mesh.load import load
from mesh.model.code import WorkspaceCode
from tests.mesh.conftest import FLOW, ONE_FLOW, PRODUCTION, PROJECT, RUN_AS, Findings
from tests.support.git_repository import Repository

ENVIRON = {"MESH_USER": "ola@acme.example", "MESH_GIT_URL": "https://github.com/acme/mesh"}
FILES = {
    **ONE_FLOW,
    **PRODUCTION,
    ".brickopscfg/config.yml": "naming: {}\n",
    f"{PROJECT}/libs/fares/__init__.py": "",
    f"{PROJECT}/libs/fares/tips.py": "TIP = 1\n",
    f"{PROJECT}/libs/zones.csv": "a,b\n",
}


@pytest.fixture
def repository(tmp_path: Path) -> Repository:
    """A project with a flow and code that its flows share."""
    return Repository.new(tmp_path / "mesh", FILES)


def deployed(root: Path, env: str = "dev", **environ: str) -> Deployment:
    """The only project, in an environment."""
    [one] = load(root).in_environment(env, read_git(root, ENVIRON | environ)).deployments
    return one


def uploaded(one: Deployment) -> dict[str, bytes]:
    """The uploaded files, by path below the project."""
    assert one.uploads
    return {
        file.path.partition("/taxinyc/")[2] or file.path.removeprefix(one.uploads.folder + "/"): b64decode(
            file.content_base64
        )
        for file in one.uploads.files
    }


def parameters(one: Deployment) -> dict[str, str]:
    """Those of the first job, by name."""
    job = one.flows[0].job
    assert job
    return {each["name"]: each["default"] for each in job.settings["parameters"]}


LIBS = {"libs/fares/__init__.py": b"\n", "libs/fares/tips.py": b"TIP = 1\n", "libs/zones.csv": b"a,b\n"}
CONFIG = {".brickopscfg/config.yml": b"naming: {}\n"}


def test_if_jobs_run_from_git_committed_files_are_uploaded(repository: Repository) -> None:
    """Without later changes, new files or deletions."""
    repository.write({f"{PROJECT}/libs/fares/tips.py": "TIP = 2\n", f"{PROJECT}/libs/new.py": "x"})
    (repository.path / PROJECT / "libs/zones.csv").unlink()
    one = deployed(repository.path)
    assert uploaded(one) == LIBS | CONFIG
    assert one.uploads
    assert one.uploads.commit == repository.head


def test_a_commit_outside_the_inputs_does_not_change_the_upload(repository: Repository) -> None:
    first = repository.head
    repository.commit({"README.md": "2"})
    one = deployed(repository.path)
    assert one.uploads
    assert one.uploads.commit == first
    changed = repository.commit({f"{PROJECT}/libs/fares/tips.py": "TIP = 2\n"})
    again = deployed(repository.path)
    assert again.uploads
    assert again.uploads.commit == changed
    assert uploaded(again)["libs/fares/tips.py"] == b"TIP = 2\n"


def test_a_mesh_in_a_folder_of_the_repository_uploads_its_files(tmp_path: Path) -> None:
    outer = Repository.new(tmp_path / "outer", {f"data/mesh/{name}": text for name, text in FILES.items()})
    outer.write({f"data/mesh/{PROJECT}/libs/fares/tips.py": "TIP = 2\n"})
    assert uploaded(deployed(outer.path / "data/mesh")) == LIBS | CONFIG


def test_the_commit_in_mesh_git_commit_is_uploaded(repository: Repository) -> None:
    """Also for a short id."""
    first = repository.head
    repository.commit({f"{PROJECT}/libs/fares/tips.py": "TIP = 2\n"})
    assert uploaded(deployed(repository.path, MESH_GIT_COMMIT=first[:10])) == LIBS | CONFIG


def test_links_hidden_files_and_submodules_are_not_uploaded(repository: Repository, tmp_path: Path) -> None:
    """As in the working tree."""
    folder = repository.path / PROJECT / "libs"
    (folder / "link.py").symlink_to(folder / "fares/tips.py")
    (folder / "links").symlink_to(folder / "fares")
    hidden = {f"{PROJECT}/libs/{name}": "x" for name in (".env", ".venv/a.py", "__pycache__/a.pyc")}
    repository.commit(hidden)
    assert uploaded(deployed(repository.path)) == LIBS | CONFIG
    assert uploaded(deployed(repository.path, "local")).keys() == {*LIBS, *CONFIG, "flows/prep/revenue/a.py"}
    library = Repository.new(tmp_path / "library", {"fares.py": "1"})
    repository.submodule(f"{PROJECT}/libs/sub", library)
    with pytest.raises(MeshError) as wrong:
        deployed(repository.path)
    assert {finding.code for finding in wrong.value.findings} == {"in-submodule"}


def test_uncommitted_code_is_refused_except_in_local(repository: Repository) -> None:
    """Jobs that run from git could not use it."""
    root = repository.path
    (root / PROJECT / "libs").rename(root / "libs")
    repository.commit()
    (root / "libs").rename(root / PROJECT / "libs")
    with pytest.raises(OutsideError, match=f"{PROJECT}/libs is not committed, so jobs cannot use it"):
        deployed(root)
    (root / "orgs/acme/org.yml").write_text("environments: {dev: {workspace: local, code: git}}\n")
    one = deployed(root)
    assert uploaded(one) == LIBS | CONFIG
    assert one.uploads
    assert one.uploads.commit is None


@pytest.mark.parametrize("checkout", [True, False])
def test_an_unknown_commit_is_refused(tmp_path: Path, checkout: bool) -> None:
    """With a remedy; a project without shared code does not need the commit."""
    root = Repository.new(tmp_path / "mesh", FILES).path if checkout else tmp_path / "mesh"
    for name, text in FILES.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(text)
    message = f"{PROJECT}/libs is uploaded as of commit {'c' * 40}, but "
    message += "this checkout lacks it" if checkout else ".* is not a git checkout"
    with pytest.raises(OutsideError, match=message):
        deployed(root, MESH_GIT_COMMIT="c" * 40, MESH_GIT_BRANCH="main")
    for path in (root / PROJECT / "libs").rglob("*.py"):
        path.unlink()
    assert deployed(root, MESH_GIT_COMMIT="c" * 40, MESH_GIT_BRANCH="main").uploads is None


@pytest.mark.parametrize("files", [{}, {"libs/zones.csv": "a"}, {"libs/.x.py": "a"}])
def test_a_project_without_modules_shares_nothing(tmp_path: Path, files: dict[str, str]) -> None:
    """Its jobs have no parameter `libs`, and with code from git nothing is uploaded."""
    root = Repository.new(
        tmp_path / "mesh", {**ONE_FLOW, **{f"{PROJECT}/{k}": v for k, v in files.items()}}
    ).path
    assert deployed(root).uploads is None
    for env in ("dev", "local"):
        assert "libs" not in parameters(deployed(root, env))


@pytest.mark.parametrize("env", ["dev", "local", "prod"])
def test_jobs_get_the_folder_of_shared_code(repository: Repository, env: str) -> None:
    """As a path for Python."""
    one = deployed(repository.path, env)
    assert one.uploads
    assert parameters(one)["libs"] == one.libs == f"/Workspace{one.uploads.folder}/{PROJECT}/libs"
    home = f"/Users/{RUN_AS}" if env == "prod" else "/Users/ola@acme.example"
    assert one.uploads.folder.startswith(f"{home}/mesh/acme-transport-taxinyc-{env}")


def test_jobs_of_the_workspace_have_one_folder_of_code(repository: Repository) -> None:
    """With notebooks and shared code."""
    one = deployed(repository.path, "local")
    assert isinstance(one.code, WorkspaceCode)
    assert one.uploads is one.code
    assert one.uploads.commit is None
    repository.write({f"{PROJECT}/libs/fares/tips.py": "TIP = 2\n"})
    assert uploaded(deployed(repository.path, "local"))["libs/fares/tips.py"] == b"TIP = 2\n"


def test_a_declared_parameter_overrides_libs(repository: Repository) -> None:
    own = "parameters: [{name: libs, default: mine}]\ntasks: [{task_key: a, serverless: true}]"
    repository.commit({f"{FLOW}/deployment.yml": own})
    assert parameters(deployed(repository.path))["libs"] == "mine"


def test_a_level_above_may_not_declare_libs(findings: Findings) -> None:
    files = {"orgs/acme/defaults.yml": "parameters: [{name: libs, default: x}]"}
    [wrong] = findings(files)
    assert (
        wrong
        == "parameter-taken: parameter `libs` is set by the deployment to the libs/ of each project (rename yours)"
    )


def test_a_notebook_among_shared_code_is_a_finding(findings: Findings) -> None:
    """In the workspace it would not be a file, and `import` would not find it."""
    notebook = "# Databricks notebook source\nTIP = 1\n"
    [wrong] = findings({f"{PROJECT}/libs/tips.py": notebook, f"{PROJECT}/libs/fares.py": "# a module\n"})
    assert wrong == (
        "library-is-notebook: is a notebook, which cannot be imported "
        "(remove its first line, or move it to a flow)"
    )


def test_a_folder_that_is_a_link_is_not_shared(tmp_path: Path) -> None:
    """Its target is not uploaded either."""
    root = Repository.new(tmp_path / "mesh", ONE_FLOW).path
    (tmp_path / "outside").mkdir()
    (tmp_path / "outside/secret.py").write_text("x")
    (root / PROJECT / "libs").symlink_to(tmp_path / "outside")
    assert "libs" not in parameters(deployed(root, "local"))
    assert uploaded(deployed(root, "local")).keys() == {"flows/prep/revenue/a.py"}


def shown(root: Path, git: GitContext, env: str) -> dict[str, dict[str, dict[str, object]]]:
    mesh = load(root)
    return as_json(show(mesh, mesh.in_environment(env, git), "prep/revenue", ENVIRON))


def test_show_prints_the_uploads_with_their_commit(repository: Repository) -> None:
    """And the source of the notebooks."""
    git = read_git(repository.path, ENVIRON)
    code = shown(repository.path, git, "dev")["code"]
    one = deployed(repository.path)
    assert one.uploads
    at = repository.head
    assert code["taken_from"]["value"] == f"git https://github.com/acme/mesh at {at}"
    assert code["uploaded"]["value"] == f"workspace files in {one.uploads.folder} at {at}"
    assert code["files"]["value"] == 4
    local = shown(repository.path, git, "local")
    assert "uploaded" not in local["code"]
    assert local["code"]["files"]["value"] == 5
    libs = local["job"]["parameters"]["libs"]
    assert libs == {"value": deployed(repository.path, "local").libs, "from": f"{PROJECT}/libs"}


PIPED = f"{PROJECT}/flows/prep/piped"
PIPELINE = {
    f"{PIPED}/deployment.yml": "pipeline_tasks: [{pipeline_key: trips}]\n",
    f"{PIPED}/trips.py": "# Databricks notebook source\nprint(1)\n",
}


def test_the_folder_of_a_pipeline_is_uploaded_if_jobs_run_from_git(tmp_path: Path) -> None:
    """At the source commit; no files of other flows."""
    repository = Repository.new(tmp_path / "mesh", {**ONE_FLOW, **PIPELINE})
    repository.write({f"{PIPED}/trips.py": "# Databricks notebook source\nprint(2)\n"})
    one = deployed(repository.path)
    assert uploaded(one) == {"flows/prep/piped/trips": PIPELINE[f"{PIPED}/trips.py"].encode()}
    [pipeline] = next(flow for flow in one.flows if flow.pipelines).pipelines
    assert one.uploads
    [library] = pipeline.settings["libraries"]
    assert library == {"notebook": {"path": one.uploads.files[0].path}}
    assert "libs" not in pipeline.settings["configuration"]
    assert one.libs is None


def test_a_pipeline_that_is_not_committed_is_refused(repository: Repository) -> None:
    """Even if the project is committed."""
    repository.write(PIPELINE)
    with pytest.raises(OutsideError, match=f"{PIPED} is not committed"):
        deployed(repository.path)


def test_commands_that_only_read_accept_uncommitted_code(repository: Repository) -> None:
    """Only a deployment needs a commit."""
    repository.write(PIPELINE)
    mesh, git = load(repository.path), read_git(repository.path, ENVIRON)
    [one] = mesh.in_environment("dev", git, looking=True).deployments
    assert one.uploads
    assert one.uploads.commit is None
    assert "flows/prep/piped/trips" in uploaded(one)


@pytest.mark.parametrize("env", ["dev", "local"])
def test_pipelines_get_the_folder_of_shared_code(repository: Repository, env: str) -> None:
    """In their configuration; a declared value overrides it."""
    repository.commit(PIPELINE)
    one = deployed(repository.path, env)
    [pipeline] = next(flow for flow in one.flows if flow.pipelines).pipelines
    assert pipeline.settings["configuration"]["libs"] == one.libs
    assert {"flows/prep/piped/trips", *LIBS} <= uploaded(one).keys()
    own = "pipeline_tasks: [{pipeline_key: trips}]\nconfiguration: {libs: mine}\n"
    repository.commit({f"{PIPED}/deployment.yml": own})
    [pipeline] = next(flow for flow in deployed(repository.path, env).flows if flow.pipelines).pipelines
    assert pipeline.settings["configuration"]["libs"] == "mine"


def test_an_uncommitted_notebook_of_a_pipeline_is_reported(tmp_path: Path) -> None:
    """The commit that is uploaded contains the folder of the pipeline, but not the notebook."""
    file = f"{FLOW}/deployment.yml"
    repository = Repository.new(
        tmp_path / "mesh", {file: "libraries: [{notebook: {path: a}}]", f"{FLOW}/a.py": ""}
    )
    repository.write({file: "libraries: [{notebook: {path: a}}, {notebook: {path: b}}]", f"{FLOW}/b.py": ""})

    with pytest.raises(MeshError) as caught:
        deployed(repository.path)

    [found] = caught.value.findings
    assert (found.code, found.message) == (
        "not-in-workspace",
        f"notebook `{FLOW}/b` is not in commit {repository.head[:8]}, or is a link (commit the file itself)",
    )
