"""`mesh map`: the files that it writes."""

from __future__ import annotations

from pathlib import Path

import pytest

from mesh.commands.map.command import MANY, missing, write_map
from mesh.commands.map.live import LastRun, Live
from mesh.errors import OutsideError, UsageError
from mesh.git.checkout import GitContext
from mesh.load import load
from mesh.mesh import Mesh, MeshDeployment
from tests.mesh.commands.map.conftest import ORG, flow


def small(root: Path, flows: int = 1) -> tuple[Mesh, MeshDeployment]:
    """A mesh of some flows, in production."""
    files = {"orgs/acme/org.yml": ORG}
    for number in range(flows):
        files |= flow(f"sales/shop/f{number}")
    for file, text in files.items():
        (root / file).parent.mkdir(parents=True, exist_ok=True)
        (root / file).write_text(text)
    mesh = load(root)
    git = GitContext(
        root, "ola@acme.example", "https://code.acme.example/mesh", "main", commit="c" * 40, lenient=True
    )
    return mesh, mesh.in_environment("prod", git)


def test_both_files_are_written_and_links_are_relative_to_the_page(tmp_path: Path) -> None:
    html, svg = tmp_path / "out/map.html", tmp_path / "out/map.svg"

    assert write_map(*small(tmp_path), None, html, svg, fold=None) == [html, svg]
    assert 'href="../orgs/acme/domains/sales/projects/shop/flows/prep/f0"' in html.read_text()
    assert svg.read_text().startswith("<svg ")
    assert sorted(path.name for path in html.parent.iterdir()) == ["map.html", "map.svg"]


def test_many_flows_are_folded_unless_one_says_otherwise(tmp_path: Path) -> None:
    many = small(tmp_path, MANY + 1)
    html = tmp_path / "map.html"

    for fold, opened in ((None, 0), (True, 0), (False, 1)):
        write_map(*many, None, html, None, fold=fold)
        assert html.read_text().count('<details class="domain" open') == opened


@pytest.mark.parametrize("files", [(None, None), ("same", "same")])
def test_one_or_two_files_are_named(files: tuple[str | None, str | None], tmp_path: Path) -> None:
    html, svg = (tmp_path / name if name else None for name in files)

    with pytest.raises(UsageError, match="name"):
        write_map(*small(tmp_path), None, html, svg, fold=None)


def test_a_folder_that_cannot_be_written_keeps_the_former_map(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")

    with pytest.raises(OutsideError, match="cannot be written"):
        write_map(*small(tmp_path), None, tmp_path / "file/map.html", None, fold=None)
    assert (tmp_path / "file").read_text() == ""


def test_a_page_says_where_its_facts_are_from_and_what_tags_cost(tmp_path: Path) -> None:
    html, mesh = tmp_path / "map.html", small(tmp_path)

    write_map(*mesh, None, html, None, fold=None)
    assert "As declared. Last runs, freshness, tables and costs are told by a workspace" in html.read_text()
    costs = {"team": {"taxi": "40 USD", "bus": "2 USD"}}
    live = Live({"f0": LastRun("success")}, costs=costs, note="On <Monday>")
    write_map(*mesh, None, html, None, fold=None, live=live)
    assert '<p class="dim">On &lt;Monday&gt;</p><p class="dim">Cost by team: taxi 40 USD, bus 2 USD</p>' in (
        html.read_text()
    )


def test_the_local_workspace_has_a_page_with_what_others_need_a_file_for(tmp_path: Path) -> None:
    mesh, prod = small(tmp_path)

    assert missing(prod).endswith("`mesh map --live FILE` (docs/map.md).")
    assert missing(mesh.in_environment("local", looking=True)).endswith(
        "serves a page /map with all but costs."
    )
