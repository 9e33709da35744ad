"""Both toolkits write the same Terraform code: needs both, so `make test TOOLKIT=cdktn` runs it."""

from __future__ import annotations

import re
import shutil
from importlib.metadata import version
from pathlib import Path

import pytest

from mesh.toolkit import CDKTF, CDKTN, Toolkit
from tests.stacks.test_everything import EVERYTHING
from tests.stacks.test_synthesized import ROOT, synthesize
from tests.support.git_repository import Repository


@pytest.fixture(scope="module")
def meshes(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """The repository's own mesh and the one that sets every field, each with one commit."""
    folder = tmp_path_factory.mktemp("toolkits")
    own, everything = Repository.new(folder / "own"), Repository.new(folder / "everything")
    shutil.copytree(ROOT / "orgs", own.path / "orgs")
    shutil.copytree(ROOT / ".brickopscfg", own.path / ".brickopscfg")
    shutil.copytree(EVERYTHING, everything.path, dirs_exist_ok=True)
    own.commit()
    everything.commit()
    return {"own": own.path, "everything": everything.path}


def without_versions(text: str, used: Toolkit) -> str:
    """A cdk.tf.json without the versions of the toolkit and its provider, and with one form of `{}`."""
    for number in (version(used.name), used.provider):
        assert f'"version": "{number}"' in text
        text = text.replace(f'"version": "{number}"', '"version": "…"')
    return re.sub(r"\{\s+\}", "{}", text)


@pytest.mark.parametrize(
    ("mesh", "env"),
    [
        *(("own", env) for env in ("local", "dev", "prod", "live")),
        *(("everything", env) for env in ("local", "dev", "prod")),
    ],
)
def test_only_versions_and_the_form_of_empty_objects_differ(
    meshes: dict[str, Path], mesh: str, env: str
) -> None:
    cdktf, cdktn = (
        {
            stack: without_versions(text, used)
            for stack, text in synthesize(meshes[mesh], env, MESH_TOOLKIT=used.name).items()
        }
        for used in (CDKTF, CDKTN)
    )

    assert cdktn == cdktf
