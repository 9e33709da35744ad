"""Grants are on the securables of their level, merged, and on no others."""

from __future__ import annotations

from pathlib import Path

import pytest

from mesh.git.checkout import GitContext
from mesh.load import load
from mesh.mesh import MeshDeployment

PROJECT = "orgs/acme/domains/transport/projects/taxinyc"
FILES = {
    "orgs/acme/org.yml": "owner: platform\ngrants: [{principal: auditors, privileges: [BROWSE]}]",
    "orgs/acme/domains/transport/domain.yml": "grants: [{principal: analysts, privileges: [USE_CATALOG, SELECT]}]",
    f"{PROJECT}/project.yml": (
        "owner: taxi\n"
        "grants:\n"
        "- {principal: finance, privileges: [USE_CATALOG, USE_SCHEMA]}\n"
        "- {principal: finance, privileges: [SELECT, USE_SCHEMA]}\n"
        "volumes: {landing: {schema: revenue, comment: Files}}\n"
    ),
    f"{PROJECT}/flows/prep/revenue/deployment.yml": (
        "owner: revenue\ngrants: [{principal: press, privileges: [SELECT, USE_CATALOG]}]\n"
        "tasks: [{task_key: a, serverless: true}]"
    ),
    f"{PROJECT}/flows/prep/revenue/a.py": "",
}


def deployed(root: Path, env: str, catalog: str) -> MeshDeployment:
    """The mesh of FILES with a naming template for catalogs."""
    naming = f'naming:\n  catalog: {{prod: "{catalog}", other: "{catalog}"}}\n'
    for file, text in (FILES | {".brickopscfg/config.yml": naming}).items():
        (root / file).parent.mkdir(parents=True, exist_ok=True)
        (root / file).write_text(text)
    git = GitContext(root, "ola@acme.example", "https://github.com/acme/mesh", "main", commit="c" * 40)
    return load(root).in_environment(env, git)


def grants(mesh: MeshDeployment) -> dict[str, dict[str, str]]:
    """The grants, by securable and principal."""
    securables = [(one.name, one.grants) for foundation in mesh.foundations for one in foundation.catalogs]
    securables += [
        (one.full_name, one.grants) for deployment in mesh.deployments for one in deployment.schemas
    ]
    return {name: {one.principal: " ".join(one.privileges) for one in given} for name, given in securables}


@pytest.mark.parametrize(
    ("catalog", "expected"),
    [
        (
            "{org}",
            {
                "acme": {
                    "analysts": "USE_CATALOG",
                    "auditors": "BROWSE",
                    "finance": "USE_CATALOG",
                    "press": "USE_CATALOG",
                },
                "acme.revenue": {"analysts": "SELECT", "finance": "SELECT USE_SCHEMA", "press": "SELECT"},
            },
        ),
        (
            "{domain}",
            {
                "transport": {
                    "analysts": "SELECT USE_CATALOG",
                    "auditors": "BROWSE",
                    "finance": "USE_CATALOG",
                    "press": "USE_CATALOG",
                },
                "transport.revenue": {"finance": "SELECT USE_SCHEMA", "press": "SELECT"},
            },
        ),
        (
            "{org}_{project}",
            {
                "acme_taxinyc": {
                    "analysts": "SELECT USE_CATALOG",
                    "auditors": "BROWSE",
                    "finance": "SELECT USE_CATALOG USE_SCHEMA",
                    "press": "USE_CATALOG",
                },
                "acme_taxinyc.revenue": {"press": "SELECT"},
            },
        ),
    ],
)
def test_a_grant_is_only_on_securables_of_its_level(
    tmp_path: Path, catalog: str, expected: dict[str, dict[str, str]]
) -> None:
    """A project does not grant on a shared catalog, except privileges that exist only on catalogs."""
    assert grants(deployed(tmp_path, "prod", catalog)) == expected


def test_the_nearest_declared_owner_owns_shared_securables(tmp_path: Path) -> None:
    """The owner of the org owns a domain's catalog if the domain declares no owner."""
    mesh = deployed(tmp_path, "prod", "{domain}")
    assert [one.owner for one in mesh.foundations[0].catalogs] == ["platform"]
    assert [one.owner for one in mesh.deployments[0].schemas] == ["revenue"]
    assert [one.protected for one in mesh.deployments[0].schemas] == [True]
    [volume] = mesh.deployments[0].volumes
    assert (volume.id, volume.schema, volume.owner, volume.protected) == (
        "prep_revenue_landing",
        "prep_revenue",
        "revenue",
        True,
    )


def test_the_deployer_owns_a_personal_deployment(tmp_path: Path) -> None:
    """The deployer may destroy it with its tables; the shared catalog stays protected."""
    mesh = deployed(tmp_path, "dev", "{domain}")
    [schema] = mesh.deployments[0].schemas
    assert (schema.name, schema.owner, schema.protected) == ("dev_ola_main_cccccccc_revenue", None, False)
    assert schema.properties == {
        "datamesh.deployment": f"acme/transport/taxinyc/dev/ola@acme.example/main/{'c' * 40}"
    }
    assert [one.protected for one in mesh.foundations[0].catalogs] == [True]


def test_local_needs_no_git_and_protects_nothing(tmp_path: Path) -> None:
    """`local` is only on this machine."""
    deployed(tmp_path, "dev", "{domain}")
    mesh = load(tmp_path).in_environment("local", GitContext(tmp_path))
    assert [one.protected for one in mesh.foundations[0].catalogs] == [False]
    assert mesh.deployments[0].stack.startswith("acme-transport-taxinyc-local-")
    assert mesh.deployments[0].stack.endswith("-HEAD-00000000")
