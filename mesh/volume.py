"""A Unity Catalog volume: files beside tables."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

from pydantic import Field

from mesh.declared import Declared


class VolumeFile(Declared):
    """A managed volume as project.yml declares it, under its name."""

    schema_: Annotated[str, Field(alias="schema")]
    """The schema that it lies in, by the name that a flow gives it."""

    comment: str | None = None
    """What it holds."""


@dataclass(frozen=True)
class Volume:
    """A volume as it is deployed.

    Args:
        id: its Terraform name.
        name: its name in Unity Catalog.
        catalog: the catalog's name.
        schema: the id of its schema in the same deployment.
        comment: what it holds.
        owner: the group that owns it; None leaves it to the one who deploys.
        protected: whether Terraform refuses to destroy it.
    """

    id: str
    name: str
    catalog: str
    schema: str
    comment: str | None
    owner: str | None
    protected: bool
