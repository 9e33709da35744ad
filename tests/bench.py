"""`make bench`: run times, as ratios to the start of Python on the same machine in the same run.

Each figure is the best of several runs, because other load on a machine only adds time.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from rich.console import Console
from rich.table import Table

from mesh.toolkit import toolkit
from tests.system.deploy.conftest import OLA, served

ROOT = Path(__file__).resolve().parents[1]
MESH = [sys.executable, "-c", "from mesh.cli.main import main; main()"]
IDENTITY = {
    "MESH_USER": "ola.nordmann@acme.example",
    "MESH_GIT_URL": "https://github.com/acme/mesh",
    "MESH_GIT_BRANCH": "main",
}
FLOWS = (10, 100, 1000)
STUDENTS = 200
PROJECTS = 100  # with three flows each: a mesh of many teams
WRONG = """\
max_concurrent_runs: many
tasks:
- task_key: first
  serverless: true
  notebook_task: {{notebook_path: first, base_paramters: {{day: monday}}}}
- task_key: second
  depends_on: [{{task_key: frist}}]
  run_job_task: {{flow: prep/f{other}}}
- task_key: third
  condition_task: {{op: EQUAL_TO, left: a}}
"""


@dataclass(frozen=True)
class Measured:
    """One row of the table.

    Args:
        what: the command, in words.
        seconds: the best of its runs.
    """

    what: str
    seconds: float


def main() -> None:
    """Measure, and print one table."""
    start = best([sys.executable, "-c", "pass"], ROOT, runs=10)
    rows = [
        Measured("mesh ls, this mesh", best([*MESH, "ls"], ROOT)),
        Measured("mesh validate, this mesh", best([*MESH, "validate"], ROOT)),
        Measured("mesh show, this mesh", best([*MESH, "show", "prep/revenue"], ROOT)),
        Measured("mesh graph, this mesh", best([*MESH, "graph"], ROOT)),
        Measured("main.py, this mesh", best([sys.executable, "-O", str(ROOT / "main.py")], ROOT, runs=3)),
    ]
    for flows in FLOWS:
        with tempfile.TemporaryDirectory() as folder:
            mesh = generated(Path(folder), flows)
            rows.append(
                Measured(f"mesh ls, {flows} flows", best([*MESH, "ls", "--env", "dev"], mesh, runs=3))
            )
            runs = 3 if flows < max(FLOWS) else 1
            synth = [sys.executable, "-O", str(ROOT / "main.py")]
            rows.append(Measured(f"main.py, {flows} flows", best(synth, mesh, runs=runs)))
            mesh = generated_wrong(Path(folder, "wrong"), flows)
            what = f"mesh validate, {flows} flows with five errors each"
            rows.append(Measured(what, best([*MESH, "validate"], mesh, runs=runs, exit_code=1)))
    with tempfile.TemporaryDirectory() as folder:
        mesh = generated(Path(folder), PROJECTS * 3, in_project=3)
        for command in (["ls"], ["validate"], ["show", "p7/prep/f21"], ["graph"], ["graph", "p7/prep/f21"]):
            what = f"mesh {' '.join(command)}, {PROJECTS * 3} flows in {PROJECTS} projects"
            rows.append(Measured(what, best([*MESH, *command], mesh, runs=3)))
        rows.append(Measured(f"mesh review of {PROJECTS} plans", reviewed(mesh)))
        synth = best([sys.executable, "-O", str(ROOT / "main.py")], mesh, runs=3)
        rows.append(Measured(f"main.py, {PROJECTS * 3} flows in {PROJECTS} projects", synth))
        change(mesh)
        for environments in (["dev"], ["dev", "test", "prod"]):
            command = ["affected", "--base", "HEAD~1", *(f"--env={env}" for env in environments)]
            what = f"mesh affected in {', '.join(environments)}, one of {PROJECTS} projects changed"
            rows.append(Measured(what, best([*MESH, *command], mesh, runs=3)))
    with tempfile.TemporaryDirectory() as folder:
        rows += a_class(Path(folder))
    with tempfile.TemporaryDirectory() as folder:
        rows += a_deployment(Path(folder))
    table = Table("what", "seconds", f"as long as starting Python ({start:.3f} s)")
    for row in rows:
        table.add_row(row.what, f"{row.seconds:.2f}", f"{row.seconds / start:.0f} times")
    Console().print(table)


def best(
    command: Sequence[str],
    mesh: Path,
    runs: int = 5,
    exit_code: int = 0,
    variables: Mapping[str, str] | None = None,
) -> float:
    """The shortest time of several runs, in seconds.

    Raises:
        RuntimeError: the command ended with another exit code, so that what was measured is something else.
    """
    own = os.pathsep.join(map(str, (ROOT, ROOT / "constructs")))
    environ = {**os.environ, **IDENTITY, "MESH_ROOT": str(mesh), "MESH_ENV": "dev", "PYTHONPATH": own}
    environ |= variables or {}
    times = []
    with tempfile.TemporaryDirectory() as out:
        for _ in range(runs):
            started = time.perf_counter()
            ended = subprocess.run(
                command, cwd=ROOT, env=environ | {"CDKTF_OUTDIR": out}, capture_output=True
            )
            times.append(time.perf_counter() - started)
            if ended.returncode != exit_code:
                raise RuntimeError(f"{command} ended with {ended.returncode}: {ended.stderr.decode()}")
    return min(times)


def a_deployment(root: Path) -> Iterator[Measured]:
    """The times to deploy this repository's orgs to the local workspace; plain cdktf deploys the same stacks."""
    for name in ("orgs", "libs", ".brickopscfg"):
        if (ROOT / name).exists():
            shutil.copytree(ROOT / name, root / name)
    served_mesh = contextmanager(served)
    with served_mesh(root) as mesh:
        deploy = [*MESH, "deploy", "--auto-approve", "--root", str(root)]
        local = {"MESH_ENV": "local", "MESH_USER": OLA}
        yield Measured("mesh deploy, first time", best(deploy, root, runs=1, variables=local))
        yield Measured("mesh deploy, nothing to change", best(deploy, root, runs=3, variables=local))
        stacks = sorted(path.name for path in (mesh.output / "stacks").iterdir())
        plain = [*toolkit().command, "deploy", *stacks, "--auto-approve", "--skip-provider-lock"]
        plain += ["--output", str(mesh.output)]
        seconds = best(plain, root, runs=2, variables=mesh.without_mesh())
        yield Measured("npx cdktf deploy, nothing to change", seconds)


def a_class(root: Path) -> Iterator[Measured]:
    """The times of a class on the local workspace, each measured once."""
    (root / "course").mkdir()
    (root / "course/workshop.yml").write_text("name: bench\n")
    lines = [f"student{number:03}@example.com,Student {number},\n" for number in range(STUDENTS)]
    (root / "course/roster.csv").write_text("email,name,team\n" + "".join(lines))
    at = ["--root", str(root)]
    # what it starts keeps its output, so that nobody may wait for the end of that
    subprocess.run(
        [sys.executable, "-m", "tests.system.deploy.without_spark", str(root)], cwd=ROOT, check=True
    )
    try:
        for command in (["deploy", "--auto-approve"], ["diff"]):
            seconds = best([*MESH, "workshop", *command, "--local", *at], root, runs=1)
            yield Measured(f"mesh workshop {command[0]}, {STUDENTS} students", seconds)
    finally:
        best([*MESH, "local", "down", *at], root, runs=1)


def reviewed(mesh: Path) -> float:
    """The time to review a plan of every project; the plans contain the resources of four real flows."""
    source = ROOT / "tests/golden/review/cases/re_pinned/plans/acme-transport-taxinyc-prod.json"
    folder = mesh / "plans"
    folder.mkdir()
    for project in range(PROJECTS):
        shutil.copy(source, folder / f"acme-d{project // 10}-p{project}-prod.json")
    plans = [str(path) for path in sorted(folder.iterdir())]
    return best([*MESH, "review", *plans, "--format", "markdown"], mesh, runs=3)


def generated(root: Path, flows: int, in_project: int = 10) -> Path:
    """The time to review a plan of every project.

    The plans contain the resources of four real flows.
    """
    for number in range(flows):
        project = number // in_project
        folder = root / f"orgs/acme/domains/d{project // 10}/projects/p{project}/flows/prep/f{number}"
        folder.mkdir(parents=True)
        reads = f"reads: {{before: prep/f{number - 1}}}\n" if number else ""
        tasks = [f"- {{task_key: t{task}, serverless: true}}\n" for task in range(4)]
        (folder / "deployment.yml").write_text(f"{reads}tasks:\n" + "".join(tasks))
        for task in range(4):
            (folder / f"t{task}.py").write_text("# Databricks notebook source\n")
    return committed(root)


def generated_wrong(root: Path, flows: int) -> Path:
    """A repository of projects with ten flows each; every flow has five errors of five kinds.

    Each pair of flows runs each other's jobs.
    """
    for number in range(flows):
        folder = root / f"orgs/acme/domains/d/projects/p{number // 10}/flows/prep/f{number}"
        folder.mkdir(parents=True)
        (folder / "deployment.yml").write_text(WRONG.format(other=number ^ 1))
        (folder / "first.py").write_text("# Databricks notebook source\n")
    return committed(root)


def committed(root: Path) -> Path:
    """The folder as a git repository with all files committed."""
    for command in (
        ["init", "-q"],
        ["add", "-A"],
        ["-c", "user.name=o", "-c", "user.email=o@x", "commit", "-qm", "x"],
    ):
        subprocess.run(["git", "-C", str(root), *command], check=True)
    return root


def change(root: Path) -> None:
    """Creates another commit, which changes one notebook."""
    next(root.rglob("t0.py")).write_text("# Databricks notebook source\nprint(1)\n")
    committed(root)


if __name__ == "__main__":
    main()
