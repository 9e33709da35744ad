"""The stack of a workshop."""

from __future__ import annotations

from pathlib import Path

from datamesh.bindings import Construct, cdktf
from datamesh.classroom import STUDENTS
from datamesh.workshop import Workshop
from mesh.documents.terraform_text import literal
from mesh.workshop import workshop as model
from stacks.state import deployable


class WorkshopStack(cdktf.TerraformStack):
    """One class in one workspace, in a separate state."""

    def __init__(self, scope: Construct, workshop: model.Workshop, root: Path) -> None:
        """Adds the stack to an app.

        Args:
            scope: the app.
            workshop: its content.
            root: the mesh's root.
        """
        super().__init__(scope, workshop.stack)
        deployable(self, root, workshop.backend.at(workshop.state_key), workshop.workspace)
        self.workshop = Workshop(self, literal(workshop))
        if workshop.creates_group:
            # States of earlier versions hold the group's entitlements separately; if Terraform destroyed
            # them, the group would lose its entitlements.
            former = {"from": f"databricks_entitlements.{STUDENTS}", "lifecycle": {"destroy": False}}
            self.add_override("removed", [former])
