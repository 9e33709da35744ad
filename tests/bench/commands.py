"""The commands, on this repository's mesh and on meshes of many projects."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path

from tests.bench.measured import MESH, ROOT, SYNTH, Case, Figure, alternately
from tests.bench.meshes import change, generated, generated_wrong

PROJECTS = 100  # with three flows each: a mesh of many teams
SIZES_WITH_ERRORS = (10, 100, 1000)


def figures(runs: int) -> Iterator[Figure]:
    """Measures the commands.

    Args:
        runs: the number of runs of each command.
    """
    own = {"MESH_ROOT": str(ROOT)}
    commands = (["ls"], ["validate"], ["show", "prep/revenue"], ["graph"])
    cases = [Case(f"mesh {' '.join(one)}, this mesh", [*MESH, *one], own) for one in commands]
    yield from alternately([*cases, Case("main.py, this mesh", SYNTH, own)], runs)
    for flows in SIZES_WITH_ERRORS:
        with tempfile.TemporaryDirectory() as folder:
            wrong = {"MESH_ROOT": str(generated_wrong(Path(folder, "wrong"), flows))}
            what = f"mesh validate, {flows} flows with five errors each"
            yield from alternately([Case(what, [*MESH, "validate"], wrong, exit_code=1)], runs)
    with tempfile.TemporaryDirectory() as folder:
        mesh = generated(Path(folder, "mesh"), PROJECTS * 3, in_project=3)
        yield from alternately(list(_of_many_projects(mesh)), runs)


def _of_many_projects(mesh: Path) -> Iterator[Case]:
    many, variables = f"{PROJECTS * 3} flows in {PROJECTS} projects", {"MESH_ROOT": str(mesh)}
    for command in (["ls"], ["validate"], ["show", "p7/prep/f21"], ["graph"], ["graph", "p7/prep/f21"]):
        yield Case(f"mesh {' '.join(command)}, {many}", [*MESH, *command], variables)
    review = [*MESH, "review", *_plans(mesh), "--format", "markdown"]
    yield Case(f"mesh review of {PROJECTS} plans", review, variables)
    change(mesh)
    for environments in (["dev"], ["dev", "test", "stage"]):
        command = ["affected", "--base", "HEAD~1", *(f"--env={env}" for env in environments)]
        what = f"mesh affected in {', '.join(environments)}, one of {PROJECTS} projects changed"
        yield Case(what, [*MESH, *command], variables)


def _plans(mesh: Path) -> Sequence[str]:
    """A plan of each project; the plans contain the resources of four real flows."""
    source = ROOT / "tests/golden/review/cases/re_pinned/plans/acme-transport-taxinyc-prod.json"
    folder = mesh.parent / "plans"
    folder.mkdir()
    paths = [folder / f"acme-d{project // 10}-p{project}-prod.json" for project in range(PROJECTS)]
    return [str(shutil.copy(source, path)) for path in paths]
