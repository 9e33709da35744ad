"""Cloud storage that Unity Catalog reaches: credentials, and the locations that they open."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Annotated, Any

from pydantic import AfterValidator, Field, StrictBool

from mesh.documents.checked_model import CheckedModel, FieldError
from mesh.documents.document import Document
from mesh.finding import Finding
from mesh.model.grant import Grant, GrantFile

# Databricks documentation, "Create a storage credential"; those that hold a secret are left out
_CREDENTIALS = ("aws_iam_role", "azure_managed_identity", "databricks_gcp_service_account")


def _straight(text: str) -> str:
    if ".." in text.split("/"):
        raise FieldError("bad-location", f"`{text[:60]}` may hold no `..` (write where it leads)")
    return text


Url = Annotated[str, Field(pattern=r"^(s3|abfss|gs|r2)://.+$"), AfterValidator(_straight)]
"""A place in cloud storage."""

PathBelow = Annotated[str, Field(pattern=r"^[^/].*$"), AfterValidator(_straight)]
"""A place below another one."""


class StorageCredentialFile(CheckedModel):
    """A storage credential as org.yml declares it, under its name: an identity of the cloud, no secret."""

    aws_iam_role: Mapping[str, str] | None = None
    """AWS: `role_arn`."""

    azure_managed_identity: Mapping[str, str] | None = None
    """Azure: `access_connector_id`, and `managed_identity_id` where it is user-assigned."""

    databricks_gcp_service_account: Mapping[str, str] | None = None
    """GCP: empty; Databricks makes the account."""

    comment: str | None = None
    """What it is for."""

    owner: str | None = None
    """The group that owns it; by default the org's."""

    read_only: StrictBool | None = None
    """Whether nothing may be written with it."""

    grants: tuple[GrantFile, ...] = ()
    """Who may do what with it."""


class ExternalLocationFile(CheckedModel):
    """An external location as org.yml declares it, under its name."""

    url: Url
    """For example `s3://bucket/path`."""

    storage_credential: Annotated[str, Field(min_length=1)]
    """The credential's name: one of org.yml's, or one that the metastore has."""

    comment: str | None = None
    """What it holds."""

    owner: str | None = None
    """The group that owns it; by default the org's."""

    read_only: StrictBool | None = None
    """Whether nothing may be written there."""

    grants: tuple[GrantFile, ...] = ()
    """Who may do what there."""


@dataclass(frozen=True)
class StorageCredential:
    """A storage credential as it is deployed.

    Args:
        id: its Terraform name.
        name: its name in the metastore.
        cloud: the kind of identity, as the provider's block is called.
        identity: the arguments of that block.
        comment: what it is for.
        owner: the group that owns it; None leaves it to the one who deploys.
        read_only: whether nothing may be written with it.
        grants: merged, one per principal.
        protected: whether Terraform refuses to destroy it.
    """

    id: str
    name: str
    cloud: str
    identity: Mapping[str, Any]
    comment: str | None
    owner: str | None
    read_only: bool | None
    grants: tuple[Grant, ...]
    protected: bool


@dataclass(frozen=True)
class ExternalLocation:
    """An external location as it is deployed.

    Args:
        id: its Terraform name.
        name: its name in the metastore.
        url: where it is.
        storage_credential: the credential's name.
        credential_id: the credential's Terraform name, where it is made with it.
        comment: what it holds.
        owner: the group that owns it; None leaves it to the one who deploys.
        read_only: whether nothing may be written there.
        grants: merged, one per principal.
        protected: whether Terraform refuses to destroy it.
    """

    id: str
    name: str
    url: str
    storage_credential: str
    credential_id: str | None
    comment: str | None
    owner: str | None
    read_only: bool | None
    grants: tuple[Grant, ...]
    protected: bool


def cloud(declared: StorageCredentialFile) -> str:
    """The kind of identity that a credential declares; it has been checked to be one."""
    return next(kind for kind in _CREDENTIALS if getattr(declared, kind) is not None)


def check_storage_credentials(
    declared: Mapping[str, StorageCredentialFile], document: Document
) -> Iterator[Finding]:
    """A credential is an identity of exactly one cloud."""
    for name, credential in declared.items():
        kinds = [kind for kind in _CREDENTIALS if getattr(credential, kind) is not None]
        if len(kinds) != 1:
            message = f"storage credential `{name}` needs one of {', '.join(_CREDENTIALS)}"
            at = ("storage_credentials", name)
            yield document.finding("storage-credential-cloud", at, f"{message} (it has {len(kinds)})")
