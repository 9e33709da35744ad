"""The stack of the resources that the projects of an org share on one metastore."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from datamesh.bindings import Construct, cdktf
from datamesh.deployer import Deployer
from datamesh.org import Org
from mesh.deployment.foundation import Foundation
from mesh.documents.terraform_text import literal
from stacks.refusal import refuse
from stacks.state import deployable


class FoundationStack(cdktf.TerraformStack):
    """Catalogs and storage of one org on one metastore, in a separate state."""

    def __init__(
        self, scope: Construct, foundation: Foundation, root: Path, refusals: Sequence[str] = ()
    ) -> None:
        """Adds the stack to an app.

        Args:
            scope: the app.
            foundation: its content.
            root: the mesh's root.
            refusals: the reasons against a deployment from this checkout; every plan fails with them.
        """
        super().__init__(scope, foundation.stack)
        deployable(self, root, foundation.backend, foundation.environment.workspace)
        self.org = Org(self, literal(foundation), self._keeper(foundation))
        refuse(self, refusals)

    def _keeper(self, foundation: Foundation) -> str | None:
        """Returns the deployer if objects get another owner and no `managed_by` is declared."""
        owners = [one.owner for one in foundation.catalogs]
        owners += [one.owner for one in foundation.storage_credentials]
        owners += [one.owner for one in foundation.external_locations]
        return Deployer(self).principal if any(owners) and not foundation.managed_by else None
