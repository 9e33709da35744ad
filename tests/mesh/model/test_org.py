"""An org."""

from __future__ import annotations

from pathlib import Path

from mesh.load import load
from mesh.model.org import Org

FLOW = "domains/transport/projects/taxinyc/flows/prep/revenue"
FILES = {
    f"{FLOW}/deployment.yml": "tasks: [{task_key: a, serverless: true}]\n"
    "environments: {prod: {description: production}}\n",
    f"{FLOW}/a.py": "",
}


def read_org(root: Path, files: dict[str, str]) -> Org:
    for name, text in files.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(text)
    [org] = load(root).orgs
    return org


def test_an_org_has_its_own_roles_beside_the_built_in_ones(tmp_path: Path) -> None:
    org = read_org(tmp_path, {**FILES, "org.yml": "roles: {viewer: {schema: [SELECT]}}"})
    assert {"reader", "writer", "owner", "viewer"} <= set(org.roles)


def test_flows_have_the_fields_of_the_environment(tmp_path: Path) -> None:
    org = read_org(tmp_path, FILES)
    descriptions = [
        org.in_environment(name).domains[0].projects[0].flows[0].declared.description
        for name in ("dev", "prod")
    ]
    assert descriptions == [None, "production"]
