"""Settings that all jobs below a level share."""

from __future__ import annotations

from dataclasses import dataclass

from mesh.declared import Declared
from mesh.document import Document


class DefaultsFile(Declared):
    """What a defaults.yml may say."""


@dataclass(frozen=True)
class Defaults:
    """The defaults of one level.

    Args:
        document: its defaults.yml.
        declared: what that says.
    """

    document: Document
    declared: DefaultsFile
