"""`dbutils.secrets`, and what output shows of them."""

import io
from pathlib import Path

import pytest

from local.notebook.secrets import Redacted, SecretMetadata, Secrets, SecretScope, redacted

TEXT = "prices:\n  password: s3cret-öl\n  pin: 1234\nempty: {}\n"


def written(tmp_path: Path, text: str, mode: int = 0o600) -> Path:
    file = tmp_path / "secrets.yml"
    file.write_text(text)
    file.chmod(mode)
    return file


def test_secrets_are_read_by_scope_and_key(tmp_path: Path) -> None:
    secrets = Secrets(written(tmp_path, TEXT), set())

    assert secrets.get("prices", "password") == "s3cret-öl"
    assert secrets.getBytes("prices", "pin") == b"1234"
    assert secrets.listScopes() == [SecretScope("prices"), SecretScope("empty")]
    assert secrets.list("prices") == [SecretMetadata("password"), SecretMetadata("pin")]


def test_values_that_were_read_are_hidden_in_output(tmp_path: Path) -> None:
    shown: set[str] = set()
    text = io.StringIO()
    stream = Redacted(text, shown)
    value = Secrets(written(tmp_path, TEXT), shown).get("prices", "password")
    print(f"the password is {value}", file=stream)

    assert text.getvalue() == "the password is [REDACTED]\n"
    assert redacted("abcd ab", {"ab", "abcd"}) == "[REDACTED] [REDACTED]"


@pytest.mark.parametrize(
    ("scope", "key", "message"),
    [
        ("none", "a", "there is no secret scope 'none' "),
        ("prices", "none", "scope 'prices' has no secret 'none' "),
    ],
)
def test_a_missing_secret_is_an_error_with_the_file(
    tmp_path: Path, scope: str, key: str, message: str
) -> None:
    file = written(tmp_path, TEXT)
    with pytest.raises(ValueError, match=message) as caught:
        Secrets(file, set()).get(scope, key)

    assert str(file) in str(caught.value)


def test_a_file_that_others_can_read_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match=r"can be read by others \(run `chmod 600"):
        Secrets(written(tmp_path, TEXT, 0o644), set()).get("prices", "pin")


@pytest.mark.parametrize("text", ["- s3cret", "prices: s3cret", "prices: {s3cret: [", "3: {s3cret: 1}"])
def test_a_wrong_file_is_refused_without_its_content(tmp_path: Path, text: str) -> None:
    with pytest.raises(ValueError, match="must contain") as caught:
        Secrets(written(tmp_path, text), set()).get("prices", "pin")

    assert "s3cret" not in str(caught.value)


def test_without_a_file_there_are_no_scopes(tmp_path: Path) -> None:
    assert Secrets(None).listScopes() == []
    assert Secrets(tmp_path / "none.yml").listScopes() == []
