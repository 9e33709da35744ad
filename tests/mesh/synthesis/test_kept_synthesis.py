"""Code that counts as right is what a synthesis would write, whatever changed since it was written."""

from __future__ import annotations

import random
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from mesh.errors import MeshError, OutsideError
from mesh.kept.kept_objects import FOLDER
from mesh.reading.kept_models import KeptModels
from mesh.synthesis import synthesis
from mesh.synthesis.environment import synthesize
from mesh.synthesis.kept_synthesis import KeptSynthesis
from stacks.write import write
from tests.support.git_repository import Repository

TAXI = "orgs/acme/domains/transport/projects/taxi"
BIKES = "orgs/acme/domains/transport/projects/bikes"
NOTEBOOK = "# Databricks notebook source\n"
ORG = "environments: {dev: {}}\ngroups: {analysts: {}}\n"
FILES = {
    ".gitignore": "/out/\n/.mesh/\n",
    "README.md": "x",
    ".brickopscfg/config.yml": "naming: {db: {prod: '{db}', other: '{env}_{username}_{gitbranch}_{db}'}}\n",
    "orgs/acme/org.yml": ORG,
    "orgs/acme/domains/transport/domain.yml": "code: [tools/]\n",
    "orgs/acme/domains/transport/tools/fares.py": "1\n",
    f"{TAXI}/libs/money.py": "CENTS = 100\n",
    f"{TAXI}/flows/prep/rides/deployment.yml": "tasks: [{task_key: t, serverless: true}]\n",
    f"{TAXI}/flows/prep/rides/t.py": NOTEBOOK,
    f"{BIKES}/defaults.yml": "tags: {cost: bikes}\n",
    f"{BIKES}/flows/prep/trips/deployment.yml": "reads: {taxi: taxi/prep/rides}\ntasks: [{task_key: t, serverless: true}]\n",
    f"{BIKES}/flows/prep/trips/t.py": NOTEBOOK,
}
PROGRAM = ("main.py", "constructs/datamesh/job.py", "stacks/project.py")
URL = "https://github.com/acme/mesh"
SEEDS = range(2)
EDITS = 10


class Mesh:
    """A mesh in development, whose synthesis is kept.

    Args:
        repository: its repository.
        state: the folder of the user's secret.
    """

    def __init__(self, repository: Repository, state: Path) -> None:
        self.repository, self.root = repository, repository.path
        self.environ = {"MESH_ENV": "dev", "XDG_STATE_HOME": str(state)}

    def kept(self, output: str = "out", **environ: str) -> KeptSynthesis:
        """The kept synthesis of this mesh, though it is small."""
        models = KeptModels(self.root, {**self.environ, **environ}, least_files=0)
        vars(models)["program"] = "the same"  # tests/mesh/kept/test_program.py changes it; it takes longest
        return KeptSynthesis(models, self.root / output)

    def synthesize(self) -> None:
        """Synthesizes as `main.py` does."""
        if not (kept := self.kept()).is_right():
            synthesize(kept)

    def anew(self) -> dict[str, bytes] | None:
        """What a synthesis without anything kept writes; None if it refuses."""
        kept = self.kept("anew", MESH_NO_CACHE="1")
        shutil.rmtree(kept.output, ignore_errors=True)
        try:
            synthesize(kept)
        except (MeshError, OutsideError):
            return None
        return code(kept.output)

    def agrees(self) -> bool:
        """True if the code counts as right; then it must equal new code, byte for byte."""
        if self.kept().is_right():
            self.equals_new_code()
            return True
        return False

    def equals_new_code(self) -> None:
        """The code equals new code, besides that of stacks of other branches."""
        new, old = self.anew(), code(self.root / "out")
        assert new is not None
        assert {name: old.get(name) for name in new} == new


def code(output: Path) -> dict[str, bytes]:
    """The files in an output folder."""
    return {str(path.relative_to(output)): path.read_bytes() for path in output.rglob("*") if path.is_file()}


@pytest.fixture(autouse=True)
def written_here(monkeypatch: pytest.MonkeyPatch, program: Path) -> None:
    """Code is written in this process, and the other part of the program is small."""
    monkeypatch.setattr(synthesis, "here", lambda batch, environ: write(batch))
    monkeypatch.setattr("mesh.synthesis.kept_synthesis.PROGRAM_FOLDER", program)


@pytest.fixture(scope="module")
def program(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A program of three files."""
    folder = tmp_path_factory.mktemp("program")
    for name in PROGRAM:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text("1")
    return folder


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of the mesh, of the user's secret and of a copy of the mesh."""
    return tmp_path_factory.mktemp("mesh")


@pytest.fixture
def mesh(folder: Path) -> Mesh:
    """A mesh of two projects from git, one with uploaded code, synthesized once."""
    root, copy = folder / "mesh", folder / "copy"
    if copy.exists():
        shutil.rmtree(root)
        shutil.copytree(copy, root)
        return Mesh(Repository(root), folder / "state")
    one = Mesh(Repository.new(root, FILES), folder / "state")
    one.repository.git("remote", "add", "origin", URL)
    one.synthesize()
    shutil.copytree(root, copy)
    return one


def add_to(path: Path) -> None:
    path.write_bytes(path.read_bytes() + b"\ncolour: [\n")


def remove(path: Path) -> None:
    path.unlink()


def link_nowhere(path: Path) -> None:
    path.unlink()
    path.symlink_to("nothing")


def repository_inside(path: Path) -> None:
    (path.parent / ".git").mkdir(exist_ok=True)


@pytest.mark.parametrize("mutate", [add_to, link_nowhere, repository_inside])
def test_after_a_change_of_any_file_the_code_is_right_only_if_it_is_the_same(
    mesh: Mesh, mutate: Callable[[Path], None]
) -> None:
    for name in list(FILES)[1:]:
        mutate(mesh.root / name)

        mesh.agrees()

        (mesh.root / name).unlink(missing_ok=True)
        if name != "README.md":  # whose folder is the repository itself
            shutil.rmtree((mesh.root / name).parent / ".git", ignore_errors=True)
        mesh.repository.write({name: FILES[name]})
    assert mesh.agrees()


CHANGES: dict[str, Callable[[Mesh], object]] = {
    "a commit": lambda mesh: mesh.repository.commit({f"{TAXI}/flows/prep/rides/t.py": NOTEBOOK + "print(2)"}),
    "a commit that no project sees": lambda mesh: mesh.repository.commit({"README.md": "y"}),
    "a branch": lambda mesh: mesh.repository.git("switch", "-q", "-c", "feature"),
    "a detached head": lambda mesh: mesh.repository.git("switch", "-q", "--detach"),
    "the user": lambda mesh: mesh.repository.git("config", "user.email", "kari@acme.example"),
    "the remote": lambda mesh: mesh.repository.git("remote", "set-url", "origin", f"{URL}2"),
    "no git": lambda mesh: (mesh.root / ".git").rename(mesh.root / ".not-git"),
    "a variable": lambda mesh: mesh.environ.update(MESH_GIT_BRANCH="main"),
    "the environment": lambda mesh: mesh.environ.update(MESH_ENV="test"),
    "MESH_NO_CACHE": lambda mesh: mesh.environ.update(MESH_NO_CACHE="1"),
    "edited code": lambda mesh: add_to(next(mesh.root.glob("out/stacks/*/cdk.tf.json"))),
    "removed code": lambda mesh: remove(next(mesh.root.glob("out/stacks/*/cdk.tf.json"))),
    "an edited manifest": lambda mesh: add_to(mesh.root / "out/manifest.json"),
    "a commit of kept models": lambda mesh: mesh.repository.git("add", "-f", ".mesh"),
    "no kept models": lambda mesh: shutil.rmtree(mesh.root / FOLDER),
    "another secret": lambda mesh: mesh.environ.update(XDG_STATE_HOME=f"{mesh.root}/../other"),
    "the kept models": lambda mesh: [add_to(one) for one in (mesh.root / FOLDER).iterdir()],
}


@pytest.mark.parametrize("change", CHANGES)
def test_a_change_of_anything_else_is_noticed(mesh: Mesh, change: str) -> None:
    CHANGES[change](mesh)

    assert not mesh.agrees()


@pytest.mark.parametrize("name", PROGRAM)
def test_another_program_is_noticed(mesh: Mesh, program: Path, name: str) -> None:
    """Also in the parts that reading does not use."""
    (program / name).write_text("2")
    changed = mesh.kept().is_right()
    (program / name).write_text("1")

    assert not changed
    assert mesh.kept().is_right()


def test_another_output_folder_is_another_synthesis(mesh: Mesh) -> None:
    assert not mesh.kept("elsewhere").is_right()


def test_variables_of_the_shell_and_files_that_nobody_asks_for_change_nothing(mesh: Mesh) -> None:
    mesh.environ |= {"PWD": "/tmp", "SHLVL": "3"}
    mesh.repository.write({"README.md": "y"})

    assert mesh.agrees()


def edit(mesh: Mesh, chance: random.Random) -> None:
    """Makes one random edit, sometimes one that was made before, and sometimes commits."""
    name, number = chance.choice(list(FILES)[3:]), chance.randrange(2)
    text = FILES[name] + ("# more\n" * number)
    chance.choice(
        [
            lambda: mesh.repository.write({name: text}),
            lambda: mesh.repository.write({name: text}),
            lambda: mesh.repository.commit({name: text}),
            lambda: mesh.repository.write({f"{BIKES}/project.yml": f"description: text {number}\n"}),
            lambda: mesh.repository.git("switch", "-q", "-C", f"branch{number}"),
            lambda: shutil.rmtree(mesh.root / f"{BIKES}/flows/prep/trips", ignore_errors=True),
            lambda: mesh.repository.git("checkout", "-q", "."),
        ]
    )()


@pytest.mark.parametrize("seed", SEEDS)
def test_after_any_edits_the_code_equals_new_code(mesh: Mesh, seed: int) -> None:
    chance, right = random.Random(seed), 0
    for _ in range(EDITS):
        edit(mesh, chance)
        right += mesh.kept().is_right()
        try:
            mesh.synthesize()
        except (MeshError, OutsideError):
            assert mesh.anew() is None
            continue
        mesh.equals_new_code()
    assert right


def test_uploads_from_the_working_tree_are_not_kept(mesh: Mesh) -> None:
    """They may be larger than what is compared."""
    mesh.repository.commit({"orgs/acme/org.yml": "environments: {dev: {code: workspace}}\n"})
    mesh.synthesize()

    assert not mesh.kept().is_right()


@pytest.mark.parametrize(("plan_only", "right"), [("", False), ("1", True)])
def test_what_production_asks_git_is_asked_each_time(mesh: Mesh, plan_only: str, right: bool) -> None:
    mesh.environ |= {"MESH_PLAN_ONLY": plan_only}
    principal = "service_principal_name: 7f1c0d6e-0000-4000-8000-000000000001"
    org = f"environments: {{dev: {{}}, prod: {{branch: main, run_as: {{{principal}}}}}}}\n"
    mesh.repository.commit({"orgs/acme/org.yml": org})
    mesh.synthesize()

    assert mesh.kept().is_right() is right
