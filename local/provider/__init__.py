"""The offline Terraform provider for the local workspace, used if Terraform cannot find the real provider."""

# Terraform and OpenTofu each add the address of their own registry, here and to what the stacks require.
SOURCE = "databricks/databricks"
