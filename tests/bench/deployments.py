"""Deployments to the local workspace, without Spark."""

from __future__ import annotations

import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from mesh.toolkit import toolkit
from tests.bench.measured import MESH, ROOT, Case, Figure, alternately
from tests.system.deploy.conftest import OLA, served

STUDENTS = 200


def figures(runs: int) -> Iterator[Figure]:
    """Measures the deployment of this repository's orgs, and of a class.

    Args:
        runs: the number of runs of what can be repeated.
    """
    with tempfile.TemporaryDirectory() as folder:
        yield from _of_this_mesh(Path(folder), runs)
    with tempfile.TemporaryDirectory() as folder:
        yield from _of_a_class(Path(folder))


def _of_this_mesh(root: Path, runs: int) -> Iterator[Figure]:
    """`mesh deploy`, and plain cdktf with the same stacks."""
    for name in ("orgs", ".brickopscfg"):
        shutil.copytree(ROOT / name, root / name)
    served_mesh = contextmanager(served)
    with served_mesh(root) as mesh:
        deploy = [*MESH, "deploy", "--auto-approve", "--root", str(root)]
        local = {"MESH_ENV": "local", "MESH_USER": OLA, "MESH_ROOT": str(root)}
        yield from alternately([Case("mesh deploy, first time", deploy, local)], 1)
        stacks = sorted(path.name for path in (mesh.output / "stacks").iterdir())
        plain = [*toolkit().command, "deploy", *stacks, "--auto-approve", "--skip-provider-lock"]
        plain += ["--output", str(mesh.output)]
        yield from alternately(
            [
                Case("mesh deploy, nothing to change", deploy, local),
                Case("npx cdktf deploy, nothing to change", plain, mesh.without_mesh()),
            ],
            runs,
        )


def _of_a_class(root: Path) -> Iterator[Figure]:
    """A class on the local workspace."""
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
            what = f"mesh workshop {command[0]}, {STUDENTS} students"
            yield from alternately([Case(what, [*MESH, "workshop", *command, "--local", *at], {})], 1)
    finally:
        alternately([Case("mesh local down", [*MESH, "local", "down", *at], {})], 1)
