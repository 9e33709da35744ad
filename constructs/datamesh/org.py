"""An org."""

from __future__ import annotations

from constructs import Construct

from datamesh.catalog import Catalog
from datamesh.cluster_policy import ClusterPolicy
from datamesh.domain import Domain
from mesh.foundation import Foundation


class Org(Construct):
    """What an org's projects share on one metastore: catalogs, by the domain that owns them, and policies."""

    def __init__(self, scope: Construct, foundation: Foundation) -> None:
        super().__init__(scope, foundation.org or "Org")
        names = sorted({catalog.level[0] for catalog in foundation.catalogs if catalog.level})
        own = [catalog for catalog in foundation.catalogs if not catalog.level]
        self.domains = [
            Domain(self, name, [catalog for catalog in foundation.catalogs if catalog.level[:1] == (name,)])
            for name in names
        ]
        self.catalogs = [Catalog(self, catalog) for catalog in own]
        self.cluster_policies = [ClusterPolicy(self, policy) for policy in foundation.cluster_policies]
