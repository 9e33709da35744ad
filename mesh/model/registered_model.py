"""A registered model in Unity Catalog."""

from __future__ import annotations

from dataclasses import dataclass

from mesh.model.schema import InSchema, InSchemaFile


class RegisteredModelFile(InSchemaFile):
    """A registered model in project.yml; the key is its name."""


@dataclass(frozen=True)
class RegisteredModel(InSchema):
    """A registered model as it is deployed."""
