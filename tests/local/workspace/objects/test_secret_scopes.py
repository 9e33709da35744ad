"""The API of secrets, which shows what notebooks read."""

from typing import Any

API = "/api/2.0/secrets"


def test_scopes_and_keys_are_those_of_the_file_that_notebooks_read(workspace: Any) -> None:
    assert workspace.get(f"{API}/scopes/list") == {"scopes": []}
    workspace.home.secrets.write_text("prices: {token: not-shown, user: ola}\n")
    workspace.home.secrets.chmod(0o600)

    assert [one["name"] for one in workspace.get(f"{API}/scopes/list")["scopes"]] == ["prices"]
    assert workspace.get(f"{API}/list", scope="prices") == {"secrets": [{"key": "token"}, {"key": "user"}]}
    workspace.get(f"{API}/list", 404, scope="other")
    workspace.get(f"{API}/get", 400, scope="prices", key="token")


def test_writing_is_refused_with_the_file_to_write(workspace: Any) -> None:
    for path in ("scopes/create", "put", "acls/put", "delete"):
        refused = workspace.post(f"{API}/{path}", {"scope": "a", "key": "b", "string_value": "c"}, 501)
        assert str(workspace.home.secrets) in refused["message"]


def test_permissions_are_no_values(workspace: Any) -> None:
    assert "Values" not in workspace.get(f"{API}/acls/list", 501, scope="a")["message"]
    assert "notebooks" in workspace.get(f"{API}/get", 400, scope="a", key="b")["message"]


def test_a_file_that_others_may_read_is_refused(workspace: Any) -> None:
    workspace.home.secrets.write_text("prices: {token: not-shown}\n")
    workspace.home.secrets.chmod(0o644)

    message = workspace.get(f"{API}/scopes/list", 400)["message"]
    assert "chmod 600" in message
    assert "not-shown" not in message
