"""Secrets after their names in texts."""

from __future__ import annotations

import pytest

from mesh.documents.named_secret import names_its_secret, refers_to_value, secret_arguments


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
        "Endpoint=sb://a.servicebus.windows.net/;SharedAccessKeyName=Root;SharedAccessKey=hunter2=",
        "curl -H 'Authorization: Bearer hunter2hunter2' https://host",
        "Authorization: Basic aHVudGVyMg==",
        "Bearer hunter2hunter2hunter2",
        "curl --header 'X-Api-Key: hunter2' https://host",
        '{"auths": {"host": {"auth": "b2xhOmh1bnRlcjI="}}}',
        "machine host login ola password hunter2",
        "[pypi]\nusername = ola\npassword = hunter2",
        "db_password: 'hunter2'",
        "aws_secret_access_key = hunter2",
        "jdbc:oracle:thin:ola/hunter2@//host:1521/dw",
        "mysql -u ola -phunter2 dw",
        "az login --service-principal -u ola -p hunter2 --tenant a",
        "docker login -u ola -p hunter2 host",
        "echo hunter2 | docker login -u ola --password-stdin host",
        "sqlcmd -S host -U ola -P hunter2",
        "basic.auth.user.info=ola:hunter2",
        '{"spark_env_vars.PGPASSWORD": {"type": "fixed", "value": "hunter2"}',
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
        '{"auths": {"host": {"auth": "oauth"}}}',
        '{"auth": "aHVudGVyMg=="}',
        "Bearer tokens are in scope a",
        "curl -H 'Authorization: Bearer $TOKEN' https://host",
        "curl -H 'Content-Type: application/json' https://host",
        "docker login -u ola -p $PASSWORD host",
        "docker run -p 8080:80 image",
        "mysql -u ola -p dw",
        "mkdir -p /tmp/a",
        "echo $PASSWORD | docker login --password-stdin",
        "password = row.password",
        "password = os.environ['PASSWORD']",
        "columns: password, email",
        "--idempotency-token 2026-11-29",
    ],
)
def test_references_and_other_texts_name_no_secret(text: str) -> None:
    assert not names_its_secret(text)


def test_a_secret_in_a_list_of_arguments_follows_its_option() -> None:
    arguments = ["--user", "ola", "--password", "hunter2", "--token", "{{secrets/a/b}}", "--secret", "-v", 3]

    assert list(secret_arguments(arguments)) == [3]


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        *(
            ("{{secrets/a/b}}", True),
            ("{{secrets/a/b}}hunter2", False),
            ("{{secrets/a}}", False),
            ("a", False),
        ),
        *(("{{job.parameters.token}}", True), ("{{ tasks.login.values.token }}", True), ("{{input}}", True)),
        *(("{{input.token}}", True), ("{{hunter2}}", False), ("{{job.parameters.a}} {{x}}", False)),
    ],
)
def test_a_reference_is_the_whole_value(value: str, expected: bool) -> None:
    assert refers_to_value(value) is expected


def test_hostile_texts_are_searched_in_linear_time() -> None:
    for text in (
        "\n" * 50_000,
        " " * 100_000,
        "docker login " * 8_000,
        "echo a|" * 10_000,
        "a-" * 50_000,
        'a"' * 50_000,
        "\\" * 100_000,
        "curl " * 20_000,
        "--a " * 25_000,
        "a: b\n" * 20_000,
        '"a":{' * 20_000,
        "secret_scope=a " + "secret_key=bcd " * 8_000,
    ):
        assert not names_its_secret(text)
