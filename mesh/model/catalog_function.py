"""Functions of Unity Catalog that a flow creates: from files, or with grants of their own."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

from pydantic import Field

from mesh.documents.checked_model import CheckedModel
from mesh.model.grant import Grant, GrantFile


class FunctionFile(CheckedModel):
    """A function in deployment.yml, by its name. A file in `functions`, or the flow's code, creates it."""

    schema_: Annotated[str | None, Field(alias="schema")] = None
    """The schema that contains it, by the name that the flow declares; by default its only schema."""

    grants: tuple[GrantFile, ...] = ()
    """Grants on this function only."""


@dataclass(frozen=True)
class CatalogFunction:
    """A function as Terraform finds it.

    Args:
        id: its Terraform name.
        schema: the id of its schema in the same deployment.
        full_name: catalog, schema and name, joined by `.`, as in the Unity Catalog API.
        declared: its name in deployment.yml; None if only a file creates it.
        file: the file that creates it; None if code of the flow does.
        flow: the path of its flow.
        grants: merged, one per principal.
        formerly: former Terraform names, oldest first.
    """

    id: str
    schema: str
    full_name: str
    declared: str | None
    file: str | None
    flow: str
    grants: tuple[Grant, ...] = ()
    formerly: tuple[str, ...] = ()
