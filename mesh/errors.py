"""What can go wrong, as the kinds that a caller tells apart by exit code."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from mesh.finding import Finding


class MeshError(Exception):
    """The mesh's own files are wrong; carries every finding, never just the first.

    Args:
        findings: what is wrong and where; at least one.
    """

    def __init__(self, findings: Sequence[Finding]) -> None:
        super().__init__("\n".join(map(str, findings)))
        self.findings = tuple(findings)


class UsageError(Exception):
    """The caller asked for something that does not exist or makes no sense.

    Args:
        message: what was asked for and what would be right.
    """


class OutsideError(Exception):
    """The world outside the mesh's files failed: a workspace, git, Terraform, the machine.

    Args:
        message: what failed and what the reader can do about it.
    """
