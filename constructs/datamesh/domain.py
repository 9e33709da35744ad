"""The construct of a domain: the catalogs that its projects share."""

from __future__ import annotations

from collections.abc import Sequence

from datamesh.bindings import Construct
from datamesh.catalog import Catalog
from mesh.deployment import catalog as model


class Domain(Construct):
    """The catalogs that the projects of one domain share."""

    def __init__(
        self, scope: Construct, name: str, catalogs: Sequence[model.Catalog], keeper: str | None = None
    ) -> None:
        """Creates the domain.

        Args:
            scope: the org's construct.
            name: the domain's name.
            catalogs: the catalogs of the domain and its projects.
            keeper: the principal that may manage the catalogs besides their owners.
        """
        super().__init__(scope, name)
        self.catalogs = [Catalog(self, catalog, keeper) for catalog in catalogs]
