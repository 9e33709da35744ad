"""Code that is kept equals code that is written, whatever was edited before."""

from __future__ import annotations

import json
import os
import random
from collections.abc import Mapping
from pathlib import Path

import pytest

from mesh.errors import OutsideError
from mesh.kept.kept_files import KeptFiles
from mesh.load import load
from mesh.mesh import MeshDeployment
from mesh.synthesis.batch import Batch
from mesh.synthesis.synthesis import Synthesis, synthesis
from mesh.synthesis.writing import in_process
from stacks.write import write
from tests.support.git_repository import Repository
from tests.support.synthesis import synthesized

PROJECTS = [f"orgs/acme/domains/{domain}/projects/p" for domain in "abcd"]
ORG = "environments: {{local: {{}}}}\nroles: {{reader: {{schema: [{privilege}]}}}}\ngroups: {{analysts: {{}}}}\n"
FLOW = "grants: [{{principal: analysts, role: reader}}]\ntasks: [{{task_key: t, serverless: true, max_retries: {retries}}}]\n"
SEEDS = range(3)
EDITS = 6


@pytest.fixture
def repository(tmp_path: Path) -> Repository:
    """A mesh of four projects, each with one flow."""
    files = {".gitignore": "/out/\n/.mesh/\n", "orgs/acme/org.yml": ORG.format(privilege="SELECT")}
    for project in PROJECTS:
        files[f"{project}/flows/prep/f/deployment.yml"] = FLOW.format(retries=1)
        files[f"{project}/flows/prep/f/t.py"] = "# Databricks notebook source\n"
    return Repository.new(tmp_path / "mesh", files)


class Recorder:
    """Writes batches in this process, and records the stacks in them."""

    def __init__(self) -> None:
        self.written: list[str] = []

    def __call__(self, batch: Batch, environ: Mapping[str, str]) -> None:
        """Writes one batch."""
        self.written += [one.stack for one in batch.stacks]
        write(batch)


def deployed(repository: Repository) -> MeshDeployment:
    """The mesh on the local workspace."""
    return load(repository.path).in_environment("local")


def kept_synthesis(repository: Repository, run: Recorder) -> Synthesis:
    """A synthesis with kept code in the repository's folder `.mesh`."""
    kept = KeptFiles(repository.path / ".mesh/kept")
    return Synthesis(repository.path, repository.path / "out", {}, kept, 2, run)


def code(repository: Repository, mesh: MeshDeployment) -> dict[str, str]:
    """The text of each stack of the mesh in the output folder."""
    stacks = (*mesh.foundations, *mesh.deployments)
    return {
        one.stack: (repository.path / f"out/stacks/{one.stack}/cdk.tf.json").read_text() for one in stacks
    }


def edit(repository: Repository, chance: random.Random) -> None:
    """Makes one random edit, sometimes one that was made before."""
    project = chance.choice(PROJECTS)
    repository.write(
        chance.choice(
            [
                {f"{project}/flows/prep/f/deployment.yml": FLOW.format(retries=chance.randrange(3))},
                {
                    f"{project}/flows/prep/f/t.py": f"# Databricks notebook source\nprint({chance.randrange(3)})\n"
                },
                {f"{project}/project.yml": f"description: text {chance.randrange(3)}\n"},
                {f"{project}/flows/prep/g/deployment.yml": "schemas: {g: {}}\n"},
                {"orgs/acme/org.yml": ORG.format(privilege=chance.choice(["SELECT", "MODIFY"]))},
                {"orgs/acme/defaults.yml": f"tags: {{cost: '{chance.randrange(2)}'}}\n"},
                {"README.md": str(chance.randrange(3))},
            ]
        )
    )


@pytest.mark.parametrize("seed", SEEDS)
def test_after_any_edits_kept_code_equals_new_code(repository: Repository, seed: int) -> None:
    chance = random.Random(seed)
    recorder = Recorder()
    for _ in range(EDITS):
        edit(repository, chance)
        mesh = deployed(repository)

        kept_synthesis(repository, recorder).write([*mesh.foundations, *mesh.deployments])

        assert code(repository, mesh) == synthesized(mesh, repository.path)
    assert len(recorder.written) < EDITS * 5


def test_unchanged_stacks_are_not_written_again(repository: Repository) -> None:
    recorder = Recorder()
    first = deployed(repository)
    kept_synthesis(repository, recorder).write([*first.foundations, *first.deployments])
    recorder.written.clear()
    repository.write({f"{PROJECTS[1]}/flows/prep/f/deployment.yml": FLOW.format(retries=2)})
    second = deployed(repository)

    kept_synthesis(repository, recorder).write([*second.foundations, *second.deployments])

    [changed] = [one.stack for one in second.deployments if one.domain == "b"]
    assert recorder.written == [changed]


def test_without_kept_code_everything_is_written(repository: Repository) -> None:
    mesh = deployed(repository)
    stacks = [*mesh.foundations, *mesh.deployments]
    recorder = Recorder()
    Synthesis(repository.path, repository.path / "out", {}, None, 1, recorder).write(stacks)
    Synthesis(repository.path, repository.path / "out", {}, None, 1, recorder).write(stacks)

    assert recorder.written == 2 * [one.stack for one in stacks]


def test_processes_write_the_same_bytes_as_one_process(repository: Repository) -> None:
    """Each of two processes writes a part of the stacks."""
    mesh = deployed(repository)
    stacks = [*mesh.foundations, *mesh.deployments]
    halves = [stacks[::2], stacks[1::2]]

    for half in halves:
        in_process(Batch(repository.path, repository.path / "out", half), os.environ)

    assert code(repository, mesh) == synthesized(mesh, repository.path)


def test_the_manifest_lists_the_stacks_in_their_order(repository: Repository) -> None:
    mesh = deployed(repository)
    kept_synthesis(repository, Recorder()).write([*mesh.foundations, *mesh.deployments])

    held = json.loads((repository.path / "out/manifest.json").read_text())["stacks"]
    assert {name: entry["dependencies"] for name, entry in held.items()} == {
        "acme-foundation-local": [],
        "acme-workspace-local": [],
        **{one.stack: ["acme-foundation-local", "acme-workspace-local"] for one in mesh.deployments},
    }


def test_mesh_no_cache_keeps_nothing(tmp_path: Path) -> None:
    assert synthesis(tmp_path, tmp_path / "out", {"MESH_NO_CACHE": "1"}).kept is None
    assert synthesis(tmp_path, tmp_path / "out", {}).kept is not None


def test_a_failure_of_cdktf_is_reported(repository: Repository) -> None:
    [one, *_] = deployed(repository).deployments

    with pytest.raises(OutsideError, match="the stacks cannot be synthesized"):
        in_process(Batch(repository.path, repository.path / ".gitignore", [one]), {})


def test_a_folder_that_cannot_be_written_is_named(repository: Repository) -> None:
    mesh = deployed(repository)
    (repository.path / "out").write_text("a file")

    with pytest.raises(OutsideError, match=r"cannot be synthesized: .*/out.*: Not a directory \(make room"):
        kept_synthesis(repository, lambda batch, environ: None).write([*mesh.foundations])  # type: ignore[arg-type]
