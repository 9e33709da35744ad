"""Fields and name rules that all levels share: org, domain, project and flow."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Annotated, Literal

from pydantic import AfterValidator, Field

from mesh.documents.checked_model import CheckedModel, FieldError
from mesh.documents.confusable import wrong_letters
from mesh.model.access_policy import AccessPolicyFile
from mesh.model.grant import GrantFile
from mesh.model.storage import Url

# Databricks documentation, "Names": at most 255 characters, no `.`, `/`, space or control character.
# Only letters, digits, `_` and `-` here, because folders become parts of names, paths and addresses.
_NAME = re.compile(r"\w[\w-]{0,254}")
_RESERVED = {"orgs", "domains", "projects", "flows", "explore"}
# Databricks documentation, "Information schema", "Hive metastore": names that exist already
_TAKEN = {"information_schema", "hive_metastore", "__databricks_internal"}


WorkspaceId = Annotated[str, Field(pattern=r"^[0-9]{1,20}$")]


def _name(text: str) -> str:
    if wrong := wrong_with_name(text):
        raise FieldError("bad-name", wrong.replace("rename the folder", "rename it"))
    return text


Name = Annotated[str, AfterValidator(_name), Field(json_schema_extra={"pattern": r"^[\w][\w-]{0,254}$"})]
"""The name of a schema, volume or policy that a file declares."""


class CatalogFile(CheckedModel):
    """The settings of a level's own catalog."""

    comment: str | None = None
    """A description of the content; by default the level's description."""

    owner: str | None = None
    """The group that owns it; by default the level's owner."""

    isolation_mode: Literal["OPEN", "ISOLATED"] | None = None
    """`ISOLATED` makes it visible in bound workspaces only."""

    workspaces: Mapping[WorkspaceId, Literal["READ_WRITE", "READ_ONLY"]] = Field(default_factory=dict)
    """The access mode of each workspace that an isolated catalog is bound to, by workspace id."""

    storage_root: Url | None = None
    """The storage of its managed tables; by default the metastore's."""

    properties: Mapping[str, str] = Field(default_factory=dict)
    """Properties by key, for people and tools."""

    policies: Mapping[Name, AccessPolicyFile] = Field(default_factory=dict)
    """Row filters and column masks of all tables in the catalog, by name."""


class Level(CheckedModel):
    """The fields that all levels share."""

    description: str | None = None
    """The purpose; becomes the comment or description of deployed objects."""

    owner: str | None = None
    """The group that owns deployed objects; the nearest level wins."""

    grants: tuple[GrantFile, ...] = ()
    """Grants on the data below this level."""


class SharingLevel(Level):
    """The additional fields of org, domain and project."""

    code: tuple[str, ...] = ()
    """Files and folders of code that all projects below use, relative to this file's folder."""

    catalog: CatalogFile | None = None
    """The level's own catalog, where the naming template gives it one."""


def wrong_with_name(name: str) -> str | None:
    """Returns what is wrong with a folder's name, or None."""
    if name in _RESERVED:
        return f"`{name}` is reserved for the levels of the mesh (rename the folder)"
    if name.lower() in _TAKEN:
        return f"`{name}` is reserved by Unity Catalog (rename the folder)"
    if wrong := wrong_letters(name):
        return f"`{name[:60]}` {wrong}"
    if not _NAME.fullmatch(name):
        return f"`{name[:60]}` is not a valid name (use letters, digits, `_` and `-`, 255 at most)"
    return None
