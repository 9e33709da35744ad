"""Checks the files of an import as `mesh validate` would, before any of them is written."""

from __future__ import annotations

import shutil
from collections.abc import Mapping
from pathlib import Path
from tempfile import TemporaryDirectory

from mesh.commands.import_bundle.deployment_text import yaml_text
from mesh.commands.import_bundle.node import Node, Place
from mesh.commands.import_bundle.project_place import ProjectPlace
from mesh.commands.import_bundle.remarks import Remarks
from mesh.documents.document import Document, Location, read
from mesh.errors import MeshError
from mesh.finding import Finding
from mesh.git.checkout import GitContext
from mesh.load import load

# Findings about a field that can be left out: the resource works without it
_LEFT_OUT = ("unknown-field",)
_ROUNDS = 20


def checked(
    place: ProjectPlace,
    files: Mapping[str, bytes],
    trees: Mapping[str, Node],
    headers: Mapping[str, str],
    remarks: Remarks,
) -> dict[str, bytes]:
    """Returns the YAML files of an import; records what the mesh refuses in them at its place in the bundle.

    Args:
        place: the project.
        files: the other new files.
        trees: the fields of each new YAML file.
        headers: the comment at the beginning of each new YAML file.
        remarks: receives the findings.
    """
    left = dict(trees)
    with TemporaryDirectory() as temporary:
        root = Path(temporary).resolve()
        _copy_org(place, root)
        _write(files, root)
        for _ in range(_ROUNDS):
            made = {file: yaml_text(tree, headers[file]).encode() for file, tree in left.items()}
            _write(made, root)
            findings = [one for one in _findings(root, place) if one.file in {*files, *left}]
            removable = [one for one in findings if one.code in _LEFT_OUT and one.file in left]
            if not removable:
                break
            for one in removable:
                left[one.file] = _left_out(one, left[one.file], root, remarks)
        for one in findings:
            if one.file in left:
                at = _place(one, left[one.file], root)[0]
                remarks.refused(at, one.code, one.message)
            else:
                where = f"in {one.file}, line {one.line}: {one.message}"
                remarks.refused(next(iter(trees.values())).place, one.code, where)
    return made


def _copy_org(place: ProjectPlace, root: Path) -> None:
    """Copies the org, without hidden files and links."""

    def ignored(folder: str, names: list[str]) -> list[str]:
        hidden = {".venv", ".git", ".mesh", "node_modules", "__pycache__"}
        return [name for name in names if name in hidden or Path(folder, name).is_symlink()]

    naming = place.root / ".brickopscfg"
    if naming.is_dir():
        shutil.copytree(naming, root / ".brickopscfg", ignore=ignored)
    source, target = place.root / place.org, root / place.org
    if place.org == ".":
        for name in ("org.yml", "compute.yml", "defaults.yml"):
            if (source / name).is_file():
                shutil.copy(source / name, target / name)
        source, target = source / "domains", target / "domains"
    if source.is_dir():
        shutil.copytree(source, target, ignore=ignored, dirs_exist_ok=True)
    (root / "orgs" if place.org != "." else root / "domains").mkdir(exist_ok=True)


def _write(files: Mapping[str, bytes], root: Path) -> None:
    for file, content in files.items():
        (root / file).parent.mkdir(parents=True, exist_ok=True)
        (root / file).write_bytes(content)


def _findings(root: Path, place: ProjectPlace) -> list[Finding]:
    """The findings of the mesh with the new files, in every environment of its org."""
    git = GitContext(
        root, "ola@acme.example", "https://example.org/mesh", "main", commit="c" * 40, lenient=True
    )
    try:
        mesh = load(root)
        mesh.in_environment("local", git, looking=True)
    except MeshError as error:
        return list(error.findings)
    return []


def _left_out(finding: Finding, tree: Node, root: Path, remarks: Remarks) -> Node:
    at, location = _place(finding, tree, root)
    remarks.not_taken(at, finding.message)
    return _without(tree, location)


def _without(node: Node, location: Location) -> Node:
    step, *inside = location
    if isinstance(node.value, dict):
        if not inside:
            return node.without(str(step))
        return node.having(**{str(step): _without(node.fields[str(step)], tuple(inside))})
    items = [*node.items]
    if not inside:
        del items[int(step)]
    else:
        items[int(step)] = _without(items[int(step)], tuple(inside))
    return Node(items, node.place)


def _place(finding: Finding, tree: Node, root: Path) -> tuple[Place, Location]:
    """The place in the bundle, and the location in the new file, that a finding points at."""
    document, _ = read(root / finding.file, root)
    location = _location(document, (finding.line, finding.column))
    node = tree
    for step in location:
        inner = node.fields.get(str(step)) if isinstance(node.value, dict) else node.items[int(step)]
        if inner is None:
            break
        node = inner
    return node.place, location


def _location(document: Document, mark: tuple[int, int]) -> Location:
    """The innermost location whose key or value is at a position, else the last one before it."""
    exact = [at for places in (document.keys, document.marks) for at, one in places.items() if one == mark]
    if exact:
        return max(exact, key=len)
    before = [(one, len(at), at) for at, one in document.marks.items() if one <= mark]
    return max(before, key=lambda one: one[:2])[2] if before else ()
