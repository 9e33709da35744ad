"""A small mesh in production, and its map."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

from mesh.commands.map.content import MeshMap, mesh_map
from mesh.commands.map.link import Links
from mesh.git.checkout import GitContext
from mesh.load import load

ORG = """
owner: platform-team
groups: {platform-team: {}, analysts: {}, shop-team: {}}
service_principals: {sp-acme: {application_id: 7f1c0d6e-2f5b-4d0c-9a58-3c1e6b7d9a10}}
environments: {prod: {run_as: {service_principal_name: sp-acme}}}
"""
Mapped = Callable[..., MeshMap]


def flow(path: str, text: str = "") -> dict[str, str]:
    """The files of a flow at `domain/project/name`, with more fields."""
    domain, project, name = path.split("/")
    folder = f"orgs/acme/domains/{domain}/projects/{project}/flows/prep/{name}"
    task = "tasks: [{task_key: a, serverless: true}]\n"
    return {f"{folder}/deployment.yml": text + task, f"{folder}/a.py": ""}


@pytest.fixture
def mapped(tmp_path: Path) -> Mapped:
    """The map of a mesh of these files, or of a level."""

    def draw(files: Mapping[str, str], path: str | None = None) -> MeshMap:
        for file, text in {"orgs/acme/org.yml": ORG, **files}.items():
            (tmp_path / file).parent.mkdir(parents=True, exist_ok=True)
            (tmp_path / file).write_text(text)
        mesh = load(tmp_path)
        url = "https://github.com/acme/mesh"
        git = GitContext(tmp_path, "ola@acme.example", url, "main", commit="c" * 40, lenient=True)
        return mesh_map(mesh, mesh.in_environment("prod", git), Links(git, tmp_path), path)

    return draw
