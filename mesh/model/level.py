"""What every level of the mesh may say of itself: org, domain, project and flow."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Annotated, Literal

from pydantic import AfterValidator, Field

from mesh.documents.checked_model import CheckedModel, FieldError
from mesh.documents.confusable import wrong_letters
from mesh.model.grant import GrantFile
from mesh.model.storage import Url

# Databricks documentation, "Names": at most 255 characters, no `.`, `/`, space or control character.
# Only letters, digits, `_` and `-` here, because folders become parts of names, paths and addresses.
_NAME = re.compile(r"\w[\w-]{0,254}")
_RESERVED = {"orgs", "domains", "projects", "flows", "explore"}
# Databricks documentation, "Information schema", "Hive metastore": they are there already
_TAKEN = {"information_schema", "hive_metastore", "__databricks_internal"}


WorkspaceId = Annotated[str, Field(pattern=r"^[0-9]{1,20}$")]


class CatalogFile(CheckedModel):
    """What a level says of the catalog that the naming template gives it."""

    comment: str | None = None
    """What it holds; by default the level's description."""

    owner: str | None = None
    """The group that owns it; by default the level's."""

    isolation_mode: Literal["OPEN", "ISOLATED"] | None = None
    """`ISOLATED` lets only bound workspaces see it."""

    workspaces: Mapping[WorkspaceId, Literal["READ_WRITE", "READ_ONLY"]] = Field(default_factory=dict)
    """The workspaces that an isolated catalog is bound to, by their ids, and how."""

    storage_root: Url | None = None
    """Where its managed tables are kept; by default where the metastore's are."""

    properties: Mapping[str, str] = Field(default_factory=dict)
    """What it says of itself, for people and tools."""


class Level(CheckedModel):
    """The fields that all levels share."""

    description: str | None = None
    """What it is for; becomes the comment or description of what is deployed."""

    owner: str | None = None
    """The group that owns what is deployed; the nearest level's wins."""

    grants: tuple[GrantFile, ...] = ()
    """Who may do what with the data below this level."""


class SharingLevel(Level):
    """What org, domain and project may say besides, because projects or flows lie below them."""

    code: tuple[str, ...] = ()
    """Files and folders of code that all projects below use, from the folder of the file that says so."""

    catalog: CatalogFile | None = None
    """The level's own catalog, where the naming template gives it one."""


def _name(text: str) -> str:
    if wrong := wrong_with_name(text):
        raise FieldError("bad-name", wrong.replace("rename the folder", "rename it"))
    return text


Name = Annotated[str, AfterValidator(_name), Field(json_schema_extra={"pattern": r"^[\w][\w-]{0,254}$"})]
"""The name of a schema, volume or policy that a file declares."""


def wrong_with_name(name: str) -> str | None:
    """What is wrong with a folder's name, if anything."""
    if name in _RESERVED:
        return f"`{name}` is reserved for the levels of the mesh (rename the folder)"
    if name.lower() in _TAKEN:
        return f"`{name}` is taken by Unity Catalog itself (rename the folder)"
    if wrong := wrong_letters(name):
        return f"`{name[:60]}` {wrong}"
    if not _NAME.fullmatch(name):
        return f"`{name[:60]}` is no name for Unity Catalog (use letters, digits, `_` and `-`, 255 at most)"
    return None
