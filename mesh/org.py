"""An org: the domains that share a platform team."""

from __future__ import annotations

from dataclasses import dataclass

from mesh.cluster_policy import ComputeFile
from mesh.document import Document
from mesh.domain import Domain
from mesh.level import SharingLevel


class OrgFile(SharingLevel):
    """What an org.yml may say."""


@dataclass(frozen=True)
class Org:
    """An org as its folder declares it.

    Args:
        name: its name; None where `domains/` is at the mesh's root.
        document: its org.yml.
        declared: what that says.
        compute: what its compute.yml says.
        domains: in order of their names.
    """

    name: str | None
    document: Document
    declared: OrgFile
    compute: ComputeFile
    domains: tuple[Domain, ...]
