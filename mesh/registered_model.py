"""A registered model in Unity Catalog."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

from pydantic import Field

from mesh.declared import Declared
from mesh.grant import Grant, GrantFile


class RegisteredModelFile(Declared):
    """A registered model as project.yml declares it, under its name."""

    schema_: Annotated[str, Field(alias="schema")]
    """The schema that it lies in, by the name that a flow gives it."""

    comment: str | None = None
    """What it predicts."""

    owner: str | None = None
    """The group that owns it; by default the schema's."""

    grants: tuple[GrantFile, ...] = ()
    """Who may do what with it alone."""


@dataclass(frozen=True)
class RegisteredModel:
    """A registered model as it is deployed.

    Args:
        id: its Terraform name.
        name: its name in Unity Catalog.
        catalog: the catalog's name.
        schema: the id of its schema in the same deployment.
        schema_name: the name of its schema in Unity Catalog.
        comment: what it predicts.
        owner: the group that owns it; None leaves it to the one who deploys.
        grants: merged, one per principal.
        protected: whether Terraform refuses to destroy it.
        formerly: Terraform names that it had before, oldest first.
    """

    id: str
    name: str
    catalog: str
    schema: str
    schema_name: str
    comment: str | None
    owner: str | None
    grants: tuple[Grant, ...]
    protected: bool
    formerly: tuple[str, ...] = ()

    @property
    def full_name(self) -> str:
        """Catalog, schema and model, as the Unity Catalog API takes them."""
        return f"{self.catalog}.{self.schema_name}.{self.name}"
