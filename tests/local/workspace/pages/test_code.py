"""The page of a flow's files."""

import os

import pytest

from local.workspace.pages import code

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


def test_the_folders_above_and_below_are_links(workspace):
    page = workspace.http.get("/code/orgs/acme/domains").text

    assert '<a href="/code/orgs">orgs</a> · <a href="/code/orgs/acme">acme</a>' in page
    assert '<a href="/code/orgs/acme/domains/sales">sales/</a>' in page


def test_a_folder_whose_name_is_no_text_does_not_hide_the_others(workspace):
    (workspace.home.root / FLOW / os.fsdecode(b"\xff")).mkdir()

    page = workspace.http.get(f"/code/{FLOW}")
    assert f'<a href="/code/{FLOW}/%FF">\\udcff/</a>' in page.text


def test_a_page_has_room_for_some_files_only_and_does_not_enter_hidden_folders(workspace, monkeypatch):
    folder = workspace.home.root / FLOW
    (folder / ".git").mkdir()
    for name in (".git/inside.yml", "z.yml", "zz.yml"):
        (folder / name).write_text("x" * 20)
    asked = []
    monkeypatch.setattr(code, "_hidden", lambda name: asked.append(name) or name[0] in "._")
    monkeypatch.setattr(code, "_PAGE_BYTES", 40)

    page = workspace.http.get(f"/code/{FLOW}").text
    assert "<summary>z.yml</summary>" in page
    assert "zz.yml: 20 bytes, no room on this page: open its folder" in page
    assert ".git" in asked
    assert "inside.yml" not in asked

    monkeypatch.setattr(code, "_FILES", 2)
    assert "These are the first 2 files" in workspace.http.get(f"/code/{FLOW}").text


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
