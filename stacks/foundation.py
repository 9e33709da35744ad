"""The stack of what an org's projects share on one metastore."""

from __future__ import annotations

from pathlib import Path

from cdktf import TerraformStack
from constructs import Construct

from datamesh.literal import literal
from datamesh.org import Org
from mesh.foundation import Foundation
from stacks.state import deployable


class FoundationStack(TerraformStack):
    """Catalogs and cluster policies of one org on one metastore, in a state of their own."""

    def __init__(self, scope: Construct, foundation: Foundation, root: Path) -> None:
        """Add the stack to an app.

        Args:
            scope: the app.
            foundation: what it holds.
            root: the mesh's root.
        """
        super().__init__(scope, foundation.stack)
        deployable(self, root, foundation.state_file)
        self.org = Org(self, literal(foundation))
