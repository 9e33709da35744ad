"""Synthesis of meshes of growing size, beside plain cdktf code of the same resources."""

from __future__ import annotations

import shutil
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from tests.bench.measured import MESH, SYNTH, Case, Figure, alternately
from tests.bench.meshes import change, generated

SIZES = (10, 100, 1000)
LARGE = 10_000
PLAIN = "plain cdktf"


@dataclass(frozen=True)
class Size:
    """The figures of a mesh.

    Args:
        flows: the number of flows.
        figures: the figures.
    """

    flows: int
    figures: list[Figure]

    def ratio(self, figure: Figure) -> float | None:
        """The wall time as a multiple of that of plain cdktf; None where that was not measured."""
        plain = [one for one in self.figures if one.what == PLAIN]
        return figure.seconds / plain[0].seconds if plain else None


def sizes(chosen: tuple[int, ...], runs: int) -> Iterator[Size]:
    """Measures meshes of these sizes.

    Args:
        chosen: the numbers of flows.
        runs: the number of runs of each command; a large mesh gets one.
    """
    for flows in chosen:
        with tempfile.TemporaryDirectory() as folder:
            mesh = generated(Path(folder, "mesh"), flows)
            cases = list(_cases(mesh, Path(folder, "output"), flows))
            yield Size(flows, alternately(cases, runs if flows < LARGE else 1))


def _cases(mesh: Path, output: Path, flows: int) -> Iterator[Case]:
    variables = {"MESH_ROOT": str(mesh)}
    kept = output.with_name("kept")

    def forget() -> None:
        for name in ("loaded", "synthesized"):
            shutil.rmtree(mesh / ".mesh" / name, ignore_errors=True)
        shutil.rmtree(kept, ignore_errors=True)

    if flows < LARGE:  # plain cdktf needs 4 GB and minutes for 10,000
        plain = [sys.executable, "-O", "-m", "tests.bench.plain_cdktf", str(flows), str(output)]
        yield Case(PLAIN, plain, {}, prepare=lambda: shutil.rmtree(output, ignore_errors=True))
    yield Case("synthesis, nothing is kept", SYNTH, variables, prepare=forget, output=kept)
    yield Case("synthesis, nothing changed", SYNTH, variables, output=kept)
    yield Case("synthesis, one flow changed", SYNTH, variables, prepare=lambda: change(mesh), output=kept)
    yield Case("validate", [*MESH, "validate"], variables)
    yield Case(
        "affected, one flow changed",
        [*MESH, "affected", "--base", "HEAD~1", "--env", "dev"],
        variables,
        prepare=lambda: change(mesh),
    )
