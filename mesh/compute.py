"""What a compute.yml says."""

from __future__ import annotations

from dataclasses import dataclass

from mesh.cluster_policy import ComputeFile
from mesh.document import Document


@dataclass(frozen=True)
class Compute:
    """The compute of one level.

    Args:
        document: its compute.yml.
        declared: what that says.
        present: whether there is such a file.
    """

    document: Document
    declared: ComputeFile
    present: bool
