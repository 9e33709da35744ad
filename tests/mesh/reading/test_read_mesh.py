"""A mesh that is read with kept models equals one that is read anew, whatever happened to its files.

MESH_EVERY_CHANGE=1 makes every kind of change to every file.
"""

from __future__ import annotations

import os
import random
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.mesh.reading.conftest import EVERYTHING, Read, same

SEEDS = range(4)
EDITS = 12
FLOW = "orgs/nordlys/domains/forbruk/projects/malere/flows/prep/extra"


def files(root: Path) -> list[Path]:
    """The files of the mesh, without kept models."""
    return sorted(path for path in root.rglob("*") if path.is_file() and ".mesh" not in path.parts)


def add_to(path: Path) -> None:
    path.write_bytes(path.read_bytes() + b"\ncolour: [\n")


def remove(path: Path) -> None:
    path.unlink()


def rename(path: Path) -> None:
    path.rename(path.with_name(f"other{path.suffix}"))


def another_suffix(path: Path) -> None:
    path.rename(path.with_suffix(".yaml"))


def empty(path: Path) -> None:
    path.write_bytes(b"")


def folder_instead(path: Path) -> None:
    path.unlink()
    path.mkdir()


def link_to_itself_elsewhere(path: Path) -> None:
    path.rename(path.with_name("moved"))
    path.symlink_to("moved")


def link_out(path: Path) -> None:
    outside = path.parents[len(path.parents) - 3] / "outside"
    outside.write_bytes(path.read_bytes())
    path.unlink()
    path.symlink_to(outside)


def link_nowhere(path: Path) -> None:
    path.unlink()
    path.symlink_to("nothing")


OF_EACH_FILE = (add_to, remove)
# Of these, each file gets one in three, unless all are asked for.
OF_SOME_FILES = (
    rename,
    another_suffix,
    empty,
    folder_instead,
    link_to_itself_elsewhere,
    link_out,
    link_nowhere,
)


STEP = 1 if os.environ.get("MESH_EVERY_CHANGE") else 3


@pytest.mark.parametrize(
    ("mutate", "first", "step"),
    [
        *(pytest.param(mutate, 0, 1, id=mutate.__name__) for mutate in OF_EACH_FILE),
        *(
            pytest.param(mutate, number % STEP, STEP, id=mutate.__name__)
            for number, mutate in enumerate(OF_SOME_FILES)
        ),
    ],
)
def test_after_a_change_of_any_file_everything_is_as_if_read_anew(
    read: Read, mutate: Callable[[Path], None], first: int, step: int, tmp_path: Path
) -> None:
    copy = tmp_path / "copy"
    shutil.copytree(read.root, copy)
    for path in files(read.root)[first::step]:
        mutate(path)

        same(read)

        shutil.rmtree(read.root)
        shutil.copytree(copy, read.root, symlinks=True)


def test_a_change_of_a_link_is_noticed(read: Read, tmp_path: Path) -> None:
    """The file that it leads to has the same content, but is outside of the repository."""
    flow = read.root / FLOW
    flow.mkdir(parents=True)
    (flow / "deployment.yml").write_text("tasks: [{task_key: t, serverless: true}]\n")
    for place in (read.root / "shared", tmp_path / "shared"):
        place.mkdir()
        (place / "t.py").write_text("# Databricks notebook source\n")
    (flow / "t.py").symlink_to(read.root / "shared/t.py")
    same(read)
    assert read.anew().findings == ()
    (flow / "t.py").unlink()
    (flow / "t.py").symlink_to(tmp_path / "shared/t.py")

    same(read)

    assert [one.code for one in read.anew().findings] == ["link-outside"]


def test_a_folder_of_code_that_becomes_a_link_is_noticed(read: Read, tmp_path: Path) -> None:
    flow = read.root / FLOW
    (flow / "code").mkdir(parents=True)
    (flow / "deployment.yml").write_text(
        "tasks: [{task_key: t, notebook_task: {notebook_path: code/t}, serverless: true}]\n"
    )
    (flow / "code/t.py").write_text("# Databricks notebook source\n")
    same(read)
    (flow / "code").rename(tmp_path / "code")
    (flow / "code").symlink_to(tmp_path / "code")

    same(read)

    assert "link-outside" in [one.code for one in read.anew().findings]


def test_files_outside_of_a_project_that_it_names_are_noticed(read: Read) -> None:
    """A library above the project, and a notebook that is named from the root."""
    flow = read.root / FLOW
    flow.mkdir(parents=True)
    (read.root / "tools").mkdir()
    (flow / "deployment.yml").write_text(
        "tasks:\n"
        "- {task_key: a, serverless: true, notebook_task: {notebook_path: tools/a, source: GIT}}\n"
        "- {task_key: b, new_cluster: {num_workers: 1}, libraries: [{whl: ../../../../../../x/*.whl}]}\n"
    )
    (flow / "b.py").write_text("# Databricks notebook source\n")
    same(read)
    before = {one.code for one in read.anew().findings}
    (read.root / "tools/a.py").write_text("# Databricks notebook source\n")
    same(read)
    (read.root / "orgs/nordlys/domains/x").mkdir()
    (read.root / "orgs/nordlys/domains/x/y.whl").write_text("")
    same(read)

    assert before - {one.code for one in read.anew().findings} >= {"notebook-missing"}


def edits(read: Read, chance: random.Random) -> Iterator[Callable[[], object]]:
    """Random edits, some of which undo others."""
    path = chance.choice(files(read.root))
    flow = read.root / FLOW
    yield lambda: path.write_bytes(path.read_bytes() + b"\n# more\n")
    yield lambda: path.unlink()
    yield lambda: path.write_bytes(b"\n".join(path.read_bytes().split(b"\n")[: chance.randrange(9)]))
    yield lambda: path.rename(path.with_name(chance.choice(["a.py", "b.py", "deployment.yml", "c.sql"])))
    yield lambda: shutil.rmtree(flow, ignore_errors=True)
    yield lambda: (
        flow.mkdir(parents=True, exist_ok=True),
        (flow / "deployment.yml").write_text(f"tasks: [{{task_key: t{chance.randrange(2)}}}]\n"),
    )
    yield lambda: shutil.copytree(EVERYTHING, read.root, dirs_exist_ok=True)
    yield lambda: path.chmod(0o755)


@pytest.mark.parametrize("seed", SEEDS)
def test_after_any_edits_everything_is_as_if_read_anew(read: Read, seed: int) -> None:
    chance = random.Random(seed)
    for _ in range(EDITS):
        chance.choice([*edits(read, chance)])()
        same(read)


def test_unchanged_nothing_is_read(read: Read, monkeypatch: pytest.MonkeyPatch) -> None:
    anew = read.anew()
    projects = read.counted(monkeypatch)

    assert read() == anew
    assert projects == []


def test_only_the_edited_project_is_read(read: Read, monkeypatch: pytest.MonkeyPatch) -> None:
    deployment = next(read.root.rglob("deployment.yml"))
    deployment.write_text(f"{deployment.read_text()}# more\n")
    projects = read.counted(monkeypatch)

    read()

    assert [deployment.is_relative_to(read.root / one) for one in projects] == [True]


def test_an_executable_file_is_the_same_file(read: Read, monkeypatch: pytest.MonkeyPatch) -> None:
    for path in files(read.root):
        path.chmod(0o755)
    projects = read.counted(monkeypatch)

    read()

    assert projects == []


def test_files_that_nobody_asks_for_change_nothing(read: Read, monkeypatch: pytest.MonkeyPatch) -> None:
    (read.root / "README.md").write_text("x")
    projects = read.counted(monkeypatch)

    read()

    assert projects == []
