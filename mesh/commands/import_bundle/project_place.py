"""The project that a bundle is imported into."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Any

from mesh.commands.import_bundle.node import Node
from mesh.documents.document import read
from mesh.errors import UsageError
from mesh.model.environment import BUILT_IN_ENVIRONMENTS


@dataclass(frozen=True)
class ProjectPlace:
    """A project, which may not exist yet.

    Args:
        root: the mesh's root.
        path: its path in the mesh.
        folder: its folder, relative to the root.
        org: the folder of its org, relative to the root; "." where `domains/` is at the root.
        environments: the declared fields of the org's environments, by name.
    """

    root: Path
    path: str
    folder: str
    org: str
    environments: Mapping[str, Mapping[str, Any]]


def project_place(root: Path, into: str | None, name: str) -> ProjectPlace:
    """Returns the place of a project.

    Args:
        root: the mesh's root.
        into: its path in the mesh; None for the only domain of the mesh.
        name: the name of the project in that domain.

    Raises:
        UsageError: the path is not one of a project, or the mesh has not one domain.
    """
    with_orgs = (root / "orgs").is_dir() or not (root / "domains").is_dir()
    shape = "<org>/<domain>/<project>" if with_orgs else "<domain>/<project>"
    if into is None:
        domains = [*_domains(root, with_orgs)]
        if len(domains) != 1:
            why = "no domain" if not domains else f"the domains {', '.join(domains[:5])}"
            raise UsageError(f"the mesh has {why}: name the project with --into {shape}")
        into = f"{domains[0]}/{name}"
    names = into.strip("/").split("/")
    if len(names) != shape.count("/") + 1 or not all(names):
        raise UsageError(f"`{into}` is not a path of a project (write --into {shape})")
    org = PurePosixPath("orgs", names[0]) if with_orgs else PurePosixPath(".")
    folder = org / "domains" / names[-2] / "projects" / names[-1]
    return ProjectPlace(root, "/".join(names), folder.as_posix(), org.as_posix(), _environments(root, org))


def _domains(root: Path, with_orgs: bool) -> Iterator[str]:
    """Yields the paths of the domains of the mesh."""
    for org in sorted((root / "orgs").glob("*")) if with_orgs else [root]:
        for domain in sorted((org / "domains").glob("*")):
            if domain.is_dir() and not domain.name.startswith((".", "__")):
                yield f"{org.name}/{domain.name}" if with_orgs else domain.name


def _environments(root: Path, org: PurePosixPath) -> dict[str, Mapping[str, Any]]:
    document, _ = read(root / org / "org.yml", root)
    declared = document.data.get("environments")
    if not isinstance(declared, Mapping) or not declared:
        return {name: {} for name in BUILT_IN_ENVIRONMENTS}
    return {name: one if isinstance(one, Mapping) else {} for name, one in declared.items()}


def missing_part(fields: Node, file: Path, root: Path) -> Iterator[tuple[str, Node]]:
    """Yields the entries of project.yml or compute.yml that an existing file lacks.

    Args:
        fields: the fields that the bundle adds.
        file: the existing file.
        root: the mesh's root.
    """
    document, _ = read(file, root)
    for section, entries in fields.fields.items():
        declared = document.data.get(section)
        for name, one in entries.fields.items():
            if not isinstance(declared, Mapping) or name not in declared:
                yield f"{section}.{name}", one
