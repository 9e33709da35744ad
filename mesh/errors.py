"""The exceptions of the mesh; each kind has its own exit code."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from mesh.finding import Finding


class MeshError(Exception):
    """The files of the mesh have errors.

    Args:
        findings: all findings; at least one.
    """

    def __init__(self, findings: Sequence[Finding]) -> None:
        super().__init__("\n".join(map(str, findings)))
        self.findings = tuple(findings)


class UsageError(Exception):
    """The command line asks for something that does not exist or makes no sense.

    Args:
        message: the wrong value and the remedy.
    """


class OutsideError(Exception):
    """An outside system failed: a workspace, git, Terraform, the machine.

    Args:
        message: what failed, and the remedy.
    """
