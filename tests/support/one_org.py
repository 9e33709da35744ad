"""A mesh of one org, with one flow that production overrides."""

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
    """The only org of a mesh of these files."""
    for name, text in files.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(text)
    [org] = load(root).orgs
    return org
