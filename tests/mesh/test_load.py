"""A mesh of many flows with several errors each: all errors are reported at once, with their positions."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest

from mesh.errors import MeshError
from mesh.finding import Finding
from mesh.load import load
from tests.bench.meshes import generated_wrong
from tests.mesh.conftest import PROJECT, Deployed, Findings

# Codes of what one flow of `generated_wrong` says, with the line and a word of it
WRONG = {
    "wrong-type": (1, "many"),
    "unknown-field": (5, "base_paramters"),
    "unknown-task": (7, "frist"),
    "missing-field": (10, "right"),
}


def found_in(root: Path) -> list[Finding]:
    with pytest.raises(MeshError) as caught:
        load(root)
    return list(caught.value.findings)


def test_every_error_of_a_hundred_flows_has_file_and_line(tmp_path: Path) -> None:
    found = found_in(generated_wrong(tmp_path, 100))
    files = {
        f"{file.parent.relative_to(tmp_path).as_posix()}/deployment.yml"
        for file in tmp_path.rglob("first.py")
    }
    assert len(files) == 100
    assert Counter(one.code for one in found) == dict.fromkeys(WRONG, 100) | {"run-job-cycle": 50}
    for code, (line, word) in WRONG.items():
        told = {
            one.file for one in found if one.code == code and one.line == line and f"`{word}`" in one.message
        }
        assert told == files


def test_each_cycle_is_reported_once_with_all_its_flows(tmp_path: Path) -> None:
    found = [one for one in found_in(generated_wrong(tmp_path, 4)) if one.code == "run-job-cycle"]
    flows = "orgs/acme/domains/d/projects/p0/flows/prep"
    assert [(one.file, one.line) for one in found] == [
        (f"{flows}/{flow}/deployment.yml", 8) for flow in ("f0", "f2")
    ]
    path = "acme/d/p0/prep"
    assert f"`{path}/f0` → `{path}/f1` → `{path}/f0`" in found[0].message
    assert f"`{path}/f2` → `{path}/f3` → `{path}/f2`" in found[1].message


def test_a_cycle_that_an_environment_may_break_is_reported_after_other_errors(findings: Findings) -> None:
    """The environment is unknown while files are read."""
    flows = "orgs/acme/domains/transport/projects/taxinyc/flows/prep"
    again = "tasks: [{task_key: a, run_job_task: {flow: prep/%s}}]\n"
    alone = "environments: {prod: {tasks: [{task_key: a, run_job_task: {flow: prep/revenue}}]}}"
    files = {
        f"{flows}/one/deployment.yml": again % "two" + alone,
        f"{flows}/two/deployment.yml": again % "one",
        f"{flows}/three/deployment.yml": "colour: blue",
    }
    [wrong] = findings(files)
    assert wrong.startswith("unknown-field: ")
    assert [
        one.partition(":")[0] for one in findings(files | {f"{flows}/three/deployment.yml": ""}, "dev")
    ] == ["run-job-cycle"]


def test_a_flow_may_be_directly_below_flows(deployed: Deployed) -> None:
    """As in the README of brickops; its type is empty in names."""
    place = f"{PROJECT}/flows/tips"
    naming = "naming: {job: {other: '{project}_{flowtype}_{flow}'}}"
    mesh = deployed(
        {
            ".brickopscfg/config.yml": naming,
            f"{place}/deployment.yml": "{experiment: {}, tasks: [{task_key: load, serverless: true}]}",
            f"{place}/load.py": "",
        },
        "local",
    )
    flow = mesh.flow("taxinyc/tips")

    assert (flow.path, flow.id) == ("acme/transport/taxinyc/tips", "tips")
    assert [(schema.id, schema.db) for schema in flow.schemas] == [("tips", "tips")]
    assert flow.job is not None
    assert (flow.job.name, flow.job.id) == ("taxinyc__tips", "tips")
    assert flow.experiment is not None and flow.experiment.id == "tips"


def test_a_deployment_directly_in_flows_is_misplaced(findings: Findings) -> None:
    assert findings({f"{PROJECT}/flows/deployment.yml": ""}) == [
        "misplaced-file: is one level too high (move it to flows/<flow>/ or flows/<flowtype>/<flow>/)"
    ]
