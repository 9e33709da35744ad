"""The inputs of a project: the files and folders that its deployment depends on."""

from __future__ import annotations

from pathlib import PurePosixPath

from mesh.model.code import shared_code
from mesh.model.org import Org
from mesh.model.project import Project


def project_inputs(org: Org, project: Project) -> list[str]:
    """Returns the inputs of a project, relative to the mesh's root.

    The inputs are its folder, the YAML files of the levels above it, the code that it shares with other
    projects, and the files elsewhere in the repository that its tasks name.
    """
    domain = next(domain for domain in org.domains if domain.name == project.domain)
    above = [
        f"{folder}{slash}{name}"
        for folder, slash, file in (level.document.file.rpartition("/") for level in (domain, org))
        for name in (file, "compute.yml", "defaults.yml")
    ]
    naming = [project.naming.document.file] if project.naming.document else []
    return [project.folder, *above, *naming, *shared_inputs(org, project), *project.named_elsewhere]


def shared_inputs(org: Org, project: Project) -> list[str]:
    """Returns the shared code that the levels of `project` declare, relative to the mesh's root."""
    domain = next(domain for domain in org.domains if domain.name == project.domain)
    levels = (org, domain, project)
    named = {path for level in levels for path in shared_code(level.declared.code, level.document.file)}
    return sorted(path for path in named if not PurePosixPath(path).is_relative_to(project.folder))
