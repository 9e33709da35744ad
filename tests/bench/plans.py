"""Plans of many stacks on the local workspace, without Spark, also those of an older build."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping
from dataclasses import replace
from functools import partial
from pathlib import Path

from local.home import Home, running_status
from mesh.kept.kept_files import NO_CACHE
from tests.bench.measured import IDENTITY, MESH, ROOT, Case, Figure, alternately
from tests.bench.meshes import ANYWHERE, change, generated, generated_bundle

FLOWS, MANY_FLOWS = 200, 1000
NO_CLI = "databricks is not on PATH, so `databricks bundle validate` is not measured"


def figures(runs: int, *, large: bool = False, old: Path | None = None) -> Iterator[Figure]:
    """Measures plans of projects with ten flows each.

    Args:
        runs: the number of runs of each command.
        large: True for 100 projects instead of 20.
        old: the folder of an older build with its `.venv`, which is measured in turn; None measures this one.
    """
    flows = MANY_FLOWS if large else FLOWS
    with tempfile.TemporaryDirectory() as folder:
        meshes = {"": generated(Path(folder, "new"), flows, org=ANYWHERE)}
        if old:
            meshes["old build: "] = generated(Path(folder, "old"), flows, org=ANYWHERE)
        try:
            for title, mesh in meshes.items():
                of = _Build(old.resolve()) if old and title else _Build(ROOT)
                of.start(mesh)
                yield from alternately([of.case(mesh, f"{title}first `mesh deploy`", "deploy", "--yes")], 1)
            yield from _unchanged(meshes, flows, runs, old)
            yield from _one_changed(meshes, flows, runs, old)
            yield from _checks(meshes[""], flows, runs)
        finally:
            for mesh in meshes.values():
                subprocess.run([*MESH, "local", "down", "--root", str(mesh)], cwd=ROOT, check=False)


class _Build:
    """A build of this program."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.python = sys.executable if folder == ROOT else str(folder / ".venv/bin/python")

    @property
    def variables(self) -> Mapping[str, str]:
        path = os.pathsep.join([str(self.folder), str(self.folder / "constructs")])
        return {"PYTHONPATH": path, "PYTHONSAFEPATH": "1", "MESH_ENV": "local", "MESH_GIT_BRANCH": "main"}

    def start(self, mesh: Path) -> None:
        command = [self.python, "-m", "tests.system.deploy.without_spark", str(mesh)]
        subprocess.run(command, cwd=self.folder, env={**os.environ, **IDENTITY, **self.variables}, check=True)

    def case(self, mesh: Path, what: str, command: str, *options: str) -> Case:
        program = [self.python, "-c", "from mesh.cli.main import main; main()"]
        if self.folder != ROOT:
            program = [self.python, str(self.folder / ".venv/bin/mesh")]
        options = tuple("--auto-approve" if one == "--yes" else one for one in options)
        out = ["--out", str(mesh.with_name(f"{mesh.name}-plans"))] if command == "plan" else []
        output = mesh.with_name(f"{mesh.name}-code")  # a variable with another value would mean another plan
        return Case(
            what, [*program, command, *options, *out, "--root", str(mesh)], self.variables, output=output
        )


def _unchanged(meshes: Mapping[str, Path], flows: int, runs: int, old: Path | None) -> Iterator[Figure]:
    [new, *older] = meshes.values()
    many, here = f"{flows // 10} projects, nothing changed", _Build(ROOT)
    cases = [
        here.case(new, f"`mesh plan --no-cache`, {many}", "plan", "--no-cache"),
        here.case(new, f"`mesh plan`, {many}", "plan"),
        here.case(new, f"`mesh deploy`, {many}", "deploy", "--yes"),
    ]
    for mesh in older:
        assert old is not None
        of = _Build(old.resolve())
        cases += [of.case(mesh, f"old build: `mesh plan`, {many}", "plan")]
    alternately(cases[1:2], 1)  # the first plan after a deployment is made
    yield from alternately(cases, runs)


def _one_changed(meshes: Mapping[str, Path], flows: int, runs: int, old: Path | None) -> Iterator[Figure]:
    [new, *older] = meshes.values()
    what = f"one of {flows} flows changed"
    first = _Build(ROOT).case(
        new, f"`mesh plan --affected`, {what}", "plan", "--affected", "--base", "HEAD~1"
    )
    cases = [replace(first, prepare=lambda: change(new))]
    for mesh in older:
        assert old is not None
        of = _Build(old.resolve()).case(
            mesh, f"old build: `mesh plan` of its project, {what}", "plan", "d0/p0"
        )
        cases += [replace(of, prepare=partial(change, mesh))]
    yield from alternately(cases, runs)


def _checks(mesh: Path, flows: int, runs: int) -> Iterator[Figure]:
    """What our check takes, and what Databricks' own program takes to check the same jobs and schemas.

    That program asks a workspace who is logged in, so the local one has to run.
    """
    if not shutil.which("databricks"):
        print(NO_CLI)
        return
    with tempfile.TemporaryDirectory() as folder:
        workspace = running_status(Home(mesh))
        login = {"DATABRICKS_HOST": workspace.url, "DATABRICKS_TOKEN": workspace.token}
        bundle = {"BUNDLE_ROOT": str(generated_bundle(Path(folder), flows)), "DATABRICKS_AUTH_TYPE": "pat"}
        what, command = f"databricks bundle validate, {flows} flows", ["databricks", "bundle", "validate"]
        ours = _Build(ROOT).case(mesh, f"`mesh validate`, nothing is kept, {flows} flows", "validate")
        cases = [
            replace(ours, variables={**ours.variables, NO_CACHE: "1"}),
            replace(ours, what=f"`mesh validate`, {flows} flows"),
            Case(what, command, bundle | login),
        ]
        yield from alternately(cases, runs)
