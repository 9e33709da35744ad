"""Compares the code that is written in all ways, at a size that the tests do not have."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from hashlib import sha256
from pathlib import Path
from unittest.mock import patch

from mesh.kept.kept_files import NO_CACHE
from mesh.load import load
from mesh.synthesis.batch import Batch
from mesh.synthesis.writing import in_process
from mesh.toolkit import SYNTHESIZER
from tests.bench.measured import IDENTITY, SYNTH, Case, run
from tests.bench.meshes import generated

FLOWS = 1000
PROCESSES = 4


def digests(flows: int = FLOWS) -> Iterator[tuple[str, str]]:
    """Each way to write the code of a generated mesh, with the hash of all that was written.

    Args:
        flows: the number of flows.
    """
    with tempfile.TemporaryDirectory() as folder:
        # the output is beside the mesh, so that all relative paths in the code are equal
        mesh, output = generated(Path(folder).resolve() / "mesh", flows), Path(folder).resolve() / "output"
        for what, write in _ways(mesh, output):
            write()
            yield what, _digest(output / "stacks")


def _ways(mesh: Path, output: Path) -> Iterator[tuple[str, Callable[[], object]]]:
    def main(**variables: str) -> None:
        run(Case("main.py", SYNTH, {"MESH_ROOT": str(mesh), **variables}, output=output))

    def remove(*folders: Path) -> None:
        for one in folders:
            shutil.rmtree(one, ignore_errors=True)

    yield "nothing is kept", main
    yield "nothing changed", main
    yield "from kept code", lambda: (remove(output), main())
    yield "from kept models", lambda: (remove(output, mesh / ".mesh/synthesized"), main())
    yield "without what is kept", lambda: (remove(output), main(**{NO_CACHE: "1"}))
    yield f"in {PROCESSES} processes", lambda: (remove(output), _side_by_side(mesh, output))
    yield "by cdktf itself", lambda: (remove(output), main(**{NO_CACHE: "1", SYNTHESIZER: "cdktf"}))


def _side_by_side(mesh: Path, output: Path) -> None:
    with patch.dict(os.environ, IDENTITY):
        deployed = load(mesh).in_environment()
    stacks = [*deployed.foundations, *deployed.deployments]
    batches = [Batch(mesh, output, stacks[first::PROCESSES]) for first in range(PROCESSES)]
    with ThreadPoolExecutor(PROCESSES) as pool:
        list(pool.map(lambda batch: in_process(batch, os.environ), batches))


def _digest(folder: Path) -> str:
    hashed = sha256()
    for path in sorted(folder.rglob("cdk.tf.json")):
        hashed.update(f"{path.relative_to(folder)}\0".encode())
        hashed.update(sha256(path.read_bytes()).digest())
    return hashed.hexdigest()
