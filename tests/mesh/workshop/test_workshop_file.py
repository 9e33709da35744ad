"""workshop.yml: what a few lines of it mean, and what is wrong with it."""

from __future__ import annotations

from pathlib import Path

import pytest

from mesh.errors import MeshError, UsageError
from mesh.model.backend import Backend
from mesh.workshop.limits import LimitsFile, WarehouseFile
from mesh.workshop.workshop import Repository, ServicePrincipal, Workshop
from mesh.workshop.workshop_file import read_workshop

PROJECT = "orgs/acme/domains/transport/projects/taxinyc"
SHORTEST = "name: spring\nworkspace: https://acme.example.com/\nprojects: [acme/transport/taxinyc]\n"


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """A mesh of one flow, and a roster of one student."""
    flow = tmp_path / PROJECT / "flows/prep/revenue"
    flow.mkdir(parents=True)
    (flow / "deployment.yml").write_text("tasks: [{task_key: a, serverless: true}]\n")
    (flow / "a.py").write_text("# Databricks notebook source\n")
    (tmp_path / ".brickopscfg").mkdir()
    (tmp_path / ".brickopscfg/config.yml").write_text(
        'naming: {catalog: {prod: "{org}_{project}_prod", other: "{org}_{domain}_{project}"}}\n'
    )
    (tmp_path / "course").mkdir()
    (tmp_path / "course/roster.csv").write_text("email,name,team\nada@example.com,Ada,\n")
    return tmp_path


def made(root: Path, text: str, *, local: bool = False) -> Workshop:
    """The workshop of a file."""
    (root / "course/workshop.yml").write_text(text)
    return read_workshop(root, local=local)


def wrong(root: Path, text: str) -> list[str]:
    """What is wrong with a file, as people read it."""
    with pytest.raises(MeshError) as raised:
        made(root, text)
    return [f"{one} [{one.code}]" for one in raised.value.findings]


def test_three_lines_are_a_workshop(root: Path) -> None:
    workshop = made(root, SHORTEST)
    assert workshop == Workshop(
        name="spring",
        description=None,
        workspace="https://acme.example.com",
        embedded=False,
        backend=Backend("local", {"path": ".mesh/state"}),
        group="workshop-spring",
        users="existing",
        students=workshop.students,
        catalogs=("acme_taxinyc_prod", "acme_transport_taxinyc", "training"),
        existing_catalogs=(),
        service_principal=None,
        repository=None,
        warehouse=WarehouseFile(size="2X-Small", max_clusters=2, auto_stop_minutes=10),
        limits=LimitsFile(max_workers=2, auto_termination_minutes=30, dbus_per_hour=20),
    )
    assert [one.email for one in workshop.students] == ["ada@example.com"]
    assert workshop.state_key == "workshop/spring"
    assert workshop.domain_catalogs == ("acme_taxinyc_prod", "acme_transport_taxinyc")


def test_all_of_it_can_be_said(root: Path) -> None:
    (root / "course/class.yml").write_text("students: [{email: bo@example.com}]\n")
    workshop = made(
        root,
        SHORTEST
        + "description: Spring\nbackend: {s3: {bucket: b, region: r}}\nroster: class.yml\nusers: invited\n"
        "group: students\nenvironments: [dev]\ncatalogs: [more]\nexisting_catalogs: [training]\n"
        "service_principal: 7f1c0d6e-2f5b-4d0c-9a58-3c1e6b7d9a10\n"
        "repository: {url: https://git.example.com/acme/mesh.git, branch: course, provider: gitHubEnterprise}\n"
        "warehouse: {size: Small, max_clusters: 3, auto_stop_minutes: 5}\n"
        "limits: {max_workers: 0, auto_termination_minutes: 10, dbus_per_hour: 4}\n",
    )
    assert workshop.backend == Backend("s3", {"bucket": "b", "region": "r"})
    assert (workshop.group, workshop.users, workshop.students[0].email) == (
        "students",
        "invited",
        "bo@example.com",
    )
    assert (workshop.catalogs, workshop.existing_catalogs) == (
        ("acme_transport_taxinyc", "more"),
        ("training",),
    )
    assert workshop.service_principal == ServicePrincipal("7f1c0d6e-2f5b-4d0c-9a58-3c1e6b7d9a10")
    assert workshop.repository == Repository(
        "https://git.example.com/acme/mesh.git", "course", "gitHubEnterprise"
    )
    assert workshop.repository.name == "mesh"


def test_a_rehearsal_needs_nobody_and_nothing_to_be_there(root: Path) -> None:
    """Users and the service principal are made, and state is kept with the workspace on this machine."""
    text = SHORTEST + (
        "backend: {s3: {bucket: b, region: r}}\nexisting_catalogs: [training]\n"
        "service_principal: 7f1c0d6e-2f5b-4d0c-9a58-3c1e6b7d9a10\n"
    )
    workshop = made(root, text, local=True)
    assert (workshop.embedded, workshop.workspace, workshop.environment) == (True, None, "workshop-local")
    assert workshop.backend == Backend("local", {"path": ".mesh/local/state"})
    assert workshop.users == "invited"
    assert workshop.catalogs == ("acme_taxinyc_prod", "acme_transport_taxinyc", "training")
    assert workshop.service_principal == ServicePrincipal("7f1c0d6e-2f5b-4d0c-9a58-3c1e6b7d9a10", make=True)


def test_everything_that_is_wrong_is_said_at_once(root: Path) -> None:
    (root / "course/roster.csv").write_text("email,name\nada,Ada\n")
    text = (
        "name: Spring 2026\nworkspace: http://x\nusers: guests\nnmae: x\nprojects: [acme/transport/taxi]\n"
        "catalogs: [more]\nexisting_catalogs: [more]\nbackend: {s4: {}}\nlimits: {max_workers: many}\n"
        "repository: {url: git@github.com:acme/mesh}\nservice_principal: robot\n"
    )
    assert wrong(root, text) == [
        "course/roster.csv:2:1: `ada` is no address (write it as the student logs in to Databricks: somebody@example.com) "
        "[bad-email]",
        "course/workshop.yml:1:7: `name` is `Spring 2026`: should match `^[a-z0-9][a-z0-9-]{0,23}$` [wrong-value]",
        "course/workshop.yml:2:12: `http://x` is no workspace (write its address, https://…, or `local`) [bad-workspace]",
        "course/workshop.yml:3:8: `guests` is no users (one of 'existing' or 'invited') [wrong-value]",
        "course/workshop.yml:4:1: unknown field `nmae` (did you mean `name`?) [unknown-field]",
        "course/workshop.yml:5:12: project `acme/transport/taxi` is not in the mesh (did you mean `acme/transport/taxinyc`?) "
        "[unknown-project]",
        "course/workshop.yml:6:12: catalog `more` is to be made, and there already (name it once) [one-name-twice]",
        "course/workshop.yml:8:11: backend `s4` is unknown (backends: azurerm, cloud, consul, cos, gcs, http, local, oss, pg, remote, s3) [unknown-backend]",
        "course/workshop.yml:9:23: `max_workers` is `many`: should be a whole number [wrong-type]",
        "course/workshop.yml:10:19: `git@github.com:acme/mesh` is no repository (write https://…, without a password) "
        "[bad-repository]",
        "course/workshop.yml:11:20: `service_principal` is `robot`: should match "
        "`^[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}$` [wrong-value]",
    ]


@pytest.mark.parametrize(
    ("said", "code"),
    [("../roster.csv", "roster-outside"), ("/etc/passwd", "roster-outside"), ("gone.csv", "no-roster")],
)
def test_the_roster_lies_beside_it(said: str, code: str, root: Path) -> None:
    (found,) = wrong(root, f"name: spring\nroster: {said}\n")
    assert found.startswith(f"course/workshop.yml:2:9: roster `{said}` ")
    assert found.endswith(f"[{code}]")


def test_a_name_has_to_be_said(root: Path) -> None:
    assert wrong(root, "users: invited\n") == [
        "course/workshop.yml:1:1: `name` is missing (add it) [missing-field]"
    ]


def test_without_a_workshop_there_is_a_page_to_read(tmp_path: Path) -> None:
    with pytest.raises(
        UsageError, match=r"holds no course/workshop\.yml \(docs/workshop\.md says what to write\)"
    ):
        read_workshop(tmp_path)


def test_a_group_is_made_or_there(root: Path) -> None:
    workshop = made(root, "name: spring\nexisting_group: students\n")
    assert (workshop.group, workshop.makes_group) == ("students", False)
    assert made(root, "name: spring\nexisting_group: students\n", local=True).makes_group
    assert wrong(root, "name: spring\ngroup: a\nexisting_group: b\n") == [
        "course/workshop.yml:3:17: `group` is made, and `existing_group` is there already (keep one) [two-groups]"
    ]
