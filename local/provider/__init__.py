"""A Terraform provider for the local workspace, for where Terraform can get no other."""

# Terraform completes the address with the registry it uses itself.
SOURCE = "databricks/databricks"
# The version that the bindings, and so every stack, ask for.
VERSION = "1.99.0"
