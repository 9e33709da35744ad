"""Runs Terraform, reads its plans and states, and reads workspaces."""
