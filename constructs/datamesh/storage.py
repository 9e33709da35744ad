"""Cloud storage that Unity Catalog uses."""

from __future__ import annotations

from datamesh.bindings import Construct, databricks
from datamesh.grants import Grants
from datamesh.protection import lifecycle
from mesh.model import storage as model


class StorageCredential(Construct):
    """A storage credential and its grants."""

    def __init__(
        self, scope: Construct, credential: model.StorageCredential, keeper: str | None = None
    ) -> None:
        """Creates the storage credential.

        Args:
            scope: the org's construct.
            credential: the credential.
            keeper: the principal that may manage it besides its owner.
        """
        super().__init__(scope, f"StorageCredential {credential.name}")
        self.resource = databricks.storage_credential.StorageCredential(
            self,
            "Resource",
            name=credential.name,
            comment=credential.comment,
            owner=credential.owner,
            read_only=credential.read_only,
            lifecycle=lifecycle(protected=credential.protected),
        )
        self.resource.add_override(credential.cloud, dict(credential.identity))
        self.resource.override_logical_id(credential.id)
        kept = keeper if credential.owner else None
        name = self.resource.name
        self.grants = Grants(self, credential.id, credential.grants, kept, storage_credential=name)


class ExternalLocation(Construct):
    """An external location and its grants."""

    def __init__(
        self,
        scope: Construct,
        location: model.ExternalLocation,
        credential: StorageCredential | None,
        keeper: str | None = None,
    ) -> None:
        """Creates the external location.

        Args:
            scope: the org's construct.
            location: the location.
            credential: its credential, if the same stack creates it.
            keeper: the principal that may manage it besides its owner.
        """
        super().__init__(scope, f"ExternalLocation {location.name}")
        self.resource = databricks.external_location.ExternalLocation(
            self,
            "Resource",
            name=location.name,
            url=location.url,
            credential_name=credential.resource.name if credential else location.storage_credential,
            comment=location.comment,
            owner=location.owner,
            read_only=location.read_only,
            lifecycle=lifecycle(protected=location.protected),
        )
        self.resource.override_logical_id(location.id)
        kept = keeper if location.owner else None
        self.grants = Grants(self, location.id, location.grants, kept, external_location=self.resource.name)
