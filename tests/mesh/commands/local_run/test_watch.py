"""`mesh local run --watch`: what runs again at each save."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest

from mesh.commands.local_run.flow_run import RunOptions, SelectedFlow, select
from mesh.commands.local_run.upstream import with_upstream
from mesh.commands.local_run.watch import Watch
from tests.mesh.commands.local_run.conftest import FILES, NOTEBOOK, LocalMesh
from tests.mesh.conftest import FLOW, PROJECT

CHAIN = """
tasks:
- {task_key: a, serverless: true}
- {task_key: b, serverless: true, depends_on: [{task_key: a}]}
"""
READER = f"{PROJECT}/flows/prep/reader"


@pytest.fixture
def files() -> dict[str, str]:
    """A flow of two tasks, and a flow that reads it."""
    return {
        **FILES,
        f"{FLOW}/deployment.yml": CHAIN,
        f"{FLOW}/b.py": f"{NOTEBOOK}print('b')\n",
        f"{READER}/deployment.yml": "reads: {revenue: prep/revenue}\ntasks: [{task_key: z, serverless: true}]\n",
        f"{READER}/z.py": f"{NOTEBOOK}print('z')\n",
    }


def ran(
    local_mesh: LocalMesh,
    *saves: Callable[[], object],
    path: str = "prep/revenue",
    options: RunOptions | None = None,
    everything: bool = False,
) -> list[str]:
    """The tasks that ran, in a text for each save; the first is the run before any save."""
    runner, text = local_mesh.runner()
    told: list[str] = []

    def steps() -> Iterator[None]:
        yield
        for save in saves:
            told.append(text.getvalue())
            text.truncate(0)
            text.seek(0)
            save()
            yield
        told.append(text.getvalue())

    def load() -> list[SelectedFlow]:
        deployed = local_mesh.deployed()
        paths = with_upstream(deployed, path[1:]) if path.startswith("+") else [path]
        return [select(deployed, one, options or RunOptions()) for one in paths]

    Watch(runner, load, options or RunOptions(), everything).run(steps())
    return [" ".join(_ended(one)) for one in told]


def _ended(text: str) -> Iterator[str]:
    for line in text.splitlines():
        words = line.split()
        if words and words[0] in ("success", "failed", "upstream"):
            yield words[1] if words[0] == "success" else f"{words[-3] if words[-1] == 's' else words[-1]}!"


def edit(local_mesh: LocalMesh, name: str, code: str) -> Callable[[], None]:
    """A save of a notebook of the flow."""
    return lambda: local_mesh.write(name, f"{NOTEBOOK}{code}\n")


def test_a_save_runs_the_tasks_of_the_file_and_those_that_depend_on_it(local_mesh: LocalMesh) -> None:
    assert ran(local_mesh, edit(local_mesh, "b.py", "1"), edit(local_mesh, "a.py", "1")) == [
        "a b",
        "b",
        "a b",
    ]


def test_a_failed_task_runs_again_after_the_next_save_with_what_it_kept_from_running(
    local_mesh: LocalMesh,
) -> None:
    broken, mended = edit(local_mesh, "a.py", "raise ValueError"), edit(local_mesh, "a.py", "1")
    told = ran(local_mesh, broken, mended)

    assert told[0] == "a b"
    assert told[1].startswith("a!")
    assert told[2] == "a b"


def test_a_save_without_a_change_runs_nothing(local_mesh: LocalMesh) -> None:
    assert ran(local_mesh, lambda: None, everything=True) == ["a b", ""]


def test_all_runs_all_tasks_at_a_change(local_mesh: LocalMesh) -> None:
    assert ran(local_mesh, edit(local_mesh, "b.py", "1"), everything=True) == ["a b", "a b"]


def test_one_task_alone_runs_at_saves_that_change_it(local_mesh: LocalMesh) -> None:
    saves = [edit(local_mesh, "b.py", "1"), edit(local_mesh, "a.py", "1"), edit(local_mesh, "helper.py", "2")]

    assert ran(local_mesh, *saves, options=RunOptions(task="a")) == ["a", "", "a", "a"]


def test_flows_that_read_a_changed_flow_run_after_it(local_mesh: LocalMesh) -> None:
    def reader() -> None:
        (local_mesh.root / READER / "z.py").write_text(f"{NOTEBOOK}2\n")

    assert ran(local_mesh, edit(local_mesh, "b.py", "1"), reader, path="+prep/reader") == [
        "a b z",
        "b z",
        "z",
    ]


def test_an_error_of_the_mesh_is_shown_and_the_next_save_repairs_it(local_mesh: LocalMesh) -> None:
    def wrong() -> None:
        local_mesh.write("deployment.yml", "taks: []\n")

    def right() -> None:
        local_mesh.write("deployment.yml", CHAIN)
        local_mesh.write("b.py", f"{NOTEBOOK}3\n")

    assert ran(local_mesh, wrong, right) == ["a b", "", "b"]
