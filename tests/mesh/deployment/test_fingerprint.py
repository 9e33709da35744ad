"""A fingerprint changes with a stack's Terraform code, and with nothing else."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest

from mesh.deployment.deployment import Deployment
from mesh.deployment.fingerprint import fingerprint, settings_hash
from mesh.model.code import CodeFile, GitCode, WorkspaceCode
from mesh.model.grant import Grant
from tests.mesh.conftest import FLOW, Deployed


@pytest.fixture
def stack(deployed: Deployed) -> Deployment:
    """The deployment of one project, with its code from git."""
    [one] = deployed({}).deployments
    return one


def with_file(stack: Deployment, source: Path, committed: bytes | None = None) -> Deployment:
    """The same stack, with one file that it puts into the workspace."""
    file = CodeFile("a", source, "/Shared/mesh/a", "PYTHON", committed)
    return replace(stack, uploads=WorkspaceCode("/Shared/mesh", (file,)))


def test_the_same_mesh_has_the_same_fingerprint(deployed: Deployed) -> None:
    [first], [second] = (deployed({}).deployments for _ in range(2))

    assert first is not second
    assert fingerprint(first) == fingerprint(second)


def test_a_fingerprint_is_json_with_the_names_of_the_stack(stack: Deployment) -> None:
    read = json.loads(fingerprint(stack))

    assert (read["stack"], read["state_key"]) == (stack.stack, stack.state_key)
    assert read["environment"]["name"] == "prod"


def test_facts_that_terraform_does_not_get_leave_it_unchanged(stack: Deployment) -> None:
    assert isinstance(stack.code, GitCode)
    other = replace(
        stack,
        owner="somebody",
        inputs=("elsewhere",),
        code=replace(stack.code, commit="d" * 40),
        environment=replace(stack.environment, branch="release", metastore="us"),
    )

    assert fingerprint(other) == fingerprint(stack)


def test_a_changed_setting_of_a_job_changes_it(deployed: Deployed) -> None:
    text = "tasks: [{task_key: a, serverless: true}]\n"
    [before] = deployed({f"{FLOW}/deployment.yml": text}).deployments
    [after] = deployed({f"{FLOW}/deployment.yml": text + "max_concurrent_runs: 2\n"}).deployments

    assert fingerprint(before) != fingerprint(after)


def test_the_origin_of_a_grant_is_left_out_and_its_privileges_are_not(stack: Deployment) -> None:
    [flow] = stack.flows
    [schema] = flow.schemas

    def granted(grant: Grant) -> str:
        return fingerprint(
            replace(stack, flows=(replace(flow, schemas=(replace(schema, grants=(grant,)),)),))
        )

    grant = Grant("taxi", ("MODIFY", "SELECT"), ("a.yml:1",))
    assert granted(grant) == granted(replace(grant, origins=("b.yml:2",)))
    assert granted(grant) != granted(replace(grant, privileges=("SELECT",)))


def test_a_file_counts_by_its_content_wherever_it_is_read_from(stack: Deployment, tmp_path: Path) -> None:
    for folder in ("one", "two"):
        (tmp_path / folder).mkdir()
        (tmp_path / folder / "a.py").write_bytes(b"print(1)")
    one, two = (tmp_path / folder / "a.py" for folder in ("one", "two"))

    assert fingerprint(with_file(stack, one)) == fingerprint(with_file(stack, two))
    assert fingerprint(with_file(stack, one)) == fingerprint(with_file(stack, one, b"print(1)"))
    assert fingerprint(with_file(stack, one)) != fingerprint(with_file(stack, one, b"print(2)"))


def test_a_notebook_in_jupyter_format_differs_from_one_in_source_format(stack: Deployment) -> None:
    source, jupyter = (with_file(stack, Path(f"/x/a{suffix}"), b"{}") for suffix in (".py", ".ipynb"))

    assert fingerprint(source) != fingerprint(jupyter)


def test_a_file_that_cannot_be_read_is_an_error(stack: Deployment, tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        fingerprint(with_file(stack, tmp_path / "missing.py"))


def test_the_hash_of_a_flows_settings_ignores_files_and_the_git_commit(deployed: Deployed) -> None:
    def hashed(text: str) -> str:
        return settings_hash(deployed({f"{FLOW}/deployment.yml": text}).flow("prep/revenue"))

    declared = "tasks: [{task_key: a, serverless: true}]\n"
    flow = deployed({f"{FLOW}/deployment.yml": declared}).flow("prep/revenue")
    [job] = flow.jobs
    # tags and parameters name the commit; the git source of the code is a setting
    other = json.loads(json.dumps(dict(job.settings)).replace("c" * 40, "d" * 40))
    same_source = replace(job, settings=other | {"git_source": job.settings["git_source"]})

    assert settings_hash(replace(flow, jobs=(same_source,))) == settings_hash(flow)
    assert settings_hash(replace(flow, jobs=(replace(job, settings=other),))) != settings_hash(flow)
    assert hashed(declared) == hashed(declared)
    assert hashed(declared) != hashed("tasks: [{task_key: a, serverless: true, max_retries: 2}]\n")
