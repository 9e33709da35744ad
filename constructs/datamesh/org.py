"""The construct of an org: the objects that its projects share on one metastore."""

from __future__ import annotations

from datamesh.bindings import Construct
from datamesh.catalog import Catalog
from datamesh.discover import DiscoverDomains
from datamesh.domain import Domain
from datamesh.storage import ExternalLocation, StorageCredential
from mesh.deployment.foundation import Foundation


class Org(Construct):
    """The storage and catalogs that an org's projects share on one metastore."""

    def __init__(self, scope: Construct, foundation: Foundation, keeper: str | None = None) -> None:
        """Creates the org.

        Args:
            scope: the foundation's stack.
            foundation: the org's storage and catalogs.
            keeper: the principal that may manage the objects besides their owners.
        """
        super().__init__(scope, foundation.org or "Org")
        credentials = {one.id: StorageCredential(self, one, keeper) for one in foundation.storage_credentials}
        self.storage_credentials = list(credentials.values())
        self.external_locations = [
            ExternalLocation(self, one, credentials.get(one.credential_id or ""), keeper)
            for one in foundation.external_locations
        ]
        names = sorted({catalog.level[0] for catalog in foundation.catalogs if catalog.level})
        own = [catalog for catalog in foundation.catalogs if not catalog.level]
        self.domains = [
            Domain(self, name, [one for one in foundation.catalogs if one.level[:1] == (name,)], keeper)
            for name in names
        ]
        self.catalogs = [Catalog(self, catalog, keeper) for catalog in own]
        self.discover = DiscoverDomains(self, foundation.discover) if foundation.discover else None
        located = [f"databricks_external_location.{one.id}" for one in foundation.external_locations]
        every = [catalog for domain in self.domains for catalog in domain.catalogs] + self.catalogs
        for catalog in every if located else ():  # a catalog's storage_root must be in an external location
            catalog.resource.depends_on = located
