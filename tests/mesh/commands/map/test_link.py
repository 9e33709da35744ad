"""The addresses of a flow's files."""

from __future__ import annotations

from pathlib import Path

import pytest

from mesh.commands.map.link import Links, opens
from mesh.git.checkout import NO_COMMIT, GitContext

COMMIT = "5bd01c2f" * 5
FOLDER = "orgs/acme/domains/sales/projects/shop/flows/prep/orders"


@pytest.mark.parametrize(
    ("url", "address"),
    [
        ("https://github.com/acme/mesh.git", f"https://github.com/acme/mesh/tree/{COMMIT}/sub/{FOLDER}"),
        (
            "https://gitlab.acme.example:8443/a/mesh",
            f"https://gitlab.acme.example:8443/a/mesh/-/tree/{COMMIT}/sub/{FOLDER}",
        ),
        ("https://bitbucket.org/acme/mesh", f"https://bitbucket.org/acme/mesh/src/{COMMIT}/sub/{FOLDER}"),
        (
            "https://dev.azure.com/acme/p/_git/mesh",
            f"https://dev.azure.com/acme/p/_git/mesh?version=GC{COMMIT}&path=/sub/{FOLDER}",
        ),
    ],
)
def test_a_known_web_interface_shows_the_folder_at_the_commit(url: str, address: str, tmp_path: Path) -> None:
    git = GitContext(tmp_path, url=url, prefix="sub/")

    assert Links(git, tmp_path).folder(FOLDER, COMMIT) == address


@pytest.mark.parametrize(
    "url",
    [
        None,
        "file:///x/mesh",
        "javascript:alert(1)",
        "https://code.acme.example/mesh",
        "http://github.com/a/b",
    ],
)
def test_elsewhere_the_address_is_relative_to_the_map(url: str | None, tmp_path: Path) -> None:
    git = GitContext(tmp_path, url=url)

    assert Links(git, tmp_path / "out" / "a:b").folder(FOLDER, COMMIT) == f"../../{FOLDER}"


def test_the_page_of_a_workspace_shows_the_files_as_they_are_now(tmp_path: Path) -> None:
    git = GitContext(tmp_path, url="https://github.com/acme/mesh")

    assert Links(git, None, "/code/{path}").folder("orgs/x y", COMMIT) == "/code/orgs/x%20y"
    assert Links(git, None, "javascript:{path}").folder("orgs", COMMIT).startswith("https://github.com/")


def test_files_without_a_commit_have_a_relative_address(tmp_path: Path) -> None:
    git = GitContext(tmp_path / "a:b", url="https://github.com/acme/mesh")

    assert Links(git, tmp_path).folder("orgs/x y", NO_COMMIT) == "a%3Ab/orgs/x%20y"


def test_links_lead_to_the_web_or_to_the_server_of_the_map() -> None:
    """Browsers read a slash with a backslash as `//`: the address of another server."""
    assert all(map(opens, ("/code/a", "https://acme.example", "http://127.0.0.1:1")))
    assert not any(map(opens, ("/\t/acme.example", "/\n\\acme.example")))
    assert not any(map(opens, ("", "code", "//acme.example", "/\\acme.example", "javascript:alert(1)")))
