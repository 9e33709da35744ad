"""Terraform stacks: each has its own state."""

from stacks.foundation import FoundationStack
from stacks.project import ProjectStack
from stacks.workshop import WorkshopStack
from stacks.workspace_foundation import WorkspaceFoundationStack

__all__ = ["FoundationStack", "ProjectStack", "WorkshopStack", "WorkspaceFoundationStack"]
