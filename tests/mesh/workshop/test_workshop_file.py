"""workshop.yml: its fields, its defaults and all its errors."""

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


def workshop_of(root: Path, text: str, *, local: bool = False) -> Workshop:
    """The workshop of a file with this text."""
    (root / "course/workshop.yml").write_text(text)
    return read_workshop(root, local=local)


def wrong(root: Path, text: str) -> list[str]:
    """The findings about a file, as text."""
    with pytest.raises(MeshError) as raised:
        workshop_of(root, text)
    return [f"{one} [{one.code}]" for one in raised.value.findings]


def test_three_lines_declare_a_workshop(root: Path) -> None:
    workshop = workshop_of(root, SHORTEST)
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


def test_every_field_can_be_set(root: Path) -> None:
    (root / "course/class.yml").write_text("students: [{email: bo@example.com}]\n")
    workshop = workshop_of(
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


def test_the_git_provider_is_derived_from_the_address_unless_it_is_declared(root: Path) -> None:
    for text, provider in [
        ("https://gitlab.com/acme/mesh", "gitLab"),
        ("https://github.acme.example/mesh", "gitHubEnterprise"),
        ("https://git.acme.example/mesh, provider: bitbucketServer", "bitbucketServer"),
    ]:
        repository = workshop_of(root, SHORTEST + f"repository: {{url: {text}}}\n").repository
        assert repository is not None
        assert repository.provider == provider


def test_an_unknown_git_provider_is_refused(root: Path) -> None:
    (finding,) = wrong(root, "name: spring\nrepository: {provider: github-enterprise}\n")
    assert "`github-enterprise`" in finding
    assert "'gitHubEnterprise'" in finding


def test_catalogs_are_in_lower_case_as_unity_catalog_stores_them(root: Path) -> None:
    text = SHORTEST + "catalogs: [Extra]\nexisting_catalogs: [Shared]\n"
    workshop = workshop_of(root, text)

    assert "extra" in workshop.catalogs
    assert workshop.existing_catalogs == ("shared",)


def test_a_rehearsal_needs_no_existing_users_and_catalogs(root: Path) -> None:
    """Users and the service principal are created, and the state is local."""
    text = SHORTEST + (
        "backend: {s3: {bucket: b, region: r}}\nexisting_catalogs: [training]\n"
        "service_principal: 7f1c0d6e-2f5b-4d0c-9a58-3c1e6b7d9a10\n"
    )
    workshop = workshop_of(root, text, local=True)
    assert (workshop.embedded, workshop.workspace, workshop.environment) == (True, None, "workshop-local")
    assert workshop.backend == Backend("local", {"path": ".mesh/local/state"})
    assert workshop.users == "invited"
    assert workshop.catalogs == ("acme_taxinyc_prod", "acme_transport_taxinyc", "training")
    assert workshop.service_principal == ServicePrincipal("7f1c0d6e-2f5b-4d0c-9a58-3c1e6b7d9a10", create=True)


def test_all_errors_are_reported_at_once(root: Path) -> None:
    (root / "course/roster.csv").write_text("email,name\nada,Ada\n")
    text = (
        "name: Spring 2026\nworkspace: http://x\nusers: guests\nnmae: x\nprojects: [acme/transport/taxi]\n"
        "catalogs: [more]\nexisting_catalogs: [more]\nbackend: {s4: {}}\nlimits: {max_workers: many}\n"
        "repository: {url: git@github.com:acme/mesh}\nservice_principal: robot\n"
    )
    assert wrong(root, text) == [
        "course/roster.csv:2:1: `ada` is not a valid address (write the user name in Databricks, such as somebody@example.com) "
        "[bad-email]",
        "course/workshop.yml:1:7: `name` is `Spring 2026`: should match `^[a-z0-9][a-z0-9-]{0,23}$` [wrong-value]",
        "course/workshop.yml:2:12: `http://x` does not begin with https:// (write `https://x`) [bad-workspace]",
        "course/workshop.yml:3:8: `guests` is not a value of `users` (one of 'existing' or 'invited') [wrong-value]",
        "course/workshop.yml:4:1: unknown field `nmae` (did you mean `name`?) [unknown-field]",
        "course/workshop.yml:5:12: project `acme/transport/taxi` is not in the mesh (did you mean `acme/transport/taxinyc`?) "
        "[unknown-project]",
        "course/workshop.yml:6:12: catalog `more` would be created, but exists already (remove it from one list) [one-name-twice]",
        "course/workshop.yml:8:11: backend `s4` is unknown (backends: azurerm, cloud, consul, cos, gcs, http, local, oss, pg, remote, s3) [unknown-backend]",
        "course/workshop.yml:9:23: `max_workers` is `many`: should be a whole number [wrong-type]",
        "course/workshop.yml:10:19: `git@github.com:acme/mesh` is not a repository's address (write https://…, without a password) "
        "[bad-repository]",
        "course/workshop.yml:11:20: `service_principal` is `robot`: should match "
        "`^[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}$` [wrong-value]",
    ]


@pytest.mark.parametrize(
    ("path", "code"),
    [("../roster.csv", "roster-outside"), ("/etc/passwd", "roster-outside"), ("gone.csv", "no-roster")],
)
def test_a_roster_outside_the_folder_or_missing_is_refused(path: str, code: str, root: Path) -> None:
    (finding,) = wrong(root, f"name: spring\nroster: {path}\n")
    assert finding.startswith(f"course/workshop.yml:2:9: roster `{path}` ")
    assert finding.endswith(f"[{code}]")


def test_the_name_is_required(root: Path) -> None:
    assert wrong(root, "users: invited\n") == [
        "course/workshop.yml:1:1: `name` is missing (add it) [missing-field]"
    ]


def test_a_missing_file_is_reported_with_the_documentation(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"has no course/workshop\.yml \(see docs/workshop\.md\)"):
        read_workshop(tmp_path)


def test_a_group_is_either_created_or_existing(root: Path) -> None:
    workshop = workshop_of(root, "name: spring\nexisting_group: students\n")
    assert (workshop.group, workshop.creates_group) == ("students", False)
    assert workshop_of(root, "name: spring\nexisting_group: students\n", local=True).creates_group
    assert wrong(root, "name: spring\ngroup: a\nexisting_group: b\n") == [
        "course/workshop.yml:3:17: `group` would be created, but `existing_group` exists already (remove one) [two-groups]"
    ]
