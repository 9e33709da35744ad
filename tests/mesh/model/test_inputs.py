"""Inputs of a project's deployment."""

from __future__ import annotations

from pathlib import Path

from mesh.load import load
from mesh.model.inputs import project_inputs, shared_inputs

PROJECT = "domains/transport/projects/taxinyc"


def test_inputs_are_the_folder_the_files_above_and_shared_code(tmp_path: Path) -> None:
    files = {
        "org.yml": "code: [common]",
        "common/dates.py": "",
        f"{PROJECT}/flows/prep/revenue/deployment.yml": "tasks: [{task_key: a, serverless: true}]",
        f"{PROJECT}/flows/prep/revenue/a.py": "",
        "domains/transport/projects/other/project.yml": "",
    }
    for name, text in files.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text)
    [org] = load(tmp_path).orgs
    [taxi] = [one for one in org.domains[0].projects if one.name == "taxinyc"]
    inputs = project_inputs(org, taxi)
    assert shared_inputs(org, taxi) == ["common"]
    assert inputs[0] == PROJECT
    assert {"domains/transport/domain.yml", "org.yml", "common"} <= set(inputs)
    assert not [path for path in inputs if "other" in path]
