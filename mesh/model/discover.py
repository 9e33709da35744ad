"""Domains of Databricks' own catalogue, which people browse on its page Discover."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Annotated, Literal

from pydantic import Field, StrictBool

from mesh.documents.checked_model import CheckedModel

PrincipalKind = Literal["group", "user", "service_principal"]

# Databricks REST API, "Domain object"
_LONGEST_SUBTITLE = 280
LONGEST_DESCRIPTION = 4096

_WORD = r"[0-9A-Z_a-z\u0080-\uFFFF]{1,100}"  # editors know no other letters as `\w`
_TAG_KEY = f"^{_WORD}(/{_WORD})?$"


class IconFile(CheckedModel):
    """The icon of a domain."""

    name: Annotated[str, Field(pattern=r"^[A-Z][A-Z_]{0,63}$")] | None = None
    """Its name in the Databricks API, for example `TRUCK_TRAILER`."""

    color: Annotated[str, Field(pattern=r"^#[0-9A-Fa-f]{6}$")] | None = None
    """Its color, for example `#1B5E20`."""


class DiscoverFile(CheckedModel):
    """How an org or domain appears on the page Discover of Databricks."""

    tag_key: Annotated[str, Field(pattern=_TAG_KEY)] | None = None
    """The governed tag of its data; by default the name of the org or domain. It cannot be changed later."""

    make_tag: StrictBool = False
    """True creates the governed tag, too; by default it exists."""

    subtitle: Annotated[str, Field(min_length=1, max_length=_LONGEST_SUBTITLE)] | None = None
    """A line below the name."""

    icon: IconFile | None = None
    """Its icon."""

    draft: StrictBool | None = None
    """True hides it from everybody but those who manage it; Databricks has a default."""

    business_owners: Annotated[tuple[str, ...], Field(max_length=50)] = ()
    """Groups, users or service principals to ask about the meaning of the data."""


@dataclass(frozen=True)
class DiscoverOwner:
    """An owner of a domain, whose id Terraform looks up.

    Args:
        kind: what it is.
        name: a group's name, a user's e-mail or a service principal's application id.
    """

    kind: PrincipalKind
    name: str


@dataclass(frozen=True)
class DiscoverDomain:
    """A domain of Databricks' catalogue, as it is deployed.

    Args:
        id: its Terraform name.
        level: the names of the levels below the org that it stands for; () for the org.
        tag_key: the governed tag of its data.
        makes_tag: True if the governed tag is created, too.
        parent: the Terraform name of the domain above it; None for a domain at the top.
        subtitle: a line below the name.
        description: the purpose.
        icon: its icon, in Terraform's spelling.
        draft: True hides it; None leaves it to Databricks.
        technical_owners: the owner of the org or domain.
        business_owners: in declared order.
    """

    id: str
    level: tuple[str, ...]
    tag_key: str
    makes_tag: bool
    parent: str | None
    subtitle: str | None = None
    description: str | None = None
    icon: Mapping[str, str] = field(default_factory=dict)
    draft: bool | None = None
    technical_owners: tuple[DiscoverOwner, ...] = ()
    business_owners: tuple[DiscoverOwner, ...] = ()
