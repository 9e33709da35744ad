"""The page of a flow's files."""

import pytest

FLOW = "orgs/acme/domains/sales/projects/shop/flows/prep/orders"


@pytest.fixture(autouse=True)
def files(workspace) -> None:
    folder = workspace.home.root / FLOW
    (folder / "__pycache__").mkdir(parents=True)
    (folder / "deployment.yml").write_text("tasks: [<b>]\n")
    (folder / "a.bin").write_bytes(b"\xff\x00")
    (folder / ".env").write_text("TOKEN=hidden")
    (folder / "__pycache__" / "a.pyc").write_text("x")
    (folder / "link.yml").symlink_to("/etc/hostname")


def test_the_files_of_a_flow_are_shown_as_they_are_now(workspace):
    page = workspace.http.get(f"/code/{FLOW}").text

    assert "<summary>deployment.yml</summary><pre>tasks: [&lt;b&gt;]</pre>" in page
    assert "a.bin: 2 bytes, no text to show" in page
    assert not any(word in page for word in ("hidden", "pyc", "link.yml"))


@pytest.mark.parametrize(
    "path",
    [
        *("orgs/none", ".mesh/local", "%2e%2e", "orgs/%2e%2e/.mesh", "mesh", f"{FLOW}/deployment.yml"),
        *("orgs/%00", f"orgs/{'a' * 300}"),
    ],
    ids=lambda path: path[:30],
)
def test_nothing_else_is_shown(workspace, path):
    assert workspace.http.get(f"/code/{path}").status_code == 404
