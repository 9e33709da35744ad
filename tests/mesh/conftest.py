"""Fixtures and helpers for tests of the model: a mesh of a few files."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

from mesh.errors import MeshError
from mesh.git.checkout import GitContext
from mesh.load import load
from mesh.mesh import MeshDeployment

PROJECT = "orgs/acme/domains/transport/projects/taxinyc"
FLOW = f"{PROJECT}/flows/prep/revenue"
ONE_FLOW = {f"{FLOW}/deployment.yml": "tasks: [{task_key: a, serverless: true}]", f"{FLOW}/a.py": ""}
RUN_AS = "7f1c0d6e-0000-4000-8000-000000000001"
# production that uploads files: they go to the home of its service principal
PRODUCTION = {
    "orgs/acme/org.yml": f"environments: {{dev: {{}}, prod: {{run_as: {{service_principal_name: {RUN_AS}}}}}}}",
}

Deployed = Callable[..., MeshDeployment]
Findings = Callable[..., list[str]]


def _written(root: Path, files: Mapping[str, str]) -> Path:
    for file, text in files.items():
        (root / file).parent.mkdir(parents=True, exist_ok=True)
        (root / file).write_text(text)
    return root


@pytest.fixture
def deployed(tmp_path: Path) -> Deployed:
    """A mesh of these files and one flow, in an environment."""

    def deploy(files: Mapping[str, str], env: str = "prod") -> MeshDeployment:
        root = _written(tmp_path, {**ONE_FLOW, **files})
        # lenient: what is here counts as committed, without a repository
        url = "https://github.com/acme/mesh"
        git = GitContext(root, "ola@acme.example", url, "main", commit="c" * 40, lenient=True)
        return load(root).in_environment(env, git)

    return deploy


@pytest.fixture
def findings(deployed: Deployed) -> Findings:
    """The findings of a mesh of these files, as code and message without the file."""

    def find(files: Mapping[str, str], env: str = "prod") -> list[str]:
        with pytest.raises(MeshError) as caught:
            deployed(files, env)
        return [f"{found.code}: {found.message}" for found in caught.value.findings]

    return find
