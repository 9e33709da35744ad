"""Values that look like secrets, and fields that are named like them."""

from __future__ import annotations

import pytest

from mesh.documents.secret import is_secret, named_like_secret, secrets_in


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("dapi" + "0" * 32, "a Databricks token"),
        ("AKIA" + "A" * 16, "an AWS access key"),
        ("ghp_" + "a" * 36, "a GitHub token"),
        ("glpat-" + "a" * 20, "a GitLab token"),
        ("-----BEGIN RSA PRIVATE KEY-----", "a private key"),
        ("https://user:hunter2@host/path", "an address with a password"),
    ],
)
def test_secrets_are_recognized_anywhere_in_a_text(text: str, kind: str) -> None:
    found = list(secrets_in(f"x: {text} # comment"))

    assert [(secret.kind, secret.offset > 0) for secret in found] == [(kind, True)]
    assert text not in found[0].message


@pytest.mark.parametrize(
    "text", ["dapi", "https://host/path", "user@acme.example", "{{secrets/scope/key}}", ""]
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
