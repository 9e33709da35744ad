"""The offline Terraform provider for the local workspace, used where Terraform finds no other."""

# Terraform adds the address of its default registry.
SOURCE = "databricks/databricks"
