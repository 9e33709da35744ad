"""Cloud storage in Unity Catalog: storage credentials and external locations."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Annotated, Any

from pydantic import AfterValidator, Field, StrictBool

from mesh.documents.checked_model import CheckedModel, FieldError
from mesh.documents.document import Document
from mesh.finding import Finding
from mesh.model.grant import Grant, GrantFile

# Databricks documentation, "Create a storage credential"; kinds that hold a secret are left out
_CREDENTIALS = ("aws_iam_role", "azure_managed_identity", "databricks_gcp_service_account")


def _straight(text: str) -> str:
    if ".." in text.split("/"):
        raise FieldError("bad-location", f"`{text[:60]}` may not contain `..` (write the resolved path)")
    return text


Url = Annotated[str, Field(pattern=r"^(s3|abfss|gs|r2)://.+$"), AfterValidator(_straight)]
"""A URL in cloud storage."""

PathBelow = Annotated[str, Field(pattern=r"^[^/].*$"), AfterValidator(_straight)]
"""A relative path below an external location."""


class StorageCredentialFile(CheckedModel):
    """A storage credential in org.yml: a cloud identity without secrets; the key is its name."""

    aws_iam_role: Mapping[str, str] | None = None
    """AWS: `role_arn`."""

    azure_managed_identity: Mapping[str, str] | None = None
    """Azure: `access_connector_id`, and `managed_identity_id` where it is user-assigned."""

    databricks_gcp_service_account: Mapping[str, str] | None = None
    """GCP: empty; Databricks creates the account."""

    comment: str | None = None
    """The purpose, as a comment."""

    owner: str | None = None
    """The group that owns it; by default the org's owner."""

    read_only: StrictBool | None = None
    """True forbids writing."""

    grants: tuple[GrantFile, ...] = ()
    """Grants on the credential."""


class ExternalLocationFile(CheckedModel):
    """An external location in org.yml; the key is its name."""

    url: Url
    """The URL, for example `s3://bucket/path`."""

    storage_credential: Annotated[str, Field(min_length=1)]
    """The credential's name, in org.yml or in the metastore."""

    comment: str | None = None
    """A description of the content."""

    owner: str | None = None
    """The group that owns it; by default the org's owner."""

    read_only: StrictBool | None = None
    """True forbids writing."""

    grants: tuple[GrantFile, ...] = ()
    """Grants on the location."""


@dataclass(frozen=True)
class StorageCredential:
    """A storage credential as it is deployed.

    Args:
        id: its Terraform name.
        name: its name in the metastore.
        cloud: the kind of identity: the name of the provider's block.
        identity: the arguments of that block.
        comment: the purpose.
        owner: the group that owns it; None means the deployer.
        read_only: True forbids writing.
        grants: merged, one per principal.
        protected: True if Terraform refuses to destroy it.
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
        url: the URL in cloud storage.
        storage_credential: the credential's name.
        credential_id: the credential's Terraform name, if the same stack creates it.
        comment: a description of the content.
        owner: the group that owns it; None means the deployer.
        read_only: True forbids writing.
        grants: merged, one per principal.
        protected: True if Terraform refuses to destroy it.
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
    """Returns the kind of identity of a credential that `check_storage_credentials` accepted."""
    return next(kind for kind in _CREDENTIALS if getattr(declared, kind) is not None)


def check_storage_credentials(
    declared: Mapping[str, StorageCredentialFile], document: Document
) -> Iterator[Finding]:
    """Checks that each credential is an identity of exactly one cloud."""
    for name, credential in declared.items():
        kinds = [kind for kind in _CREDENTIALS if getattr(credential, kind) is not None]
        if len(kinds) != 1:
            message = f"storage credential `{name}` needs one of {', '.join(_CREDENTIALS)}"
            at = ("storage_credentials", name)
            yield document.finding("storage-credential-cloud", at, f"{message} (it has {len(kinds)})")
