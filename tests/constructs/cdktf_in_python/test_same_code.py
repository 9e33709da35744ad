"""Python alone and cdktf write the same Terraform code, byte for byte."""

from __future__ import annotations

import os
import pickle
import shutil
import subprocess
import sys
from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path

import pytest

from mesh.deployment.stack_order import Stack
from mesh.errors import MeshError, OutsideError, UsageError
from mesh.git.checkout import GitContext
from mesh.load import load
from mesh.model.backend import Backend
from mesh.synthesis.batch import Batch
from mesh.toolkit import SYNTHESIZER
from mesh.workshop.workshop_file import read_workshop
from stacks.write import write

ROOT = Path(__file__).resolve().parents[3]
GOLDEN = ROOT / "tests/golden"
WRITE = """
import pickle, sys
from stacks.write import write
for batch in pickle.load(sys.stdin.buffer):
    write(batch)
if "jsii" in sys.modules:
    raise SystemExit("Node was used")
"""
BACKENDS = [
    Backend("azurerm", {"storage_account_name": "a", "container_name": "b", "use_azuread_auth": True}),
    Backend("cloud", {"organization": "a", "workspaces": {"project": "p"}}),
    Backend("cloud", {"hostname": "terraform.acme.example", "workspaces": {}}),
    Backend("consul", {}),
    Backend("cos", {"bucket": "a", "region": "b"}),
    Backend("gcs", {"bucket": "a", "prefix": "b"}),
    Backend("http", {"address": "https://state.acme.example/{state}", "retry_max": 3}),
    Backend("local", {"path": ".mesh/state"}),
    Backend("oss", {"bucket": "a"}),
    Backend("pg", {}),
    Backend("remote", {"hostname": "app.terraform.io", "organization": "a", "workspaces": {}}),
    Backend("s3", {"bucket": "a", "use_lockfile": True, "assume_role": {"role_arn": "b"}}),
]


def git(root: Path) -> GitContext:
    """A checkout of the commit that the golden folders use."""
    return GitContext(
        root,
        user="ola.nordmann@acme.example",
        url="https://github.com/acme/mesh",
        branch="feature/tips",
        commit="5bd01c2f" * 5,
        lenient=True,
    )


def deployments(root: Path, output: Path) -> Iterator[Batch]:
    """A batch for each environment of a mesh; a mesh with errors has none."""
    try:
        mesh = load(root)
    except (MeshError, UsageError):
        return
    for env in sorted({env for org in mesh.orgs for env in org.environments}):
        try:
            deployed = mesh.in_environment(env, git(root), looking=True)
        except (MeshError, OutsideError, UsageError):
            continue
        stacks: list[Stack] = [*deployed.foundations, *deployed.deployments]
        refusals: Mapping[str, list[str]] = {stacks[0].stack: ["${because} of \u00e9"]}
        yield Batch(root, output / env, stacks, refusals)


def batches(copies: Path, output: Path) -> Iterator[Batch]:
    """All meshes of this repository, the workshop, and a stack with each kind of backend."""
    own = copies / "own"
    shutil.copytree(ROOT / "orgs", own / "orgs")
    shutil.copytree(ROOT / ".brickopscfg", own / ".brickopscfg")
    yield from deployments(own, output / "own")
    yield from deployments(ROOT / "tests/everything", output / "everything")
    for case in sorted(GOLDEN.glob("*/mesh")):
        yield from deployments(case, output / case.parent.name)
    for local in (True, False):
        yield Batch(ROOT, output / f"workshop-{local}", [read_workshop(ROOT, local=local)])
    deployed = load(own).in_environment("dev", git(own), looking=True)
    for number, backend in enumerate(BACKENDS):
        stack = replace(deployed.deployments[0], backend=backend.at("acme/transport/taxinyc/prod"))
        yield Batch(own, output / f"backend-{number}", [stack])


@pytest.fixture(scope="module")
def written(tmp_path_factory: pytest.TempPathFactory) -> dict[str, dict[str, bytes]]:
    """The code of all batches by file, once as cdktf writes it and once as Python does."""
    folder = tmp_path_factory.mktemp("same")
    (folder / "copies").mkdir()
    chosen = list(batches(folder / "copies", folder / "cdktf"))
    for batch in chosen:
        batch.output.mkdir(parents=True)
        write(batch)
    in_python = [
        replace(batch, output=folder / "python" / batch.output.relative_to(folder / "cdktf"))
        for batch in chosen
    ]
    subprocess.run(
        [sys.executable, "-O", "-c", WRITE],
        input=pickle.dumps(in_python),
        cwd=ROOT,
        env={**os.environ, SYNTHESIZER: "python", "PYTHONPATH": f"{ROOT}{os.pathsep}{ROOT / 'constructs'}"},
        check=True,
    )
    return {
        engine: {
            path.relative_to(folder / engine).as_posix(): path.read_bytes()
            for path in (folder / engine).rglob("cdk.tf.json")
        }
        for engine in ("cdktf", "python")
    }


def test_many_stacks_are_compared(written: dict[str, dict[str, bytes]]) -> None:
    """A moved folder must not empty the comparison."""
    assert len(written["cdktf"]) > 150


def test_the_same_files_have_the_same_bytes(written: dict[str, dict[str, bytes]]) -> None:
    assert written["python"].keys() == written["cdktf"].keys()
    different = [name for name, code in written["cdktf"].items() if code != written["python"][name]]
    assert different == []
