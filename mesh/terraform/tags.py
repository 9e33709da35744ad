"""Tags of Unity Catalog: resources without an id of their own.

Source: Databricks Terraform provider, "databricks_entity_tag_assignment Resource", Import.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import quote

if TYPE_CHECKING:
    from databricks.sdk import WorkspaceClient


@dataclass(frozen=True)
class Tag:
    """A tag in a workspace.

    Args:
        id: the text by which Terraform imports it.
    """

    id: str


def tag_id(kind: str, entity: str, key: str) -> str:
    """The text by which Terraform imports a tag.

    Args:
        kind: the type of the entity, such as `tables`.
        entity: its full name.
        key: the key of the tag.
    """
    return f"{kind},{entity},{key}"


def find_tag(on: WorkspaceClient, name: str) -> Tag:
    """The tag of this name: type, full name of the entity, and key, joined by points.

    Raises:
        NotFound: there is no such tag.
    """
    kind, _, rest = name.partition(".")
    entity, _, key = rest.rpartition(".")  # keys in the mesh have no points
    on.entity_tag_assignments.get(kind, entity, quote(key, safe=""))  # the SDK does not quote `/`
    return Tag(tag_id(kind, entity, key))
