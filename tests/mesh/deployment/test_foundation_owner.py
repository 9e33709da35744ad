"""A foundation that production shares is deployed as production is, whichever environment is deployed."""

from __future__ import annotations

from pathlib import Path

import pytest

from mesh.deployment.foundation import foundation
from mesh.deployment.foundation_owner import command_of_owner, refusals_of_foundation
from mesh.deployment.workspace_foundation import workspace_foundation
from mesh.git.checkout import read_git
from mesh.model.environment import Environment
from tests.mesh.conftest import RUN_AS, Deployed
from tests.support.git_repository import Repository

ORG = "orgs/acme/org.yml"
PRODUCTION = f"mode: production, run_as: {{service_principal_name: {RUN_AS}}}"
SHARED = f"environments: {{dev: {{metastore: eu}}, prod: {{metastore: eu, branch: main, {PRODUCTION}}}}}"


@pytest.fixture
def repository(tmp_path: Path) -> Repository:
    """A clean checkout of `main`, pushed to a bare `origin`."""
    one = Repository.new(tmp_path / "repository", {"a.py": "1"})
    one.git("clone", "-q", "--bare", str(one.path), str(tmp_path / "origin.git"))
    one.git("remote", "add", "origin", str(tmp_path / "origin.git"))
    one.git("fetch", "-q")
    return one


def refused(deployed: Deployed, repository: Repository, org: str, env: str = "dev") -> list[str]:
    """The reasons against a deployment of the org's foundation from the checkout."""
    [scope] = deployed({ORG: org}, env).scopes
    one = foundation(scope.org, scope.environment)
    return refusals_of_foundation(one, read_git(repository.path, {}))


def test_the_pushed_branch_of_production_may_deploy_the_foundation_in_every_environment(
    deployed: Deployed, repository: Repository
) -> None:
    assert refused(deployed, repository, SHARED, "dev") == []
    assert refused(deployed, repository, SHARED, "prod") == []


def test_another_branch_may_not_deploy_what_production_shares(
    deployed: Deployed, repository: Repository
) -> None:
    """Each reason names the stack, and how it is deployed after a merge."""
    repository.git("switch", "-q", "-c", "feature/tips")
    repository.write({"a.py": "2"})

    assert refused(deployed, repository, SHARED) == [
        "acme-foundation-eu is shared with production `prod`: the working tree is not clean: `a.py` not committed "
        "(commit them, or add them to .gitignore)",
        "acme-foundation-eu is shared with production `prod`: only branch `main` may be deployed, but this is "
        "`feature/tips` (merge it into `main` and run `mesh deploy --env prod acme-foundation-eu` there)",
    ]
    assert refused(deployed, repository, SHARED, "prod")[0].startswith(
        "acme-foundation-eu belongs to production `prod`: "
    )


def test_without_a_branch_every_pushed_commit_may_deploy_what_production_shares(
    deployed: Deployed, repository: Repository
) -> None:
    org = SHARED.replace("branch: main, ", "")
    repository.git("switch", "-q", "-c", "feature/tips")
    assert refused(deployed, repository, org) == []

    repository.commit({"a.py": "2"})
    [why] = refused(deployed, repository, org)
    assert f"commit `{repository.head[:8]}` is not on a branch of `origin`" in why


def test_outside_a_git_checkout_the_foundation_of_production_is_refused(
    deployed: Deployed, tmp_path: Path
) -> None:
    [scope] = deployed({ORG: SHARED}, "dev").scopes
    one = foundation(scope.org, scope.environment)

    [why] = refusals_of_foundation(one, read_git(tmp_path, {}))
    assert why.startswith(
        "acme-foundation-eu is shared with production `prod`: production is deployed from a git"
    )


@pytest.mark.parametrize(
    "org",
    [
        "environments: {dev: {metastore: eu}, test: {metastore: eu}}",
        SHARED.replace("prod: {metastore: eu", "prod: {metastore: us"),
        "owner: platform",  # the environments that exist without a declaration; prod cannot be deployed
    ],
    ids=["development only", "another metastore", "no environments"],
)
def test_what_production_does_not_share_is_deployed_from_any_checkout(
    deployed: Deployed, repository: Repository, org: str
) -> None:
    repository.git("switch", "-q", "-c", "feature/tips")
    repository.write({"a.py": "2"})

    assert refused(deployed, repository, org) == []


def test_objects_of_a_workspace_that_production_shares_are_refused_too(
    deployed: Deployed, repository: Repository
) -> None:
    """The workspace decides, not the metastore."""
    org = (
        "groups: {analysts: {make: true}}\n"
        "environments:\n"
        "  dev: {workspace: 'https://a.example', metastore: dev}\n"
        "  test: {workspace: 'https://b.example', metastore: prod}\n"
        f"  prod: {{workspace: 'https://a.example', metastore: prod, branch: main, {PRODUCTION}}}\n"
    )
    repository.git("switch", "-q", "-c", "feature/tips")
    [scope] = deployed({ORG: org}, "dev").scopes
    git = read_git(repository.path, {})
    made = {
        env: workspace_foundation(scope.org, environment)
        for env, environment in scope.org.environments.items()
    }

    assert made["dev"] is not None
    assert made["test"] is not None
    assert len(refusals_of_foundation(made["dev"], git)) == 1
    assert refusals_of_foundation(made["test"], git) == []
    assert command_of_owner(made["dev"]) == "`mesh deploy --env prod acme-workspace-dev`"


def test_the_rules_are_those_of_the_first_production_environment(
    deployed: Deployed, repository: Repository
) -> None:
    """Also if another production environment, with another branch, is deployed."""
    org = SHARED.replace("dev:", f"rest: {{metastore: eu, branch: feature/tips, {PRODUCTION}}}, dev:")
    repository.git("switch", "-q", "-c", "feature/tips")
    repository.git("push", "-q", "origin", "feature/tips")
    repository.git("fetch", "-q")

    assert refused(deployed, repository, org, "prod") == []
    repository.git("switch", "-q", "main")
    [why] = refused(deployed, repository, org, "prod")
    assert "only branch `feature/tips` may be deployed, but this is `main`" in why


def test_the_owning_environment_does_not_depend_on_the_deployed_one(deployed: Deployed) -> None:
    [scope] = deployed({ORG: SHARED}, "dev").scopes
    owners: set[str] = {
        foundation(scope.org, environment).owning_environment.name
        for environment in scope.org.environments.values()
        if not environment.embedded
    }

    assert owners == {"prod"}
    local: Environment = scope.org.environments["local"]
    assert foundation(scope.org, local).owning_environment == local
