"""What is deployed together: one Terraform state each."""

from stacks.foundation import FoundationStack
from stacks.project import ProjectStack
from stacks.workshop import WorkshopStack
from stacks.workspace_foundation import WorkspaceFoundationStack

__all__ = ["FoundationStack", "ProjectStack", "WorkshopStack", "WorkspaceFoundationStack"]
