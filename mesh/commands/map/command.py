"""Writes a map: the page, the picture, or both."""

from __future__ import annotations

from pathlib import Path

from mesh.commands.map.content import mesh_map
from mesh.commands.map.link import Links
from mesh.commands.map.live import MISSING, NOTHING, Live
from mesh.commands.map.page import page
from mesh.commands.map.svg import picture
from mesh.console import emit
from mesh.errors import UsageError
from mesh.files.whole_file import write_result
from mesh.mesh import Mesh, MeshDeployment

MANY = 100
"""With more flows, the domains of a map are folded at first."""

STDOUT = Path("-")


def write_map(
    mesh: Mesh,
    deployed: MeshDeployment,
    path: str | None,
    html: Path | None,
    svg: Path | None,
    *,
    fold: bool | None,
    live: Live = NOTHING,
) -> list[Path]:
    """Writes the files of a map, and returns them. The file `-` is stdout.

    Args:
        mesh: the declared mesh.
        deployed: the mesh in an environment.
        path: the path of an org, domain or project; None for the mesh.
        html: the file of the page, if any.
        svg: the file of the picture, if any.
        fold: True to fold the domains; None folds them if there are many flows.
        live: what a workspace tells.

    Raises:
        UsageError: no file, one file twice, or a path that matches no level.
        OutsideError: a file cannot be written.
    """
    if html is None and svg is None:
        raise UsageError(
            "name a file to write: --html FILE for a page, --svg FILE for a picture (- is stdout)"
        )
    if html is not None and svg is not None and html.absolute() == svg.absolute():
        raise UsageError(f"--html and --svg name the same file, {html} (name two)")
    texts: dict[Path, str] = {}
    if html is not None:
        start = deployed.git.root if html == STDOUT else html.absolute().parent
        # a server that prints its page serves no folders
        links = Links(
            deployed.git, None if html == STDOUT and live is not NOTHING else start, live.folder_page
        )
        content = mesh_map(mesh, deployed, links, path, live)
        texts[html] = page(content, folded=_folded(content.flow_count, fold))
    if svg is not None:
        content = mesh_map(mesh, deployed, Links(deployed.git, deployed.git.root), path)
        texts[svg] = picture(content, folded=_folded(content.flow_count, fold))
    for file, text in texts.items():
        if file == STDOUT:
            emit(text, end="")
        else:
            write_result(file, text)
    return [file for file in texts if file != STDOUT]


def missing(deployed: MeshDeployment) -> str:
    """What a page lacks that no workspace told, and how to get it.

    Args:
        deployed: the mesh in an environment.
    """
    return (
        f"{MISSING} `mesh local up` serves a page /map with all but costs." if deployed.embedded else MISSING
    )


def _folded(flows: int, fold: bool | None) -> bool:
    return flows > MANY if fold is None else fold
