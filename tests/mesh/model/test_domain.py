"""A domain."""

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


def test_flows_have_the_fields_of_the_environment(tmp_path: Path) -> None:
    [domain] = read_org(tmp_path, FILES).domains
    descriptions = [
        domain.in_environment(name).projects[0].flows[0].declared.description for name in ("dev", "prod")
    ]
    assert descriptions == [None, "production"]


def test_projects_are_in_order_of_their_names(tmp_path: Path) -> None:
    more = {f"domains/transport/projects/{name}/project.yml": "" for name in ("z", "a")}
    [domain] = read_org(tmp_path, {**FILES, **more}).domains
    assert [project.name for project in domain.projects] == ["a", "taxinyc", "z"]
