"""`mesh affected`: its output for a repository, and no temporary files."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path

import psutil
import pytest

from mesh.commands.affected import affected
from mesh.errors import MeshError, OutsideError, UsageError
from mesh.git.base_commit import checkout_of
from mesh.git.checkout import read_git
from mesh.load import load
from tests.support.git_repository import Repository

ROOT = Path(__file__).resolve().parents[3]
ORG = """\
environments:
  dev: {}
  prod: {run_as: {service_principal_name: 3f9a1c52-7d42-4b87-a1a5-0a83a6d0b6f1}}
"""
FLOW = "orgs/acme/domains/transport/projects/taxinyc/flows/prep/revenue"
OTHER = "orgs/acme/domains/transport/projects/bikes/flows/prep/rides"
NOTEBOOK = "# Databricks notebook source\n"
SERVERLESS = "tasks: [{task_key: a, serverless: true}]\n"
FILES = {
    "README.md": "1",
    "orgs/acme/org.yml": ORG,
    **{f"{flow}/deployment.yml": SERVERLESS for flow in (FLOW, OTHER)},
    **{f"{flow}/a.py": NOTEBOOK for flow in (FLOW, OTHER)},
}
PROD = ["acme-foundation-main", "acme-transport-bikes-prod", "acme-transport-taxinyc-prod"]


@pytest.fixture
def repository(tmp_path: Path) -> Repository:
    """A checkout of `main`, with a mesh of two projects."""
    one = Repository.new(tmp_path / "mesh", FILES)
    one.git("remote", "add", "origin", "https://github.com/acme/mesh")
    return one


def run(repository: Repository, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Runs `mesh affected` as a user does."""
    environ = {key: value for key, value in os.environ.items() if not key.startswith(("MESH_", "GIT_"))}
    return subprocess.run(
        [sys.executable, "-c", "from mesh.cli.main import main; main()", "affected", *arguments],
        cwd=repository.path,
        env=environ,
        capture_output=True,
        text=True,
        check=False,
    )


def test_the_report_lists_stacks_with_reasons(repository: Repository) -> None:
    repository.git("rm", "-qr", OTHER)
    short = repository.head[:8]
    repository.commit({f"{FLOW}/a.py": f"{NOTEBOOK}print(2)\n"})
    for number in range(6):
        repository.write({f"{FLOW}/{number}.csv": "1"})

    done = run(repository, "--base", "HEAD~1", "--env", "prod")

    assert done.stdout == (
        f"prod · 1 of 2 stacks affected since {short}\n"
        "├── acme-transport-taxinyc-prod  changed\n"
        f"│   ├── {FLOW}/0.csv added\n"
        f"│   ├── {FLOW}/1.csv added\n"
        f"│   ├── {FLOW}/2.csv added\n"
        f"│   ├── {FLOW}/3.csv added\n"
        f"│   ├── {FLOW}/4.csv added\n"
        "│   └── and 2 more\n"
        "└── acme-transport-bikes-prod  removed, its state is acme/transport/bikes/prod\n"
        f"    ├── {OTHER}/a.py removed\n"
        f"    └── {OTHER}/deployment.yml removed\n"
    )
    assert (done.stderr, done.returncode) == ("", 0)


def test_the_matrix_is_one_line_of_json(repository: Repository) -> None:
    base = repository.head
    repository.git("rm", "-qr", OTHER)
    commit = repository.commit({f"{FLOW}/å.csv": "1"})

    done = run(repository, "--base", base, "--json")

    assert done.stdout.count("\n") == 1
    assert done.stdout.isascii()
    identity = f"ola.nordmann@acme.example/main/{commit}"
    reasons = [f"{FLOW}/å.csv added"]
    gone = [f"{OTHER}/a.py removed", f"{OTHER}/deployment.yml removed"]
    common = {"project": "acme/transport/taxinyc", "change": "changed", "reasons": reasons}
    other = {"project": "acme/transport/bikes", "change": "removed", "reasons": gone}
    found = json.loads(done.stdout)
    assert found["base"] == base
    assert found["matrix"] == {
        "include": [
            {
                "env": "dev",
                "stack": f"acme-transport-taxinyc-dev-ola.nordmann@acme.example-main-{commit[:8]}",
                "state_key": f"acme/transport/taxinyc/dev/{identity}",
                **common,
            },
            {
                "env": "prod",
                "stack": "acme-transport-taxinyc-prod",
                "state_key": "acme/transport/taxinyc/prod",
                **common,
            },
        ]
    }
    assert found["removed"][1] == {
        "env": "prod",
        "stack": "acme-transport-bikes-prod",
        "state_key": "acme/transport/bikes/prod",
        **other,
    }


def test_local_environments_are_compared_only_on_request(repository: Repository) -> None:
    repository.write({f"{FLOW}/a.py": f"{NOTEBOOK}print(2)\n"})
    mesh = load(repository.path)
    assert affected(mesh, "HEAD").counts == {"dev": 3, "prod": 3}
    assert affected(mesh, "HEAD").stacks == ()
    [one] = affected(mesh, "HEAD", ["local"]).stacks
    assert one.project == "acme/transport/taxinyc"


def test_control_characters_in_file_names_are_escaped(repository: Repository) -> None:
    base = repository.head
    repository.commit({f"{FLOW}/\x1b[2J[bold].csv": "1"})
    done = run(repository, "--base", base, "--env", "prod")
    assert f"{FLOW}/\\x1b[2J[bold].csv added\n" in done.stdout


def test_a_base_with_errors_affects_everything_and_gives_the_reason(
    repository: Repository,
) -> None:
    base = repository.commit({"orgs/acme/org.yml": f"{ORG}descripton: x\n"})
    repository.commit({"orgs/acme/org.yml": ORG})
    found = affected(load(repository.path), base, ["prod"])
    assert [one.stack for one in found.stacks] == PROD
    assert {one.change for one in found.stacks} == {"changed"}
    reason = (
        f"the mesh had errors at {base[:8]}: "
        "orgs/acme/org.yml:4:1: unknown field `descripton` (did you mean `description`?)"
    )
    assert all(reason in one.reasons for one in found.stacks)


def test_without_a_mesh_at_the_base_everything_is_new(tmp_path: Path) -> None:
    repository = Repository.new(tmp_path / "mesh", {"README.md": "1"})
    repository.git("remote", "add", "origin", "https://github.com/acme/mesh")
    repository.commit(FILES)
    found = affected(load(repository.path), "HEAD~1", ["prod"])
    assert [(one.stack, one.change) for one in found.stacks] == [(stack, "new") for stack in PROD]


def test_stacks_of_a_removed_environment_are_reported_as_removed(repository: Repository) -> None:
    base = repository.head
    repository.commit({"orgs/acme/org.yml": ORG.replace("  dev: {}\n", "")})
    found = affected(load(repository.path), base, ["dev"])
    assert found.counts == {"dev": 0}
    assert [(one.project, one.change) for one in found.stacks] == [
        (None, "removed"),
        ("acme/transport/bikes", "removed"),
        ("acme/transport/taxinyc", "removed"),
    ]
    assert "dev · no longer declared since" in run(repository, "--base", base, "--env", "dev").stdout


def test_one_commit_for_all_projects_affects_them_all(repository: Repository) -> None:
    """MESH_GIT_COMMIT sets the source commit of every project."""
    base = repository.head
    repository.commit({"README.md": "2"})
    environ = {"MESH_GIT_COMMIT": repository.head, "MESH_GIT_BRANCH": "main", "MESH_USER": "o@x"}
    script = "import sys; from mesh.cli.main import main; main()"
    done = subprocess.run(
        [sys.executable, "-c", script, "affected", "--base", base, "--env", "prod", "--json"],
        cwd=repository.path,
        env=os.environ | environ,
        capture_output=True,
        text=True,
        check=True,
    )
    reasons = {tuple(one["reasons"]) for one in json.loads(done.stdout)["matrix"]["include"]}
    assert reasons == {(f"commit {repository.head[:8]} is used for every project (MESH_GIT_COMMIT is set)",)}


def test_all_errors_of_all_environments_are_reported(repository: Repository) -> None:
    deployment = "schemas: {a: {}}\nenvironments: {dev: {schemas: {b: {}}}, prod: {schemas: {c: {}}}}\n"
    flow = OTHER.replace("rides", "close")
    for number, env in enumerate(("dev", "prod")):
        name = "bc"[number]
        repository.write({f"{flow}{env}/deployment.yml": f"schemas: {{{name}: {{}}}}\n"})
    repository.commit({f"{flow}/deployment.yml": deployment})
    with pytest.raises(MeshError) as error:
        affected(load(repository.path), "HEAD", ["dev", "prod"])
    assert len(error.value.findings) == 2


def test_an_unknown_environment_is_wrong_usage(repository: Repository) -> None:
    with pytest.raises(UsageError, match=r"environment `pord` is not defined \(did you mean `prod`\?\)"):
        affected(load(repository.path), "HEAD", ["pord"])


@pytest.mark.parametrize("rev", ["mian", "--all", "5bd01c2f5bd01c2f5bd01c2f5bd01c2f5bd01c2f", "HEAD~7"])
def test_an_unknown_commit_is_reported(repository: Repository, rev: str) -> None:
    done = run(repository, f"--base={rev}")
    assert done.stderr == (
        f"Error: commit `{rev}` is not in this checkout (`git fetch`, or correct the name; "
        "in CI check out with `fetch-depth: 0`)\n"
    )
    assert done.returncode == 3


def test_a_shallow_checkout_is_reported_with_the_git_command(repository: Repository, tmp_path: Path) -> None:
    base = repository.head
    repository.commit({"README.md": "2"})
    shallow = repository.clone(tmp_path / "shallow", "--depth=1")
    with pytest.raises(OutsideError, match="it is shallow: `git fetch --unshallow`; in CI"):
        affected(load(shallow.path), base, ["prod"])


def test_without_git_the_comparison_is_refused(tmp_path: Path) -> None:
    (tmp_path / "orgs/acme").mkdir(parents=True)
    with pytest.raises(OutsideError, match=r"a comparison needs git, but .* is not a git checkout"):
        affected(load(tmp_path), "HEAD")


def test_the_mesh_may_be_in_a_folder_of_the_repository(tmp_path: Path) -> None:
    """Files outside the mesh may still be inputs of its stacks."""
    repository = Repository.new(tmp_path / "all", {f"data/mesh/{name}": text for name, text in FILES.items()})
    repository.git("remote", "add", "origin", "https://github.com/acme/mesh")
    root = repository.path / "data/mesh"
    repository.commit({f"data/mesh/{FLOW}/a.py": f"{NOTEBOOK}print(2)\n", "notes/a.py": "1"})
    [one] = affected(load(root), "HEAD~1", ["prod"]).stacks
    assert one.reasons == (f"{FLOW}/a.py changed",)
    repository.write({"requirements.txt": "databricks-datamesh==2\n"})
    found = affected(load(root), "HEAD", ["prod"]).stacks
    assert [one.stack for one in found] == PROD
    assert {one.reasons for one in found} == {
        ("the program that generates all stacks changed: ../../requirements.txt added",)
    }


def test_submodules_are_checked_out_at_their_former_commits(repository: Repository, tmp_path: Path) -> None:
    """From the local copy of the submodule, without a fetch; if that lacks the commit, the reason says so."""
    libs = Repository.new(tmp_path / "libs", {"fares.py": "1"})
    repository.commit({"orgs/acme/domains/transport/domain.yml": "code: [libs/]\n"})
    base = repository.submodule("orgs/acme/domains/transport/libs", libs)
    inside = Repository(repository.path / "orgs/acme/domains/transport/libs")
    assert affected(load(repository.path), base, ["local"]).stacks == ()
    inside.git("config", "user.email", "o@x")
    inside.git("config", "user.name", "o")
    old = inside.head
    inside.commit({"fares.py": "2"})
    with checkout_of(read_git(repository.path), base) as then:
        assert (then.root / "orgs/acme/domains/transport/libs/fares.py").read_text() == "1"
    found = affected(load(repository.path), base, ["local"]).stacks
    assert [one.project for one in found] == ["acme/transport/bikes", "acme/transport/taxinyc"]
    assert {one.reasons for one in found} == {("orgs/acme/domains/transport/libs changed",)}
    inside.git("update-ref", "-d", "refs/remotes/origin/main")
    inside.git("update-ref", "-d", "refs/remotes/origin/HEAD")
    inside.git("switch", "-q", "--orphan", "other")
    inside.commit({"fares.py": "3"})
    inside.git("branch", "-D", "main")
    inside.git("reflog", "expire", "--expire=now", "--all")
    inside.git("gc", "-q", "--prune=now")
    assert inside.git("cat-file", "--batch-check", "--batch-all-objects").find(old) == -1
    found = affected(load(repository.path), base, ["local"]).stacks
    assert len(found) == 3
    reason = f"submodule orgs/acme/domains/transport/libs is not checked out as of {base[:8]}"
    assert all(any(reason in one for one in stack.reasons) for stack in found)


def test_no_temporary_files_remain(
    repository: Repository, tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Neither in the repository nor in the folder for temporary files; the index is unchanged."""
    temporary = tmp_path_factory.mktemp("temporary")
    monkeypatch.setattr(tempfile, "tempdir", str(temporary))
    base = repository.head
    repository.commit({"README.md": "2"})
    repository.write({"README.md": "3", f"{FLOW}/new.csv": "1"})
    repository.git("add", "README.md")
    status, index = repository.git("status", "--porcelain"), (repository.path / ".git/index").read_bytes()
    affected(load(repository.path), base)
    assert not [*temporary.iterdir()]
    assert repository.git("status", "--porcelain") == status
    assert (repository.path / ".git/index").read_bytes() == index
    assert repository.git("worktree", "list").count("\n") == 0


def test_no_temporary_files_remain_after_a_kill(repository: Repository) -> None:
    script = (
        "import sys; from pathlib import Path; from mesh.git.base_commit import checkout_of; from mesh.git.checkout import read_git\n"
        "git = read_git(Path.cwd())\n"
        "with checkout_of(git, git.head) as base:\n"
        "    print(base.root, flush=True)\n"
        "    sys.stdin.read()\n"
    )
    process = subprocess.Popen(
        [sys.executable, "-c", script], cwd=repository.path, stdin=subprocess.PIPE, stdout=subprocess.PIPE
    )
    assert process.stdout is not None
    root = Path(process.stdout.readline().decode().strip())
    assert (root / FLOW / "a.py").exists()
    others = psutil.Process(process.pid).children(recursive=True)
    process.kill()
    process.communicate()
    psutil.wait_procs(others, timeout=30)
    assert not root.exists()
