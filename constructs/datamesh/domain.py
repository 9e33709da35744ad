"""A domain."""

from __future__ import annotations

from collections.abc import Sequence

from constructs import Construct

from datamesh.catalog import Catalog
from mesh.deployment import catalog as model


class Domain(Construct):
    """What the projects of one domain share: their catalogs."""

    def __init__(
        self, scope: Construct, name: str, catalogs: Sequence[model.Catalog], keeper: str | None = None
    ) -> None:
        """Make the domain.

        Args:
            scope: the org's construct.
            name: the domain's name.
            catalogs: the catalogs that it, or a project of it, owns.
            keeper: who may manage them besides their owners.
        """
        super().__init__(scope, name)
        self.catalogs = [Catalog(self, catalog, keeper) for catalog in catalogs]
