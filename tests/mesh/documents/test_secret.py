"""Values that look like secrets, and fields that are named like them."""

from __future__ import annotations

import pytest

from mesh.documents.secret import (
    is_secret,
    lines_of_cut_off_secret,
    named_like_secret,
    names_its_secret,
    refers_to_secret,
    secret_arguments,
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
}
TOKENS = [case for case in SECRETS if case not in ("private key", "sig", "AccountKey", "password")]


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


@pytest.mark.parametrize("case", [case for case in TOKENS if not case.startswith(("AK", "AS", "client"))])
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
    ],
    False: [
        *("password_secret_name", "tokenize", "token_count", "secretary", "clientId", "passwordPolicy"),
        *("fs.azure.account.oauth2.client.id.acme.dfs.core.windows.net", "task_key", "key", "primaryKey"),
        "fs.azure.account.auth.type.acme.dfs.core.windows.net",
    ],
}


@pytest.mark.parametrize(
    ("expected", "field"), [(kind, name) for kind, names in NAMES.items() for name in names]
)
def test_names_are_read_word_by_word(expected: bool, field: str) -> None:
    assert named_like_secret(field) is expected


@pytest.mark.parametrize(
    "text",
    [
        "jdbc:postgresql://host:5432/db?user=ola&password=hunter2",
        "jdbc:sqlserver://host;databaseName=a;user=ola;password=hunter2;encrypt=true",
        "jdbc:mysql://host/db?sslPassword=hunter2",
        '{"user": "ola", "password": "hunter2"}',
        '{"a": [{"clientSecret":"hunter2"}]}',
        '{"config": "{\\"apiKey\\": \\"hunter2\\"}"}',
        "{'password': 'hunter2'}",
        "--password hunter2",
        "load --user ola --password=hunter2 --fast",
        "load --db-password 'hunter2'",
        "PGPASSWORD=hunter2 psql -h host",
        "export CLIENT_SECRET='hunter2'; run",
        "curl -s -u ola:hunter2 https://host",
        "DefaultEndpointsProtocol=https;AccountName=a;AccountKey=hunter2;",
        'required username="ola" password="hunter2";',
    ],
)
def test_a_secret_after_its_name_is_found_in_a_text(text: str) -> None:
    assert names_its_secret(text)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "jdbc:postgresql://host/db?user=ola&password={{secrets/scope/key}}",
        "psql --password $PGPASSWORD",
        "PGPASSWORD=${PGPASSWORD} psql",
        "run --token {{job.parameters.token}}",
        'run --password "<your password>"',
        "run --password ******",
        "run --max-token 500",
        "password=dbutils.secrets.get('scope', 'key')",
        "password_secret_name=warehouse-password",
        '{"password_secret_name": "warehouse-password"}',
        '{"password": "{{secrets/scope/key}}", "token": null, "secret": true}',
        "SELECT * FROM a WHERE token = 'abc' AND password IS NULL",
        "Reads the password: see the wiki. The token is in scope a.",
        "token",
        "{{tasks.token.values.result}}",
        "dbutils.widgets.get('token')",
        "curl -u $USER:$PASSWORD https://host",
        "https://host/path?token=...",
        "--verbose --password",
    ],
)
def test_references_and_other_texts_name_no_secret(text: str) -> None:
    assert not names_its_secret(text)


def test_a_secret_in_a_list_of_arguments_follows_its_option() -> None:
    arguments = ["--user", "ola", "--password", "hunter2", "--token", "{{secrets/a/b}}", "--secret", "-v", 3]

    assert list(secret_arguments(arguments)) == [3]


@pytest.mark.parametrize(
    ("value", "expected"),
    [("{{secrets/a/b}}", True), ("{{secrets/a/b}}hunter2", False), ("{{secrets/a}}", False), ("a", False)],
)
def test_a_reference_is_the_whole_value(value: str, expected: bool) -> None:
    assert refers_to_secret(value) is expected


def test_hostile_texts_are_searched_in_linear_time() -> None:
    for text in ("a-" * 50_000, 'a"' * 50_000, "\\" * 100_000, "curl " * 20_000, "--a " * 25_000):
        assert not names_its_secret(text)
