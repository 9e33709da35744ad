"""Runs Terraform, reads its plans and states, and reads workspaces."""

PARALLELISM = 4  # stacks at a time
