"""Adoption of existing objects: after kills, from brickops, and created by hand.

MESH_KILLS sets the least number of kills.
"""

from __future__ import annotations

import os
import random
import signal
import subprocess
import time
from collections.abc import Callable

from mesh.commands.adopt import adopt_unmanaged
from mesh.deployment.identity import Identity
from mesh.errors import OutsideError
from mesh.terraform.progress import Lines
from mesh.terraform.terraform import Terraform
from mesh.terraform.unmanaged import StackOwner, UnmanagedSearch
from mesh.terraform.workspace import RESOURCE_KINDS
from tests.system.deploy.conftest import FEW, PROJECT, SOON, Mesh, settled

KILLS = int(os.environ.get("MESH_KILLS", "8"))
KILLS_OF_EACH = 4


def test_after_any_kill_adoption_and_an_apply_complete_what_was_begun(small_mesh: Mesh) -> None:
    """No object exists twice, none is lost, and the next plan is empty; kills at random moments.

    Further kills follow until one of them leaves an object outside a state.
    """
    mesh, chance = small_mesh, random.Random(4)
    [foundation] = mesh.terraform("acme-foundation-local")
    assert foundation.plan().error is None
    assert _apply(foundation).wait(SOON) == 0
    taken: list[str] = []

    def confirmed(question: str) -> bool:
        taken.append(question)
        return True

    kills, number, seconds = 0, 0, 0.0
    while kills < KILLS or not taken:
        user = f"user{number}@acme.example"
        claim = StackOwner(
            f"acme-transport-many-local-{user}", f"acme/transport/many/local/{user}", Identity(user)
        )
        [terraform] = mesh.terraform(claim.stack, **mesh.become(user))
        adopter = UnmanagedSearch(claim, terraform, mesh.workspace())
        # the first one is left alone, to see how long it takes
        for _ in range(KILLS_OF_EACH if number else 0):
            left = len(terraform.plan().changes) / len(terraform.resources)
            kills += _killed(_apply(terraform), chance.uniform(0, seconds * left))
            settled(mesh)
            _adopt(adopter, confirmed)
        assert terraform.plan().error is None
        begin = time.monotonic()
        assert _apply(terraform).wait(SOON) == 0
        seconds = seconds or time.monotonic() - begin
        assert terraform.plan().changes == ()
        assert adopter.objects() == []
        mine = [f"local_user{number}_flow{one:02}" for one in range(FEW)]
        assert [name for name in mesh.jobs() if f"_user{number}_" in name] == mine
        assert [name for name in mesh.schemas() if f"_user{number}_" in name] == mine
        number += 1
    held = mesh.in_state()
    jobs, schemas = mesh.client.jobs.list(), mesh.schemas()
    assert {id for kind, id in held if kind == "databricks_job"} == {str(job.job_id) for job in jobs}
    assert {id for kind, id in held if kind == "databricks_schema"} == {f"acme.{name}" for name in schemas}


def test_objects_of_brickops_and_objects_created_by_hand_are_adopted(small_mesh: Mesh) -> None:
    """Deploy refuses, adopt lists, then adopts; the next deployment creates only the rest."""
    mesh = small_mesh
    mesh.client.catalogs.create("acme")
    mesh.client.schemas.create("local_olanordmann_flow01", "acme")
    job = _job_of_brickops(mesh, "local_olanordmann_flow00")
    refused = mesh.run("deploy", "--auto-approve")
    assert refused.returncode == 3, refused.stdout + refused.stderr
    things = [
        "catalog `acme` exists outside this deployment's state (databricks_catalog.acme, id acme)",
        "schema `acme.local_olanordmann_flow01` exists outside this deployment's state "
        "(databricks_schema.prep_flow01, id acme.local_olanordmann_flow01)",
        f"job `local_olanordmann_flow00` exists outside this deployment's state (databricks_job.prep_flow00, id {job})",
    ]
    assert [line for line in refused.stderr.splitlines() if line.startswith("  ")] == [
        f"  {one}" for one in things
    ]
    listed = mesh.run("adopt", "--dry-run")
    assert listed.returncode == 0, listed.stdout + listed.stderr
    assert f"  job `local_olanordmann_flow00`, id {job}, becomes databricks_job.prep_flow00" in listed.stdout
    assert "    max_concurrent_runs: 3 → 1\n" in listed.stdout
    assert (
        "  schema `acme.local_olanordmann_flow01`, id acme.local_olanordmann_flow01, becomes" in listed.stdout
    )
    assert mesh.in_state() == set()
    taken = mesh.run("adopt", "--auto-approve")
    assert taken.returncode == 0, taken.stdout + taken.stderr
    assert {("databricks_catalog", "acme"), ("databricks_job", str(job))} <= mesh.in_state()
    assert mesh.jobs() == ["local_olanordmann_flow00"]
    settings = mesh.client.jobs.get(job).settings
    assert settings is not None
    assert settings.max_concurrent_runs == 1
    deployed = mesh.run("deploy", "--auto-approve")
    assert deployed.returncode == 0, deployed.stdout + deployed.stderr
    assert mesh.jobs() == mesh.schemas() == [f"local_olanordmann_flow{one:02}" for one in range(FEW)]
    assert ("databricks_job", str(job)) in mesh.in_state()


ORG = """
groups: {analysts: {make: true}}
users: {kari@acme.example: {make: true}}
service_principals: {robot: {make: true}}
storage_credentials: {lake: {aws_iam_role: {role_arn: "arn:aws:iam::123456789012:role/lake"}}}
external_locations: {landing: {url: "s3://acme-landing/taxi", storage_credential: lake}}
"""
COMPUTE = """
cluster_policies: {small: {definition: {num_workers: {type: fixed, value: 1}}}}
instance_pools: {warm: {node_type_id: i3.xlarge, min_idle_instances: 0, idle_instance_autotermination_minutes: 10}}
clusters: {shared: {spark_version: 15.4.x-scala2.12, node_type_id: i3.xlarge, num_workers: 1}}
sql_warehouses: {reports: {cluster_size: 2X-Small}}
"""
# pipelines and Git folders need more than this mesh; test_tables.py adopts tags and policies
ELSEWHERE = {
    "databricks_pipeline",
    "databricks_repo",
    "databricks_entity_tag_assignment",
    "databricks_policy_info",
    "databricks_domain",  # tests/mesh/terraform/test_discover.py
    "databricks_tag_policy",
}
DATA = """
volumes: {raw: {schema: flow00}}
registered_models: {tips: {schema: flow00}}
"""


def test_every_kind_of_object_is_adopted_when_all_states_are_lost(small_mesh: Mesh) -> None:
    """No object is recreated, and the next plan is empty."""
    mesh = small_mesh
    (mesh.root / "orgs/acme/org.yml").write_text(ORG)
    (mesh.root / "orgs/acme/compute.yml").write_text(COMPUTE)
    (mesh.root / PROJECT / "project.yml").write_text(DATA)
    with (mesh.flow("flow00") / "deployment.yml").open("a") as file:
        file.write("\nexperiment: {}\n")
    deployed = mesh.run("deploy", "--auto-approve")
    assert deployed.returncode == 0, deployed.stdout + deployed.stderr
    before = mesh.in_state()
    for state in mesh.states():
        state.unlink()
    taken = mesh.run("adopt", "--auto-approve")
    assert taken.returncode == 0, taken.stdout + taken.stderr
    adopted = {one for one in before if one[0] in RESOURCE_KINDS}
    assert {kind for kind, _ in adopted} == set(RESOURCE_KINDS) - ELSEWHERE
    assert adopted <= mesh.in_state()
    again = mesh.run("deploy", "--auto-approve")
    assert again.returncode == 0, again.stdout + again.stderr
    assert mesh.in_state() == before


def _job_of_brickops(mesh: Mesh, name: str) -> int:
    """A job as brickops' autojob creates it, with the settings of its `build_job_config`."""
    task = {
        "task_key": "a",
        "notebook_task": {"notebook_path": "/Repos/ola/mesh/a", "source": "WORKSPACE"},
    }
    tags = {
        "deployment": "local_olanordmann_HEAD_00000000",
        "git_url": mesh.root.resolve().as_uri(),
        "git_branch": "HEAD",
        "git_commit": "0" * 40,
    }
    settings = {"name": name, "max_concurrent_runs": 3, "tags": tags, "tasks": [task]}
    answer = mesh.client.api_client.do("POST", "/api/2.2/jobs/create", body=settings)
    assert isinstance(answer, dict)
    return int(answer["job_id"])


def _apply(terraform: Terraform) -> subprocess.Popen[bytes]:
    """Applies the last plan with Terraform, in a separate process group."""
    return subprocess.Popen(
        [terraform.environ["TERRAFORM_BINARY_NAME"], "apply", "-input=false", "mesh.plan"],
        cwd=terraform.folder,
        env=dict(terraform.environ),
        stdout=subprocess.DEVNULL,
        start_new_session=True,
    )


def _adopt(adopter: UnmanagedSearch, confirmed: Callable[[str], bool]) -> None:
    """Adopts existing objects; repeats while the provider still rolls back objects of the killed apply."""
    deadline = time.monotonic() + SOON
    while True:
        try:
            return adopt_unmanaged([adopter], Lines(), dry_run=False, confirmed=confirmed)
        except OutsideError as error:
            if "non-existent remote object" not in str(error) or time.monotonic() > deadline:
                raise


def _killed(process: subprocess.Popen[bytes], seconds: float) -> bool:
    """Kills the process after this time; returns True if it was still running."""
    try:
        assert process.wait(seconds) == 0
    except subprocess.TimeoutExpired:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait(SOON)
        return True
    return False
