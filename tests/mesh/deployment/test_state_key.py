"""Parsing of state keys."""

from __future__ import annotations

from pathlib import Path

import pytest

from mesh.deployment.identity import Identity
from mesh.deployment.state_key import StateKey, local_states, parse_foundation_key, parse_state_key
from mesh.model.backend import Backend
from mesh.model.environment import Environment

TAXI = "acme/transport/taxinyc"
OLA = "ola@acme.example"
COMMIT = "5bd01c2f" * 5


@pytest.mark.parametrize(
    ("text", "project", "environment", "user", "branch", "commit"),
    [
        (f"{TAXI}/prod", TAXI, "prod", None, None, None),
        ("transport/taxinyc/prod", "transport/taxinyc", "prod", None, None, None),
        (f"{TAXI}/dev/{OLA}", TAXI, "dev", OLA, None, None),
        (f"{TAXI}/dev/{OLA}/main", TAXI, "dev", OLA, "main", None),
        (f"{TAXI}/dev/{OLA}/{COMMIT}", TAXI, "dev", OLA, None, COMMIT),
        (f"{TAXI}/dev/Ola@Acme.example/feat%2Ftips/{COMMIT}", TAXI, "dev", OLA, "feat/tips", COMMIT),
        (f"transport/taxinyc/dev/{OLA}/main/{COMMIT}", "transport/taxinyc", "dev", OLA, "main", COMMIT),
        (f"n%C3%B8st/a/b/dev/{OLA}", "nøst/a/b", "dev", OLA, None, None),
    ],
)
def test_a_key_gives_project_environment_and_identity(
    text: str, project: str, environment: str, user: str | None, branch: str | None, commit: str | None
) -> None:
    key = parse_state_key(text)

    assert (key.project, key.environment) == (project, environment)
    assert (key.user, key.branch, key.commit) == (user, branch, commit)


@pytest.mark.parametrize(
    ("text", "levels", "project", "identity"),
    [
        (f"{TAXI}/preview/main", 3, TAXI, ("main",)),
        ("transport/taxinyc/preview/main", 2, "transport/taxinyc", ("main",)),
        (f"transport/taxinyc/dev/{OLA}", 2, "transport/taxinyc", (OLA,)),
        (TAXI, 3, None, ()),
    ],
)
def test_a_caller_that_knows_the_levels_needs_no_user(
    text: str, levels: int, project: str | None, identity: tuple[str, ...]
) -> None:
    key = parse_state_key(text, levels)

    assert (key.project, key.identity) == (project, identity)


@pytest.mark.parametrize(
    "text",
    [
        *("", "/", "a", "a/b", "a/b/c/d/e/f", f"{OLA}/a/b/c", "${x}/a/b/c"),
        *(f"{TAXI}/dev/../{OLA}", f"{TAXI}//{OLA}", f"{TAXI}/dev/x/{OLA}", f"{TAXI}/dev\n/{OLA}"),
        *(f"acme/x%2F..%2Fy/z/dev/{OLA}", f"a/b/..%2F..%2Fx/dev/{OLA}", f"{TAXI}/preview/main"),
    ],
)
def test_any_other_text_has_no_project(text: str) -> None:
    assert parse_state_key(text) == StateKey(text)


@pytest.mark.parametrize(
    "identity",
    [
        Identity(),
        Identity(OLA),
        Identity(OLA, "feature/tips"),
        Identity(OLA, "main", COMMIT),
        Identity(OLA, None, COMMIT),
    ],
)
def test_a_state_key_of_an_identity_is_parsed_back(identity: Identity) -> None:
    key = parse_state_key("/".join([TAXI, "dev", *identity.key]))

    assert (key.user, key.branch, key.commit) == (identity.user, identity.branch, identity.commit)


def test_a_personal_deployment_has_folders_in_its_users_home() -> None:
    key = parse_state_key(f"{TAXI}/dev/Ola@acme.example/feat%2Ftips/{COMMIT}")
    name = "acme-transport-taxinyc-dev-feat%2Ftips-5bd01c2f"
    home = "/Users/Ola@acme.example/mesh"

    assert key.folders == (f"{home}/{name}", f"{home}/experiments/{name}")
    assert parse_state_key(f"{TAXI}/prod").folders == ()


def test_states_in_files_are_listed_by_their_keys(tmp_path: Path) -> None:
    local = Environment("dev", backend=Backend("local", {"path": "states"}))
    file = tmp_path / "states" / TAXI / "dev" / OLA / "mesh.tfstate"
    file.parent.mkdir(parents=True)
    file.touch()
    (tmp_path / "states" / "mesh.tfstate.backup").touch()

    assert dict(local_states(local, tmp_path)) == {f"{TAXI}/dev/{OLA}": file}


@pytest.mark.parametrize(
    ("text", "foundation"),
    [
        ("acme/foundation/main", ("acme", "main")),
        ("n%C3%B8st/foundation/main", ("nøst", "main")),
        ("foundation/main", ("", "main")),
        ("acme/workspace/prod", None),
        (f"{TAXI}/prod", None),
        ("main", None),
        ("", None),
    ],
)
def test_a_foundation_key_gives_org_and_metastore(text: str, foundation: tuple[str, str] | None) -> None:
    assert parse_foundation_key(text) == foundation
