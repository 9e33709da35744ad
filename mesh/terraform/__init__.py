"""Everything that runs Terraform, reads its plans and states, or reads a workspace."""
