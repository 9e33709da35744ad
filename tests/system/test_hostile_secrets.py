"""Secrets in files of the mesh: findings that do not repeat them."""

from __future__ import annotations

import time
from pathlib import Path

import pytest

from mesh.documents.secret import is_secret
from tests.support.hostile_mesh import (
    FLOW,
    PROJECT,
    SLOWEST,
    findings,
    told,
    tree,
)

HEX = "0123abcd" * 4
# Put together here, so that nobody's scanner takes this file for a leak.
SECRETS = {
    "a Databricks token": "dapi" + HEX,
    "a Databricks token of Azure": "dapi" + HEX + "-2",
    "a Databricks OAuth secret": "dose" + HEX,
    "an AWS key": "AKIA" + "ABCDEFGH12345678",
    "an AWS session key": "ASIA" + "ABCDEFGH12345678",
    "a GitHub token": "ghp_" + "Ab1" * 12,
    "a fine-grained GitHub token": "github_pat_" + "Ab1" * 12,
    "a GitHub token of an app": "ghs_"
    + "1234567_"
    + "eyJ"
    + "Ab1" * 60
    + ".eyJ"
    + "Ab1" * 90
    + "."
    + "a-_1" * 20,
    "a GitLab token": "glpat-" + "Ab1" * 7,
    "an RSA key": "-----BEGIN RSA " + "PRIVATE KEY-----",
    "a key": "-----BEGIN " + "PRIVATE KEY-----",
    "a shared access signature": "https://x.blob.core.windows.net/c?sv=1&" + "sig=" + "aB3%2F" * 8,
    "a storage key": "AccountKey=" + "aB3+" * 22,
    "an Azure client secret": "abc8" + "Q~" + "a1b2c3d4e5f6g7h8i9j0" * 2,
    "a web token": "eyJhbGciOiJIUzI1NiJ9." + "eyJzdWIiOiIxMjM0In0." + "abc",
    "a password in an address": "postgres://mesh:" + "hunter2@db.acme.example/state",
}


@pytest.mark.parametrize(
    "where", ["description: {}", "owner: a  # {}", "tasks: [{}]", "{}: x", "a: &{} b", "a: *{}", "a: !{} b"]
)
@pytest.mark.parametrize("file", [f"{FLOW}/deployment.yml", "orgs/acme/org.yml", ".brickopscfg/config.yml"])
def test_a_token_is_a_finding_that_does_not_repeat_it(file: str, where: str, tmp_path: Path) -> None:
    """In a value, comment, key, anchor, alias or tag."""
    tree(tmp_path, {file: where.format(SECRETS["a Databricks token"])})

    found = [finding for finding in findings(tmp_path) if finding.file == file]

    assert ("secret-in-yaml", 1) in {(finding.code, finding.line) for finding in found}
    assert not [finding for finding in found if HEX in str(finding)]


@pytest.mark.parametrize("case", SECRETS)
def test_every_kind_of_secret_is_found(case: str, tmp_path: Path) -> None:
    secret = SECRETS[case]
    tree(tmp_path, {f"{PROJECT}/project.yml": f"owner: a\ndescription: |\n  one\n  x {secret} y\n"})

    (found,) = findings(tmp_path)

    assert (found.code, found.line) == ("secret-in-yaml", 4)
    assert secret not in found.message


def test_an_escaped_secret_is_found_too(tmp_path: Path) -> None:
    tree(tmp_path, {"orgs/acme/org.yml": f'owner: a\ndescription: "\\x64api{HEX}"\n'})

    assert told(tmp_path) == {("secret-in-yaml", 2)}


@pytest.mark.parametrize(
    "field",
    [
        "token",
        "password",
        "client_secret",
        "DATABRICKS_TOKEN",
        "api-key",
        "secret_access_key",
        "account_key",
        "private_key",
    ],
)
def test_a_field_named_like_a_secret_is_a_finding_with_the_source_of_the_login(
    field: str, tmp_path: Path
) -> None:
    text = f"environments: {{dev: {{workspace: 'https://x.example', {field}: hunter2}}}}"
    tree(tmp_path, {"orgs/acme/org.yml": f"{field}: hunter2\n{text}\n"})

    found = findings(tmp_path)

    assert [(finding.code, finding.line) for finding in found] == [
        ("secret-in-yaml", 1),
        ("secret-in-yaml", 2),
    ]
    assert all(
        "DATABRICKS_TOKEN" in finding.message and "hunter2" not in finding.message for finding in found
    )


@pytest.mark.parametrize(
    "text",
    [
        "dapibus", "s3://bucket/dapi/2024", "sig=short", "{{secrets/scope/key}}", "https://x.example:443/a@b",
        "abfss://c@account.dfs.core.windows.net/x", "5bd01c2f" * 5, "BEGIN PRIVATE KEY", "tokens", "arn:aws:iam::1:role/AKIA",
    ],
)  # fmt: skip
def test_a_text_that_resembles_a_secret_is_accepted(text: str) -> None:
    assert not is_secret(text)


def test_the_search_for_secrets_takes_linear_time() -> None:
    hostile = ["eyJ" * 300_000, "-eyJ" * 200_000, "://a:" * 200_000, "sig=" * 250_000, "-----BEGIN " * 90_000,
               "AB1 " * 250_000, "dapi" * 250_000, "abc8Q~ " * 140_000, "eyJ" + "a" * 900_000 + ".eyJ"]  # fmt: skip
    started = time.process_time()

    assert not any(map(is_secret, hostile))

    assert time.process_time() - started < SLOWEST
