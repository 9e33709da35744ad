"""Code that this process writes equals the code of another process, and its failures are reported alike."""

from __future__ import annotations

import os
import pickle
import subprocess
import sys
from pathlib import Path

import pytest

from datamesh.bindings import RUNS
from mesh.errors import OutsideError
from mesh.load import load
from mesh.synthesis import writing
from mesh.synthesis.batch import Batch
from mesh.toolkit import SYNTHESIZER, VARIABLE
from tests.support.git_repository import Repository

FLOW = "orgs/acme/domains/a/projects/p/flows/prep/f"
HERE = """
import os, pickle, sys
from mesh.synthesis import writing
writing.in_process = None  # not callable
batch = pickle.load(sys.stdin.buffer)
writing.here(batch, {})
assert "MESH_SYNTHESIZER" not in os.environ and "jsii" not in sys.modules
"""


@pytest.fixture(scope="module")
def batch(tmp_path_factory: pytest.TempPathFactory) -> Batch:
    """All stacks of a small mesh."""
    files = {"orgs/acme/org.yml": "groups: {analysts: {}}\n", f"{FLOW}/deployment.yml": "schemas: {f: {}}\n"}
    root = Repository.new(tmp_path_factory.mktemp("mesh") / "mesh", files).path
    deployed = load(root).in_environment("local")
    return Batch(root, root / "one", [*deployed.foundations, *deployed.deployments])


def test_this_process_writes_the_same_bytes_as_another_process(batch: Batch) -> None:
    other = Batch(batch.root, batch.root / "two", batch.stacks)
    plain = {name: value for name, value in os.environ.items() if name not in (SYNTHESIZER, VARIABLE)}
    subprocess.run([sys.executable, "-c", HERE], input=pickle.dumps(batch), env=plain, check=True)

    writing.in_process(other, plain)

    for one in batch.stacks:
        path = Path("stacks", one.stack, "cdk.tf.json")
        assert (batch.output / path).read_bytes() == (other.output / path).read_bytes()


@pytest.mark.parametrize(
    "environ",
    [{SYNTHESIZER: "cdktf"}, {VARIABLE: "another"}, {}],
    ids=["cdktf itself", "another toolkit", "this process has imported cdktf"],
)
def test_what_this_process_cannot_write_gets_a_process(
    batch: Batch, environ: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv(VARIABLE, raising=False)
    started: list[Batch] = []
    assert RUNS == "cdktf"
    monkeypatch.setattr(writing, "in_process", lambda batch, environ: started.append(batch))

    writing.here(batch, environ)

    assert started == [batch]


def fails(batch: Batch) -> None:
    raise ValueError("wrong name")


def cannot_write(batch: Batch) -> None:
    raise PermissionError(13, "Permission denied", "out")


def test_an_error_of_the_stacks_is_reported(batch: Batch, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(writing, "_writer", lambda: fails)
    monkeypatch.delenv(VARIABLE, raising=False)

    with pytest.raises(OutsideError, match=r"(?s)cannot be synthesized; the stacks raise.*wrong name"):
        writing.here(batch, {})


def test_a_file_that_cannot_be_written_is_the_callers_matter(
    batch: Batch, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(writing, "_writer", lambda: cannot_write)
    monkeypatch.delenv(VARIABLE, raising=False)

    with pytest.raises(PermissionError):
        writing.here(batch, {})
