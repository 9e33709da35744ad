"""The stack of what an org's projects share on one metastore."""

from __future__ import annotations

from pathlib import Path

from cdktf import TerraformStack
from constructs import Construct

from datamesh.deployer import Deployer
from datamesh.org import Org
from mesh.deployment.foundation import Foundation
from mesh.documents.terraform_text import literal
from stacks.state import deployable


class FoundationStack(TerraformStack):
    """Catalogs and storage of one org on one metastore, in a state of their own."""

    def __init__(self, scope: Construct, foundation: Foundation, root: Path) -> None:
        """Add the stack to an app.

        Args:
            scope: the app.
            foundation: what it holds.
            root: the mesh's root.
        """
        super().__init__(scope, foundation.stack)
        deployable(self, root, foundation.backend, foundation.environment.workspace)
        self.org = Org(self, literal(foundation), self._keeper(foundation))

    def _keeper(self, foundation: Foundation) -> str | None:
        """Who keeps the right to manage what gets another owner, where nobody is named for that."""
        owners = [one.owner for one in foundation.catalogs]
        owners += [one.owner for one in foundation.storage_credentials]
        owners += [one.owner for one in foundation.external_locations]
        return Deployer(self).principal if any(owners) and not foundation.managed_by else None
