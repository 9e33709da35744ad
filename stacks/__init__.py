"""What is deployed together: one Terraform state each."""

from stacks.foundation import FoundationStack
from stacks.project import ProjectStack

__all__ = ["FoundationStack", "ProjectStack"]
