"""Values that look like secrets, and fields that are named like them."""

from __future__ import annotations

import pytest

from mesh.documents.secret import (
    is_secret,
    lines_of_cut_off_secret,
    named_like_secret,
    secrets_in,
)

# Put together here, so that no scanner finds a token in this file
JWT = ".".join(("eyJ" + "hbGciOiJSUzI1NiJ9", "eyJ" + "pYXQiOjE3NTAwMDAwMDB9" * 12, "a-B_3" * 50))
SECRETS = {
    **{
        prefix: (f"{prefix}_" + "aB3" * 12, "a GitHub token")
        for prefix in ("ghp", "gho", "ghu", "ghs", "ghr")
    },
    "ghs of an app": (f"{'ghs'}_1234567_{JWT}", "a GitHub token"),
    "ghu with a web token": (f"{'ghu'}_1234567_{JWT}", "a GitHub token"),
    "github_pat": ("github_" + "pat_" + "aB3" * 7 + "a_" + "bC4" * 19 + "bC", "a GitHub token"),
    "glpat": ("glpat" + "-" + "aB3_-" * 4, "a GitLab token"),
    "glpat with parts": ("glpat" + "-" + "aB3" * 9 + ".01." + "a1b2c3d", "a GitLab token"),
    "dapi": ("dapi" + "0a" * 16, "a Databricks token"),
    "dapi of Azure": ("dapi" + "0a" * 16 + "-2", "a Databricks token"),
    "dose": ("dose" + "0a" * 16, "a Databricks token"),
    "AKIA": ("AKIA" + "A" * 16, "an AWS access key"),
    "ASIA": ("ASIA" + "A" * 16, "an AWS access key"),
    "private key": ("-----BEGIN RSA " + "PRIVATE KEY-----", "a private key"),
    "sig": ("sig" + "=" + "aB3%2F" * 8, "an Azure shared access signature"),
    "AccountKey": ("AccountKey" + "=" + "aB3+" * 22, "an Azure storage key"),
    "client secret": ("abc8" + "Q~" + "a1b2c3d4e5" * 4, "an Azure client secret"),
    "web token": (JWT, "a JSON web token"),
    "password": ("https://user:" + "hunter2@host", "an address with a password"),
    "password alone": ("redis://:" + "hunter2@host", "an address with a password"),
    "xoxb": ("xoxb" + "-" + "123456789012-" * 2 + "aB3" * 8, "a Slack token"),
    "hooks": ("https://hooks.slack.com/" + "services/T0A1B2C3/B0A1B2C3/" + "aB3" * 8, "a Slack webhook"),
    "pypi": ("pypi" + "-AgEIcHlwaS5vcmc" + "aB3" * 20, "a PyPI token"),
    "npm": ("npm" + "_" + "aB3" * 12, "an npm token"),
    "hf": ("hf" + "_" + "aB" * 17, "a Hugging Face token"),
    "sk-proj": ("sk" + "-proj-" + "aB3" * 14, "an API key of a language model"),
    "sk-ant": ("sk" + "-ant-api03-" + "aB3" * 14, "an API key of a language model"),
    "AIza": ("AIza" + "aB3-_" * 7, "a Google API key"),
}
_IN_TEXTS_ONLY = ("private key", "sig", "AccountKey", "password", "password alone", "hooks")
TOKENS = [case for case in SECRETS if case not in _IN_TEXTS_ONLY]
# Those that may be broken over lines in Terraform's messages
LONG_TOKENS = [case for case in TOKENS if case.startswith(("gh", "gl", "dapi", "dose", "github", "web"))]


@pytest.mark.parametrize("case", SECRETS)
@pytest.mark.parametrize(
    "around",
    [
        *("{}", "x: {} # comment", "The login failed with {}.", '"{}"', "`{}`,", "token={}&x=1", "({})"),
        *(r"first\n{}\nlast", "first\n\t{}\nlast", r"a=1\u0026{}", "x%3A{}%40host", "a_{}"),
    ],
)
def test_every_kind_of_secret_is_found_once_in_any_text(case: str, around: str) -> None:
    secret, kind = SECRETS[case]
    if case == "web token" and around == "a_{}":
        around = "a {}"  # only tokens with a prefix of their own follow an underscore

    (found,) = secrets_in(around.format(secret))

    assert found.kind == kind
    assert secret not in found.message


@pytest.mark.parametrize("case", TOKENS)
@pytest.mark.parametrize("around", ["https://{}@host/x.git", "https://host/x?token={}"])
def test_a_token_is_found_in_an_address(case: str, around: str) -> None:
    assert [found.kind for found in secrets_in(around.format(SECRETS[case][0]))] == [SECRETS[case][1]]


@pytest.mark.parametrize("case", TOKENS)
def test_a_token_is_a_password_in_an_address(case: str) -> None:
    (found,) = secrets_in(f"https://x-access-token:{SECRETS[case][0]}@host/x.git")

    assert found.kind == "an address with a password"


def test_a_long_password_of_no_known_kind_is_found_in_an_address() -> None:
    assert is_secret(f"https://x:{'a' * 1000}@host")


@pytest.mark.parametrize("case", LONG_TOKENS)
@pytest.mark.parametrize("width", [12, 30, 76])
def test_a_token_that_is_broken_over_lines_is_found_in_all_of_them(case: str, width: int) -> None:
    token = SECRETS[case][0]
    pieces = [token[at : at + width] for at in range(0, len(token), width)]

    lines = [f"│ the token {pieces[0]}", *(f"│ {piece}" for piece in pieces[1:]), "│ is wrong"]

    assert lines_of_cut_off_secret(lines) == len(pieces)


@pytest.mark.parametrize(
    "lines",
    [[], [""], ["one", "two"], ["eyJ", "and text"], ["weighs_a", "lot" * 20], ["the ghs_", "a" * 10, "end"]],
)
def test_other_lines_hold_no_broken_token(lines: list[str]) -> None:
    assert lines_of_cut_off_secret(lines) == 0


@pytest.mark.parametrize(
    "text",
    [
        *("dapi", "https://host/path", "user@acme.example", "{{secrets/scope/key}}", ""),
        *("ghs_", "ghs_1234567", "weighs_" + "a_long_name_" * 9, "github_pattern_" + "a" * 40, "eyJ.eyJ."),
        *("https://ola:$PASSWORD@host", "https://ola:${TOKEN}@host", "https://ola:<token>@host"),
        *(
            "https://ola:{password}@host",
            "https://ola:***@host",
            "npm_config_registry",
            "hf_model",
            "risk-proj",
        ),
    ],
)
def test_other_texts_are_not_secrets(text: str) -> None:
    assert not is_secret(text)


@pytest.mark.parametrize(
    ("field", "expected"),
    [
        *(("password", True), ("client.secret", True), ("storage_key", True), ("API-KEY", True)),
        *(("task_key", False), ("secret_scope", False), ("tokens", False)),
    ],
)
def test_fields_are_judged_by_their_names(field: str, expected: bool) -> None:
    assert named_like_secret(field) is expected


NAMES = {
    True: [
        *("PGPASSWORD", "clientSecret", "javax.jdo.option.ConnectionPassword", "MYSQL_PWD", "APIKey"),
        *("fs.azure.account.key.acme.dfs.core.windows.net", "fs.azure.account.key"),
        "spark.hadoop.fs.azure.account.oauth2.client.secret.acme.dfs.core.windows.net",
        "fs.azure.sas.fixed.token.acme.dfs.core.windows.net",
        *("fs.s3a.secret.key", "secretKey", "accessToken", "passwords", "sslPasswords"),
        *("fs.azure.sas.raw.acme.blob.core.windows.net", "sasToken", "passphrase", "db_pass", "password1"),
        *("PASSWORD_PROD", "Ocp-Apim-Subscription-Key", "schema.registry.basic.auth.user.info", "TOKEN"),
    ],
    False: [
        *("password_secret_name", "tokenize", "token_count", "secretary", "clientId", "passwordPolicy"),
        *("fs.azure.account.oauth2.client.id.acme.dfs.core.windows.net", "task_key", "key", "primaryKey"),
        "fs.azure.account.auth.type.acme.dfs.core.windows.net",
        "fs.azure.sas.token.provider.type.acme.dfs.core.windows.net",
        *(
            "page_token",
            "nextToken",
            "idempotency_token",
            "pad_token",
            "eos_token",
            "bypass",
            "password_reset",
        ),
        *("basic.auth.credentials.source", "public_key", "kms_key", "job_cluster_key"),
    ],
}


@pytest.mark.parametrize(
    ("expected", "field"), [(kind, name) for kind, names in NAMES.items() for name in names]
)
def test_names_are_read_word_by_word(expected: bool, field: str) -> None:
    assert named_like_secret(field) is expected
